"""Knot, BIND and PowerDNS follow a catalog that is made here: zones come, go, are reset, and are in groups there by
themselves. Takes about a minute."""
import dns.query
import dns.xfr
import pytest

from catalog_peers import CATALOG, CONSUMERS, OTHER
from cluster import Node, wait_until


def zone_text(serial, address="192.0.2.1"):
    return f"@ 60 SOA ns1 hostmaster {serial} 900 300 604800 600\n@ 60 NS ns1\nns1 60 A {address}\n"


@pytest.fixture(params=CONSUMERS, ids=lambda each: each.name)
def kind(request):
    return request.param


@pytest.fixture
def node(kind, tmp_path):
    file = tmp_path / "zone"
    file.write_text(zone_text(1))
    node = Node(tmp_path / "node", args=["--zone", f"first.example={file}", "--allow-transfer", "key:up"])
    if not kind.signs_for_members:
        node.args += ["--allow-transfer", "127.0.0.1"]
    try:
        yield node.start().wait_stored()
    finally:
        node.stop()


@pytest.fixture
def consumer(kind, node, tmp_path):
    node.ctl("key", "create", "up")
    node.ctl("catalog", "create", CATALOG)
    node.ctl("catalog", "create", OTHER, "--named")
    peer = kind(tmp_path, node.port, node.json("key", "show", "up")["secret"])
    node.ctl("secondary", "add", peer.name, f"notify:127.0.0.1:{peer.port}", "key:up", "--no-check")
    try:
        yield peer.start()
    except AssertionError:
        print(peer.log_file.read_text())
        raise
    finally:
        peer.stop()


def create(node, zone, text, tmp_path):
    file = tmp_path / "new"
    file.write_text(text)
    node.ctl("zone", "import", f"{zone}={file}")


def is_open(peer, zone):
    """Whether anybody may transfer the zone there."""
    try:
        return bool(list(dns.query.xfr("127.0.0.1", zone, port=peer.port, lifetime=5, relativize=False)))
    except dns.xfr.TransferError:
        return False


def test_zones_come_go_and_are_reset(node, consumer, tmp_path):
    wait_until(lambda: consumer.serves("first.example"), "what was there at the start")
    create(node, "second.example", zone_text(100), tmp_path)
    wait_until(lambda: consumer.serial("second.example") == 100, "a zone that came later")
    node.ctl("zone", "delete", "first.example")
    wait_until(lambda: consumer.refuses("first.example"), "a zone that went")
    node.ctl("zone", "delete", "second.example")
    create(node, "second.example", zone_text(7, "192.0.2.7"), tmp_path)
    wait_until(lambda: consumer.serial("second.example") == 7, "a zone made again, with an older serial")
    node.ctl("catalog", "leave-out", "second.example")
    wait_until(lambda: consumer.refuses("second.example"), "a zone that is left out")
    assert node.serial("second.example") == 7


def test_a_group_is_a_template_there(node, consumer, tmp_path):
    if not consumer.knows_groups:
        pytest.skip(f"{consumer.name} has no templates")
    wait_until(lambda: consumer.serves("first.example"), "it is there")
    assert not is_open(consumer, "first.example")
    node.ctl("catalog", "set-group", "first.example", "open")
    wait_until(lambda: is_open(consumer, "first.example"), "the template of its group")


def test_a_zone_moves_to_another_catalog_and_stays(node, consumer, tmp_path):
    if not consumer.knows_moves:
        pytest.skip(f"{consumer.name} does not know that zones move")
    wait_until(lambda: consumer.serves("first.example"), "it is there")
    before = node.json("catalog", "show", CATALOG)["zones"][0]["label"]
    for step in range(3):
        node.ctl("catalog", "move", "first.example", OTHER)
        for catalog in (CATALOG, OTHER):
            serial = node.json("catalog", "show", catalog)["serial"]
            wait_until(lambda: consumer.serial(catalog) == serial, f"step {step} of {catalog}")
        create(node, f"step{step}.example", zone_text(1), tmp_path)  # once it is there, what came before is done
        wait_until(lambda: consumer.serves(f"step{step}.example"), f"after step {step}")
        assert consumer.serves("first.example"), f"step {step}"
    assert [(zone["zone"], zone["label"]) for zone in node.json("catalog", "show", OTHER)["zones"]] == \
        [("first.example.", before)]
    node.ctl("catalog", "leave-out", "first.example")
    wait_until(lambda: consumer.refuses("first.example"), "it is the other one's now, and goes with it")
