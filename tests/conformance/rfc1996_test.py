"""NOTIFY (RFC 1996), as a server answers it: here for zones that come from elsewhere, and from whom they do not."""
import struct

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rrset
import pytest

from cluster import PATIENCE

ZONES = ["plain"]
ZONE = "pulled.test."
ARGS = ["--pull", f"{ZONE}=127.0.0.1:1", "--pull", "elsewhere.test.=192.0.2.1"]  # where nobody answers


def notify(zone=ZONE, rdtype="SOA", **options):
    message = dns.message.make_query(zone, rdtype, **options)
    message.flags = dns.flags.AA
    message.set_opcode(dns.opcode.NOTIFY)
    return message


def rcode_of(answer):
    return dns.rcode.to_text(answer.rcode())


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@pytest.mark.parametrize("serial", [None, 7])
def test_a_primary_is_heard(server, tcp, serial):
    """Section 4.7: NOERROR, QR and AA, the question as it was; section 3.7: an SOA may be there."""
    message = notify()
    if serial is not None:
        soa = f"ns1.test. host.test. {serial} 900 300 604800 600"
        message.answer = [dns.rrset.from_text(ZONE, 60, "IN", "SOA", soa)]
    ask = dns.query.tcp if tcp else dns.query.udp
    answer = ask(message, "127.0.0.1", PATIENCE, server.port)
    assert answer.opcode() == dns.opcode.NOTIFY and answer.id == message.id and answer.question == message.question
    assert answer.flags & (dns.flags.QR | dns.flags.AA) == dns.flags.QR | dns.flags.AA
    assert rcode_of(answer) == "NOERROR" and not answer.answer and not answer.authority


def test_others_are_not(server):
    """Section 3.10: a NOTIFY from who is no primary of the zone is not acted upon."""
    answer = server.query(notify("elsewhere.test."), tcp=True)
    assert rcode_of(answer) == "REFUSED" and not answer.flags & dns.flags.AA


@pytest.mark.parametrize("zone", ["plain.test.", "sub.pulled.test.", "nothing.test."])
def test_other_zones_do_not_come_from_elsewhere(server, zone):
    assert rcode_of(server.query(notify(zone), tcp=True)) == "NOTAUTH"


@pytest.mark.parametrize("message", [notify(rdtype="A"), notify(rdclass="CH")], ids=["type", "class"])
def test_other_questions_are_formal_errors(server, message):
    """Section 3.3: nothing but SOA is told of."""
    assert rcode_of(server.query(message, tcp=True)) == "FORMERR"


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 0, 3)])
def test_malformed(server, counts):
    wire = server.exchange(struct.pack("!6H", 0x4242, 4 << 11, *counts) + notify().to_wire()[12:])
    assert wire[3] & 15 == dns.rcode.FORMERR and wire[2] & 0x80


def test_edns(server):
    """RFC 6891 section 6.1.1: an OPT for an OPT."""
    assert server.query(notify(use_edns=0), tcp=True).edns == 0


def test_a_signature_of_nobody(server):
    """RFC 8945 section 5.2.1: what is signed with a key that is not there is answered NOTAUTH."""
    message = notify()
    message.use_tsig({dns.name.from_text("nobody."): b"octets of a secret that nobody has"}, "nobody.")
    assert server.exchange(message.to_wire())[3] & 15 == dns.rcode.NOTAUTH
