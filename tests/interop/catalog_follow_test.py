"""Catalogs that Knot and BIND have are followed here: their members come, go, are reset, and get templates by
themselves. Takes about 20 s."""
import dns.query
import dns.rcode
import dns.update
import pytest

from catalog_peers import CATALOG, BindProducer, KnotProducer
from cluster import Node, wait_until


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path / "node")
    try:
        yield node.start()
    finally:
        node.stop()


def refuses(node, zone):
    return node.ask(zone, "SOA").rcode() == dns.rcode.REFUSED


def option(node, zone, name):
    return node.json("zone", "show", zone)[name]


@pytest.mark.parametrize("key", [None, "up"])
def test_knot_generates_one(node, tmp_path, key):
    knot = KnotProducer(tmp_path, node.port)
    word = ""
    if key:
        node.ctl("key", "create", key)
        knot.secret = node.json("key", "show", key)["secret"]
        word = f",key:{key}"
    knot.groups = {"a.example": None, "bb.example": "stale"}
    try:
        knot.start()
        node.ctl("catalog", "follow", CATALOG, f"127.0.0.1:{knot.port}{word}", "group:stale=serve-after-expire")
        wait_until(lambda: node.serial("a.example") == 9 and node.serial("bb.example") == 10, "both are here")
        assert not option(node, "a.example", "serve_after_expire")
        assert option(node, "bb.example", "serve_after_expire")
        knot.groups = {"a.example": "stale", "ccc.example": None}
        knot.reload()
        wait_until(lambda: node.serial("ccc.example") == 11, "a new one")
        wait_until(lambda: refuses(node, "bb.example"), "one that went")
        wait_until(lambda: option(node, "a.example", "serve_after_expire"), "another group")
        shown = node.json("catalog", "show", CATALOG)
        assert [zone["zone"] for zone in shown["zones"]] == ["a.example.", "ccc.example."]
        wait_until(lambda: node.json("catalog", "show", CATALOG).get("applied") == shown["serial"], "it is applied")
        assert "followed" in node.ctl("catalog", "list")
    except AssertionError:
        print(knot.log_file.read_text(), node.log())
        raise
    finally:
        knot.stop()


def update(peer, change):
    message = dns.update.UpdateMessage(CATALOG)
    change(message)
    answer = dns.query.tcp(message, "127.0.0.1", port=peer.port, timeout=20)
    assert answer.rcode() == dns.rcode.NOERROR, dns.rcode.to_text(answer.rcode())


def test_one_that_people_write_in_bind(node, tmp_path):
    bind = BindProducer(tmp_path, node.port)
    try:
        bind.start()
        node.ctl("catalog", "follow", CATALOG, f"127.0.0.1:{bind.port}")
        wait_until(lambda: node.serial("one.example") == 1, "its member is here")
        first = node.json("zone", "show", "one.example")["id"]
        update(bind, lambda message: message.add("second.zones", 0, "PTR", "two.example."))
        wait_until(lambda: node.serial("two.example") == 1, "one more")
        update(bind, lambda message: (message.delete("first.zones"),
                                      message.add("other.zones", 0, "PTR", "one.example.")))
        wait_until(lambda: node.json("zone", "show", "one.example")["id"] != first and
                   node.serial("one.example") == 1, "another label is another zone")
        update(bind, lambda message: message.add("twice.zones", 0, "PTR", "two.example."))
        wait_until(lambda: "twice" in node.json("catalog", "show", CATALOG).get("problem", ""), "it is broken")
        assert node.serial("one.example") == node.serial("two.example") == 1
        update(bind, lambda message: (message.delete("twice.zones"), message.delete("second.zones")))
        wait_until(lambda: refuses(node, "two.example"), "good again, and one went")
    except AssertionError:
        print(bind.log_file.read_text(), node.log())
        raise
    finally:
        bind.stop()
