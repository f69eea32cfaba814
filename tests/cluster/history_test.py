"""What a zone was: read on both nodes, over restarts, and brought back at the leader for both."""
import pytest

from cluster import CommandFailed

ZONE = "history.example"


@pytest.fixture
def made(pair):
    """A zone with the serials 1, 2 and 3, made at the primary."""
    pair.primary.ctl("zone", "create", ZONE, "--nameserver", "ns1")
    pair.primary.ctl("record", "add", ZONE, "ns1", "60", "A", "192.0.2.53")
    pair.primary.ctl("record", "set", ZONE, "www", "60", "A", "192.0.2.1", "--reason", "first server")
    pair.primary.ctl("record", "set", ZONE, "www", "60", "A", "192.0.2.2", "--reason", "second server")
    pair.wait_in_step()
    return pair


def serials(node):
    return [entry["serial"] for entry in node.json("zone", "history", ZONE)["entries"]]


def kinds(node):
    return [entry["kind"] for entry in node.json("zone", "history", ZONE)["entries"]]


def test_history_is_the_same_on_both_and_survives_a_restart(made):
    primary, secondary = made.primary, made.secondary
    history = primary.json("zone", "history", ZONE)
    newest = history["entries"][0]
    assert newest["kind"] == "records" and newest["serial"] == primary.serial(ZONE)
    assert (newest["records_removed"], newest["records_added"]) == (1, 1)
    assert newest["actor"]["reason"] == "second server" and newest["actor"]["credential"] == "unix"
    assert history == secondary.json("zone", "history", ZONE)
    for node in (primary, secondary):
        node.kill()
        node.start()
        assert node.json("zone", "history", ZONE) == history
        assert len(node.json("zone", "history", ZONE, "--limit", 1)["entries"]) == 1
        older = node.json("zone", "history", ZONE, "--before", newest["sequence"])["entries"]
        assert older == history["entries"][1:]
    lines = secondary.ctl("zone", "history", ZONE, "--records").splitlines()
    assert f"    - www.{ZONE}. 60 IN A 192.0.2.1" in lines and f"    + www.{ZONE}. 60 IN A 192.0.2.2" in lines


def test_old_texts_and_differences_are_read_on_both(made):
    last = made.primary.serial(ZONE)
    for node in (made.primary, made.secondary):
        text = node.ctl("zone", "show", ZONE, "--serial", last - 1)
        assert f"www.{ZONE}. 60 IN A 192.0.2.1\n" in text and f"; zone {ZONE}. serial {last - 1}\n" in text
        assert node.json("zone", "show", ZONE, "--serial", last - 1)["text"] == text
        assert node.ctl("zone", "diff", ZONE, "--from", last - 1) == (
            f"- www.{ZONE}. 60 IN A 192.0.2.1\n+ www.{ZONE}. 60 IN A 192.0.2.2\n")
        assert node.json("zone", "diff", ZONE, "--from", last - 1, "--to", last)["added"] == 1
        assert node.ctl("zone", "diff", ZONE, "--from", last, "--to", last) == ""
        with pytest.raises(CommandFailed) as unknown:
            node.ctl("zone", "show", ZONE, "--serial", last + 9)
        assert f"it is at {last}" in unknown.value.stderr


def test_a_revert_goes_to_both(made):
    last = made.primary.serial(ZONE)
    receipt = made.primary.json("zone", "revert", ZONE, "--to", last - 1, "--reason", "it was better")
    assert receipt["changed"] and receipt["serial"] == last + 1
    made.wait_in_step()
    made.assert_equal()
    for node in (made.primary, made.secondary):
        assert node.answers(f"www.{ZONE}") == ["192.0.2.1"]
        assert node.ctl("zone", "diff", ZONE, "--from", last - 1) == ""
        assert serials(node)[:2] == [last + 1, last], "a new change, and what was before stays"
    with pytest.raises(CommandFailed) as refused:
        made.secondary.ctl("zone", "revert", ZONE, "--to", last)
    assert "leader" in refused.value.stderr


def test_a_deleted_zone_comes_back_on_both(made):
    text = made.primary.ctl("zone", "export", ZONE)
    made.primary.ctl("zone", "delete", ZONE, "--reason", "by mistake")
    made.wait_in_step()
    for node in (made.primary, made.secondary):
        gone = node.json("zone", "list", "--deleted")["zones"]
        assert [zone["name"] for zone in gone] == [f"{ZONE}."] and gone[0]["actor"]["reason"] == "by mistake"
        assert kinds(node)[0] == "deleted"
    with pytest.raises(CommandFailed) as refused:
        made.secondary.ctl("zone", "restore", ZONE)
    assert "leader" in refused.value.stderr
    made.primary.kill()
    made.primary.start()
    assert made.primary.json("zone", "restore", ZONE)["changed"]
    made.wait_in_step()
    made.assert_equal()
    for node in (made.primary, made.secondary):
        assert node.ctl("zone", "export", ZONE) == text
        assert node.answers(f"www.{ZONE}") == ["192.0.2.2"]
        assert kinds(node)[:2] == ["restored", "deleted"]
        assert node.json("zone", "list", "--deleted")["zones"] == []
    with pytest.raises(CommandFailed) as there:
        made.primary.ctl("zone", "restore", ZONE)
    assert "revert it instead" in there.value.stderr
