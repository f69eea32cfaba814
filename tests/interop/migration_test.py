"""Moving house: `tandemctl zone import` by AXFR and from named.conf, zone for zone compared with what is served.

From BIND and Knot as real processes; signed zones with and without their signatures. Takes about 20 s.
"""
import json
import pathlib
import subprocess

import dns.tsigkeyring
import dns.zone
import pytest

from cluster import CommandFailed
from keys import make_key
from moving import MANY, TEXT, ZONE, assert_equal, gone, imported, node, records_of, transferred
from peers import Bind, Knot, Peer

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
