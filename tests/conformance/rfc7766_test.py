"""RFC 7766: DNS over TCP. Raw streams, so that every cut and every order can be tried."""
import select
import socket
import struct
import time

import dns.message
import dns.rcode
import pytest

from cluster import PATIENCE, free_port, wait_until
from talk import question

ZONES = ["plain"]
ORIGIN = "plain.test."
IPV6 = free_port()
ARGS = ["--listen", f"[::1]:{IPV6}"]
IDLE, MESSAGE = 1.0, 0.5
CONFIG = """
[tcp]
idle = "1s"
message = "500ms"
connections_per_address = 20
"""


class Stream:
    def __init__(self, server, address=None):
        self.socket = socket.create_connection(address or ("127.0.0.1", server.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.file.close()
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def octets(self):
        """The octets of the next answer; None when the server has closed instead."""
        length = self.file.read(2)
        return self.file.read(struct.unpack("!H", length)[0]) if len(length) == 2 else None

    def answer(self):
        return dns.message.from_wire(self.octets())

    def closed_after(self):
        """Seconds until the server closes."""
        start = time.monotonic()
        try:
            assert self.file.read(1) == b"", "an answer where none was expected"
        except ConnectionResetError:
            pass
        return time.monotonic() - start


@pytest.fixture
def stream(server):
    with Stream(server) as stream:
        yield stream


def framed(message):
    wire = message if isinstance(message, bytes) else message.to_wire()
    return struct.pack("!H", len(wire)) + wire


def ask_for(name, ident):
    message, _ = question(f"{name} A", ORIGIN)
    message.id = ident
    return message


def test_one_connection_takes_several_questions(stream):
    """RFC 7766 section 6.2.1: a connection is used again."""
    for ident in range(50):
        stream.send(framed(ask_for("host", ident)))
        assert stream.answer().id == ident


def test_ipv6(server):
    """RFC 7766 section 5: TCP is for all servers, on each address that they have."""
    with Stream(server, ("::1", IPV6)) as stream:
        for ident in range(50):
            stream.send(framed(ask_for("host", ident)))
            assert stream.answer().id == ident


@pytest.mark.parametrize("count", [2, 100, 3000])
def test_pipelining(stream, count):
    """RFC 7766 section 6.2.1.1: a server takes questions before the earlier ones are answered, and answers all."""
    names = ["host", "alias", "nowhere", "sub", "mail", "larger"]
    wire = b"".join(framed(ask_for(names[ident % len(names)], ident)) for ident in range(count))
    sent, found = 0, set()
    stream.socket.setblocking(False)
    received = bytearray()
    end = time.monotonic() + PATIENCE
    while len(found) < count and time.monotonic() < end:
        readable, writable, _ = select.select([stream.socket], [stream.socket] if sent < len(wire) else [], [], 1.0)
        if writable:
            sent += stream.socket.send(wire[sent:sent + 65536])
        if readable:
            received += stream.socket.recv(1 << 20)
            take_answers(received, found)
    assert found == set(range(count)) and not received


def take_answers(received, found):
    """Takes the whole answers off the front of `received`."""
    while len(received) >= 2 and len(received) - 2 >= (length := struct.unpack("!H", received[:2])[0]):
        answer = dns.message.from_wire(bytes(received[2:2 + length]))
        assert answer.id not in found
        found.add(answer.id)
        del received[:2 + length]


@pytest.mark.parametrize("cut", range(1, 13))
def test_a_question_in_two_pieces(stream, cut):
    """RFC 7766 section 8: the length and the message may arrive in separate segments."""
    wire = framed(ask_for("host", 7))
    stream.send(wire[:cut])
    assert not select.select([stream.socket], [], [], 0)[0]
    stream.send(wire[cut:])
    assert stream.answer().id == 7


def test_a_question_octet_by_octet(stream):
    """RFC 7766 section 8: segments may be as small as they like."""
    for octet in framed(ask_for("host", 8)) + framed(ask_for("mail", 9)):
        stream.send(bytes([octet]))
    assert [stream.answer().id, stream.answer().id] == [8, 9]


def test_the_largest_question(stream):
    """RFC 7766 section 8: lengths go to 65535 octets; all of them are read, and the next question after them."""
    message = ask_for("host", 10).to_wire()
    stream.send(framed(message + bytes(65535 - len(message))) + framed(ask_for("mail", 11)))
    assert dns.rcode.to_text(stream.answer().rcode()) == "FORMERR"
    assert stream.answer().id == 11


def test_a_malformed_question_does_not_end_the_connection(stream):
    """RFC 7766 section 6.2.4 asks for no more than an answer: FORMERR, and the connection goes on."""
    broken = ask_for("host", 12).to_wire() + b"\0"
    stream.send(framed(broken) + framed(ask_for("host", 13)))
    assert dns.rcode.to_text(stream.answer().rcode()) == "FORMERR"
    assert stream.answer().id == 13


@pytest.mark.parametrize("octets", [b"\0\0", b"\0\5hello", b"\0\x0c\0\1\x80\0\0\1\0\0\0\0\0\0"],
                         ids=["nothing", "no header", "an answer"])
def test_what_is_no_question_ends_the_connection(stream, octets):
    """RFC 7766 section 6.2.3: a server may close when it has reason to; a peer that speaks no DNS is one."""
    stream.send(octets + framed(ask_for("host", 1)))
    try:
        assert stream.octets() is None
    except ConnectionResetError:
        pass


def test_the_questions_before_what_is_none_are_answered(stream):
    """RFC 7766 section 6.2.4: what ends the connection takes nothing back that was asked before."""
    stream.send(framed(ask_for("host", 1)) + framed(ask_for("mail", 2)) + b"\0\5hello")
    assert [stream.answer().id, stream.answer().id] == [1, 2]
    assert stream.octets() is None


def test_the_questions_before_the_end_are_answered(stream):
    """RFC 7766 section 6.2.4: a client that has closed its side still gets its answers."""
    stream.send(framed(ask_for("host", 20)) + framed(ask_for("mail", 21)))
    stream.socket.shutdown(socket.SHUT_WR)
    assert [stream.answer().id, stream.answer().id] == [20, 21]
    assert stream.octets() is None


def test_an_idle_connection_is_closed(stream):
    """RFC 7766 section 6.2.3: idle connections end after a time that is the server's choice, here 1 s."""
    stream.send(framed(ask_for("host", 22)))
    assert stream.answer().id == 22
    assert IDLE * 0.9 <= stream.closed_after() <= IDLE + 5


@pytest.mark.parametrize("octets", [1, 2, 3, 20])
def test_half_a_question_is_not_waited_for_long(stream, octets):
    """RFC 7766 section 6.2.3: half a message must not hold a connection; it has less time than an idle one."""
    stream.send(framed(ask_for("host", 23))[:octets])
    assert MESSAGE * 0.9 <= stream.closed_after() <= MESSAGE + 5


def test_a_trickle_does_not_extend_the_time(stream):
    """RFC 7766 section 10: slow clients are a way to take a server's connections; the first octet starts the clock."""
    start = time.monotonic()
    wire = iter(framed(ask_for("host", 24).to_wire() + bytes(1000)))

    def refused():
        try:
            stream.send(bytes([next(wire)]))
            return False
        except OSError:
            return True

    wait_until(refused, "the server closes", limit=20, pause=0.05)
    assert time.monotonic() - start <= MESSAGE + 5


def test_connections_of_one_address_are_limited(server):
    """RFC 7766 section 6.2.2: a server may limit the connections of a client; those that it has go on."""
    def refused(stream):
        try:
            stream.send(framed(ask_for("host", 1)))
            return stream.octets() is None
        except OSError:
            return True

    streams = [Stream(server) for _ in range(30)]
    try:
        assert sum(refused(stream) for stream in streams) == 10
    finally:
        for stream in streams:
            stream.__exit__()
    wait_until(lambda: not refused_now(server, refused), "room again")


def refused_now(server, refused):
    with Stream(server) as stream:
        return refused(stream)


def test_udp_answers_while_a_connection_stalls(server, stream):
    """RFC 7766 section 10: a client that does not read must not stop anybody else."""
    stream.socket.setblocking(False)
    wire = framed(ask_for("larger", 30)) * 4000
    try:
        stream.socket.send(wire)
    except BlockingIOError:
        pass
    assert server.query(ask_for("host", 31)).id == 31
    with Stream(server) as other:
        other.send(framed(ask_for("host", 32)))
        assert other.answer().id == 32
