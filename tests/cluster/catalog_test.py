"""Catalog zones among Tandems: a cluster makes one, another node follows it by the protocols that everybody speaks.
Takes about 15 s.
"""
import dns.rcode
import pytest

from cluster import Cluster, CommandFailed, Node, wait_until

CATALOG = "catalog.invalid."
TEXT = "@ 60 SOA ns1 hostmaster {serial} 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n"
SEE = ["--allow-transfer", "127.0.0.1"]


def make(node, folder, zone, serial=1):
    file = folder / "new.zone"
    file.write_text(TEXT.format(serial=serial))
    node.ctl("zone", "import", f"{zone}={file}")


def members(node):
    return {zone["zone"]: zone["groups"] for zone in node.json("catalog", "show", CATALOG)["zones"]}


@pytest.fixture
def pair(tmp_path):
    """One makes the catalog, the other one follows it."""
    maker = Node(tmp_path / "maker", args=SEE)
    follower = Node(tmp_path / "follower")
    try:
        maker.start()
        follower.start()
        make(maker, tmp_path, "a.example")
        maker.ctl("catalog", "create", CATALOG, "--group", "home")
        maker.ctl("secondary", "add", "other", f"notify:127.0.0.1:{follower.port}", "--no-check")
        follower.ctl("catalog", "follow", CATALOG, f"127.0.0.1:{maker.port}")
        wait_until(lambda: follower.serial("a.example") == 1, f"it is there; {follower.log()}")
        yield maker, follower
    finally:
        maker.stop()
        follower.stop()


def test_zones_go_from_one_to_the_other(pair, tmp_path):
    maker, follower = pair
    make(maker, tmp_path, "b.example", 5)
    wait_until(lambda: follower.serial("b.example") == 5, "a new zone")
    maker.ctl("record", "set", "b.example", "www", "A", "192.0.2.5")
    wait_until(lambda: follower.answers("www.b.example") == ["192.0.2.5"], "a change of it")
    with pytest.raises(CommandFailed, match="is taken from"):
        follower.ctl("record", "set", "b.example", "www", "A", "192.0.2.6")
    maker.ctl("zone", "delete", "b.example")
    wait_until(lambda: follower.ask("b.example", "SOA").rcode() == dns.rcode.REFUSED, "it went")
    make(maker, tmp_path, "b.example", 2)
    wait_until(lambda: follower.serial("b.example") == 2, "it came again, older")
    assert members(maker) == members(follower) == {"a.example.": ["home"], "b.example.": ["home"]}


def test_what_is_there_already_stays(pair, tmp_path):
    maker, follower = pair
    make(follower, tmp_path, "mine.example", 9)
    make(maker, tmp_path, "mine.example", 3)
    wait_until(lambda: follower.json("catalog", "show", CATALOG).get("clashes") == ["mine.example."], "it is told")
    assert follower.serial("mine.example") == 9
    assert "here already" in follower.log()


def test_a_restart_goes_on(pair, tmp_path):
    maker, follower = pair
    follower.kill()
    make(maker, tmp_path, "b.example")
    maker.ctl("zone", "delete", "a.example")
    follower.start()
    wait_until(lambda: follower.serial("b.example") == 1, "what came meanwhile")
    wait_until(lambda: follower.ask("a.example", "SOA").rcode() == dns.rcode.REFUSED, "what went meanwhile")


def test_a_catalog_is_not_for_strangers(tmp_path):
    node = Node(tmp_path / "node", args=["--allow-transfer", "key:up"])
    try:
        node.start()
        node.ctl("catalog", "create", CATALOG)
        for name in (CATALOG, "version." + CATALOG, "nothing." + CATALOG):
            answer = node.ask(name, "TXT")
            assert answer.rcode() == dns.rcode.REFUSED and not answer.authority
        assert node.ask(CATALOG, "AXFR", tcp=True).rcode() == dns.rcode.REFUSED
    finally:
        node.stop()


def test_followers_of_the_leader_have_it_too(tmp_path):
    with Cluster(tmp_path / "pair", primary_args=SEE, secondary_args=SEE) as cluster:
        cluster.start()
        cluster.wait_in_step()
        make(cluster.primary, tmp_path, "a.example")
        cluster.primary.ctl("catalog", "create", CATALOG)
        make(cluster.primary, tmp_path, "b.example")
        cluster.primary.ctl("catalog", "set-group", "b.example", "signed")
        cluster.wait_in_step()
        assert members(cluster.secondary) == {"a.example.": [], "b.example.": ["signed"]}
        assert cluster.secondary.serial(CATALOG) == cluster.primary.serial(CATALOG)
        cluster.assert_equal()
        with pytest.raises(CommandFailed, match="tandemctl catalog"):
            cluster.primary.ctl("zone", "delete", CATALOG)


def test_a_cluster_follows_by_its_leader(tmp_path):
    maker = Node(tmp_path / "maker", args=SEE)
    with Cluster(tmp_path / "pair") as cluster:
        try:
            maker.start()
            make(maker, tmp_path, "a.example", 4)
            maker.ctl("catalog", "create", CATALOG)
            cluster.start()
            cluster.wait_in_step()
            cluster.primary.ctl("catalog", "follow", CATALOG, f"127.0.0.1:{maker.port}")
            wait_until(lambda: cluster.secondary.serial("a.example") == 4, "the member is at the follower")
        finally:
            maker.stop()
