"""RFC 8945: TSIG. Requests are signed by dnspython; the malformed ones are made of octets here."""
import base64
import struct
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import dns.update
import dns.zone
import pytest

from cluster import PATIENCE

ZONES = ["plain"]
HEADER = struct.Struct("!6H")
QUESTION = b"\4host\5plain\4test\0\0\1\0\1"
KEY = b"\6absent\3key\0"
HMAC_SHA256 = b"\x0bhmac-sha256\0"
TIME = b"\0\0\x65\x92\0\x80" + b"\1\x2c"
OPT = b"\0\0\x29\4\xd0\0\0\0\0\0\0"
SECRET = base64.b64encode(bytes(range(32))).decode()
ALGORITHMS = {"md5": "HMAC-MD5.SIG-ALG.REG.INT", "sha1": "hmac-sha1", "sha224": "hmac-sha224", "sha256": "hmac-sha256",
              "sha384": "hmac-sha384", "sha512": "hmac-sha512", "sha256-128": "hmac-sha256-128",
              "sha384-192": "hmac-sha384-192", "sha512-256": "hmac-sha512-256"}
ARGS = [word for name in ALGORITHMS for word in ("--key", f"hmac-{name}:{name}.key:{SECRET}")]
ARGS += ["--allow-transfer", "key:sha256.key", "--allow-update", "key:sha256.key"]


def rdata(algorithm=HMAC_SHA256, mac=b"m" * 32, behind=b"\x42\x42\0\0\0\0", when=TIME):
    return algorithm + when + struct.pack("!H", len(mac)) + mac + behind


def signed(data, key=KEY, before=b"", question=QUESTION):
    tsig = key + struct.pack("!HHIH", 250, 255, 0, len(data)) + data
    return HEADER.pack(0x4242, 0, 1, 0, 0, 1 + bool(before)) + question + before + tsig


def key_of(name, secret=SECRET):
    return dns.tsig.Key(f"{name}.key.", secret, ALGORITHMS[name])


def with_key(message, key, **options):
    message.use_tsig(dns.tsigkeyring.from_text({}) | {key.name: key}, key.name, algorithm=key.algorithm, **options)
    return message


def question(name="host.plain.test.", rdtype="A", **options):
    return dns.message.make_query(name, rdtype, **options)


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm(server, name, tcp):
    """Section 6: what is signed with a known key is answered and signed; dnspython checks the signature."""
    query = with_key(question(use_edns=0), key_of(name))
    wire = query.to_wire()
    send = dns.query.tcp if tcp else dns.query.udp
    answer = send(query, "127.0.0.1", timeout=PATIENCE, port=server.port)
    assert wire and answer.rcode() == dns.rcode.NOERROR and answer.had_tsig and answer.answer
    assert answer.flags & dns.flags.AA and answer.edns == 0


def test_letters_of_a_key_name_do_not_matter(server):
    key = dns.tsig.Key("SHA256.Key.", SECRET, "hmac-sha256")
    assert dns.query.udp(with_key(question(), key), "127.0.0.1", PATIENCE, server.port).had_tsig


def test_a_wrong_secret(server):
    """Section 5.2.2: NOTAUTH and BADSIG, unsigned."""
    wrong = base64.b64encode(b"x" * 32).decode()
    wire = server.exchange(with_key(question(), key_of("sha256", wrong)).to_wire())
    assert wire[3] & 15 == dns.rcode.NOTAUTH
    tsig = wire[12 + len(QUESTION):]
    assert tsig_error(tsig) == (16, 0)


def tsig_error(tsig):
    """Error and octets of the MAC of a record with the names of key_of("sha256")."""
    at = len(b"\6sha256\3key\0") + 10 + len(HMAC_SHA256) + 8
    mac, = struct.unpack("!H", tsig[at:at + 2])
    error, = struct.unpack("!H", tsig[at + 2 + mac + 2:at + 2 + mac + 4])
    return error, mac


@pytest.mark.parametrize("off", [-400, 400])
def test_a_clock_that_is_off(server, off, monkeypatch):
    """Section 5.2.3: NOTAUTH and BADTIME, signed, with the server's time as other data."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + off)
    query = with_key(question(), key_of("sha256"))
    wire = query.to_wire()
    monkeypatch.undo()
    answer = server.exchange(wire)
    assert answer[3] & 15 == dns.rcode.NOTAUTH
    assert tsig_error(answer[12 + len(QUESTION):]) == (18, 32)
    assert abs(int.from_bytes(answer[-6:], "big") - now) < 60
    with pytest.raises(dns.tsig.PeerBadTime):
        dns.message.from_wire(answer, keyring=query.keyring, request_mac=query.mac)


def test_less_than_the_key_says(server):
    """Section 5.2.2.1: a MAC of 16 octets is one, but not for a key that has 32: BADTRUNC, signed; 8 are a FORMERR."""
    whole = with_key(question(), key_of("sha256"))
    wire = whole.to_wire()
    mac = whole.mac
    for octets, rcode in ((16, dns.rcode.NOTAUTH), (31, dns.rcode.NOTAUTH), (8, dns.rcode.FORMERR)):
        at = wire.index(mac)
        head, tail = wire[:at - 2], wire[at + len(mac):]
        length_at = 12 + len(QUESTION) + len(b"\6sha256\3key\0") + 8
        cut = head + struct.pack("!H", octets) + mac[:octets] + tail
        length = struct.unpack("!H", cut[length_at:length_at + 2])[0] - (32 - octets)
        cut = cut[:length_at] + struct.pack("!H", length) + cut[length_at + 2:]
        answer = server.exchange(cut)
        assert answer[3] & 15 == rcode
        if rcode == dns.rcode.NOTAUTH:
            assert tsig_error(answer[12 + len(QUESTION):]) == (22, 32)


def test_what_is_unsigned_is_answered_unsigned(server):
    assert not dns.query.udp(question(), "127.0.0.1", PATIENCE, server.port).had_tsig


def test_a_transfer_is_signed(server):
    """Section 5.3.1: every message of a transfer; dnspython checks each."""
    zone = dns.zone.Zone("plain.test.", relativize=False)
    query = with_key(question("plain.test.", "AXFR"), key_of("sha256"))
    dns.query.inbound_xfr("127.0.0.1", zone, query, port=server.port, timeout=PATIENCE, lifetime=PATIENCE)
    assert len(zone.nodes) > 3


def test_a_transfer_for_another_key_is_refused(server):
    query = with_key(question("plain.test.", "AXFR"), key_of("sha512"))
    answer = dns.query.tcp(query, "127.0.0.1", PATIENCE, server.port)
    assert answer.rcode() == dns.rcode.REFUSED and answer.had_tsig


def test_many_on_one_connection(server):
    """Signed and unsigned ones in turn come in their order."""
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_STREAM) as tcp:
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", server.port))
        queries = [question(id=number) for number in range(1, 41)]
        for query in queries[::2]:
            with_key(query, key_of("sha384"))
        octets = [query.to_wire() for query in queries]
        tcp.sendall(b"".join(struct.pack("!H", len(each)) + each for each in octets))
        for query in queries:
            answer, _ = dns.query.receive_tcp(tcp, keyring=query.keyring, request_mac=query.mac)
            assert answer.id == query.id and answer.had_tsig == query.had_tsig and answer.answer


def test_an_answer_that_has_no_room_beside_its_signature_is_truncated(server):
    """Section 5.3: TC, and signed; over TCP it comes whole."""
    query = with_key(question("large.plain.test.", "A"), key_of("sha512"))
    answer = dns.query.udp(query, "127.0.0.1", PATIENCE, server.port)
    assert answer.had_tsig and answer.flags & dns.flags.TC and not answer.answer
    assert dns.query.tcp(query, "127.0.0.1", PATIENCE, server.port).answer


@pytest.mark.parametrize("before", [b"", OPT], ids=["", "behind an OPT"])
@pytest.mark.parametrize("algorithm", [HMAC_SHA256, b"\4else\0", b"\0"])
@pytest.mark.parametrize("key", [KEY, b"\1k\0", b"\0", b"\xc0\x0c"])
def test_an_unknown_key(server, key, algorithm, before):
    """Sections 5.2.1 and 5.3.2: NOTAUTH with a TSIG that says BADKEY, unsigned, the last record."""
    wire = server.exchange(signed(rdata(algorithm), key, before))
    name = key if key[0] < 64 else QUESTION[:-4]
    expected = name + struct.pack("!HHIH", 250, 255, 0, len(algorithm) + 16) + algorithm + TIME
    expected += b"\0\0" + b"\x42\x42" + b"\0\x11" + b"\0\0"
    assert wire[3] & 15 == dns.rcode.NOTAUTH
    assert wire[12:] == QUESTION + (before and OPT) + expected
    assert struct.unpack("!4H", wire[4:12]) == (1, 0, 0, 1 + bool(before))


def test_where_it_has_no_room_it_is_left_out(server):
    """RFC 6891 section 6.2.3 holds for errors as well: not more than the client takes."""
    long = b"".join(b"\x3f" + bytes([letter]) * 63 for letter in b"abc") + b"\x3d" + b"d" * 61 + b"\0"
    wire = server.exchange(signed(rdata(long), long, question=long + b"\0\1\0\1"))
    assert wire[3] & 15 == dns.rcode.NOTAUTH and wire[12:] == long + b"\0\1\0\1"


@pytest.mark.parametrize("data", [b"", rdata()[:-1], rdata() + b"\0", rdata(algorithm=b"\xc0\x0c"), rdata(behind=b"")])
def test_a_malformed_signature(server, data):
    """Section 5.2: FORMERR for a TSIG that cannot be read."""
    wire = server.exchange(signed(data))
    assert wire[3] & 15 == dns.rcode.FORMERR and len(wire) == 12 + len(QUESTION)


def test_nothing_stands_behind_it(server):
    """Section 5.1: the TSIG record is the last one; any other place is a FORMERR."""
    data = rdata()
    tsig = KEY + struct.pack("!HHIH", 250, 255, 0, len(data)) + data
    for records in (tsig + OPT, tsig + tsig):
        wire = server.exchange(HEADER.pack(0x4242, 0, 1, 0, 0, 2) + QUESTION + records)
        assert wire[3] & 15 == dns.rcode.FORMERR


def test_a_malformed_signature_of_an_update_changes_nothing(server):
    """Section 5.2: it does not count as an update without a signature."""
    update = dns.update.UpdateMessage("plain.test.")
    update.add("malformed", 60, "A", "192.0.2.9")
    wire = bytearray(update.to_wire())
    wire[10:12] = struct.pack("!H", 1)
    data = rdata()[:-1]
    wire += KEY + struct.pack("!HHIH", 250, 255, 0, len(data)) + data
    assert server.exchange(bytes(wire))[3] & 15 == dns.rcode.FORMERR
