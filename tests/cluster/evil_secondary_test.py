"""Secondaries that do harm: they ask for all and read nothing, close half, flood with IXFR and NOTIFY, and stall in the
TLS handshake. Memory stays bounded, every query is answered meanwhile, and a good secondary gets its zone. About 20 s.
"""
import contextlib
import random
import socket
import struct

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

import tls
from burden import LEAN, Steady, memory_bounded
from cluster import Node, PATIENCE, free_port

ZONE = "large.test."
SMALL = "small.test."
RECORDS = 40_000
TOP = "@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n"
TEXT = TOP + "".join(f"name{each} 60 TXT \"{'x' * 100}\"\n" for each in range(RECORDS))
ZONE_OCTETS = len(TEXT)  # about as many as a transfer of it has
CLIENTS = 200
PER_ADDRESS = 4
WINDOW = 50  # questions of a flood that wait for their answers: more than this the kernel might drop
MESSAGE_OCTETS = 65_537
# For each client the message that is being written and the one that is made next, and twice that while they grow. If
# each had what is to be sent to it for itself, it would be many times more.
BOUND = CLIENTS * 2 * 2 * MESSAGE_OCTETS + 2 * ZONE_OCTETS


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    (folder / "large").write_text(TEXT)
    (folder / "small").write_text(TOP)
    config = folder / "node.toml"
    config.write_text(f'[transfer]\nallow = ["127.0.0.0/8"]\nat_once = {CLIENTS + 1}\n'
                      f'at_once_per_peer = {PER_ADDRESS}\n[tcp]\nwrite = "30s"\n')  # so long they keep what they have
    tls_port = free_port()
    node = Node(folder / "node", args=["--config", str(config), "--zone", f"{ZONE}={folder / 'large'}",
                                       "--zone", f"{SMALL}={folder / 'small'}",
                                       "--listen-tls", f"127.0.0.1:{tls_port}"], env=LEAN)
    node.tls_port = tls_port
    assert BOUND < CLIENTS * ZONE_OCTETS / 10
    try:
        node.start().wait_stored()
        for each in range(5):
            node.ctl("record", "set", SMALL, f"name{each}", "60", "A", "192.0.2.1")
        yield node
        assert node.stop() == 0, node.log()[-5000:]
    finally:
        node.kill()


@pytest.fixture(autouse=True)
def harmless(node):
    """Whatever a test does: memory, queries, and a good secondary at its end."""
    whole_zone(node)  # what the first one needs is not counted
    with memory_bounded(node, BOUND), Steady(node, "ns1." + ZONE):
        yield
        assert node.running(), node.log()[-5000:]
        whole_zone(node)


def whole_zone(node, stream=None):
    """A good secondary's transfer; fails when it is not whole."""
    with stream or connect(node) as tcp:
        dns.query.send_tcp(tcp, dns.message.make_query(ZONE, "AXFR"))
        assert read_transfer(tcp) == RECORDS + 4


def read_transfer(tcp):
    """The number of records of an AXFR, read from octets, for dnspython takes seconds for so many."""
    count, soas, is_first = 0, 0, True
    while soas < 2:
        octets = read_message(tcp)
        assert dns.rcode.from_flags(struct.unpack("!H", octets[2:4])[0], 0) == dns.rcode.NOERROR
        at = 12
        for _ in range(struct.unpack("!H", octets[4:6])[0]):
            at = behind_name(octets, at) + 4
        for _ in range(struct.unpack("!H", octets[6:8])[0]):
            at = behind_name(octets, at)
            rdtype, _, _, length = struct.unpack("!HHIH", octets[at:at + 10])
            at += 10 + length
            count += 1
            soas += rdtype == dns.rdatatype.SOA
        assert not is_first or soas
        is_first = False
    return count


def behind_name(octets, at):
    while octets[at] and octets[at] < 0xc0:
        at += 1 + octets[at]
    return at + (2 if octets[at] else 1)


def read_message(tcp):
    """Raises EOFError when the other side ends."""
    return read_octets(tcp, int.from_bytes(read_octets(tcp, 2), "big"))


def read_octets(tcp, count):
    octets = b""
    while len(octets) < count:
        part = tcp.recv(count - len(octets))
        if not part:
            raise EOFError
        octets += part
    return octets


def connect(node, source="127.0.0.1", port=None, room=None):
    """`room`: of octets that the kernel takes for a client that does not read."""
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.bind((source, 0))
    if room:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)  # before it connects, so that it stays
    tcp.settimeout(PATIENCE)
    tcp.connect(("127.0.0.1", port or node.port))
    return tcp


def crowd(node, stack, **options):
    """Connections from as many addresses as it takes for all to be let in."""
    for each in range(CLIENTS):
        yield stack.enter_context(connect(node, f"127.0.1.{1 + each // PER_ADDRESS}", **options))


def is_over(tcp):
    """Reads until the other side ends the connection, however it does."""
    with contextlib.suppress(ConnectionError):
        while tcp.recv(65_536):
            pass
    return True


def ixfr(zone, serial):
    message = dns.message.make_query(zone, "IXFR")
    message.authority.append(dns.rrset.from_text(zone, 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
    return message.to_wire()


def notify(zone):
    message = dns.message.make_query(zone, "SOA")
    message.flags = dns.flags.AA
    message.set_opcode(dns.opcode.NOTIFY)
    return message.to_wire()


def flood(node, messages):
    """Sends all over UDP, a window of them at a time; the rcodes of the answers, by number."""
    seen = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", node.port))
        udp.settimeout(PATIENCE)
        waiting = 0
        for message in [*messages, None]:
            while waiting and (waiting == WINDOW or message is None):
                rcode = udp.recv(65_535)[3] & 15
                seen[rcode] = seen.get(rcode, 0) + 1
                waiting -= 1
            if message is not None:
                udp.send(message)
                waiting += 1
    return seen


def test_two_hundred_who_read_nothing(node):
    with contextlib.ExitStack() as stack:
        clients = list(crowd(node, stack, room=4096))
        for tcp in clients:
            dns.query.send_tcp(tcp, dns.message.make_query(ZONE, "AXFR"))
        for tcp in clients:
            with contextlib.suppress(ConnectionError):  # one that makes room for another has been closed
                tcp.recv(2, socket.MSG_PEEK)
        whole_zone(node)


def test_two_hundred_who_close_half(node):
    """They have asked, and say nothing more: that is no reason not to answer."""
    with contextlib.ExitStack() as stack:
        clients = list(crowd(node, stack))
        for tcp in clients:
            dns.query.send_tcp(tcp, dns.message.make_query(SMALL, "AXFR"))
            tcp.shutdown(socket.SHUT_WR)
        for tcp in clients:
            assert read_transfer(tcp) == 9
            assert is_over(tcp)


def test_two_hundred_who_reset_in_the_middle(node):
    with contextlib.ExitStack() as stack:
        for tcp in crowd(node, stack, room=4096):
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            dns.query.send_tcp(tcp, dns.message.make_query(ZONE, "AXFR"))
            tcp.recv(2)
            tcp.close()


def test_a_flood_of_ixfr_with_any_serial(node):
    dice = random.Random(1)
    seen = flood(node, (ixfr(zone, dice.getrandbits(32)) for zone in [ZONE, SMALL] * 2000))
    assert seen == {dns.rcode.NOERROR: 4000}
    serials = [*range(1, 7), *(dice.getrandbits(32) for _ in range(94))]
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(node, f"127.0.1.{1 + each}")) for each in range(10)]
        for tcp in clients:
            tcp.sendall(b"".join(struct.pack("!H", len(message)) + message
                                 for message in (ixfr(SMALL, serial) for serial in serials)))
        for tcp in clients:
            for _ in serials:
                assert read_message(tcp)[3] & 15 == dns.rcode.NOERROR


def test_a_flood_of_notify(node):
    seen = flood(node, (notify(f"zone{each}.test." if each % 2 else ZONE) for each in range(4000)))
    assert seen == {dns.rcode.NOTAUTH: 4000}


def test_two_hundred_who_stall_in_the_tls_handshake(node):
    hello = bytes.fromhex("1603010200010001fc0303") + bytes(100)  # the first octets of one with 512
    with contextlib.ExitStack() as stack:
        clients = list(crowd(node, stack, port=node.tls_port))
        for each, tcp in enumerate(clients):
            tcp.sendall(hello[:each % len(hello)])
        whole_zone(node, tls.connect(node.tls_port))
        assert all(is_over(tcp) for tcp in clients), "they are not waited for"
