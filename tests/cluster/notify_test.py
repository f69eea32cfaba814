"""Outside secondaries are told of changes, and what they serve is known: with servers that a test plays, which lose,
refuse and take their time. Takes about 20 s.
"""
import re

import dns.tsig
import dns.tsigkeyring
import dns.update
import dns.query
import dns.rcode
import pytest

from cluster import Cluster, CommandFailed, Node, wait_until
from fake_secondary import FakeSecondary

ZONE = "example.com."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "zone").write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    return tmp_path


class Running:
    """A node that is stopped at the end, with its log where it failed."""

    def __init__(self, folder, *args):
        self.node = Node(folder / "node", args=["--zone", f"{ZONE}={folder / 'zone'}", *args])

    def __enter__(self):
        return self.node.start().wait_stored()

    def __exit__(self, kind, error, trace):
        if error is not None:
            print(self.node.log())
        self.node.stop()


def change(node, number, *flags):
    return node.json(*flags, "record", "set", ZONE, "a", "A", f"192.0.2.{number}")


def of_zone(node, name=None):
    """What the node says of the zone at a secondary, or at the only one."""
    told = [each for each in node.json("xfr", "status", ZONE)["told"] if name in (None, each["secondary"])]
    assert len(told) == 1
    return told[0]


def in_step(node, name=None):
    told = of_zone(node, name)
    return told["state"] == "in step" and told["serial"] == told["ours"]


def test_a_change_is_told_and_seen_to_arrive(folder):
    with FakeSecondary({ZONE: 1}) as server, Running(folder, "--also-notify", server.address) as node:
        wait_until(lambda: in_step(node), "asked at the start")
        told_before = len(server.notified)  # of a zone that is new in the store, or not
        serial = change(node, 2)["serial"]
        wait_until(lambda: server.serials[ZONE] == serial, "told")
        wait_until(lambda: in_step(node), "seen")
        assert server.notified[told_before:] == [(ZONE, serial)]
        told = of_zone(node)
        assert told["source"] == "configuration" and told["notified"] and told["answered"]
        table = node.ctl("secondary", "list")
        assert re.search(rf"{server.address}\tconfiguration\t{server.address}\t1\tin step", table)


def test_changes_in_a_row_are_told_together(folder):
    with FakeSecondary({ZONE: 1}) as server, Running(folder, "--also-notify", server.address) as node:
        for number in range(2, 32):
            serial = change(node, number)["serial"]
        wait_until(lambda: server.serials[ZONE] == serial, "the last one")
        assert len(server.notified) <= 31


def test_what_is_lost_is_told_again(folder):
    with FakeSecondary({ZONE: 1}, mode="deaf") as server, Running(folder, "--also-notify", server.address) as node:
        serial = change(node, 2)["serial"]
        wait_until(lambda: server.notified, "told")
        wait_until(lambda: of_zone(node).get("problem"), "no answer is seen")
        assert node.answers("a." + ZONE) == ["192.0.2.2"], "the zone is well"
        server.mode = "take"
        wait_until(lambda: server.serials[ZONE] == serial, "told again")
        wait_until(lambda: in_step(node), "seen")


def test_a_refusal_is_shown_and_harms_nothing(folder):
    with FakeSecondary({ZONE: 1}, mode="refuse") as server, Running(folder, "--also-notify", server.address) as node:
        serial = change(node, 2)["serial"]
        wait_until(lambda: "NOTAUTH" in of_zone(node).get("refusal", ""), "refused")
        assert node.answers("a." + ZONE) == ["192.0.2.2"]
        server.serials[ZONE] = serial  # it looked for itself
        wait_until(lambda: in_step(node), "seen all the same")


def test_a_restart_asks_and_tells_only_who_is_behind(folder):
    with FakeSecondary({ZONE: 1}) as well, FakeSecondary({ZONE: 1}, mode="stay") as behind:
        flags = ["--also-notify", well.address, "--also-notify", behind.address]
        with Running(folder, *flags) as node:
            serial = change(node, 2)["serial"]
            wait_until(lambda: in_step(node, well.address), "told")
            wait_until(lambda: behind.notified, "told")
        for server in (well, behind):
            server.asked.clear()
            server.notified.clear()
        behind.mode = "take"
        with Running(folder, *flags) as node:
            wait_until(lambda: in_step(node, well.address) and in_step(node, behind.address), "both asked")
            assert well.notified == [] and len(well.asked) == 1
            assert behind.notified == [(ZONE, serial)]


def test_a_change_waits_for_all(folder):
    with FakeSecondary({ZONE: 1}, delay=0.3) as server, Running(folder) as node:
        node.ctl("secondary", "add", "slow", f"notify:{server.address}", "--no-check")
        wait_until(lambda: in_step(node), "asked")
        receipt = change(node, 2, "--wait", "all:20s")
        assert receipt["outside"] == [{"secondary": "slow", "address": server.address, "has_it": True,
                                       "serial": receipt["serial"]}]
        server.mode = "stay"
        receipt = change(node, 3, "--wait", "all:200ms")
        assert receipt["outside"][0]["has_it"] is False
        assert receipt["outside"][0]["serial"] == receipt["serial"] - 1
        assert "does not have it yet" in node.ctl("--wait", "all:200ms", "record", "set", ZONE, "a", "A", "192.0.2.4")
        assert "outside" not in change(node, 5)


def test_an_update_waits_for_all_when_its_rule_says_so(folder):
    with FakeSecondary({ZONE: 1}, delay=0.1) as server, Running(folder) as node:
        node.ctl("secondary", "add", "slow", f"notify:{server.address}", "--no-check")
        wait_until(lambda: in_step(node), "asked")
        node.ctl("policy", "add", ZONE, "from:127.0.0.1", "wait:all")
        update = dns.update.UpdateMessage(ZONE)
        update.replace("a", 60, "A", "192.0.2.9")
        answer = dns.query.udp(update, "127.0.0.1", port=node.port, timeout=10)
        assert answer.rcode() == dns.rcode.NOERROR
        assert server.serials[ZONE] == node.serial(ZONE), "it had it before the answer"


def test_a_key_signs_what_goes_out(folder):
    with Running(folder) as node:
        node.ctl("key", "create", "up")
        secret = node.json("key", "show", "up")["secret"]
        keyring = dns.tsigkeyring.from_text({"up.": secret})
        with FakeSecondary({ZONE: 1}, keyring=keyring) as server:
            node.ctl("secondary", "add", "signed", f"notify:{server.address}", "key:up")
            serial = change(node, 2)["serial"]
            wait_until(lambda: in_step(node), "seen")
            assert server.serial_told(ZONE) == serial and server.unsigned == 0
            node.ctl("secondary", "remove", "signed")  # or it would look for the server for the rest of the test


def test_a_check_says_what_is_wrong(folder):
    with FakeSecondary({ZONE: 1}) as server, Running(folder) as node:
        out = node.ctl("secondary", "add", "he", f"notify:{server.address}")
        assert re.search(rf"{ZONE}\t{server.address}\t1\t1\tin step", out)
        assert "in step" in node.ctl("secondary", "check", "he")
        for state, text in ((0, "AXFR"), (9, "not newer"), (None, "REFUSED")):
            if state is None:
                del server.serials[ZONE]
            else:
                server.serials[ZONE] = state
            with pytest.raises(CommandFailed) as failed:
                node.ctl("secondary", "check", "he", ZONE)
            assert failed.value.code == 1 and text in failed.value.stdout
        with pytest.raises(CommandFailed, match="there is no outside secondary other"):
            node.ctl("secondary", "check", "other")
        with pytest.raises(CommandFailed, match='words: "notify:nowhere"'):
            node.ctl("secondary", "add", "bad", "notify:nowhere")


def test_it_is_told_by_hand(folder):
    with FakeSecondary({ZONE: 1}) as server, Running(folder, "--also-notify", server.address) as node:
        wait_until(lambda: in_step(node), "asked")
        told_before = len(server.notified)
        node.ctl("xfr", "notify", ZONE)
        wait_until(lambda: server.notified[told_before:] == [(ZONE, 1)], "told")
        with pytest.raises(CommandFailed, match="no server named other"):
            node.ctl("xfr", "notify", ZONE, "other")


def test_the_leader_tells_those_of_the_log_and_each_node_its_own(folder):
    with FakeSecondary({ZONE: 1}) as logged, FakeSecondary({ZONE: 1}) as own:
        with Cluster(folder / "pair", zones=[f"{ZONE}={folder / 'zone'}"],
                     secondary_args=["--also-notify", own.address]) as cluster:
            cluster.start()
            cluster.wait_in_step()
            cluster.primary.ctl("secondary", "add", "he", f"notify:{logged.address}")
            with pytest.raises(CommandFailed, match="make the change at the leader"):
                cluster.secondary.ctl("secondary", "add", "she", f"notify:{logged.address}")
            wait_until(lambda: in_step(cluster.primary), "asked by the leader")
            wait_until(lambda: in_step(cluster.secondary), "asked by the follower")
            serial = change(cluster.primary, 2)["serial"]
            wait_until(lambda: in_step(cluster.primary) and in_step(cluster.secondary), "both were told")
            assert logged.notified == [(ZONE, serial)] and own.notified == [(ZONE, serial)]
            listed = cluster.secondary.json("secondary", "list")["secondaries"]
            assert [each["servers"] for each in listed if each["name"] == "he"] == [[]], "the leader's"


def test_metrics_count(folder):
    with FakeSecondary({ZONE: 1}) as server:
        with Running(folder, "--http", "127.0.0.1:0", "--also-notify", server.address) as node:
            serial = change(node, 2)["serial"]
            wait_until(lambda: in_step(node) and server.serials[ZONE] == serial, "seen")
            metrics = node.metrics()
            assert metrics["tandem_notify_sent_total"] == metrics["tandem_notify_answered_total"]
            assert metrics["tandem_notify_sent_total"] == len(server.notified)
            assert metrics["tandem_notify_behind"] == 0
