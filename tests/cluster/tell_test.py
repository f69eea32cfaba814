"""Who is told what a human has to know: webhooks and programs hear of each thing once. About 60 s."""
import http.server
import json
import os
import ssl
import subprocess
import threading

import pytest

from cluster import Cluster, CommandFailed, free_port, wait_until

ZONE = "example.test"


class Sink:
    """A server that keeps what is posted to it, and answers with `status`."""

    def __init__(self, port=0, status=200, certificate=None):
        sink = self
        self.events = []
        self.tries = 0
        self.status = status

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/secret" and self.headers["Content-Type"] == "application/json"
                sink.tries += 1
                if sink.status == 200:
                    sink.events.append(json.loads(body))
                self.send_response(sink.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_port}/secret"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def of(self, *kinds):
        return [event for event in list(self.events) if event["event"] in kinds]


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def told(tmp_path):
    """A program that writes what it is told into a file, and what that has now."""
    program, file = tmp_path / "program", tmp_path / "told"
    program.write_text(f'#!/bin/sh\n{{ printf "%s " "$TANDEM_EVENT"; cat; }} >>{file}\n')
    program.chmod(0o700)

    def lines():
        rows = file.read_text().splitlines() if file.exists() else []
        return [(kind, json.loads(event)) for kind, event in (row.split(" ", 1) for row in rows)]

    return program, lines


def write_zone(folder, expire=604800):
    file = folder / "zone"
    file.write_text(f"@ 60 SOA ns1 hostmaster 1 900 300 {expire} 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    return f"{ZONE}={file}"


def test_a_peer_is_told_to_be_lost_once_and_back_and_a_promotion(tmp_path, sink, told):
    program, lines = told
    tell = ["--tell-webhook", sink.url, "--tell-program", str(program)]
    with Cluster(tmp_path, zones=[write_zone(tmp_path)], secondary_args=tell) as pair:
        pair.start()
        pair.wait_in_step()
        home = pair.primary.status()["node"]
        pair.primary.kill()
        lost = wait_until(lambda: sink.of("peer_lost"), "told that the peer is lost")
        assert lost[0]["peer"] == home and lost[0]["node"] == pair.secondary.status()["node"]
        assert "last contact" in lost[0]["text"] and lost[0]["id"] and lost[0]["time"]
        pair.secondary.ctl("promote")
        promoted = wait_until(lambda: sink.of("promotion"), "told of the promotion")
        assert "leads from epoch 2" in promoted[0]["text"]
        pair.primary.start()
        back = wait_until(lambda: sink.of("peer_back"), "told that the peer is back")
        assert back[0]["peer"] == home
        kinds = [event["event"] for event in sink.events]
        assert kinds == ["peer_lost", "promotion", "peer_back"], "each once"
        wait_until(lambda: len(lines()) == 3, "the program was told the same")
        assert lines() == [(event["event"], event) for event in sink.events]
        assert pair.secondary.status()["runway"] is None, "it leads: its own zones do not expire"


def test_a_sink_that_is_down_at_first_is_told_later(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}/secret"
    with Cluster(tmp_path, zones=[write_zone(tmp_path)], primary_args=["--tell-webhook", url]) as pair:
        pair.start()
        pair.wait_in_step()
        pair.secondary.kill()
        place = wait_until(lambda: [place for place in pair.primary.status()["tell"] if place["failed"] > 0],
                           "the sink was tried")[0]
        assert place["waiting"] == 1 and place["last_error"] and place["kind"] == "webhook"
        assert place["name"] == f"http://127.0.0.1:{port}", "the path is a secret"
        assert "without success" in pair.primary.ctl("status") and "/secret" not in pair.primary.ctl("status")
        sink = Sink(port)
        try:
            wait_until(lambda: sink.of("peer_lost"), "told at last")
            wait_until(lambda: pair.primary.status()["tell"][0]["waiting"] == 0, "it is known to be told")
            place = pair.primary.status()["tell"][0]
            assert place["told"] == 1 and place["last_error"] == "" and len(sink.events) == 1
        finally:
            sink.close()
        assert "/secret" not in pair.primary.log()


def test_a_short_runway_is_told_level_by_level(tmp_path, sink):
    tell = ["--tell-webhook", sink.url, "--http", "127.0.0.1:0"]
    with Cluster(tmp_path, zones=[write_zone(tmp_path, expire=40)], secondary_args=tell) as pair:
        pair.start()
        pair.wait_in_step()
        runway = wait_until(lambda: pair.secondary.status()["runway"], "a runway is known")
        assert runway["kind"] == "expire" and runway["zone"] == f"{ZONE}." and 20 < runway["left_s"] <= 40
        assert pair.primary.status()["runway"] is None, "its own zone lives for ever"
        assert f"runway: zone {ZONE}. expires" in pair.secondary.ctl("status")
        assert 20 < pair.secondary.metrics()['tandem_runway_seconds{kind="expire"}'] <= 40
        assert not sink.of("runway"), "in contact, nothing is told"
        pair.primary.kill()
        wait_until(lambda: len(sink.of("runway")) == 3, "told at each level")
        assert [event["level"] for event in sink.of("runway")] == [50, 75, 90]
        assert all(event["zone"] == f"{ZONE}." for event in sink.of("runway"))
        pair.primary.start()
        over = wait_until(lambda: sink.of("runway_over"), "told that it is over")
        assert over[0]["zone"] == f"{ZONE}." and "level" not in over[0]


def test_a_test_event_says_what_came_of_it(tmp_path, sink, told):
    program, lines = told
    tell = ["--tell-webhook", sink.url, "--tell-program", str(program)]
    with Cluster(tmp_path, zones=[write_zone(tmp_path)], primary_args=tell) as pair:
        pair.start()
        assert pair.primary.ctl("tell", "test").count(": told\n") == 2
        assert sink.of("test") and lines()[0][0] == "test"
        sink.status = 503
        program.write_text("#!/bin/sh\nexit 7\n")
        with pytest.raises(CommandFailed) as failed:
            pair.primary.ctl("tell", "test")
        assert failed.value.code == 1
        assert "status 503" in failed.value.stdout and "exit code 7" in failed.value.stdout
        tries = sink.tries
        assert pair.primary.status()["tell"][0]["waiting"] == 0 and tries == 2, "a test is not tried again"
        with pytest.raises(CommandFailed) as nobody:
            pair.secondary.ctl("tell", "test")
        assert "--tell-webhook" in nobody.value.stderr


def test_https_is_for_who_has_a_certificate_that_the_system_trusts(tmp_path):
    certificate = tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", certificate, "-out", tmp_path / "only", "-days", "2", "-subj", "/CN=sink",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    with open(certificate, "a", encoding="ascii") as file:
        file.write((tmp_path / "only").read_text())
    sink = Sink(certificate=certificate)
    tell = ["--tell-webhook", sink.url]
    try:
        with Cluster(tmp_path, zones=[write_zone(tmp_path)], primary_args=tell, secondary_args=tell) as pair:
            pair.primary.env = dict(os.environ, SSL_CERT_FILE=str(tmp_path / "only"))
            pair.start()
            assert pair.primary.ctl("tell", "test").endswith(": told\n")
            with pytest.raises(CommandFailed) as untrusted:
                pair.secondary.ctl("tell", "test")
            assert "certificate" in untrusted.value.stdout and len(sink.events) == 1
    finally:
        sink.close()
