"""Updates (RFC 2136) in a pair: acknowledged when both nodes answer with them, passed on by the secondary, once."""
import base64
import re
import socket
import threading
import urllib.request

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest

from cluster import Cluster, PATIENCE, free_port, wait_until

ZONE = "example.test"
METRICS = f"127.0.0.1:{free_port()}"
SECRET = base64.b64encode(bytes(range(32))).decode()
KEY = dns.tsig.Key("upd.", SECRET, "hmac-sha256")
STRANGER = dns.tsig.Key("stranger.", SECRET, "hmac-sha256")


@pytest.fixture
def pair(tmp_path, zone_file):
    keys = ["--key", f"hmac-sha256:upd:{SECRET}", "--key", f"hmac-sha256:stranger:{SECRET}"]
    with Cluster(tmp_path, primary_args=[*keys, "--allow-update", "key:upd",
                                         "--allow-update", "127.0.0.0/8 name:open.example.test.",
                                         "--http", METRICS, "--zone", f"{ZONE}={zone_file}"],
                 secondary_args=keys) as pair:
        pair.start()
        pair.wait_in_step()
        yield pair


def update(name, data, key=KEY, delete=False):
    message = dns.update.UpdateMessage(ZONE)
    if delete:
        message.delete(name)
    else:
        message.replace(name, 60, "TXT", f'"{data}"')
    if key is not None:
        message.use_tsig({key.name: key}, key.name)
    return message


def send(node, message, tcp=False):
    ask = dns.query.tcp if tcp else dns.query.udp
    return dns.rcode.to_text(ask(message, "127.0.0.1", PATIENCE, node.port).rcode())


def text(node, name):
    answer = dns.query.udp(dns.message.make_query(f"{name}.{ZONE}", "TXT"), "127.0.0.1", PATIENCE, node.port)
    return [rdata.strings[0].decode() for rrset in answer.answer for rdata in rrset]


def counter(name):
    with urllib.request.urlopen(f"http://{METRICS}/metrics") as page:
        found = re.search(rf"^tandem_{name} (\d+)$", page.read().decode(), re.MULTILINE)
    return int(found.group(1))


def test_acknowledged_is_answered_by_both(pair):
    """Fifty changes in a row, each asked for at the secondary at once: no wait, no second try."""
    for number in range(50):
        assert send(pair.primary, update("_acme-challenge", number), tcp=number % 2 == 1) == "NOERROR"
        assert text(pair.secondary, "_acme-challenge") == [str(number)]
    assert counter("change_wait_in_time_total") == 50


def test_the_secondary_passes_signed_updates_on(pair):
    """Both have it when the client is told; the answer is the leader's, signed for the client."""
    for number in range(20):
        assert send(pair.secondary, update("forwarded", number), tcp=number % 2 == 1) == "NOERROR"
        assert text(pair.primary, "forwarded") == text(pair.secondary, "forwarded") == [str(number)]
    assert send(pair.secondary, update("forwarded", 0, STRANGER)) == "REFUSED"


def test_what_is_unsigned_is_not_passed_on(pair):
    """A rule by address alone counts where the client is seen."""
    assert send(pair.primary, update("open", "a", None)) == "NOERROR"
    assert send(pair.secondary, update("open", "b", None)) == "REFUSED"
    assert text(pair.primary, "open") == ["a"]


def test_without_a_leader_the_secondary_says_servfail(pair):
    """So that clients try the next server."""
    pair.primary.kill()
    wait_until(lambda: send(pair.secondary, update("gone", "a")) == "SERVFAIL", "the secondary has no leader")
    pair.primary.start()
    wait_until(lambda: send(pair.secondary, update("back", "a")) == "NOERROR", "the leader is back")
    assert text(pair.primary, "back") == ["a"]


def test_a_frozen_secondary_holds_nobody_up(pair):
    """The change stands, the client is told when the time is up, and it is counted."""
    pair.secondary.freeze()
    try:
        assert send(pair.primary, update("frozen", "a")) == "NOERROR"
        assert text(pair.primary, "frozen") == ["a"]
        assert counter("change_wait_timed_out_total") == 1
    finally:
        pair.secondary.thaw()
    wait_until(lambda: text(pair.secondary, "frozen") == ["a"], "the secondary has caught up")


def test_without_a_secondary_nothing_waits(pair):
    pair.secondary.kill()
    wait_until(lambda: not any(peer["connected"] for peer in pair.primary.status()["peers"]),
               "the primary knows that it is alone")
    assert send(pair.primary, update("alone", "a")) == "NOERROR"
    assert counter("change_wait_alone_total") == 1


def test_a_repeat_gets_the_first_outcome(pair):
    """A retransmission has the same signature: it is made once, and answered as the first time, also after a restart
    and when others changed the same meanwhile."""
    first = update("repeat", "first").to_wire()

    def answer(octets):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(PATIENCE)
            udp.sendto(octets, ("127.0.0.1", pair.primary.port))
            return dns.rcode.to_text(udp.recv(65535)[3] & 15)

    assert answer(first) == "NOERROR"
    serial = pair.primary.serial(ZONE)
    assert answer(first) == "NOERROR" and pair.primary.serial(ZONE) == serial
    assert send(pair.primary, update("repeat", "second")) == "NOERROR"
    assert answer(first) == "NOERROR" and text(pair.primary, "repeat") == ["second"]
    pair.primary.kill()
    pair.primary.start()
    assert answer(first) == "NOERROR" and text(pair.primary, "repeat") == ["second"]


def test_two_that_race_for_one_prerequisite(pair):
    """One of them gets it, whichever way they come."""
    for number in range(10):
        outcomes = []

        def race(node):
            message = dns.update.UpdateMessage(ZONE)
            message.absent(f"race{number}")
            message.add(f"race{number}", 60, "TXT", node.kind)
            message.use_tsig({KEY.name: KEY}, KEY.name)
            outcomes.append(send(node, message))

        threads = [threading.Thread(target=race, args=(node,)) for node in (pair.primary, pair.secondary)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["NOERROR", "YXDOMAIN"]


def test_the_log_says_who(pair):
    send(pair.secondary, update("who", "a"))
    actor = pair.primary.json("zone", "history", ZONE)["entries"][0]["actor"]
    assert actor["credential"] == "tsig:upd." and actor["source"].startswith("127.0.0.1:")
