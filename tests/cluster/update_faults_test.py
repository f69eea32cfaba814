"""What updates (RFC 2136) have to survive: half of a message, a serial that wraps, a zone that goes and comes back,
clients and followers that go in the middle. About 20 s, most of it for the connections."""
import contextlib
import resource
import socket
import struct
import threading

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest

from cluster import Cluster, PATIENCE, wait_until
from conftest import count

ZONE = "example.test"
RULE = ["--allow-update", "127.0.0.0/8"]


@pytest.fixture
def zone_file(tmp_path):
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 4294967290 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    return file


@pytest.fixture
def pair(tmp_path, zone_file):
    with Cluster(tmp_path, zones=[f"{ZONE}={zone_file}"], primary_args=RULE) as pair:
        pair.start()
        pair.wait_in_step()
        yield pair


def update(name, data):
    message = dns.update.UpdateMessage(ZONE)
    message.replace(name, 60, "TXT", f'"{data}"')
    return message


def send(node, message, tcp=False):
    ask = dns.query.tcp if tcp else dns.query.udp
    return dns.rcode.to_text(ask(message, "127.0.0.1", PATIENCE, node.port).rcode())


def test_a_serial_that_wraps(pair):
    """RFC 1982: after 4294967295 comes 0 (here 1, since 0 means something to some), and it is newer on both nodes."""
    serials = [pair.primary.serial(ZONE)]
    for number in range(12):
        assert send(pair.primary, update("wrap", number)) == "NOERROR"
        serials.append(pair.primary.serial(ZONE))
        assert pair.secondary.serial(ZONE) == serials[-1]
    steps = [(after - before) % 2**32 for before, after in zip(serials, serials[1:])]
    assert all(0 < step < 2**31 for step in steps) and serials[-1] < serials[0]
    pair.primary.kill()
    pair.primary.start()
    assert pair.primary.serial(ZONE) == serials[-1]
    pair.wait_in_step()
    pair.assert_equal()


def test_a_zone_that_goes_and_comes_back(pair):
    """Updates of the new zone are not those of the old one, on either node."""
    assert send(pair.primary, update("old", 1)) == "NOERROR"
    pair.primary.ctl("zone", "delete", ZONE)
    assert send(pair.primary, update("between", 1)) == "NOTAUTH"
    pair.primary.ctl("zone", "create", ZONE, "--nameserver", "ns1.other.test.")
    assert send(pair.primary, update("new", 1)) == "NOERROR"
    pair.wait_in_step()
    pair.assert_equal()
    for node in (pair.primary, pair.secondary):
        assert node.answers(f"new.{ZONE}", "TXT") == ['"1"'] and not node.answers(f"old.{ZONE}", "TXT")


def test_connections_that_send_half_an_update(pair):
    """They hold up nobody: queries and whole updates over UDP and TCP are answered meanwhile. 1,000 in the gate."""
    wanted = count(gate=1_000, full=10_000)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit[1], wanted + 1000), limit[1]))
    octets = update("half", "x" * 100).to_wire()
    half = struct.pack("!H", len(octets)) + octets[:len(octets) // 2]
    with contextlib.ExitStack() as opened:
        for number in range(wanted):
            tcp = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            tcp.bind((f"127.{number % 200 + 1}.0.1", 0))
            tcp.settimeout(PATIENCE)
            with contextlib.suppress(OSError):  # over a cap: the server has closed it
                tcp.connect(("127.0.0.1", pair.primary.port))
                tcp.sendall(half)
            if number % 100 == 0:
                assert send(pair.primary, update("whole", number)) == "NOERROR"
                assert send(pair.primary, update("whole", number + 1), tcp=True) == "NOERROR"
                assert pair.primary.answers(f"whole.{ZONE}", "TXT") == [f'"{number + 1}"']
    assert not pair.primary.answers(f"half.{ZONE}", "TXT")


def test_a_client_that_goes_while_its_update_is_made(pair):
    """What it sent counts; nobody else is kept from anything."""
    for number in range(20):
        octets = update("left", number).to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.settimeout(PATIENCE)
            tcp.connect(("127.0.0.1", pair.primary.port))
            tcp.sendall(struct.pack("!H", len(octets)) + octets)
    wait_until(lambda: pair.secondary.answers(f"left.{ZONE}", "TXT") == ['"19"'], "all were made")


def test_a_follower_that_comes_and_goes_under_updates(pair):
    """Clients are told NOERROR or SERVFAIL, never nothing, whatever becomes of the secondary."""
    stopping = threading.Event()
    bad = []

    def run():
        number = 0
        while not stopping.is_set():
            number += 1
            try:
                if send(pair.primary, update(f"run{number % 9}", number)) != "NOERROR":
                    bad.append(number)
            except dns.exception.DNSException as error:
                bad.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for _ in range(5):
            pair.secondary.kill()
            pair.secondary.start()
            pair.secondary.freeze()
            pair.secondary.thaw()
    finally:
        stopping.set()
        thread.join()
    assert not bad
    pair.wait_in_step()
    pair.assert_equal()
