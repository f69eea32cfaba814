"""`--zone NAME=FILE`: when the file is taken, and when the store's zone stays."""
import signal

import dns.rcode
import pytest

from cluster import Node, wait_until

APEX = "@ 600 IN SOA ns1 hostmaster {serial} 900 300 604800 600\n@ 600 IN NS ns1\nns1 600 IN A 192.0.2.1\n"


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path / "node")
    node.zone_file = tmp_path / "z.zone"
    node.args += ["--zone", f"z.example={node.zone_file}"]
    yield node
    node.kill()


def write(node, serial, lines=""):
    node.zone_file.write_text(APEX.format(serial=serial) + lines)


def start(node):
    node.start()
    node.wait_stored()
    assert [zone["state"] for zone in node.json("zone", "list")["zones"]] == ["serving"]


def wait_taken(node, serial, www=()):
    """A file that changed is looked at before the node is ready and answered once it is stored."""
    wait_until(lambda: node.serial("z.example") == serial, f"the file with serial {serial}")
    assert node.answers("www.z.example") == list(www)


def test_a_new_file_is_taken_with_its_serial(node):
    write(node, 7, "www 60 IN A 192.0.2.7\n")
    start(node)
    wait_taken(node, 7, ["192.0.2.7"])


@pytest.mark.parametrize("written, served", [(20, 20), (7, 8), (3, 8)])
def test_a_changed_file_is_taken_and_its_serial_only_when_newer(node, written, served):
    write(node, 7)
    start(node)
    node.stop()
    write(node, written, "www 60 IN A 192.0.2.8\n")
    start(node)
    wait_taken(node, served, ["192.0.2.8"])


def test_the_same_file_makes_no_change(node):
    write(node, 7)
    start(node)
    before = node.status()["position"]
    node.stop()
    start(node)
    assert node.status()["position"] == before


def test_a_zone_changed_otherwise_stays(node):
    write(node, 7)
    start(node)
    node.ctl("record", "add", "z.example", "api", "60", "A", "192.0.2.9")
    node.stop()
    write(node, 50, "www 60 IN A 192.0.2.8\n")
    start(node)
    assert node.answers("api.z.example") == ["192.0.2.9"] and node.serial("z.example") == 8
    assert "zone import --replace" in node.log()
    node.ctl("zone", "import", "--replace", f"z.example={node.zone_file}")
    assert node.answers("www.z.example") == ["192.0.2.8"] and node.serial("z.example") == 50
    node.stop()
    start(node)
    assert "passed over" not in node.log(), "what was advised was done"
    node.stop()
    write(node, 60, "www 60 IN A 192.0.2.10\n")
    start(node)
    wait_taken(node, 60, ["192.0.2.10"])


def test_a_change_that_was_taken_back_is_none(node):
    write(node, 7)
    start(node)
    node.ctl("record", "add", "z.example", "api", "60", "A", "192.0.2.9")
    node.ctl("record", "delete", "z.example", "api", "A")
    node.stop()
    write(node, 8, "www 60 IN A 192.0.2.8\n")
    start(node)
    wait_taken(node, 10, ["192.0.2.8"])


def test_an_included_file_that_changed_is_seen(node, tmp_path):
    part = tmp_path / "part.zone"
    part.write_text("www 60 IN A 192.0.2.7\n")
    write(node, 7, f"$INCLUDE {part}\n")
    start(node)
    part.write_text("www 60 IN A 192.0.2.8\n")
    node.process.send_signal(signal.SIGHUP)
    wait_taken(node, 8, ["192.0.2.8"])


def test_a_bad_file_leaves_the_version_served(node):
    write(node, 7)
    start(node)
    node.stop()
    write(node, 8, "www 60 IN A 192.0.2\n")
    start(node)
    assert node.serial("z.example") == 7
    assert f"{node.zone_file}:4:13: " in node.log() and "IPv4" in node.log()


def test_one_bad_file_does_not_stop_the_others(node, tmp_path):
    write(node, 7)
    bad = tmp_path / "bad.zone"
    bad.write_text("nothing good\n")
    node.args += ["--zone", f"bad.example={bad}"]
    start(node)
    assert node.ask("bad.example", "SOA").rcode() == dns.rcode.REFUSED
    assert f"{bad}:1:" in node.log()


def test_nothing_to_serve_is_exit_1(tmp_path):
    node = Node(tmp_path / "node")
    node.args += ["--zone", f"bad.example={tmp_path / 'missing.zone'}"]
    node.start(wait=False)
    assert node.process.wait(30) == 1
    assert "missing.zone" in node.log()


def test_hup_looks_at_the_files_again(node):
    write(node, 7)
    start(node)
    write(node, 9, "www 60 IN A 192.0.2.8\n")
    node.process.send_signal(signal.SIGHUP)
    wait_taken(node, 9, ["192.0.2.8"])


def test_a_kill_right_after_the_load_does_not_orphan_the_file(node):
    """What is remembered of a load is written after it: without it the content tells."""
    write(node, 7)
    start(node)
    node.kill()
    start(node)
    assert "passed over" not in node.log()
    node.stop()
    write(node, 9)
    start(node)
    wait_taken(node, 9)
