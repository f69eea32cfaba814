"""Zones taken from Knot, signed by it and not, and from BIND, and passed on to another BIND: changes come and go by
NOTIFY and IXFR. Takes about 20 s."""
import dns.query
import dns.rcode
import dns.update
import dns.zone
import pytest

from cluster import Node, wait_until
from peers import Bind, Knot, bind_place, knot_place

ZONE = "example.com."
TEXT = "@ 60 SOA ns1 hostmaster 7 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\nWwW 60 A 192.0.2.2\n"


class KnotPrimary(Knot):
    signing = "off"

    def configure(self):
        return ["knotd", "-c", self.write(knot_place(self) + f"""remote:
  - id: tandem
    address: 127.0.0.1@{self.node.port}
acl:
  - id: all
    address: 127.0.0.1
    action: [transfer, update]
zone:
  - domain: "{ZONE}"
    file: "{self.folder}/zone"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    notify: tandem
    acl: all
    dnssec-signing: {self.signing}
""")]


class SigningKnot(KnotPrimary):
    name = "signing-knot"
    signing = "on"


class BindPrimary(Bind):
    def configure(self):
        return ["named", "-g", "-n", "1", "-c", self.write(f"""
options {{
    {bind_place(self)}
    notify-delay 0;
    max-ixfr-ratio unlimited; // many changes at once are more than this small zone
}};
controls {{ }};
zone "{ZONE}" {{
    type primary;
    file "{self.folder}/zone";
    allow-transfer {{ 127.0.0.1; }};
    allow-update {{ 127.0.0.1; }};
    notify explicit;
    also-notify {{ 127.0.0.1 port {self.node.port}; }};
}};
""")]


class BindTaker(Bind):
    """Takes the zone from the node."""

    name = "taker"

    def configure(self):
        return ["named", "-g", "-n", "1", "-c", self.write(f"""
options {{
    {bind_place(self)}
    notify no;
    max-records-per-type 0;
}};
controls {{ }};
zone "{ZONE}" {{
    type secondary;
    file "{self.folder}/taken";
    primaries {{ 127.0.0.1 port {self.node.port}; }};
    allow-transfer {{ 127.0.0.1; }};
}};
""")]


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path / "node", args=["--allow-transfer", "127.0.0.1", "--http", "127.0.0.1:0"])
    try:
        yield node.start()
    finally:
        node.kill()


def zone_of(peer):
    return dns.zone.from_xfr(dns.query.xfr("127.0.0.1", ZONE, port=peer.port, relativize=False, lifetime=20),
                             relativize=False)


def zone_here(node):
    return dns.zone.from_text(node.ctl("zone", "export", ZONE), ZONE, relativize=False)


def change(peer, number):
    update = dns.update.UpdateMessage(ZONE)
    update.replace("www", 60, "A", f"192.0.2.{number}")
    update.add(f"name{number}", 60, "TXT", f'"{number}"')
    if number % 3 == 0:
        update.delete(f"name{number - 1}")
    answer = dns.query.tcp(update, "127.0.0.1", port=peer.port, timeout=20)
    assert answer.rcode() == dns.rcode.NOERROR, dns.rcode.to_text(answer.rcode())


@pytest.mark.parametrize("kind", [KnotPrimary, SigningKnot, BindPrimary], ids=lambda kind: kind.name)
def test_it_is_followed(node, tmp_path, kind):
    peer = kind(tmp_path, [(ZONE, None)])
    taker = BindTaker(tmp_path, [(ZONE, None)])
    peer.node = taker.node = node
    (peer.folder / "zone").write_text(TEXT)
    try:
        peer.start()
        node.ctl("zone", "pull", ZONE, f"127.0.0.1:{peer.port}")
        wait_until(lambda: zone_here(node) == zone_of(peer), "it is here")
        node.ctl("secondary", "add", "taker", f"notify:127.0.0.1:{taker.port}", "--no-check")
        taker.start()
        for number in range(10, 22):
            change(peer, number)
        wait_until(lambda: zone_here(node) == zone_of(peer), f"all changes are here; {node.log()[-2000:]}")
        state = node.json("xfr", "status", ZONE)["pulled"][0]
        assert state["by"] == "ixfr", state
        assert state["error"] == ""
        assert node.serial(ZONE) == zone_of(peer).get_soa().serial
        wait_until(lambda: zone_of(taker) == zone_of(peer), f"and at the next one; its log: {taker.log_file}")
        assert node.metrics()['tandem_transfers_total{asked="ixfr",sent="changes"}'] > 0
        assert node.metrics()['tandem_transfers_total{asked="ixfr",sent="zone"}'] == 0
    finally:
        peer.stop()
        taker.stop()
