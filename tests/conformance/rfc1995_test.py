"""RFC 1995: IXFR. Transfers are refused for now, but the question is understood."""
import struct

import dns.message
import dns.rcode
import dns.rrset
import pytest

ZONES = ["plain"]
ORIGIN = "plain.test."
SOA = dns.rrset.from_text(ORIGIN, 0, "IN", "SOA", ". . 1 0 0 0 0")


def ixfr(*authority, rdtype="IXFR"):
    message = dns.message.make_query(ORIGIN, rdtype)
    message.authority += authority
    return message


@pytest.mark.parametrize("tcp", [False, True])
def test_a_question_says_what_the_client_has(server, tcp):
    """RFC 1995 section 3: the authority section has the SOA of the version that the client has."""
    response = server.query(ixfr(SOA), tcp)
    assert dns.rcode.to_text(response.rcode()) == "REFUSED"


@pytest.mark.parametrize("message", [
    ixfr(dns.rrset.from_text(ORIGIN, 0, "IN", "A", "192.0.2.1")), ixfr(SOA, rdtype="SOA"), ixfr(SOA, rdtype="AXFR"),
])
def test_nothing_else_may_stand_there(server, message):
    """RFC 1995 section 3: an SOA, of an IXFR; in any other question the authority section is empty."""
    assert dns.rcode.to_text(server.query(message).rcode()) == "FORMERR"


def test_two_are_one_too_many(server):
    """RFC 1995 section 3: the client has one version."""
    wire = bytearray(ixfr(SOA).to_wire())
    record = wire[12 + len(b"\5plain\4test\0") + 4:]
    struct.pack_into("!H", wire, 8, 2)
    assert server.datagram(bytes(wire + record))[3] & 15 == dns.rcode.FORMERR
