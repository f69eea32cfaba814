"""RFC 8945: TSIG. There are no keys here yet, so every key is an unknown one."""
import struct

import dns.rcode
import pytest

ZONES = ["plain"]
HEADER = struct.Struct("!6H")
QUESTION = b"\4host\5plain\4test\0\0\1\0\1"
KEY = b"\6update\3key\0"
HMAC_SHA256 = b"\x0bhmac-sha256\0"
TIME = b"\0\0\x65\x92\0\x80" + b"\1\x2c"
OPT = b"\0\0\x29\4\xd0\0\0\0\0\0\0"


def rdata(algorithm=HMAC_SHA256, mac=b"m" * 32, behind=b"\x42\x42\0\0\0\0"):
    return algorithm + TIME + struct.pack("!H", len(mac)) + mac + behind


def signed(data, key=KEY, before=b"", question=QUESTION):
    tsig = key + struct.pack("!HHIH", 250, 255, 0, len(data)) + data
    return HEADER.pack(0x4242, 0, 1, 0, 0, 1 + bool(before)) + question + before + tsig


@pytest.mark.parametrize("before", [b"", OPT], ids=["", "behind an OPT"])
@pytest.mark.parametrize("algorithm", [HMAC_SHA256, b"\4else\0", b"\0"])
@pytest.mark.parametrize("key", [KEY, b"\1k\0", b"\0", b"\xc0\x0c"])
def test_an_unknown_key(server, key, algorithm, before):
    """RFC 8945 sections 5.2.1 and 5.3.2: NOTAUTH with a TSIG that says BADKEY, unsigned, the last record."""
    wire = server.datagram(signed(rdata(algorithm), key, before))
    name = key if key[0] < 64 else QUESTION[:-4]
    expected = name + struct.pack("!HHIH", 250, 255, 0, len(algorithm) + 16) + algorithm + TIME
    expected += b"\0\0" + b"\x42\x42" + b"\0\x11" + b"\0\0"
    assert wire[3] & 15 == dns.rcode.NOTAUTH
    assert wire[12:] == QUESTION + (before and OPT) + expected
    assert struct.unpack("!4H", wire[4:12]) == (1, 0, 0, 1 + bool(before))


def test_where_it_has_no_room_it_is_left_out(server):
    """RFC 6891 section 6.2.3 holds for errors as well: not more than the client takes."""
    long = b"".join(b"\x3f" + bytes([letter]) * 63 for letter in b"abc") + b"\x3d" + b"d" * 61 + b"\0"
    wire = server.datagram(signed(rdata(long), long, question=long + b"\0\1\0\1"))
    assert wire[3] & 15 == dns.rcode.NOTAUTH and wire[12:] == long + b"\0\1\0\1"


@pytest.mark.parametrize("data", [b"", rdata()[:-1], rdata() + b"\0", rdata(algorithm=b"\xc0\x0c"), rdata(behind=b"")])
def test_a_malformed_signature(server, data):
    """RFC 8945 section 5.2: FORMERR for a TSIG that cannot be read."""
    wire = server.datagram(signed(data))
    assert wire[3] & 15 == dns.rcode.FORMERR and len(wire) == 12 + len(QUESTION)


def test_nothing_stands_behind_it(server):
    """RFC 8945 section 5.1: the TSIG record is the last one; any other place is a FORMERR."""
    data = rdata()
    tsig = KEY + struct.pack("!HHIH", 250, 255, 0, len(data)) + data
    for records in (tsig + OPT, tsig + tsig):
        wire = server.datagram(HEADER.pack(0x4242, 0, 1, 0, 0, 2) + QUESTION + records)
        assert wire[3] & 15 == dns.rcode.FORMERR
