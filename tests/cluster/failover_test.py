"""What is answered while a service is down: alternatives on both nodes, by the follower's verdict, and by changes.
About 60 s."""
import http.server
import threading

import dns.query
import dns.zone
import pytest

from cluster import Cluster, CommandFailed, free_port, wait_until

ZONE = "home.example"
BASE, OTHER = "192.0.2.1", "203.0.113.7"
QUICK = ["--every", "1s", "--fall", "2", "--rise", "2"]


class Service:
    """A web server at home, which can be stopped and started on the same port."""

    def __init__(self):
        self.port = free_port()
        self.server = None
        self.text = b"all good"

    def start(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(service.text)))
                self.end_headers()
                self.wfile.write(service.text)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def service():
    made = Service()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def pair(tmp_path):
    with Cluster(tmp_path, primary_args=["--allow-transfer", "127.0.0.0/8", "--http", "127.0.0.1:0"],
                 secondary_args=["--allow-transfer", "127.0.0.0/8"]) as cluster:
        cluster.start()
        ctl = cluster.primary.ctl
        ctl("zone", "create", ZONE, "--nameserver", "ns1")
        for owner in ("ns1", "@", "*.w", "www"):
            ctl("record", "set", ZONE, owner, "300", "A", BASE)
        cluster.wait_in_step()
        yield cluster


def nodes(pair):
    return (pair.primary, pair.secondary)


def set_failover(pair, owner, *check):
    pair.primary.ctl("failover", "set", ZONE, owner, "A", "--alternative", OTHER, *check, *QUICK)


def view(node, owner):
    return next(each for each in node.json("failover", "list")["failovers"] if each["name"] == f"{owner}.{ZONE}.")


def answers(node, owner):
    return node.answers(f"{owner}.{ZONE}." if owner else f"{ZONE}.")


def wait_answers(node, owner, data):
    wait_until(lambda: answers(node, owner) == [data], f"the {node.kind} answers {data} for {owner or 'the apex'}")


def transferred(node, owner):
    zone = dns.zone.from_xfr(dns.query.xfr("127.0.0.1", ZONE, port=node.port))
    return [rdata.to_text() for rdata in zone.find_rdataset(owner, "A")]


def test_both_nodes_answer_the_alternative_while_the_service_is_down(pair, service):
    for owner in ("www", "*.w", "@"):
        set_failover(pair, owner, "--check", f"http://127.0.0.1:{service.port}/", "--text", "all good")
    for node in nodes(pair):
        wait_until(lambda node=node: view(node, "www")["health"] == "up", f"the {node.kind} knows the service")
        assert answers(node, "www") == [BASE]
    serial, digest = pair.primary.serial(ZONE), pair.primary.digest(ZONE)
    position = pair.primary.status()["position"]
    service.stop()
    for node in nodes(pair):
        for owner in ("www", "any.w", ""):
            wait_answers(node, owner, OTHER)
        assert node.ask(f"www.{ZONE}.").answer[0].ttl == 60
        assert answers(node, "ns1") == [BASE]
        assert node.serial(ZONE) == serial and node.digest(ZONE) == digest
        assert node.status()["position"] == position, "no entry was made"
        for owner in ("www", "*.w", "@"):
            assert transferred(node, owner) == [BASE], "who transfers gets the zone itself"
        assert view(node, "www")["answers"] == "alternative"
        assert f"service of www.{ZONE}. A is down" in node.ctl("status")
    assert view(pair.primary, "www")["judge"] == pair.secondary.status()["node"]
    assert pair.primary.metrics()[f'tandem_failover_down{{name="www.{ZONE}.",type="A"}}'] == 1
    pair.primary.ctl("record", "set", ZONE, "new", "A", "192.0.2.9")
    pair.wait_in_step()
    for node in nodes(pair):
        assert answers(node, "new") == ["192.0.2.9"] and answers(node, "www") == [OTHER], "in the next version too"
    service.start()
    for node in nodes(pair):
        for owner in ("www", "any.w", ""):
            wait_answers(node, owner, BASE)
    pair.assert_equal()


def test_an_answer_without_the_text_is_none_and_removal_ends_it(pair, service):
    set_failover(pair, "www", "--check", f"http://127.0.0.1:{service.port}/", "--text", "all good")
    service.text = b"broken"
    for node in nodes(pair):
        wait_answers(node, "www", OTHER)
    pair.primary.ctl("failover", "remove", ZONE, "www", "A")
    for node in nodes(pair):
        wait_answers(node, "www", BASE)
        assert node.json("failover", "list") == {"failovers": []}
    with pytest.raises(CommandFailed, match="has no A records"):
        set_failover(pair, "nobody", "--check", f"tcp:127.0.0.1:{service.port}")


def test_the_follower_decides_alone_while_the_leader_is_gone(pair, service):
    set_failover(pair, "www", "--check", f"tcp:127.0.0.1:{service.port}")
    wait_until(lambda: view(pair.secondary, "www")["health"] == "up", "the follower knows the service")
    pair.primary.kill()
    service.stop()
    wait_answers(pair.secondary, "www", OTHER)
    service.start()
    wait_answers(pair.secondary, "www", BASE)
    service.stop()
    wait_answers(pair.secondary, "www", OTHER)
    pair.primary.start()
    wait_answers(pair.primary, "www", OTHER)


def test_by_changes_the_zone_goes_there_and_back(pair, service):
    set_failover(pair, "www", "--check", f"tcp:127.0.0.1:{service.port}", "--mode", "changes")
    wait_until(lambda: view(pair.primary, "www")["health"] == "up", "the leader knows the service")
    serial = pair.primary.serial(ZONE)
    service.stop()
    for node in nodes(pair):
        wait_answers(node, "www", OTHER)
        assert transferred(node, "www") == [OTHER] and node.serial(ZONE) == serial + 1
    assert '"failover"' in pair.primary.ctl("--json", "log", "--limit", "1")
    service.start()
    for node in nodes(pair):
        wait_answers(node, "www", BASE)
        assert transferred(node, "www") == [BASE] and node.serial(ZONE) == serial + 2
    pair.wait_in_step()
    pair.assert_equal()
