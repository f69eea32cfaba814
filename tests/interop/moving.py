"""What the tests of moving house share: a zone, a node that takes it, and whether both then serve the same.

A test file imports the fixtures `node` and `gone` by name, since no other interop test wants a node of this kind.
"""
import dns.query
import dns.zone
import pytest

from cluster import Node, wait_until

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
