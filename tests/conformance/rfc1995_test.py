"""RFC 1995: IXFR. Who says which version it has gets what changed since, the whole zone, or the SOA alone."""
import socket
import struct

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from cluster import PATIENCE

ZONES = ["plain"]
ARGS = ["--allow-transfer", "127.0.0.1"]
ORIGIN = "plain.test."


def soa(serial):
    return dns.rrset.from_text(ORIGIN, 0, "IN", "SOA", f". . {serial} 0 0 0 0")


def ixfr(*authority, rdtype="IXFR", **options):
    message = dns.message.make_query(ORIGIN, rdtype, **options)
    message.authority += authority
    return message


def ask(server, serial, tcp=True, **options):
    send = dns.query.tcp if tcp else dns.query.udp
    return send(ixfr(soa(serial), **options), "127.0.0.1", PATIENCE, server.port, one_rr_per_rrset=True)


def records(answer):
    """`owner type rdata` of each record, in their order; of an SOA its serial alone."""
    return [f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} "
            f"{rrset[0].serial if rrset.rdtype == dns.rdatatype.SOA else rrset[0]}" for rrset in answer.answer]


def series(server, message):
    """All messages that answer, up to the second SOA."""
    answers = []
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as tcp:
        dns.query.send_tcp(tcp, message)
        while sum(rrset.rdtype == dns.rdatatype.SOA for answer in answers for rrset in answer.answer) < 2:
            answers.append(dns.query.receive_tcp(tcp, one_rr_per_rrset=True)[0])
    return answers


@pytest.fixture
def step(server):
    """A change, after which `old` is no longer the serial; what leads from there."""
    before = server.serial(ORIGIN)
    server.ctl("record", "set", ORIGIN, "changing", "60", "A", f"192.0.2.{before % 200}")
    then = server.serial(ORIGIN)
    server.ctl("record", "set", ORIGIN, "changing", "60", "A", f"192.0.2.{then % 200}")
    now = server.serial(ORIGIN)
    mark = f"{ORIGIN} SOA"
    return then, [f"{mark} {now}", f"{mark} {then}", f"changing.{ORIGIN} A 192.0.2.{before % 200}",
                  f"{mark} {now}", f"changing.{ORIGIN} A 192.0.2.{then % 200}", f"{mark} {now}"]


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_what_changed(server, step, tcp):
    """Section 4: the present SOA, the old one and what goes, the present one and what comes, the present one."""
    known, expected = step
    answer = ask(server, known, tcp)
    assert records(answer) == expected
    assert answer.flags & (dns.flags.AA | dns.flags.TC) == dns.flags.AA
    assert answer.question == ixfr().question and not answer.authority and not answer.additional


def test_several_versions_are_one_step(server, step):
    """Section 6: versions between need not be told of."""
    first = server.serial(ORIGIN)
    for number in range(20):
        server.ctl("record", "set", ORIGIN, "often", "60", "A", f"192.0.2.{number}")
    last = server.serial(ORIGIN)
    mark = f"{ORIGIN} SOA"
    assert records(ask(server, first)) == [f"{mark} {last}", f"{mark} {first}", f"{mark} {last}",
                                           f"often.{ORIGIN} A 192.0.2.19", f"{mark} {last}"]
    assert records(ask(server, step[0]))[0] == f"{mark} {last}"
    server.ctl("record", "delete", ORIGIN, "often", "A")


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@pytest.mark.parametrize("ahead", [0, 1, 1000])
def test_nothing_is_newer(server, tcp, ahead):
    """Section 2 and 4: the SOA alone says so; also to who has a newer one."""
    now = server.serial(ORIGIN)
    assert records(ask(server, now + ahead, tcp)) == [f"{ORIGIN} SOA {now}"]


def test_an_unknown_version_is_the_whole_zone(server):
    """Section 4: as AXFR, but for the question's type; section 6: no error."""
    whole, instead = series(server, dns.message.make_query(ORIGIN, "AXFR")), series(server, ixfr(soa(7)))
    assert all(answer.question == ixfr().question for answer in instead) and len(instead) > 1
    assert [records(answer) for answer in instead] == [records(answer) for answer in whole]


def test_an_unknown_version_over_udp_is_the_soa_alone(server):
    """Section 2: it says that TCP is to be used."""
    assert records(ask(server, 7, tcp=False)) == [f"{ORIGIN} SOA {server.serial(ORIGIN)}"]


def test_what_does_not_fit_into_a_datagram_is_the_soa_alone(server):
    """Section 2: the same."""
    before = server.serial(ORIGIN)
    server.ctl("record", "set", ORIGIN, "long", "60", "TXT", *[f'"{"x" * 200}{number}"' for number in range(8)])
    assert records(ask(server, before, tcp=False)) == [f"{ORIGIN} SOA {server.serial(ORIGIN)}"]
    assert len(records(ask(server, before))) == 5
    server.ctl("record", "delete", ORIGIN, "long", "TXT")


def test_opt_for_opt(server, step):
    """RFC 6891 section 7, RFC 3225 section 3."""
    answer = ask(server, step[0], tcp=False, use_edns=0, want_dnssec=True)
    assert answer.edns == 0 and answer.ednsflags == dns.flags.DO and records(answer) == step[1]


def test_letters_of_the_question(server, step):
    """RFC 5936 section 3.4: owners have the zone's letters."""
    message = ixfr(soa(step[0]))
    message.question[0].name = dns.name.from_text("PLAIN.test.")
    answer = dns.query.tcp(message, "127.0.0.1", PATIENCE, server.port, one_rr_per_rrset=True)
    assert records(answer) == step[1]


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_nobody_else(server, tcp):
    """RFC 5936 section 5, for both kinds of transfer."""
    send = dns.query.tcp if tcp else dns.query.udp
    answer = send(ixfr(soa(7)), "127.0.0.1", PATIENCE, server.port, source="127.0.0.2")
    assert dns.rcode.to_text(answer.rcode()) == "REFUSED"


def test_no_zone_of_this_server(server):
    message = dns.message.make_query("elsewhere.", "IXFR")
    message.authority.append(dns.rrset.from_text("elsewhere.", 0, "IN", "SOA", ". . 1 0 0 0 0"))
    assert dns.rcode.to_text(server.query(message, True).rcode()) == "NOTAUTH"


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_a_question_says_what_the_client_has(server, tcp):
    """Section 3: the authority section has the SOA of the version that the client has."""
    send = dns.query.tcp if tcp else dns.query.udp
    assert dns.rcode.to_text(send(ixfr(), "127.0.0.1", PATIENCE, server.port).rcode()) == "FORMERR"


@pytest.mark.parametrize("message", [
    ixfr(dns.rrset.from_text(ORIGIN, 0, "IN", "A", "192.0.2.1")), ixfr(soa(1), rdtype="SOA"),
    ixfr(soa(1), rdtype="AXFR"),
])
def test_nothing_else_may_stand_there(server, message):
    """Section 3: an SOA, of an IXFR; in any other question the authority section is empty."""
    assert dns.rcode.to_text(server.query(message).rcode()) == "FORMERR"


def test_two_are_one_too_many(server):
    """Section 3: the client has one version."""
    wire = bytearray(ixfr(soa(1)).to_wire())
    record = wire[12 + len(b"\5plain\4test\0") + 4:]
    struct.pack_into("!H", wire, 8, 2)
    assert server.datagram(bytes(wire + record))[3] & 15 == dns.rcode.FORMERR


@pytest.mark.parametrize("octets", [b"", b"\0\0" + bytes(19), b"\0\0" + bytes(21), b"\5short\0" + bytes(20),
                                    b"\x40\0" + bytes(20), b"\xc0\x0c" * 2 + bytes(19)])
def test_an_soa_that_is_none(server, octets):
    """RFC 1035 section 3.3.13: two names and five numbers."""
    wire = bytearray(ixfr().to_wire())
    struct.pack_into("!H", wire, 8, 1)
    wire += b"\xc0\x0c" + struct.pack("!HHIH", 6, 1, 0, len(octets)) + octets
    assert server.datagram(bytes(wire))[3] & 15 == dns.rcode.FORMERR


def test_names_of_the_soa_may_be_compressed(server, step):
    """RFC 1035 section 4.1.4: as most clients send it."""
    wire = bytearray(ixfr().to_wire())
    struct.pack_into("!H", wire, 8, 1)
    rdata = b"\3ns1\xc0\x0c" + b"\xc0\x0c" + struct.pack("!I", step[0]) + bytes(16)
    wire += b"\xc0\x0c" + struct.pack("!HHIH", 6, 1, 0, len(rdata)) + rdata
    answer = dns.message.from_wire(server.exchange(bytes(wire)), one_rr_per_rrset=True)
    assert records(answer) == step[1]
