"""RFC 2136: updates, by dnspython over UDP and TCP. Every test has names of its own in one zone; what cannot be said by
dnspython is made of octets."""
import struct

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.update
import pytest

from cluster import PATIENCE
from talk import Server

ZONES = ["plain", "nsec"]
ZONE = "plain.test."
ARGS = ["--allow-update", "127.0.0.0/8"]
NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 3, 4, 5
YXDOMAIN, YXRRSET, NXRRSET, NOTAUTH, NOTZONE = 6, 7, 8, 9, 10


def ask(server, name, rdtype):
    answer = dns.query.udp(dns.message.make_query(dns.name.from_text(name, dns.name.from_text(ZONE)), rdtype),
                           "127.0.0.1", PATIENCE, server.port)
    return answer


def data(server, name, rdtype):
    """The rdatas of the name's own RRset as texts, sorted."""
    answer = ask(server, name, rdtype)
    owner = dns.name.from_text(name, dns.name.from_text(ZONE))
    rrset = answer.get_rrset(answer.answer, owner, dns.rdataclass.IN, dns.rdatatype.from_text(rdtype))
    return sorted(rdata.to_text() for rdata in rrset or [])


def ttl(server, name, rdtype):
    return ask(server, name, rdtype).answer[0].ttl


def serial(server):
    return ask(server, "@", "SOA").answer[0][0].serial


def send(server, update, tcp=False):
    """The rcode of the answer, which repeats ID and zone section and has nothing else (section 3.8)."""
    ask_by = dns.query.tcp if tcp else dns.query.udp
    answer = ask_by(update, "127.0.0.1", PATIENCE, server.port)
    assert answer.opcode() == dns.opcode.UPDATE and answer.id == update.id
    assert not answer.sections[1] and not answer.sections[2] and not answer.sections[3]
    return answer.rcode()


def update(zone=ZONE):
    return dns.update.UpdateMessage(zone)


def change(server, *steps, tcp=False):
    """Steps as `add NAME TTL TYPE DATA`, `delete NAME [TYPE [DATA]]`."""
    message = update()
    for step in steps:
        words = step.split(None, 4)
        if words[0] == "add":
            message.add(words[1], int(words[2]), words[3], words[4])
        else:
            message.delete(*step.split(None, 3)[1:])
    return send(server, message, tcp)


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_what_is_added_is_answered_at_once(server, tcp):
    """Section 3.5: the change is there when the answer is; the serial is newer."""
    before = serial(server)
    name = f"added-{tcp}"
    assert change(server, f"add {name} 60 A 192.0.2.77", f"add {name} 60 TXT \"a b\"", tcp=tcp) == NOERROR
    assert data(server, name, "A") == ["192.0.2.77"] and data(server, name, "TXT") == ['"a b"']
    assert serial(server) == before + 1


def test_what_is_there_already_is_no_change(server):
    """Section 3.4.2.2: silently ignored; no new serial."""
    assert change(server, "add same 60 A 192.0.2.1") == NOERROR
    before = serial(server)
    assert change(server, "add same 60 A 192.0.2.1") == NOERROR
    assert change(server, "delete absent", "delete same TXT", "delete same A 192.0.2.99") == NOERROR
    assert serial(server) == before


def test_another_ttl_is_one_for_the_whole_set(server):
    """RFC 2181 section 5.2: the records of a set have one TTL, the newest."""
    change(server, "add ttl 60 A 192.0.2.1", "add ttl 60 A 192.0.2.2")
    assert change(server, "add ttl 90 A 192.0.2.3") == NOERROR
    assert len(data(server, "ttl", "A")) == 3 and ttl(server, "ttl", "A") == 90


def test_deletions(server):
    """Section 2.5: a record, a set, all sets of a name."""
    change(server, "add del 60 A 192.0.2.1", "add del 60 A 192.0.2.2", "add del 60 TXT a", "add del 60 MX 1 host")
    assert change(server, "delete del A 192.0.2.1") == NOERROR
    assert data(server, "del", "A") == ["192.0.2.2"]
    assert change(server, "delete del TXT") == NOERROR
    assert data(server, "del", "TXT") == [] and data(server, "del", "MX")
    assert change(server, "delete del") == NOERROR
    assert ask(server, "del", "A").rcode() == NXDOMAIN


def test_steps_count_in_their_order(server):
    """Section 3.4.2."""
    assert change(server, "add order 60 A 192.0.2.1", "delete order A", "add order 60 A 192.0.2.2") == NOERROR
    assert data(server, "order", "A") == ["192.0.2.2"]


def test_all_or_nothing(server):
    """Section 3.4.1.3: one bad step, and none is made."""
    message = update()
    message.add("atomic", 60, "A", "192.0.2.1")
    message.add(dns.name.from_text("elsewhere.test."), 60, "A", "192.0.2.1")
    before = serial(server)
    assert send(server, message) == NOTZONE
    assert ask(server, "atomic", "A").rcode() == NXDOMAIN and serial(server) == before


def test_the_last_name_server_and_the_soa_stay(server):
    """Section 3.4.2.4."""
    assert change(server, "delete @ NS", "delete @ SOA", "delete @ NS ns1", "delete @ NS ns2.other.test.") == NOERROR
    assert len(data(server, "@", "NS")) == 1 and len(data(server, "@", "SOA")) == 1
    assert change(server, "add @ 3600 NS ns1", "add @ 3600 NS ns2.other.test.") == NOERROR
    assert len(data(server, "@", "NS")) == 2


def test_deleting_the_apex_spares_soa_and_ns(server):
    """Section 3.4.2.3."""
    apex = {rdtype: data(server, "@", rdtype) for rdtype in ("NS", "MX", "TXT", "A")}
    assert change(server, "delete @") == NOERROR
    assert data(server, "@", "NS") == apex["NS"] and data(server, "@", "MX") == []
    steps = [f"add @ 3600 {rdtype} {rdata}" for rdtype in ("MX", "TXT", "A") for rdata in apex[rdtype]]
    assert change(server, *steps) == NOERROR and data(server, "@", "MX") == apex["MX"]


def test_a_soa_counts_when_it_is_newer(server):
    """Section 3.4.2.2: an older serial is ignored, a newer one is taken."""
    now = serial(server)
    assert change(server, f"add @ 3600 SOA ns1 hostmaster {now - 1} 7200 900 1209600 300") == NOERROR
    assert serial(server) == now
    assert change(server, f"add @ 3600 SOA ns1 hostmaster {now + 100} 7200 900 1209600 300") == NOERROR
    assert serial(server) == now + 100


def test_alias_and_other_data(server):
    """Section 3.4.2.2: an alias where there is other data is ignored, and the other way round; an alias takes the
    place of an alias."""
    change(server, "add other 60 A 192.0.2.1", "add alias-u 60 CNAME host")
    assert change(server, "add other 60 CNAME host", "add alias-u 60 A 192.0.2.1") == NOERROR
    assert data(server, "other", "A") == ["192.0.2.1"] and data(server, "alias-u", "CNAME") == ["host.plain.test."]
    assert change(server, "add alias-u 60 CNAME mail") == NOERROR
    assert data(server, "alias-u", "CNAME") == ["mail.plain.test."]


def test_a_wildcard_is_a_name_like_others(server):
    """RFC 4592 section 2: it is added and deleted by its own name."""
    assert change(server, "add *.upd 60 TXT wild") == NOERROR
    assert data(server, "any.upd", "TXT") == ['"wild"']
    assert change(server, "delete any.upd") == NOERROR and data(server, "any.upd", "TXT") == ['"wild"']
    assert change(server, "delete *.upd") == NOERROR and ask(server, "any.upd", "TXT").rcode() == NXDOMAIN


def test_dhcid(server):
    """RFC 4701, as DHCP servers use it (RFC 4703 section 5.3)."""
    dhcid = "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="
    message = update()
    message.absent("lease")
    message.add("lease", 300, "A", "192.0.2.50")
    message.add("lease", 300, "DHCID", dhcid)
    assert send(server, message) == NOERROR
    assert send(server, message) == YXDOMAIN
    message = update()
    message.present("lease", "DHCID", dhcid)
    message.delete("lease", "A")
    message.add("lease", 300, "A", "192.0.2.51")
    assert send(server, message) == NOERROR and data(server, "lease", "A") == ["192.0.2.51"]


PREREQUISITES = [
    ("present", ("host",), NOERROR), ("present", ("nobody",), NXDOMAIN), ("present", ("b.ent",), NXDOMAIN),
    ("present", ("host", "A"), NOERROR), ("present", ("host", "MX"), NXRRSET), ("present", ("nobody", "A"), NXRRSET),
    ("present", ("host", "A", "192.0.2.3", "192.0.2.4"), NOERROR), ("present", ("host", "A", "192.0.2.3"), NXRRSET),
    ("present", ("host", "A", "192.0.2.3", "192.0.2.4", "192.0.2.5"), NXRRSET),
    ("absent", ("nobody",), NOERROR), ("absent", ("host",), YXDOMAIN), ("absent", ("b.ent",), NOERROR),
    ("absent", ("host", "MX"), NOERROR), ("absent", ("host", "A"), YXRRSET), ("absent", ("x.wild", "TXT"), NOERROR),
]


@pytest.mark.parametrize("kind, what, rcode", PREREQUISITES, ids=[f"{p[0]} {' '.join(p[1])}" for p in PREREQUISITES])
def test_prerequisites(server, kind, what, rcode):
    """Sections 2.4 and 3.2; where one is not met nothing is changed."""
    message = update()
    getattr(message, kind)(*what)
    name = f"pre-{PREREQUISITES.index((kind, what, rcode))}"
    message.add(name, 60, "A", "192.0.2.1")
    assert send(server, message) == rcode
    assert data(server, name, "A") == (["192.0.2.1"] if rcode == NOERROR else [])


def test_prerequisites_come_before_bad_steps(server):
    """Section 3.2 comes before section 3.4."""
    message = update()
    message.present("nobody")
    message.add(dns.name.from_text("elsewhere.test."), 60, "A", "192.0.2.1")
    assert send(server, message) == NXDOMAIN


def test_prerequisites_alone_change_nothing(server):
    before = serial(server)
    message = update()
    message.present("host")
    assert send(server, message) == NOERROR and serial(server) == before


def test_zones_that_are_not_here(server):
    """Section 3.1.2."""
    for zone in ("absent.test.", "host.plain.test.", "test."):
        message = update(zone)
        message.add("a", 60, "A", "192.0.2.1")
        assert send(server, message) == NOTAUTH


def test_a_zone_signed_elsewhere_is_refused(server):
    message = update("nsec.test.")
    message.add("a", 60, "A", "192.0.2.1")
    assert send(server, message) == REFUSED


def raw(zone=b"\5plain\4test\0\0\6\0\1", counts=(1, 0, 0, 0), records=b"", flags=0x2800):
    return struct.pack("!6H", 0x1234, flags, *counts) + zone + records


def record(name=b"\1r\xc0\x0c", rdtype=1, rr_class=1, seconds=60, data=b"\xc0\0\2\1"):
    return name + struct.pack("!HHIH", rdtype, rr_class, seconds, len(data)) + data


ANY, NONE = 255, 254
MALFORMED = {
    "no zone": (raw(b"", (0, 0, 0, 0)), FORMERR),
    "two zones": (raw(b"\5plain\4test\0\0\6\0\1" * 2, (2, 0, 0, 0)), FORMERR),
    "a zone section that is no SOA": (raw(b"\5plain\4test\0\0\1\0\1"), FORMERR),
    "a zone of class CH": (raw(b"\5plain\4test\0\0\6\0\3"), NOTAUTH),
    "fewer records than counted": (raw(counts=(1, 0, 2, 0), records=record()), FORMERR),
    "octets behind the last": (raw(counts=(1, 0, 1, 0), records=record() + b"\0"), FORMERR),
    "a prerequisite with a TTL": (raw(counts=(1, 1, 0, 0), records=record(rr_class=ANY, data=b"")), FORMERR),
    "a prerequisite outside": (raw(counts=(1, 1, 0, 0), records=record(b"\1x\0", 1, ANY, 0, b"")), NOTZONE),
    "a prerequisite of class CH": (raw(counts=(1, 1, 0, 0), records=record(rr_class=3, seconds=0)), FORMERR),
    "a prerequisite of class ANY with data": (raw(counts=(1, 1, 0, 0), records=record(rr_class=ANY, seconds=0)),
                                              FORMERR),
    "an A record of three octets": (raw(counts=(1, 0, 1, 0), records=record(data=b"\0\0\0")), FORMERR),
    "a step of class CH": (raw(counts=(1, 0, 1, 0), records=record(rr_class=3)), FORMERR),
    "adding type ANY": (raw(counts=(1, 0, 1, 0), records=record(rdtype=255, data=b"")), FORMERR),
    "adding type AXFR": (raw(counts=(1, 0, 1, 0), records=record(rdtype=252, data=b"")), FORMERR),
    "deleting with a TTL": (raw(counts=(1, 0, 1, 0), records=record(rr_class=ANY, data=b"")), FORMERR),
    "deleting a record with a TTL": (raw(counts=(1, 0, 1, 0), records=record(rr_class=NONE)), FORMERR),
    "deleting a set with data": (raw(counts=(1, 0, 1, 0), records=record(rr_class=ANY, seconds=0)), FORMERR),
}


@pytest.mark.parametrize("octets, rcode", MALFORMED.values(), ids=MALFORMED)
def test_malformed(server, octets, rcode):
    """Sections 3.1.1, 3.2.5, 3.4.1.3."""
    before = serial(server)
    answer = server.exchange(octets)
    assert answer[:2] == octets[:2] and answer[3] & 15 == rcode
    assert serial(server) == before


def test_too_many_records(server):
    """A limit of ours: 4096 records in a message, and it says REFUSED."""
    octets = raw(counts=(1, 0, 4097, 0), records=record(b"\xc0\x0c", 16, ANY, 0, b"") * 4097)
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_STREAM) as tcp:
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", server.port))
        tcp.sendall(struct.pack("!H", len(octets)) + octets)
        assert tcp.recv(65535)[5] & 15 == REFUSED


def test_a_set_that_gets_too_large(server):
    """A limit of ours: more records in a set than the zone allows are refused, all or nothing."""
    message = update()
    for number in range(101):
        message.add("toolarge", 60, "A", f"192.0.2.{number}")
    assert send(server, message, tcp=True) == REFUSED
    assert ask(server, "toolarge", "A").rcode() == NXDOMAIN


def test_answers_are_no_requests(server):
    """An answer to an update is never answered."""
    assert server.datagram(raw(flags=0xa800)) is None


def test_many_at_once_get_all_their_answers(server):
    """Hundreds of datagrams without waiting: each is answered with its own ID, each made or refused whole."""
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_DGRAM) as udp:
        udp.settimeout(PATIENCE)
        udp.connect(("127.0.0.1", server.port))
        for first in range(0, 400, 50):
            ids = set()
            for number in range(first, first + 50):
                message = update()
                message.id = number
                message.add(f"many{number}", 60, "A", "192.0.2.1")
                udp.send(message.to_wire())
                ids.add(number)
            while ids:
                answer = dns.message.from_wire(udp.recv(65535))
                assert answer.rcode() == NOERROR
                ids.remove(answer.id)
    assert all(data(server, f"many{number}", "A") for number in range(0, 400, 7))


def test_without_a_rule_nobody_changes_anything(tmp_path):
    """Deny by default."""
    node = Server(tmp_path / "node", ["plain"])
    try:
        node.start()
        message = update()
        message.add("a", 60, "A", "192.0.2.1")
        assert send(node, message) == REFUSED and ask(node, "a", "A").rcode() == NXDOMAIN
    finally:
        assert node.stop() == 0
