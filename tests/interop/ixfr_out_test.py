"""Others take what changed (IXFR, RFC 1995) and end with the same zone: dnspython, dig, kdig, and Knot and BIND as
secondaries. That it was changes and not whole zones is what the node's counters say."""
import random
import subprocess

import dns.message
import dns.query
import dns.rdatatype
import dns.rrset
import dns.xfr
import dns.zone
import pytest

from cluster import Node, PATIENCE, wait_until
from peers import Peer, bind_place, knot_place

ZONE = "moving.test"
CHANGES = 50
NAMES = 25
REFRESH = 1  # seconds after which a secondary asks again
VALUES = {"A": [f"192.0.2.{i}" for i in range(20)], "TXT": ['"one"', '"two; words"', f'"{"x" * 200}"'],
          "MX": [f"{i} mail{i}" for i in range(5)], "SRV": ["0 5 5060 mail1", "1 5 5060 mail2"]}


@pytest.fixture
def node(tmp_path):
    """Has the zone with some records of each name."""
    file = tmp_path / "zone"
    file.write_text(f"@ 3600 SOA NS1 hostmaster 1 {REFRESH} {REFRESH} 604800 600\n@ 3600 NS NS1\nNS1 60 A 192.0.2.1\n"
                    + "".join(f"n{i} 60 A 192.0.2.{i}\nLetters{i} 60 TXT \"{i}\"\n" for i in range(NAMES)))
    node = Node(tmp_path / "node", args=["--zone", f"{ZONE}={file}", "--allow-transfer", "127.0.0.1",
                                         "--http", "127.0.0.1:0"])
    try:
        yield node.start().wait_stored()
    finally:
        node.stop()


class Changer:
    """Changes the zone at random, record set by record set; the same changes in every run."""

    def __init__(self, node):
        self.node = node
        self.random = random.Random(1995)
        self.there = {(f"n{i}", "A") for i in range(NAMES)}

    def change(self):
        owner, rdtype = f"n{self.random.randrange(NAMES)}", self.random.choice(list(VALUES))
        if (owner, rdtype) in self.there and self.random.random() < 0.3:
            self.node.ctl("record", "delete", ZONE, owner, rdtype)
            self.there.discard((owner, rdtype))
        else:
            values = self.random.sample(VALUES[rdtype], self.random.randint(1, len(VALUES[rdtype]) // 2))
            self.node.ctl("record", "set", ZONE, owner, str(self.random.choice([60, 120])), rdtype, *values)
            self.there.add((owner, rdtype))


def whole(port):
    zone = dns.zone.Zone(ZONE, relativize=False)
    dns.query.inbound_xfr("127.0.0.1", zone, dns.message.make_query(ZONE, "AXFR"), port=port, timeout=PATIENCE,
                          lifetime=PATIENCE)
    return zone


def lines_of(zone):
    return sorted(f"{name} {ttl} {dns.rdatatype.to_text(rdata.rdtype)} {rdata}" for name, ttl, rdata in
                  zone.iterate_rdatas())


def count(node, **labels):
    words = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return node.metrics()[f"tandem_transfers_total{{{words}}}"]


def test_dnspython(node):
    zone = whole(node.port)
    changer = Changer(node)
    for _ in range(CHANGES):
        changer.change()
        query, _ = dns.xfr.make_query(zone)
        assert query.question[0].rdtype == dns.rdatatype.IXFR
        dns.query.inbound_xfr("127.0.0.1", zone, query, port=node.port, timeout=PATIENCE, lifetime=PATIENCE)
        assert zone.get_soa().serial == node.serial(ZONE)
    assert lines_of(zone) == lines_of(whole(node.port))
    assert count(node, asked="ixfr", sent="changes") + count(node, asked="ixfr", sent="soa") == CHANGES
    assert count(node, asked="ixfr", sent="zone") == 0


def printed(tool, port, serial):
    """The records of an IXFR as the tool prints them."""
    words = {"dig": ["dig", "@127.0.0.1", "-p", str(port), ZONE, f"IXFR={serial}", "+noall", "+answer", "+tcp"],
             "kdig": ["kdig", "@127.0.0.1", "-p", str(port), ZONE, "-t", f"IXFR={serial}", "+noall", "+answer"]}[tool]
    output = subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
    return [" ".join(line.split()) for line in output.splitlines() if line and not line.startswith(";")]


def applied(lines, step):
    """What the zone is after the step: its SOAs are where adding and removing begin (RFC 1995 section 4)."""
    is_soa = [line.split()[3] == "SOA" for line in step]
    assert step[0] == step[-1] and is_soa[0] and is_soa[1], step
    adding, out = True, set(lines)
    for line, soa in list(zip(step, is_soa))[1:-1]:
        adding = adding != soa
        if adding:
            assert line not in out, line
            out.add(line)
        else:
            out.remove(line)
    return out


@pytest.mark.parametrize("tool", ["dig", "kdig"])
def test_tools(node, tool):
    changer = Changer(node)
    start = node.serial(ZONE)
    first = printed(tool, node.port, start - 1)  # unknown: the whole zone
    lines, serial = set(first), start
    assert len(lines) == len(first) - 1
    for _ in range(CHANGES):
        changer.change()
        if node.serial(ZONE) != serial:
            lines, serial = applied(lines, printed(tool, node.port, serial)), node.serial(ZONE)
    assert serial > start + CHANGES // 2
    assert lines == set(printed(tool, node.port, start - 1))
    assert count(node, asked="ixfr", sent="changes") == serial - start
    assert count(node, asked="ixfr", sent="zone") == 2


class Secondary(Peer):
    """Takes the zone from `primary`."""

    def __init__(self, folder, primary):
        super().__init__(folder, [(ZONE, None)])
        self.primary = primary


class KnotSecondary(Secondary):
    """`more`: lines for its zone."""

    name = "knot"
    keeps_letters = False
    more = ""

    def configure(self):
        return ["knotd", "-c", self.write(knot_place(self, "    background-workers: 1\n") + f"""remote:
  - id: tandem
    address: 127.0.0.1@{self.primary.port}
acl:
  - id: out
    address: 127.0.0.1
    action: transfer
zone:
  - domain: {ZONE}
    master: tandem
    acl: out
    zonefile-sync: -1
    refresh-min-interval: 2
    refresh-max-interval: 2
{self.more}""")]


class BindSecondary(Secondary):
    name = "bind"
    keeps_letters = True

    def configure(self):
        return ["named", "-g", "-n", "1", "-c", self.write(f"""
options {{
    {bind_place(self)}
    empty-zones-enable no;
    notify no;
    allow-transfer {{ 127.0.0.1; }};
    min-refresh-time 1;
    max-refresh-time 1;
}};
controls {{ }};
zone "{ZONE}" {{ type secondary; primaries {{ 127.0.0.1 port {self.primary.port}; }}; file "{ZONE}.db"; }};
""")]


@pytest.mark.parametrize("kind", [KnotSecondary, BindSecondary])
def test_secondaries(node, tmp_path, kind):
    peer = kind(tmp_path, node)
    try:
        peer.start()
        changer = Changer(node)
        for number in range(CHANGES):
            changer.change()
            if number % 10 == 9:
                serial = node.serial(ZONE)
                wait_until(lambda serial=serial: whole(peer.port).get_soa().serial == serial,
                           f"{peer.name} at serial {serial}; its log: {peer.log_file}")
        theirs, ours = lines_of(whole(peer.port)), lines_of(whole(node.port))
        if not peer.keeps_letters:
            theirs, ours = ([line.lower() for line in lines] for lines in (theirs, ours))
        assert sorted(theirs) == sorted(ours)
    finally:
        peer.stop()
    assert count(node, asked="ixfr", sent="changes") >= 5
    assert count(node, asked="ixfr", sent="zone") == 0


def test_knot_verifies_the_digest_of_the_zone(node, tmp_path):
    """ZONEMD (RFC 8976), which Knot wants to find and to fit, or it takes no version of the zone."""
    node.ctl("zone", "options", ZONE, "--zonemd", "yes")
    peer = KnotSecondary(tmp_path, node)
    peer.more = "    zonemd-verify: on\n"
    try:
        peer.start()
        changer = Changer(node)
        for _ in range(10):
            changer.change()
            serial = node.serial(ZONE)
            wait_until(lambda serial=serial: whole(peer.port).get_soa().serial == serial,
                       f"serial {serial}; its log: {peer.log_file}")
        digests = whole(peer.port).find_rdataset(ZONE + ".", "ZONEMD")
        assert [rdata.serial for rdata in digests] == [node.serial(ZONE)]
    finally:
        peer.stop()
