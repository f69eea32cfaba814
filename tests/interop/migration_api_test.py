"""Moving house: `tandemctl zone import` from the APIs of PowerDNS and Technitium, and from exported zone files.

PowerDNS is real. Technitium is not in Debian: it is a small server here that gives the answers which its APIDOCS.md
(version 15) documents, and the export format of its zone files. Takes about 5 s.
"""
import http.server
import json
import pathlib
import sqlite3
import threading
import urllib.parse
import urllib.request

import pytest

from cluster import CommandFailed, free_port, wait_until
from moving import TEXT, ZONE, assert_equal, gone, imported, node
from peers import Peer

# PowerDNS


class PowerDns(Peer):
    name = "pdns"
    api_key = "moving-house"

    def configure(self):
        self.http = free_port()
        database = self.folder / "pdns.db"
        schema = pathlib.Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql").read_text()
        with sqlite3.connect(database) as connection:
            connection.executescript(schema)
        connection.close()
        (self.folder / "key").write_text(self.api_key + "\n")
        return ["pdns_server", f"--config-dir={self.folder}", "--daemon=no", "--guardian=no", "--launch=gsqlite3",
                f"--gsqlite3-database={database}", f"--socket-dir={self.folder}", "--local-address=127.0.0.1",
                f"--local-port={self.port}", "--webserver=yes", "--webserver-address=127.0.0.1",
                f"--webserver-port={self.http}", "--api=yes", f"--api-key={self.api_key}", "--cache-ttl=0",
                "--negquery-cache-ttl=0", "--query-cache-ttl=0", "--zone-cache-refresh-interval=0",
                "--allow-axfr-ips=127.0.0.1", "--expand-alias=no", "--write-pid=no"]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http}"

    def serves_all(self):
        if self.process.poll() is not None:
            raise AssertionError(self.log_file.read_text())
        return self.api("GET", "/zones") is not None

    def api(self, method, target, body=None):
        request = urllib.request.Request(f"{self.url}/api/v1/servers/localhost{target}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"X-API-Key": self.api_key, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


def notes_of(node, zone):
    return node.json("record", "list", zone)["notes"]


@pytest.fixture(scope="module")
def powerdns(tmp_path_factory):
    server = PowerDns(tmp_path_factory.mktemp("pdns"), [])
    try:
        server.start()
        server.api("POST", "/zones", {"name": f"{ZONE}.", "kind": "Master", "zone": TEXT, "soa_edit_api": ""})
        server.api("POST", "/zones", {"name": "odd.test.", "kind": "Native", "soa_edit_api": "", "rrsets": [
            {"name": "odd.test.", "type": "SOA", "ttl": 60, "records": [{"content": "ns. host. 7 1 1 1 1"}]},
            {"name": "odd.test.", "type": "NS", "ttl": 60, "records": [{"content": "ns."}]},
            {"name": "on.odd.test.", "type": "A", "ttl": 60, "records": [
                {"content": "192.0.2.1"}, {"content": "192.0.2.2", "disabled": True}],
             "comments": [{"content": "the house", "account": "me"}]},
            {"name": "odd.test.", "type": "ALIAS", "ttl": 60, "records": [{"content": "www.example."}]}]})
        server.api("POST", "/zones", {"name": "far.test.", "kind": "Slave", "masters": ["192.0.2.1"]})
        yield server
    finally:
        server.stop()


def test_powerdns_by_its_api(node, gone, powerdns):
    plans = imported(node, "--from-powerdns", powerdns.url, "--api-key-file", powerdns.folder / "key")
    assert sorted(plans) == ["moving.test.", "odd.test."]
    assert_equal(node, powerdns.port, ZONE)
    left = {one["what"]: one["why"] for one in plans["odd.test."]["left_out"]}
    assert "addresses" in left["odd.test. ALIAS www.example."]
    assert len(left) == 1
    assert [(note["data"], note["comment"], note.get("disabled", False)) for note in notes_of(node, "odd.test.")] == [
        ("192.0.2.1", "the house", False), ("192.0.2.2", "the house", True)]
    # Its content is not the other server's any more, so secondaries have to see a newer serial.
    assert plans["odd.test."]["source_serial"] == 7 and node.serial("odd.test.") == 8
    assert node.answers("on.odd.test.") == ["192.0.2.1"]


def test_powerdns_says_what_stays(node, powerdns):
    shown = node.ctl("zone", "import", "--from-powerdns", powerdns.url, "--api-key-file", powerdns.folder / "key")
    assert "far.test.: a secondary zone" in shown and "metadata of zones" in shown
    (powerdns.folder / "wrong").write_text("no")
    with pytest.raises(CommandFailed, match="does not take the API key"):
        node.ctl("zone", "import", "--from-powerdns", powerdns.url, "--api-key-file", powerdns.folder / "wrong")


# Technitium: a fake one


EXPORT = """\
$ORIGIN moving.test.

@                        3600    IN  SOA   ns1 hostmaster 35 900 300 604800 900
@                        3600    IN  NS    ns1
@                        3600    IN  ANAME elsewhere.example.
ns1                      3600    IN  A     192.0.2.53
home                     600     IN  A     192.0.2.1 ;the house
home                     600     IN  A     192.0.2.2
old                      3600    IN  CNAME home
status                   60      IN  APP   "Failover" "Failover.Address" "{}"
www                      3600    IN  CNAME home
"""


def record(name, rdtype, data, **more):
    return {"disabled": False, "name": name, "type": rdtype, "ttl": 3600, "rData": data,
            "dnssecStatus": "Unknown", "lastUsedOn": "0001-01-01T00:00:00"} | more


class Technitium(http.server.BaseHTTPRequestHandler):
    """Answers as APIDOCS.md documents: always 200, `status` in the body."""

    token = "0123456789abcdef"
    zones = [{"name": "0.in-addr.arpa", "type": "Primary", "internal": True, "disabled": False},
             {"name": ZONE, "type": "Primary", "internal": False, "dnssecStatus": "Unsigned", "soaSerial": 35,
              "disabled": False},
             {"name": "far.test", "type": "Secondary", "internal": False, "disabled": False},
             {"name": "forward.test", "type": "Forwarder", "internal": False, "disabled": False},
             {"name": "off.test", "type": "Primary", "internal": False, "disabled": True}]
    records = [record(f"home.{ZONE}", "A", {"ipAddress": "192.0.2.1"}, comments="the house"),
               record(f"home.{ZONE}", "A", {"ipAddress": "192.0.2.2"}, disabled=True),
               record(f"old.{ZONE}", "CNAME", {"cname": f"home.{ZONE}"}, disabled=True),
               record(f"www.{ZONE}", "CNAME", {"cname": f"home.{ZONE}"}),
               record(ZONE, "ANAME", {"aname": "elsewhere.example"})]

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if form.get("token") != self.token:
            return self.answer({"status": "invalid-token", "errorMessage": "Invalid token or session expired."})
        if self.path == "/api/zones/list":
            return self.answer({"status": "ok", "response": {"zones": self.zones}})
        if form.get("zone") != ZONE:
            return self.answer({"status": "error", "errorMessage": "No such authoritative zone was found"})
        if self.path == "/api/zones/export":
            return self.answer(EXPORT, "text/plain")
        assert self.path == "/api/zones/records/get" and form["listZone"] == "true", self.path
        return self.answer({"status": "ok", "response": {"zone": self.zones[1], "records": self.records}})

    def answer(self, body, kind="application/json; charset=utf-8"):
        octets = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")  # as Kestrel does
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(octets), octets))

    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def technitium():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Technitium)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_technitium_by_its_documented_api(node, gone, technitium, tmp_path):
    (tmp_path / "token").write_text(Technitium.token + "\n")
    answer = node.json("zone", "import", "--yes", "--from-technitium", technitium, "--token-file", tmp_path / "token")
    plan, = answer["zones"]
    assert plan["zone"] == "moving.test." and plan["state"] == "imported"
    assert plan["source_serial"] == 35 and plan["serial"] == 36
    left = [one["what"] + ": " + one["why"] for one in plan["left_out"]]
    assert sum("ANAME" in line and "addresses" in line for line in left) == 1
    assert sum("APP" in line and "program" in line for line in left) == 1
    assert [(note["data"], note.get("comment"), note.get("disabled", False)) for note in notes_of(node, ZONE)] == [
        ("192.0.2.1", "the house", False), ("192.0.2.2", None, True), (f"home.{ZONE}.", None, True)]
    stays = {one["what"]: one["why"] for one in answer["left_out"]}
    assert {"0.in-addr.arpa.", "far.test.", "forward.test.", "off.test."} <= set(stays)
    wait_until(lambda: node.serial(ZONE) == 36, "served")
    assert node.answers(f"home.{ZONE}") == ["192.0.2.1"] and node.answers(f"old.{ZONE}", "CNAME") == []
    assert node.answers(f"www.{ZONE}", "CNAME") == [f"home.{ZONE}."]


def test_technitium_says_that_the_token_is_wrong(node, technitium, tmp_path):
    (tmp_path / "token").write_text("other")
    with pytest.raises(CommandFailed, match="does not take the token"):
        node.ctl("zone", "import", "--from-technitium", technitium, "--token-file", tmp_path / "token")


def test_a_folder_of_exported_files(node, gone, tmp_path):
    (tmp_path / f"{ZONE}.zone").write_text(EXPORT)
    (tmp_path / "db.second.test").write_text(TEXT.replace("moving", "second"))
    (tmp_path / "notes").write_text("to do")
    answer = node.json("zone", "import", "--yes", "--from-folder", tmp_path)
    states = {zone["zone"]: zone["state"] for zone in answer["zones"]}
    assert states == {"moving.test.": "imported", "second.test.": "imported"}
    assert [one["what"] for one in answer["left_out"]] == [str(tmp_path / "notes")]
    assert node.serial(ZONE) == 36 and node.serial("second.test") == 2026112900
