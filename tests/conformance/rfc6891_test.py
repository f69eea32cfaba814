"""RFC 6891: EDNS(0). OPT records as they should be and as they should not."""
import struct

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from talk import NO_ANSWER, head, lines, options, question

ZONES = ["plain"]
ORIGIN = "plain.test."
HEADER = struct.Struct("!6H")
HOST_A = b"\4host\5plain\4test\0\0\1\0\1"
TSIG_NAME = b"\3key\0"


def opt(rdata=b"", payload=1232, ttl=0, owner=b"\0", length=None):
    return owner + struct.pack("!HHIH", 41, payload, ttl, len(rdata) if length is None else length) + rdata


def packet(*additional, question=HOST_A, counts=None, behind=b""):
    counts = counts or (1, 0, 0, len(additional))
    return HEADER.pack(0x4242, 0, *counts) + question + b"".join(additional) + behind


def option(code, data=b"", length=None):
    return struct.pack("!HH", code, len(data) if length is None else length) + data


def answer(server, octets):
    wire = server.datagram(octets)
    assert wire is not NO_ANSWER
    return dns.message.from_wire(wire)


def test_no_opt_without_one(server):
    """RFC 6891 section 7: no OPT in the answer to a question without."""
    assert server.query(question("host A", ORIGIN)[0]).edns == -1


@pytest.mark.parametrize("asked", ["host A", "nowhere A", "www.sub A", "a.example. A", "vast TXT", "host MX"])
@pytest.mark.parametrize("tcp", [False, True])
def test_an_opt_for_an_opt(server, asked, tcp):
    """RFC 6891 section 6.1.1: an OPT in the question has one in the answer, exactly one, whatever the answer says."""
    response = server.query(question(asked + " edns", ORIGIN)[0], tcp)
    assert response.edns == 0 and response.payload == 1232 and response.ednsflags & 0x7fff == 0


@pytest.mark.parametrize("payload, octets", [(0, 512), (100, 512), (511, 512), (512, 512), (600, 600), (1231, 1231),
                                             (1232, 1232),
                                             (4096, 1232), (65535, 1232)])
def test_the_payload_size(server, payload, octets):
    """RFC 6891 sections 6.2.3 to 6.2.5: less than 512 is 512, and the server has a limit of its own, 1232."""
    response = answer(server, packet(opt(payload=payload), question=b"\6larger\5plain\4test\0\0\1\0\1"))
    assert response.flags & dns.flags.TC
    for name, least in (("large", 40 * 16 + 11 + 28), ("host", 1)):
        wire = server.datagram(packet(opt(payload=payload), question=bytes([len(name)]) + name.encode() + HOST_A[5:]))
        assert len(wire) <= octets
        assert bool(dns.message.from_wire(wire).flags & dns.flags.TC) == (least > octets), (name, len(wire))


@pytest.mark.parametrize("too_little", [0, 1, 7])
def test_an_answer_that_just_fits(server, too_little):
    """RFC 6891 section 6.2.3 and RFC 2181 section 9: TC only when the answer is longer than the payload size."""
    body = b"\5large\5plain\4test\0\0\1\0\1"
    octets = len(server.datagram(packet(opt(), question=body)))
    assert octets > 600
    wire = server.datagram(packet(opt(payload=octets - too_little), question=body))
    assert bool(dns.message.from_wire(wire).flags & dns.flags.TC) == (too_little > 0)


@pytest.mark.parametrize("version", [1, 2, 127, 255])
@pytest.mark.parametrize("body", [HOST_A, b"\7nowhere\5plain\4test\0\0\1\0\1", b"\1x\0\0\1\0\1"])
def test_an_unknown_version(server, version, body):
    """RFC 6891 section 6.1.3: BADVERS, with the version that the server has, and no answer."""
    response = answer(server, packet(opt(ttl=version << 16), question=body))
    assert dns.rcode.to_text(response.rcode()) == "BADVERS" and response.edns == 0
    assert not response.answer + response.authority + response.additional


@pytest.mark.parametrize("flags", [0x4000, 0x0001, 0x7fff])
def test_unknown_flags(server, flags):
    """RFC 6891 section 6.1.4: flags that nobody knows are ignored and not copied."""
    response = answer(server, packet(opt(ttl=flags)))
    assert head(response) == "NOERROR aa" and response.ednsflags == 0


@pytest.mark.parametrize("high", [1, 0xff])
def test_an_extended_rcode_in_a_question(server, high):
    """RFC 6891 section 6.1.3: the extended rcode belongs to answers; in a question it means nothing."""
    response = answer(server, packet(opt(ttl=high << 24)))
    assert head(response) == "NOERROR aa"


@pytest.mark.parametrize("rdata", [
    option(65001), option(65001, b"x" * 300), option(0), option(9) + option(9), option(65535, b"abc") + option(65534),
    option(10, b"12345678"), option(8, b"\0\1\x18\0\xc0\0\2"), option(12, bytes(64)), option(3) + option(15, b"\0\1"),
])
def test_unknown_options_are_ignored(server, rdata):
    """RFC 6891 section 6.1.2: options that a server does not know must be ignored, with the answer the same."""
    response = answer(server, packet(opt(rdata)))
    assert head(response) == "NOERROR aa"
    assert lines(response, ORIGIN) == ["an host A 192.0.2.3", "an host A 192.0.2.4"]
    assert not options(response, 65001)


BAD = {
    "option without a length": packet(opt(b"\0\3")),
    "option of one octet": packet(opt(b"\0")),
    "option longer than the OPT": packet(opt(option(65001, b"abc", length=4))),
    "second option longer than the OPT": packet(opt(option(3) + option(65001, b"", length=1))),
    "OPT longer than the message": packet(opt(length=1)),
    "OPT shorter than its options": packet(opt(option(65001, b"abc"), length=5)),
    "OPT cut short": packet(opt()[:-1]),
    "OPT without its type": packet(b"\0"),
    "OPT twice": packet(opt(), opt()),
    "OPT twice, the second of another version": packet(opt(), opt(ttl=1 << 16)),
    "OPT three times": packet(opt(), opt(), opt()),
    "OPT whose owner is not the root": packet(opt(owner=b"\1a\0")),
    "OPT whose owner points to the question": packet(opt(owner=b"\xc0\x0c")),
    "OPT in the answer section": packet(opt(), counts=(1, 1, 0, 0)),
    "OPT in the authority section": packet(opt(), counts=(1, 0, 1, 0)),
    "OPT that is not counted": packet(opt(), counts=(1, 0, 0, 0)),
    "OPT counted twice": packet(opt(), counts=(1, 0, 0, 2)),
    "octets behind the OPT": packet(opt(), behind=b"\0"),
    "65535 additional records": packet(opt(), counts=(1, 0, 0, 65535)),
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD)
def test_malformed_opt_records(server, octets):
    """RFC 6891 sections 6.1.1 and 7: FORMERR for more than one OPT and for one that is no OPT."""
    wire = server.datagram(octets)
    response = dns.message.from_wire(wire)
    assert dns.rcode.to_text(response.rcode()) == "FORMERR" and response.id == 0x4242
    assert not response.answer + response.authority


SOA = b"\xc0\x11\0\6\0\1" + bytes(4) + b"\0\x16\0\0" + bytes(20)


@pytest.mark.parametrize("opcode", [*range(1, 4), *range(6, 16)])
@pytest.mark.parametrize("before, counts", [(b"", (1, 0, 0, 1)), (SOA, (1, 1, 0, 1)), (SOA * 2, (1, 1, 1, 1))],
                         ids=["question", "answer", "answer and authority"])
def test_an_opt_for_an_opt_of_any_opcode(server, opcode, before, counts):
    """RFC 6891 section 6.1.1: an OPT in the question has one in the answer, also when the opcode is not implemented."""
    octets = HEADER.pack(0x4242, opcode << 11, *counts) + HOST_A + before
    flags = 0x8000 | opcode << 11 | dns.rcode.NOTIMP
    assert server.datagram(octets + opt()) == HEADER.pack(0x4242, flags, 0, 0, 0, 1) + opt()
    assert server.datagram(octets + opt()[:-1]) == HEADER.pack(0x4242, flags, 0, 0, 0, 0)


def test_an_opt_for_an_opt_of_an_update(server):
    """The same for opcode UPDATE, which is not answered where queries are."""
    zone = HOST_A[5:-4] + b"\0\6\0\1"
    wire = server.exchange(HEADER.pack(0x4242, 5 << 11, 1, 0, 0, 1) + zone + opt())
    assert wire == HEADER.pack(0x4242, 0x8000 | 5 << 11 | dns.rcode.REFUSED, 1, 0, 0, 1) + zone + opt()


@pytest.mark.parametrize("octets", [1500, 2500, 4096])
def test_a_long_question(server, octets):
    """RFC 6891 section 6.1.2: options make a question long, not wrong; all of a datagram is read."""
    asked = packet(opt())
    response = answer(server, packet(opt(option(12, bytes(octets - len(asked) - 4)))))
    assert head(response) == "NOERROR aa" and response.edns == 0


def test_an_opt_as_question_type(server):
    """RFC 6891 section 6.1.1: OPT is a pseudo type, not a type to ask for."""
    response = answer(server, packet(question=HOST_A[:-4] + b"\0\x29\0\1"))
    assert dns.rcode.to_text(response.rcode()) in ("NOTIMP", "FORMERR", "REFUSED")


def test_the_opt_record_stays_when_the_answer_is_truncated(server):
    """RFC 6891 section 7: room for the OPT is kept, also under TC."""
    wire = server.datagram(packet(opt(ttl=0x8000, payload=512), question=b"\4vast\5plain\4test\0\0\x10\0\1"))
    response = dns.message.from_wire(wire)
    assert response.flags & dns.flags.TC and response.edns == 0 and response.ednsflags == 0x8000 and len(wire) <= 512


def test_a_signature_may_stand_behind_the_opt(server):
    """RFC 6891 section 6.1.1: an OPT may stand before a TSIG; what the answer says of that is in rfc8945_test.py."""
    rdata = b"\0" + bytes(6) + b"\1\x2c" + b"\0\0" + b"\x42\x42" + b"\0\0" + b"\0\0"
    tsig = TSIG_NAME + struct.pack("!HHIH", 250, 255, 0, len(rdata)) + rdata
    wire = server.exchange(packet(opt(), tsig))
    assert wire[3] & 15 == 9 and opt() in wire
