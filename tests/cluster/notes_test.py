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


def test_a_change_of_notes_alone_is_taken_back_by_its_entry(made):
    ctl = made.primary.ctl
    ctl("record", "add", ZONE, "www", "60", "A", "192.0.2.1")
    ctl("record", "note", ZONE, "www", "A", "--comment", "first")
    entry = made.primary.status()["position"]["sequence"]
    ctl("record", "note", ZONE, "www", "A", "--comment", "second")
    serial = made.primary.serial(ZONE)
    made.wait_in_step()
    for node in (made.primary, made.secondary):
        assert node.ctl("zone", "diff", ZONE, "--from-entry", entry) == (
            f"- www.{ZONE}. A 192.0.2.1: first\n+ www.{ZONE}. A 192.0.2.1: second\n")
        assert '"comment":"first"' in node.ctl("zone", "show", ZONE, "--entry", entry)
    ctl("zone", "revert", ZONE, "--to-entry", entry)
    assert [note["comment"] for note in notes(made.primary)] == ["first"]
    assert made.primary.serial(ZONE) == serial, "no record has changed"
    with pytest.raises(CommandFailed, match="the log has no entry"):
        ctl("zone", "revert", ZONE, "--to-entry", entry + 99)


def test_what_a_command_did_not_find_fails_it(made):
    ctl = made.primary.ctl
    ctl("record", "add", ZONE, "www", "60", "A", "192.0.2.1")
    with pytest.raises(CommandFailed) as typo:
        ctl("record", "delete", ZONE, "wwww")
    assert typo.value.code == 1 and 'did you mean "www"?' in typo.value.stderr
    assert "nothing to change" in ctl("record", "delete", ZONE, "wwww", "--if-exists")
    with pytest.raises(CommandFailed, match='did you mean "www"'):
        ctl("record", "note", ZONE, "wwww", "A", "--comment", "x")


def test_an_address_tells_how_many_and_why(made):
    ctl = made.primary.ctl
    ctl("address", "set", "home4", "192.0.2.53")
    assert ctl("address", "bind", "home4", "--dry-run") == "2 records begin to follow home4; nothing was changed\n"
    assert ctl("address", "bind", "home4").startswith("2 records begin to follow home4, entry ")
    ctl("address", "set", "home4", "192.0.2.54")
    made.wait_in_step()
    for node in (made.primary, made.secondary):
        newest = node.ctl("zone", "history", ZONE).splitlines()[1]
        assert newest.endswith("home4 is 192.0.2.54"), newest
    assert f"{ZONE}. -1 +1, notes -1 +1" in ctl("log", "-n", "1")


def test_notes_of_a_file_are_checked_and_shown_beforehand(made, tmp_path):
    ctl = made.primary.ctl
    text = ctl("zone", "export", ZONE)
    note = '; @note {"name":"ns1.notes.example.","type":"A","data":"192.0.2.53",'
    file = tmp_path / "bad.zone"
    file.write_text(text + note + '"comment":1}\n')
    with pytest.raises(CommandFailed) as bad:
        ctl("zone", "check", file, "--origin", ZONE, socket=False)
    line = text.count("\n") + 1
    assert f"{file}:{line}:1: error: the note: " in bad.value.stdout
    file.write_text(text + note + '"comment":"the server","expires":"2020-01-01","address":"away4"}\n')
    shown = ctl("zone", "import", f"{ZONE}={file}", "--dry-run")
    assert f"+ ns1.{ZONE}. A 192.0.2.53: the server\n" in shown
    with pytest.raises(CommandFailed, match="is over already"):
        ctl("record", "note", ZONE, "ns1", "A", "--expires", "2020-01-01")
    warnings = " ".join(made.primary.json("zone", "import", f"{ZONE}={file}")["warnings"])
    assert "comes back without its time" in warnings and "there is no address away4" in warnings
