"""Zones that are taken from primaries elsewhere: AXFR, IXFR, NOTIFY, failover, expiry, and what becomes of edits."""
import socket

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.tsigkeyring
import pytest

from cluster import Cluster, CommandFailed, Node, free_port, wait_until
from foreign_primary import ForeignPrimary, content

ZONE = "pulled.test."
OLD = content(7, ["www 60 A 192.0.2.7"])
NEW = content(8, ["www 60 A 192.0.2.8", "more 60 TXT \"x\""])


@pytest.fixture
def foreign():
    with ForeignPrimary(ZONE, OLD) as primary:
        yield primary


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path / "node", args=["--http", "127.0.0.1:0"])
    try:
        yield node.start()
    finally:
        node.kill()


def wait_serial(node, serial):
    wait_until(lambda: node.serial(ZONE) == serial, f"serial {serial}; {node.log()[-2000:]}")


def state(node):
    return node.json("xfr", "status", ZONE)["pulled"][0]


def refusal(call):
    with pytest.raises(CommandFailed) as caught:
        call()
    return caught.value.stderr


def test_a_zone_comes_by_axfr_and_its_changes_by_ixfr(node, foreign):
    assert "is pulled, entry" in node.ctl("zone", "pull", ZONE, foreign.address())
    wait_serial(node, 7)
    assert node.answers("www." + ZONE) == ["192.0.2.7"]
    wait_until(lambda: state(node)["by"] == "axfr", "its state")
    foreign.change(NEW)
    answer = foreign.notify(node.port)
    assert answer.rcode() == dns.rcode.NOERROR and answer.opcode() == dns.opcode.NOTIFY
    assert answer.flags & dns.flags.AA
    wait_serial(node, 8)
    assert node.answers("www." + ZONE) == ["192.0.2.8"]
    wait_until(lambda: state(node)["by"] == "ixfr", "its state")
    assert foreign.asked == ["SOA", "AXFR", "SOA", "IXFR"]
    assert state(node)["from"] == foreign.address()
    assert "pulled from\t" + foreign.address() in node.ctl("zone", "show", ZONE)
    assert "1 zones pulled from elsewhere" in node.ctl("status")
    metrics = node.metrics()
    assert metrics["tandem_pulled_zones"] == 1
    assert metrics['tandem_pull_transfers_total{type="ixfr"}'] == 1
    assert metrics['tandem_pull_notifies_total{taken="yes"}'] == 1


def test_without_ixfr_changes_come_by_axfr(node):
    with ForeignPrimary(ZONE, OLD, gives_ixfr=False) as primary:
        node.ctl("zone", "pull", ZONE, primary.address())
        wait_serial(node, 7)
        primary.change(NEW)
        primary.notify(node.port)
        wait_serial(node, 8)
        assert primary.asked[-2:] == ["IXFR", "AXFR"]


def test_notify_is_taken_from_primaries_alone(node, foreign):
    assert foreign.notify(node.port).rcode() == dns.rcode.NOTAUTH
    node.ctl("zone", "pull", ZONE, "192.0.2.99")
    wait_until(lambda: foreign.notify(node.port).rcode() == dns.rcode.REFUSED, "it knows whose the zone is")
    assert foreign.asked == []


def test_a_key_signs_all_of_it(node):
    secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    keyring = dns.tsigkeyring.from_text({"transfer.": ("hmac-sha256", secret)})
    with ForeignPrimary(ZONE, OLD, keyring=keyring) as primary:
        warning = node.json("zone", "pull", ZONE, primary.address("transfer"))["warnings"]
        assert warning and "transfer." in warning[0]
        wait_until(lambda: "no key transfer." in state(node)["error"], "the reason")
        node.ctl("key", "import", "-", stdin=f"hmac-sha256:transfer:{secret}\n")
        node.ctl("xfr", "retransfer", ZONE)
        wait_serial(node, 7)


def test_another_primary_is_asked_when_one_is_gone(node, foreign):
    with ForeignPrimary(ZONE, OLD) as other:
        node.ctl("zone", "pull", ZONE, other.address(), foreign.address())
        wait_serial(node, 7)
    foreign.change(NEW)
    foreign.notify(node.port)
    wait_serial(node, 8)
    wait_until(lambda: state(node)["from"] == foreign.address(), "its state")


def test_edits_updates_and_imports_are_refused_until_it_is_unpulled(node, foreign, tmp_path):
    node.ctl("zone", "pull", ZONE, foreign.address())
    wait_serial(node, 7)
    file = tmp_path / "other.zone"
    file.write_text(NEW)
    for words in (["record", "add", ZONE, "x", "A", "192.0.2.9"], ["zone", "delete", ZONE],
                  ["zone", "import", "--replace", f"{ZONE}={file}"]):
        assert foreign.address() in refusal(lambda words=words: node.ctl(*words))
    assert node.serial(ZONE) == 7
    node.ctl("zone", "unpull", ZONE)
    node.ctl("record", "add", ZONE, "x", "A", "192.0.2.9")
    wait_serial(node, 8)
    wait_until(lambda: node.json("xfr", "status")["pulled"] == [], "nothing is pulled any more")


def test_a_serial_that_goes_back_waits_for_retransfer(node, foreign):
    node.ctl("zone", "pull", ZONE, foreign.address())
    wait_serial(node, 7)
    foreign.change(content(3, ["www 60 A 192.0.2.3"]))
    foreign.notify(node.port, serial=8)  # it does not say so
    wait_until(lambda: "went back to 3" in state(node)["error"], "the reason")
    assert node.serial(ZONE) == 7
    node.ctl("xfr", "retransfer", ZONE)
    wait_serial(node, 3)
    assert node.answers("www." + ZONE) == ["192.0.2.3"]


def test_it_expires_without_its_primary_and_stays_so_over_a_restart(node):
    with ForeignPrimary(ZONE, content(7, ["www 60 A 192.0.2.7"], expire=3)) as primary:
        node.ctl("zone", "pull", ZONE, primary.address())
        wait_serial(node, 7)
    wait_until(lambda: node.ask("www." + ZONE).rcode() == dns.rcode.SERVFAIL, "it is expired")
    assert node.json("zone", "show", ZONE)["state"] == "expired"
    assert node.stop() == 0
    node.start()
    wait_until(lambda: node.ask("www." + ZONE).rcode() == dns.rcode.SERVFAIL, "it is expired still")
    with primary:
        wait_until(lambda: node.answers("www." + ZONE) == ["192.0.2.7"], "its primary is back")


def test_the_leader_pulls_for_its_followers(tmp_path, foreign):
    with Cluster(tmp_path, primary_args=["--pull", f"{ZONE}={foreign.address()}"]) as cluster:
        cluster.start()
        wait_serial(cluster.secondary, 7)
        foreign.change(NEW)
        foreign.notify(cluster.primary.port)
        wait_serial(cluster.secondary, 8)
        cluster.wait_in_step()
        cluster.assert_equal()
        assert foreign.notify(cluster.secondary.port).rcode() == dns.rcode.NOTAUTH
        assert "configuration" in refusal(lambda: cluster.primary.ctl("zone", "unpull", ZONE))
        assert cluster.primary.json("xfr", "status")["pulled"][0]["configured"]


def test_a_follower_pulls_for_itself(tmp_path, foreign):
    with Cluster(tmp_path, secondary_args=["--pull", f"{ZONE}={foreign.address()}"]) as cluster:
        cluster.start()
        wait_serial(cluster.secondary, 7)
        assert cluster.secondary.json("zone", "show", ZONE)["log"] == "local"
        assert cluster.primary.json("zone", "list")["zones"] == []


def test_from_another_tandem(node, tmp_path):
    file = tmp_path / "zone"
    file.write_text(OLD)
    other = Node(tmp_path / "other", args=["--zone", f"{ZONE}={file}", "--allow-transfer", "127.0.0.0/8"])
    try:
        other.start()
        node.ctl("zone", "pull", ZONE, f"127.0.0.1:{other.port}")
        wait_serial(node, 7)
        assert node.digest(ZONE) == other.digest(ZONE)
        other.ctl("record", "set", ZONE, "www", "A", "192.0.2.70")
        node.ctl("xfr", "retransfer", ZONE)
        wait_serial(node, 8)
        assert node.digest(ZONE) == other.digest(ZONE)
    finally:
        other.kill()


def test_nobody_there_is_told(node):
    node.ctl("zone", "pull", ZONE, f"127.0.0.1:{free_port()}")
    error = wait_until(lambda: state(node)["error"], "the reason")
    assert error.startswith("127.0.0.1:")
    assert "1 of them without success" in node.ctl("status")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        node.ctl("zone", "pull", ZONE, f"127.0.0.1:{silent.getsockname()[1]}")
        wait_until(lambda: state(node)["error"] and state(node)["error"] != error, "another reason")
