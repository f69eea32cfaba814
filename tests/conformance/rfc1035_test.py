"""RFC 1035: domain names, implementation and specification. Headers, questions and octets that make no sense."""
import socket
import struct

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from cluster import PATIENCE
from talk import NO_ANSWER, question, table, check

ZONES = ["plain"]
ORIGIN = "plain.test."
HOST = b"\4host\5plain\4test\0"
A_IN = b"\0\1\0\1"
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010


def packet(body=HOST + A_IN, flags=0, counts=(1, 0, 0, 0), ident=0x1234):
    return struct.pack("!6H", ident, flags, *counts) + body


def opcode(number):
    return number << 11


def rcode_of(answer):
    return answer and dns.rcode.to_text(answer[3] & 15)


@pytest.mark.parametrize("octets", range(12))
def test_less_than_a_header_is_dropped(server, octets):
    """RFC 1035 section 4.1.1: every message has a header of 12 octets; what has less has no ID to answer to."""
    assert server.datagram(packet()[:octets]) is NO_ANSWER


@pytest.mark.parametrize("flags", [QR, QR | AA, QR | TC, QR | opcode(5), QR | 3])
@pytest.mark.parametrize("counts", [(1, 0, 0, 0), (0, 0, 0, 0), (1, 1, 0, 0)])
def test_an_answer_is_not_answered(server, flags, counts):
    """RFC 1035 section 4.1.1: QR tells answers from questions; two servers must not answer each other for ever."""
    assert server.datagram(packet(flags=flags, counts=counts)) is NO_ANSWER


@pytest.mark.parametrize("number", [1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("body, counts", [(HOST + A_IN, (1, 0, 0, 0)), (b"", (0, 0, 0, 0)), (b"\xff" * 9, (9, 9, 9,
                                                                                                           9))])
def test_other_opcodes_are_not_implemented(server, number, body, counts):
    """RFC 1035 section 4.1.1: RCODE 4, the name server does not support the requested kind of query."""
    answer = server.datagram(packet(body, opcode(number), counts))
    assert rcode_of(answer) == "NOTIMP"
    ident, flags = struct.unpack("!2H", answer[:4])
    assert ident == 0x1234 and flags & 0x7800 == opcode(number) and flags & QR


@pytest.mark.parametrize("flags, back", [(0, 0), (RD, RD), (AA, 0), (TC, 0), (RA, 0), (AD, 0), (CD, 0), (0x0040, 0),
                                         (RD | AA | TC | RA | AD | CD | 0x0040, RD), (0x000f, 0)])
def test_flags_of_the_question(server, flags, back):
    """RFC 1035 section 4.1.1: ID, opcode and RD are copied; AA, TC, RA and the rcode are the server's; Z is zero."""
    answer = server.datagram(packet(flags=flags))
    assert struct.unpack("!2H", answer[:4]) == (0x1234, QR | AA | back)


@pytest.mark.parametrize("ident", [0, 1, 0x00ff, 0xff00, 0xffff])
def test_the_identifier_comes_back(server, ident):
    """RFC 1035 section 4.1.1: the ID is copied into the answer."""
    assert server.datagram(packet(ident=ident))[:2] == struct.pack("!H", ident)


LONG = b"".join(bytes([63]) + bytes([letter]) * 63 for letter in b"abc")
MALFORMED = {
    "no question": (b"", (0, 0, 0, 0)),
    "no question counted, but one there": (HOST + A_IN, (0, 0, 0, 0)),
    "two questions": (HOST + A_IN + HOST + A_IN, (2, 0, 0, 0)),
    "two questions counted, one there": (HOST + A_IN, (2, 0, 0, 0)),
    "65535 questions counted": (HOST + A_IN, (65535, 0, 0, 0)),
    "question counted, nothing there": (b"", (1, 0, 0, 0)),
    "name without end": (b"\4host", (1, 0, 0, 0)),
    "label longer than the message": (b"\x3fhost\0" + A_IN, (1, 0, 0, 0)),
    "no type": (HOST, (1, 0, 0, 0)),
    "half a type": (HOST + b"\0", (1, 0, 0, 0)),
    "no class": (HOST + b"\0\1", (1, 0, 0, 0)),
    "half a class": (HOST + b"\0\1\0", (1, 0, 0, 0)),
    "octet behind the question": (HOST + A_IN + b"\0", (1, 0, 0, 0)),
    "many octets behind the question": (HOST + A_IN + b"\xff" * 300, (1, 0, 0, 0)),
    "pointer to itself": (b"\xc0\x0c" + A_IN, (1, 0, 0, 0)),
    "pointer to the label in front": (b"\1a\xc0\x0c" + A_IN, (1, 0, 0, 0)),
    "pointer forwards": (b"\xc0\x12" + A_IN + HOST, (1, 0, 0, 0)),
    "pointer into the header": (b"\xc0\x00" + A_IN, (1, 0, 0, 0)),
    "pointer beyond the message": (b"\xff\xff" + A_IN, (1, 0, 0, 0)),
    "half a pointer": (b"\xc0", (1, 0, 0, 0)),
    "label type 01": (b"\x41a\0" + A_IN, (1, 0, 0, 0)),
    "label type 10": (b"\x81a\0" + A_IN, (1, 0, 0, 0)),
    "name of 256 octets": (LONG + b"\x3e" + b"d" * 62 + b"\0" + A_IN, (1, 0, 0, 0)),
    "name of 255 labels": (b"\1a" * 255 + b"\0" + A_IN, (1, 0, 0, 0)),
    "answer record in a question": (HOST + A_IN + b"\xc0\x0c" + A_IN + b"\0\0\0\0\0\4abcd", (1, 1, 0, 0)),
    "authority record in a question": (HOST + A_IN + b"\xc0\x0c" + A_IN + b"\0\0\0\0\0\4abcd", (1, 0, 1, 0)),
    "additional record counted, nothing there": (HOST + A_IN, (1, 0, 0, 1)),
    "additional record cut short": (HOST + A_IN + b"\0\0\1\0\1\0\0\0\0\0\4abc", (1, 0, 0, 1)),
    "additional record with a label type 01": (HOST + A_IN + b"\x41" + A_IN + b"\0\0\0\0\0\0", (1, 0, 0, 1)),
}


@pytest.mark.parametrize("body, counts", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("flags", [0, RD])
def test_malformed_questions(server, body, counts, flags):
    """RFC 1035 section 4.1.1: RCODE 1, the name server was unable to interpret the query; it answers on."""
    answer = server.datagram(packet(body, flags, counts))
    assert rcode_of(answer) == "FORMERR"
    assert struct.unpack("!2H", answer[:4]) == (0x1234, QR | flags | 1)
    assert len(answer) <= 12 + len(body), "an error must not be larger than what caused it"
    dns.message.from_wire(answer)


@pytest.mark.parametrize("wire", [LONG + b"\x3d" + b"d" * 61 + b"\0", b"\1a" * 127 + b"\0",
                                  b"\x3f" + b"x" * 63 + b"\0", b"\0"])
def test_names_at_their_limits_are_names(server, wire):
    """RFC 1035 section 3.1: labels of up to 63 octets, names of up to 255; they are of no zone here, but well
    formed."""
    answer = server.datagram(packet(wire + A_IN))
    assert rcode_of(answer) == "REFUSED" and answer[12:] == wire + A_IN


@pytest.mark.parametrize("rr_class, rcode", [
    (1, "NOERROR"), (0, "REFUSED"), (2, "REFUSED"), (3, "REFUSED"), (4, "REFUSED"), (254, "REFUSED"), (255, "REFUSED"),
    (65535, "REFUSED"),
])
def test_classes(server, rr_class, rcode):
    """RFC 1035 section 3.2.4: all zones here are of class IN; CHAOS says nothing unless configured."""
    answer = server.datagram(packet(HOST + struct.pack("!2H", 1, rr_class)))
    assert rcode_of(answer) == rcode


@pytest.mark.parametrize("rdtype", ["MAILA", "MAILB"])
def test_mail_agent_questions_are_not_implemented(server, rdtype):
    """RFC 1035 section 3.2.3: QTYPEs that ask for mail records of a kind, obsolete."""
    assert rcode_of(server.datagram(packet(HOST + struct.pack("!2H", dns.rdatatype.from_text(rdtype), 1)))) == "NOTIMP"


def test_a_transfer_is_no_datagram(server):
    """RFC 1035 section 4.2: zone transfers need a reliable transport."""
    answer = server.exchange(packet(b"\5plain\4test\0" + struct.pack("!2H", 252, 1)))
    assert rcode_of(answer) in ("REFUSED", "NOTIMP", "FORMERR")


@table("""
large A  NOERROR aa tc
larger A  NOERROR aa tc
vast TXT  NOERROR aa tc
reach MX  NOERROR aa tc
tolarge A  NOERROR aa tc
x.servers A  NOERROR tc
""")
def test_an_answer_too_long_for_a_datagram(server, asked, header, records):
    """RFC 1035 section 4.2.1: UDP messages have 512 octets at most; longer ones are truncated and TC is set."""
    response = check(server, ORIGIN, asked, header, records)
    assert len(response.to_wire()) <= 512


@pytest.mark.parametrize("asked, count", [("large A", 40), ("larger A", 100), ("huge AAAA", 100), ("vast TXT", 100),
                                          ("reach MX", 100)])
def test_tcp_carries_all_of_it(server, asked, count):
    """RFC 1035 section 4.2.2: over TCP messages have up to 65535 octets, behind a length of two octets."""
    message, _ = question(asked, ORIGIN)
    response = server.query(message, tcp=True)
    assert [len(rrset) for rrset in response.answer] == [count]
    assert not response.flags & TC


def whole_answer(server, asked):
    """The octets of an answer over TCP, where nothing is cut."""
    message, _ = question(asked, ORIGIN)
    wire = message.to_wire()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as tcp:
        tcp.sendall(struct.pack("!H", len(wire)) + wire)
        stream = tcp.makefile("rb")
        return stream.read(struct.unpack("!H", stream.read(2))[0])


@pytest.mark.parametrize("asked, most", [("@ NS", 80), ("@ SOA", 80), ("alias A", 100), ("nowhere A", 100),
                                         ("www.sub A", 240)])
def test_names_are_compressed(server, asked, most):
    """RFC 1035 section 4.1.4: names that were there before are pointers; dnspython reads them back as they were."""
    wire = whole_answer(server, asked)
    assert len(wire) <= most
    response = dns.message.from_wire(wire)
    assert response.answer or response.authority


@pytest.mark.parametrize("asked", ["reach MX", "x.servers A", "vast TXT"])
def test_pointers_reach_no_further_than_14_bits(server, asked):
    """RFC 1035 section 4.1.4: a pointer has 14 bits; behind 16 KiB names are written out, and all of them read well."""
    wire = whole_answer(server, asked)
    assert len(wire) > 0x4000
    response = dns.message.from_wire(wire)
    names = {rdata.to_text().split()[-1][-11:] for rrset in response.answer + response.authority for rdata in rrset}
    assert names in ({"plain.test."}, {f'{"0" * 6}{n:04d}"' for n in range(100)})


@pytest.mark.parametrize("name", ["do\\.t", "back\\\\slash", "oct\\000et", "sp\\032ace"])
def test_escaped_octets_in_master_files(server, name):
    """RFC 1035 section 5.1: \\X is the character without its meaning, \\DDD an octet."""
    message, _ = question(f"{name} A", ORIGIN)
    response = server.query(message)
    assert dns.rcode.to_text(response.rcode()) == "NOERROR" and len(response.answer) == 1


@pytest.mark.parametrize("name", ["do.t", "backslash", "octet"])
def test_an_escape_makes_another_name(server, name):
    """RFC 1035 section 5.1: an escaped dot is part of its label."""
    message, _ = question(f"{name} A", ORIGIN)
    assert dns.rcode.to_text(server.query(message).rcode()) == "NXDOMAIN"
