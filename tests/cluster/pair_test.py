"""What a pair does on a good day: copies, changes, restarts, several followers, either end dialling."""
import json
import subprocess
import threading

import dns.flags
import dns.rcode
import pytest

from cluster import Cluster, CommandFailed, Node, free_port, program, wait_until
from conftest import HOME_ZONE, ROOT_ZONE

ZONE = "infoedu.co.kr"


def test_real_zones_are_answered_by_both(tmp_path):
    with Cluster(tmp_path, zones=[HOME_ZONE, ROOT_ZONE]) as cluster:
        cluster.start()
        cluster.wait_in_step()
        cluster.assert_equal()
        for node in (cluster.primary, cluster.secondary):
            assert node.ask(ZONE, "SOA").flags & dns.flags.AA
            referral = node.ask("www.example.kr", "A")
            assert not referral.flags & dns.flags.AA and referral.authority and referral.additional
            assert node.ask("nothing.invalid", "A").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize("dial", ["primary", "secondary"])
def test_either_end_dials(tmp_path, dial):
    with Cluster(tmp_path, zones=[HOME_ZONE], dial=dial) as cluster:
        cluster.start()
        cluster.wait_in_step()
        cluster.primary.ctl("record", "set", ZONE, "xgen", "60", "A", "192.0.2.80")
        cluster.wait_in_step()
        assert cluster.secondary.answers(f"xgen.{ZONE}") == ["192.0.2.80"]


def test_both_ends_dial(tmp_path):
    """One of the two connections stays; they do not replace each other for ever."""
    with Cluster(tmp_path, zones=[HOME_ZONE]) as cluster:
        port = free_port()
        cluster.primary.args += ["--link", f"127.0.0.1:{port}"]
        cluster.secondary.args += ["--peer", f"127.0.0.1:{port}"]
        cluster.start()
        cluster.wait_in_step()
        for number in range(20):
            cluster.primary.ctl("record", "set", ZONE, "both", "60", "A", f"192.0.2.{number}")
            wait_until(lambda number=number: cluster.secondary.answers(f"both.{ZONE}") == [f"192.0.2.{number}"],
                       "the change")
        assert cluster.primary.log().count("peer connected") <= 3, "the connections keep replacing each other"


def test_a_change_reaches_the_secondary_and_survives_both(pair):
    receipt = pair.primary.json("record", "add", ZONE, "new", "60", "TXT", '"one"')
    assert receipt["changed"] and receipt["serial"] == pair.primary.serial(ZONE)
    wait_until(lambda: pair.secondary.answers(f"new.{ZONE}", "TXT") == ['"one"'], "the change at the secondary")
    pair.primary.kill()
    assert pair.secondary.answers(f"new.{ZONE}", "TXT") == ['"one"']
    pair.secondary.kill()
    pair.secondary.start()
    assert pair.secondary.answers(f"new.{ZONE}", "TXT") == ['"one"'], "from its own store, with no peer"
    pair.primary.start()
    assert pair.primary.answers(f"new.{ZONE}", "TXT") == ['"one"']
    pair.wait_in_step()
    pair.assert_equal()


def test_changes_made_while_the_secondary_was_away(pair):
    pair.secondary.stop()
    for number in range(20):
        pair.primary.ctl("record", "add", ZONE, f"away{number}", "60", "A", f"192.0.2.{number}")
    pair.primary.ctl("zone", "create", "second.example", "--nameserver", "ns1.second.example")
    pair.secondary.start()
    pair.wait_in_step()
    pair.assert_equal()
    pair.primary.ctl("zone", "delete", "second.example")
    wait_until(lambda: pair.secondary.ask("second.example", "SOA").rcode() == dns.rcode.REFUSED, "the zone is gone")


def test_the_secondary_takes_no_changes(pair):
    with pytest.raises(CommandFailed) as failed:
        pair.secondary.ctl("record", "add", ZONE, "x", "60", "A", "192.0.2.1")
    assert failed.value.code == 1 and "leader" in failed.value.stderr


def test_a_second_follower_joins(pair, tmp_path):
    third = Node(tmp_path / "third", "secondary")
    port = free_port()
    third.args += ["--link", f"127.0.0.1:{port}", "--peer-key", pair.primary.key()]
    pair.primary.stop()
    pair.primary.args += ["--peer", f"127.0.0.1:{port}", "--peer-key", third.key()]
    try:
        third.start()
        pair.primary.start()
        pair.primary.ctl("record", "add", ZONE, "three", "60", "A", "192.0.2.3")
        for node in (pair.secondary, third):
            wait_until(lambda node=node: node.answers(f"three.{ZONE}") == ["192.0.2.3"], "the change at each follower")
        peers = pair.primary.status()["peers"]
        assert sorted(peer["state"] for peer in peers) == ["in step", "in step"]
    finally:
        third.kill()


def test_status_tells_zones_position_lag_and_peer(pair):
    leader, follower = pair.primary.status(), pair.secondary.status()
    assert leader["role"] == "leader" and leader["writable"]
    assert follower["role"] == "follower" and not follower["writable"]
    assert leader["position"] == follower["position"] and leader["cluster"] == follower["cluster"]
    assert leader["zones"][0]["serial"] == follower["zones"][0]["serial"] == pair.primary.serial(ZONE)
    peer = leader["peers"][0]
    assert peer["node"] == follower["node"] and peer["connected"] and peer["lag_entries"] == 0
    assert peer["lag_ms"] == 0 and peer["last_contact"]
    assert "image_age_s" in leader["zones"][0]
    seen = follower["peers"][0]
    assert seen["node"] == leader["node"] and seen["state"] == "in step" and seen["lag_entries"] == 0


def test_a_frozen_secondary_does_not_slow_the_primary_and_catches_up(pair):
    pair.secondary.freeze()
    try:
        for number in range(50):
            pair.primary.ctl("record", "set", ZONE, "frozen", "60", "A", f"192.0.2.{number}")
        assert pair.primary.answers(f"frozen.{ZONE}") == ["192.0.2.49"]
    finally:
        pair.secondary.thaw()
    pair.wait_in_step()
    assert pair.secondary.answers(f"frozen.{ZONE}") == ["192.0.2.49"]
    pair.assert_equal()


def test_many_clients_at_once_lose_nothing(pair):
    failures = []

    def work(worker):
        try:
            for number in range(10):
                pair.primary.ctl("record", "add", ZONE, f"w{worker}-{number}", "60", "A", "192.0.2.9")
        except CommandFailed as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
    pair.wait_in_step()
    pair.assert_equal()
    names = {rrset["name"] for rrset in pair.secondary.json("record", "list", ZONE)["rrsets"]}
    assert {f"w{worker}-{number}.{ZONE}." for worker in range(6) for number in range(10)} <= names


def test_the_log_can_be_followed(pair):
    follow = subprocess.Popen([program("tandemctl"), "--data", str(pair.secondary.data), "--json", "log", "-f"],
                              stdout=subprocess.PIPE, text=True)
    try:
        pair.primary.ctl("--reason", "for the log", "record", "add", ZONE, "followed", "60", "A", "192.0.2.7")
        for line in follow.stdout:
            entry = json.loads(line)
            if entry["actor"]["reason"] == "for the log":
                break
        assert entry["changes"][0]["added"] == [f"followed.{ZONE}. 60 IN A 192.0.2.7"]
    finally:
        follow.kill()
        follow.wait()
    history = pair.secondary.json("zone", "history", ZONE)["entries"]
    assert history[0]["sequence"] == entry["sequence"]


def test_the_same_request_id_changes_once(pair):
    first = pair.primary.json("--request-id", "abc-1", "record", "add", ZONE, "once", "60", "TXT", '"1"')
    again = pair.primary.json("--request-id", "abc-1", "record", "add", ZONE, "once", "60", "TXT", '"1"')
    assert first["changed"] and first["serial"] == again["serial"] == pair.primary.serial(ZONE)


def test_there_is_nothing_to_keep_without_a_fork(pair):
    with pytest.raises(CommandFailed) as refused:
        pair.primary.ctl("link", "keep", "this")
    assert "nothing to choose" in refused.value.stderr


def test_stop_is_clean_and_quick(pair):
    assert pair.primary.stop(limit=5) == 0
    assert pair.secondary.stop(limit=5) == 0
