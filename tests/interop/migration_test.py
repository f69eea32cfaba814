"""Moving house: `tandemctl zone import` from other servers that run, zone for zone compared with what they serve.

BIND, Knot and PowerDNS are real. Technitium is not in Debian: it is a small server here that gives the answers which
its APIDOCS.md (version 15) documents, and the export format of its zone files. Takes about 30 s.
"""
import http.server
import json
import pathlib
import sqlite3
import subprocess
import threading
import urllib.parse
import urllib.request

import dns.query
import dns.tsigkeyring
import dns.zone
import pytest

from cluster import CommandFailed, Node, free_port, wait_until
from keys import make_key
from peers import Bind, Knot, Peer

ZONE = "moving.test"
TEXT = """\
$ORIGIN moving.test.
$TTL 3600
@      SOA  ns1 hostmaster 2026112900 7200 900 1209600 300
       NS   ns1
       MX   10 mail
       TXT  "v=spf1 -all" "two; words"
       CAA  0 issue "ca.example"
ns1    A    192.0.2.53
mail   A    192.0.2.25
       AAAA 2001:db8::25
*.wild TXT  "any"
www    600 CNAME mail
sub    NS   ns.sub
ns.sub A    192.0.2.99
_sip._tcp SRV 0 5 5060 mail
"""
MANY = "".join(f"h{i} A 192.0.2.{i % 250}\nt{i} TXT \"{'x' * 200}\"\n" for i in range(4000))  # 1 MB: many messages


def records_of(zone):
    """{(owner, type, ttl, rdata)} of a dnspython zone, the SOA's serial apart."""
    return {(name.to_text().lower(), rdata.rdtype, ttl, rdata.replace(serial=0) if rdata.rdtype == 6 else rdata)
            for name, ttl, rdata in zone.iterate_rdatas()}


def transferred(port, origin, **options):
    messages = dns.query.xfr("127.0.0.1", origin, port=port, lifetime=60, relativize=False, **options)
    return dns.zone.from_xfr(messages, relativize=False)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("tandem"), args=["--allow-transfer", "127.0.0.1"])
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture
def gone(node):
    """What a test imported is not there for the next one."""
    yield
    for zone in node.json("zone", "list")["zones"]:
        node.ctl("zone", "delete", zone["name"])


def imported(node, *words):
    """{zone: its plan} of an import that was agreed to."""
    answer = node.json("zone", "import", "--yes", *words)
    assert answer["changed"], answer
    return {zone["zone"]: zone for zone in answer["zones"]}


def assert_equal(node, port, origin, **options):
    wait_until(lambda: node.serial(origin) is not None, "served")
    ours, theirs = transferred(node.port, origin), transferred(port, origin, **options)
    assert records_of(ours) == records_of(theirs)
    assert ours.get_soa().serial == theirs.get_soa().serial


# AXFR


class OpenBind(Bind):
    """Gives zones by AXFR: to everybody, or to who has `key` alone."""

    def __init__(self, folder, zones, key=None):
        super().__init__(folder, zones)
        self.key = key

    def configure(self):
        command = super().configure()
        path = pathlib.Path(command[-1])
        who = f'key "{self.key.name}";' if self.key else "any;"
        text = path.read_text().replace("allow-transfer { none; }", f"allow-transfer {{ {who} }}")
        path.write_text((self.key.path.read_text() if self.key else "") + text)
        return command


class OpenKnot(Knot):
    def __init__(self, folder, zones, key=None):
        super().__init__(folder, zones)
        self.key = key

    def configure(self):
        command = super().configure()
        path = pathlib.Path(command[-1])
        who = f"key: {self.key.name}" if self.key else "address: 127.0.0.1"
        text = f"acl:\n  - id: out\n    {who}\n    action: transfer\n"
        if self.key:
            text = (f"key:\n  - id: {self.key.name}\n    algorithm: {self.key.algorithm}\n"
                    f"    secret: {self.key.secret}\n") + text
        path.write_text(path.read_text().replace("template:\n", text + "template:\n")
                        .replace("    zonefile-sync: -1\n", "    zonefile-sync: -1\n    acl: out\n"))
        return command


@pytest.fixture(scope="module", params=[OpenBind, OpenKnot], ids=lambda peer: peer.name)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_key(folder, name, algorithm) for name, algorithm in
            (("move", "hmac-sha256"), ("other", "hmac-sha256"))}


def served(tmp_path_factory, kind, key=None):
    folder = tmp_path_factory.mktemp(kind.name)
    small, large = folder / "moving.zone", folder / "large.zone"
    small.write_text(TEXT)
    large.write_text(TEXT.replace("moving.test", "large.test") + MANY)
    return kind(folder, [(ZONE, small), ("large.test", large)], key)


@pytest.fixture(scope="module")
def open_server(tmp_path_factory, kind):
    server = served(tmp_path_factory, kind)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def keyed_server(tmp_path_factory, kind, keys):
    server = served(tmp_path_factory, kind, keys["move"])
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.mark.parametrize("origin", [ZONE, "large.test"])
def test_axfr_brings_the_zone_as_it_is(node, gone, open_server, origin):
    plan = imported(node, origin, "--from-axfr", f"127.0.0.1:{open_server.port}")[f"{origin}."]
    assert plan["state"] == "imported" and plan["serial"] == plan["source_serial"] == 2026112900
    assert_equal(node, open_server.port, origin)


@pytest.mark.parametrize("origin", [ZONE, "large.test"])
def test_axfr_with_a_key(node, gone, keyed_server, keys, origin):
    imported(node, origin, "--from-axfr", f"127.0.0.1:{keyed_server.port}", "--key-file", keys["move"].path)
    key = keys["move"]
    keyring = dns.tsigkeyring.from_text({key.name: key.secret})
    assert_equal(node, keyed_server.port, origin, keyring=keyring, keyname=key.name,
                 keyalgorithm=f"{key.algorithm}.")


def test_axfr_says_why_the_server_refuses(node, keyed_server, keys):
    def refused(*words):
        with pytest.raises(CommandFailed) as failed:
            node.ctl("zone", "import", "--yes", ZONE, "--from-axfr", f"127.0.0.1:{keyed_server.port}", *words)
        return failed.value.stderr

    assert "does not allow transfers" in refused() or "NOTAUTH" in refused()
    wrong = f"{keys['move'].algorithm}:move:{keys['other'].secret}"
    assert "another secret for the key move. (BADSIG)" in refused("--key", wrong)
    assert "does not know the key other." in refused("--key-file", keys["other"].path)


def test_axfr_of_a_zone_that_is_not_there(node, open_server):
    with pytest.raises(CommandFailed) as failed:
        node.ctl("zone", "import", "--yes", "absent.test", "--from-axfr", f"127.0.0.1:{open_server.port}")
    assert "NOTAUTH" in failed.value.stderr or "REFUSED" in failed.value.stderr
    assert not node.json("zone", "list")["zones"]


# What is shown, and what is asked for


def test_without_yes_it_only_shows(node, open_server):
    words = ["zone", "import", ZONE, "--from-axfr", f"127.0.0.1:{open_server.port}"]
    shown = node.ctl(*words)
    assert "moving.test.: new, 13 records, serial 2026112900" in shown
    assert "nothing was changed; --yes imports what is shown" in shown
    assert not node.json("zone", "list")["zones"]
    assert "+ www.moving.test. 600 IN CNAME mail.moving.test." in node.ctl(*words, "--dry-run", "--yes")
    assert not node.json("zone", "list")["zones"]


def test_a_zone_with_other_content_needs_replace(node, gone, open_server, tmp_path):
    """And its serial goes ahead of ours and of the other server's."""
    ours = tmp_path / "ours.zone"
    ours.write_text(TEXT.replace("192.0.2.25", "192.0.2.26").replace("2026112900", "2026113005"))
    node.ctl("zone", "import", f"{ZONE}={ours}")
    words = ["zone", "import", ZONE, "--from-axfr", f"127.0.0.1:{open_server.port}"]
    shown = node.ctl(*words)
    assert {"- mail.moving.test. 3600 IN A 192.0.2.26", "+ mail.moving.test. 3600 IN A 192.0.2.25"} <= set(
        shown.splitlines())
    assert "--replace takes the other server's" in shown and "nothing to import" in shown
    done = node.ctl(*words, "--yes", "--replace")
    assert "imported moving.test.: 13 records, serial 2026113006, the other server's is 2026112900" in done
    assert records_of(transferred(node.port, ZONE)) == records_of(transferred(open_server.port, ZONE))
    assert "is here with this content" in node.ctl(*words)


# named.conf


class ConfiguredBind(Peer):
    name = "bind"

    def configure(self):
        (self.folder / "zones").mkdir()
        (self.folder / "zones" / "moving.db").write_text(TEXT)
        (self.folder / "zones" / "head.inc").write_text("@ SOA ns1 host 41 7200 900 1209600 300\n@ NS ns1\n")
        (self.folder / "zones" / "included.db").write_text("$TTL 60\n$INCLUDE zones/head.inc\nns1 A 192.0.2.1\n")
        (self.folder / "raw.src").write_text(TEXT.replace("moving", "raw"))
        subprocess.run(["named-compilezone", "-q", "-F", "raw", "-o", str(self.folder / "raw.db"), "raw.test",
                        str(self.folder / "raw.src")], check=True, timeout=60, cwd=self.folder)
        (self.folder / "more.conf").write_text("""
zone "included.test" IN { type master; file "zones/included.db"; allow-update { none; }; };
// the one that no text is
zone "raw.test" { type primary; masterfile-format raw; file "raw.db"; };
zone "localhost" { type primary; file "zones/included.db"; };
""")
        return ["named", "-g", "-n", "1", "-c", self.write(f"""
key "k" {{ algorithm hmac-sha256; secret "c2VjcmV0"; }};
options {{
    directory "{self.folder}";  # relative files are below
    pid-file none;
    session-keyfile "{self.folder}/session.key";
    managed-keys-directory "{self.folder}";
    listen-on port {self.port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    check-integrity no;
    notify no;
    allow-transfer {{ 127.0.0.1; }};
}};
controls {{ }};
/* zones */
zone "moving.test" {{ type primary; file "zones/moving.db"; update-policy {{ grant k zonesub ANY; }}; }};
zone "far.test" {{ type slave; masters {{ 192.0.2.1; }}; file "far.db"; }};
include "{self.folder}/more.conf";
""")]


def test_named_conf_with_its_zones(node, gone, tmp_path):
    server = ConfiguredBind(tmp_path, [(ZONE, None), ("included.test", None), ("raw.test", None)])
    try:
        server.start()
        with pytest.raises(CommandFailed) as failed:  # one of three has to be written as text first
            node.json("zone", "import", "--yes", "--from-named-conf", server.folder / "conf")
        answer = json.loads(failed.value.stdout)
        states = {zone["zone"]: zone["state"] for zone in answer["zones"]}
        assert states == {"moving.test.": "imported", "included.test.": "imported", "raw.test.": "failed"}
        assert "named-compilezone -f raw -F text" in answer["zones"][2]["why"]
        left = {one["what"]: one["why"] for one in answer["left_out"]}
        assert "secondary zone" in left["far.test"] and "--zone localhost" in left["localhost"]
        assert any("key import" in why for why in left.values())
        for origin in (ZONE, "included.test"):
            assert_equal(node, server.port, origin)
        assert "is here with this content" in node.ctl("zone", "import", "--from-named-conf", server.folder / "conf",
                                                       "--zone", "included.test")
    finally:
        server.stop()


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
    assert left["on.odd.test. A 192.0.2.2"] == "disabled there"
    assert "addresses" in left["odd.test. ALIAS www.example."]
    assert "1 comment" in left
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
    assert sum("disabled there" in line for line in left) == 2
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


# Signed zones


@pytest.fixture(scope="module")
def signed_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    (folder / "moving.zone").write_text(TEXT)
    for flags in (["-f", "KSK"], []):
        subprocess.run(["dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", *flags, ZONE], check=True, timeout=60,
                       cwd=folder, capture_output=True)
    subprocess.run(["dnssec-signzone", "-S", "-q", "-o", ZONE, "-f", "signed", "moving.zone"], check=True, timeout=60,
                   cwd=folder, capture_output=True)
    server = OpenBind(folder, [(ZONE, folder / "signed")])
    try:
        yield server.start()
    finally:
        server.stop()


def test_a_signed_zone_comes_signed(node, gone, signed_server):
    plan, = imported(node, ZONE, "--from-axfr", f"127.0.0.1:{signed_server.port}").values()
    assert "takes no changes here" in plan["notes"][0] and plan["left_out"] == []
    assert_equal(node, signed_server.port, ZONE)
    assert node.ask(f"www.{ZONE}", "CNAME", want_dnssec=True).answer[1].rdtype == 46


def test_a_signed_zone_comes_unsigned_when_that_is_said(node, gone, signed_server):
    plan, = imported(node, ZONE, "--from-axfr", f"127.0.0.1:{signed_server.port}", "--unsigned").values()
    assert "remove the DS records" in plan["notes"][0]
    assert {one["what"].split(":")[0] for one in plan["left_out"]} == {"RRSIG", "NSEC", "DNSKEY"}
    assert plan["serial"] == plan["source_serial"] + 1
    unsigned = dns.zone.from_text(TEXT, origin=ZONE, relativize=False)
    assert records_of(transferred(node.port, ZONE)) == records_of(unsigned)
