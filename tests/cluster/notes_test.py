"""What is said about records beside their data: addresses that many records follow, records that are disabled or go by
themselves, comments. Equal on both nodes, over restarts, into a text and back. About 60 s."""
import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest

from cluster import Cluster, CommandFailed, PATIENCE, wait_until

ZONE = "notes.example"
OTHER = "other.example"


@pytest.fixture
def made(tmp_path):
    """Two zones with a name server each, and updates from here; what they add at _gone goes after a second."""
    with Cluster(tmp_path, primary_args=["--allow-update", "127.0.0.0/8 name:_gone.notes.example type:TXT expire:1",
                                         "--allow-update", "127.0.0.0/8"]) as pair:
        pair.start()
        for zone in (ZONE, OTHER):
            pair.primary.ctl("zone", "create", zone, "--nameserver", "ns1")
            pair.primary.ctl("record", "add", zone, "ns1", "60", "A", "192.0.2.53")
        pair.wait_in_step()
        yield pair


def notes(node, zone=ZONE):
    return node.json("record", "list", zone)["notes"]


def answered(pair, name, rdtype, data):
    """Both nodes answer with it."""
    pair.wait_in_step()
    for node in (pair.primary, pair.secondary):
        assert node.answers(name, rdtype) == data, node.kind


def update(pair, *steps):
    message = dns.update.UpdateMessage(ZONE)
    for do, *what in steps:
        getattr(message, do)(*what)
    answer = dns.query.udp(message, "127.0.0.1", PATIENCE, pair.primary.port)
    assert answer.rcode() == dns.rcode.NOERROR, answer


def test_one_change_moves_all_records_that_follow_an_address(made):
    ctl = made.primary.ctl
    assert ctl("address", "set", "home4", "192.0.2.1").startswith("home4 is 192.0.2.1, entry ")
    ctl("address", "set", "home6", "2001:db8:1:2::/64")
    ctl("record", "set", ZONE, "www", "60", "A", "@home4")
    ctl("record", "set", ZONE, "www", "60", "AAAA", "@home6+::80")
    ctl("record", "set", OTHER, "@", "60", "A", "@home4")
    answered(made, f"www.{ZONE}.", "A", ["192.0.2.1"])
    answered(made, f"www.{ZONE}.", "AAAA", ["2001:db8:1:2::80"])
    entry = made.primary.status()["position"]["sequence"]
    ctl("address", "set", "home4", "198.51.100.7")
    ctl("address", "set", "home6", "2001:db8:99::/64")
    assert made.primary.status()["position"]["sequence"] == entry + 2, "one entry each"
    answered(made, f"www.{ZONE}.", "A", ["198.51.100.7"])
    answered(made, f"{OTHER}.", "A", ["198.51.100.7"])
    answered(made, f"www.{ZONE}.", "AAAA", ["2001:db8:99::80"])
    for node in (made.primary, made.secondary):
        node.kill()
        node.start()
    made.wait_in_step()
    assert made.primary.json("address", "list") == made.secondary.json("address", "list") == {"addresses": [
        {"name": "home4", "value": "198.51.100.7", "records": 2},
        {"name": "home6", "value": "2001:db8:99::/64", "records": 1}]}
    ctl("address", "set", "home4", "192.0.2.99")
    answered(made, f"{OTHER}.", "A", ["192.0.2.99"])
    with pytest.raises(CommandFailed, match="follows it"):
        ctl("address", "set", "home4", "2001:db8::1")


def test_other_data_unbinds(made):
    made.primary.ctl("address", "set", "home4", "192.0.2.1")
    made.primary.ctl("record", "set", ZONE, "www", "60", "A", "@home4")
    update(made, ("replace", "www", 60, "A", "203.0.113.5"))
    assert notes(made.primary) == []
    made.primary.ctl("address", "set", "home4", "192.0.2.2")
    answered(made, f"www.{ZONE}.", "A", ["203.0.113.5"])
    update(made, ("replace", "www", 60, "A", "192.0.2.2"))
    made.primary.ctl("address", "bind", "home4")
    made.primary.ctl("address", "set", "home4", "192.0.2.3")
    answered(made, f"www.{ZONE}.", "A", ["192.0.2.3"])


def test_records_go_by_themselves(made):
    made.primary.ctl("record", "add", ZONE, "soon", "60", "TXT", "x", "--expires", "1")
    made.primary.ctl("record", "add", ZONE, "later", "60", "TXT", "x", "--expires", "1h")
    update(made, ("add", "_gone", 60, "TXT", "token"))
    update(made, ("add", "stays", 60, "TXT", "token"))
    for name in ("soon", "_gone"):
        wait_until(lambda: made.primary.answers(f"{name}.{ZONE}.", "TXT") == [], f"{name} is gone")
        answered(made, f"{name}.{ZONE}.", "TXT", [])
    for name in ("later", "stays"):
        assert len(made.secondary.answers(f"{name}.{ZONE}.", "TXT")) == 1
    newest = made.secondary.json("zone", "history", ZONE)["entries"][0]
    assert newest["actor"]["name"] == "expiry" and newest["records_removed"] >= 1


def test_a_disabled_record_is_not_answered_and_comes_back(made):
    ctl = made.primary.ctl
    ctl("record", "add", ZONE, "www", "60", "A", "192.0.2.1", "192.0.2.2")
    ctl("record", "note", ZONE, "www", "A", "192.0.2.2", "--disable", "--comment", "broken disk")
    answered(made, f"www.{ZONE}.", "A", ["192.0.2.1"])
    made.secondary.kill()
    made.secondary.start()
    assert notes(made.secondary) == notes(made.primary) == [
        {"name": f"www.{ZONE}.", "type": "A", "data": "192.0.2.2", "comment": "broken disk", "disabled": True,
         "ttl": 60}]
    assert "disabled; broken disk" in made.secondary.ctl("record", "list", ZONE)
    ctl("record", "note", ZONE, "www", "A", "192.0.2.2", "--enable")
    answered(made, f"www.{ZONE}.", "A", ["192.0.2.1", "192.0.2.2"])


def test_notes_go_through_a_text_a_deletion_and_a_revert(made):
    ctl = made.primary.ctl
    ctl("address", "set", "home4", "192.0.2.1")
    ctl("record", "set", ZONE, "www", "60", "A", "@home4", "--comment", "the web")
    ctl("record", "add", ZONE, "old", "60", "A", "192.0.2.9", "--disabled")
    text, before = ctl("zone", "export", ZONE), notes(made.primary)
    serial = made.primary.serial(ZONE)
    ctl("record", "delete", ZONE, "www")
    ctl("record", "delete", ZONE, "old")
    assert notes(made.primary) == []
    ctl("zone", "revert", ZONE, "--to", str(serial))
    assert notes(made.primary) == before
    ctl("zone", "delete", ZONE)
    ctl("address", "set", "home4", "192.0.2.8")
    ctl("zone", "restore", ZONE)
    answered(made, f"www.{ZONE}.", "A", ["192.0.2.8"])
    ctl("zone", "delete", ZONE)
    ctl("zone", "import", "-", stdin=text)
    answered(made, f"www.{ZONE}.", "A", ["192.0.2.8"])
    assert [note["name"] for note in notes(made.secondary)] == [f"old.{ZONE}.", f"www.{ZONE}."]
    made.assert_equal()
