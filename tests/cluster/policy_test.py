"""Rules in the log: they count at once, at both nodes, and `policy test` says what really happens. About 60 s."""
import re
import shutil

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest

from cluster import Cluster, CommandFailed, PATIENCE

ZONE = "example.test"


@pytest.fixture
def pair(tmp_path):
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    with Cluster(tmp_path, zones=[f"{ZONE}={file}"],
                 primary_args=["--allow-update", "127.0.0.0/8 name:open.example.test. type:TXT"]) as pair:
        pair.start().wait_in_step()
        yield pair


def key_of(node, name):
    made = node.ctl("key", "create", name)
    return dns.tsig.Key(f"{name}.", re.search(r'secret "([^"]+)"', made).group(1), "hmac-sha256")


DATA = {"TXT": '"a"', "A": "192.0.2.7"}


def send(node, key, name, rdtype):
    """The rcode of an update; of type ANY: that deletes a name."""
    message = dns.update.UpdateMessage(ZONE)
    if rdtype == "ANY":
        message.delete(name)
    else:
        message.replace(name, 60, rdtype, DATA[rdtype])
    if key is not None:
        message.use_tsig({key.name: key}, key.name)
    return dns.rcode.to_text(dns.query.udp(message, "127.0.0.1", PATIENCE, node.port).rcode())


def rules(node, source="log"):
    return [rule["rule"] for rule in node.json("policy", "list", ZONE)["rules"] if rule["source"] == source]


def tried(node, key, name, rdtype):
    """What `policy test` prints, and its exit code."""
    who = ["--from", "127.0.0.1"] if key is None else ["--from", "127.0.0.1", "--key", str(key.name)]
    try:
        return node.ctl("policy", "test", ZONE, *who, "--name", name, "--type", rdtype), 0
    except CommandFailed as refused:
        return refused.stdout, refused.code


def test_a_rule_counts_at_once_and_on_both_nodes(pair):
    key = key_of(pair.primary, "certbot")
    pair.wait_in_step()
    for node in (pair.primary, pair.secondary):
        assert send(node, key, "_acme-challenge", "TXT") == "REFUSED"
    words = ["key:certbot", "name:_acme-challenge.*", "type:TXT"]
    assert pair.primary.json("policy", "add", ZONE, *words)["changed"]
    assert not pair.primary.json("policy", "add", ZONE, *reversed(words))["changed"], "the same again"
    assert send(pair.primary, key, "_acme-challenge", "TXT") == "NOERROR"
    assert send(pair.secondary, key, "_acme-challenge.www", "TXT") == "NOERROR", "forwarded"
    assert send(pair.primary, key, "_acme-challenge", "A") == "REFUSED"
    assert send(pair.primary, key, "www", "TXT") == "REFUSED"
    pair.wait_in_step()
    assert rules(pair.secondary) == rules(pair.primary) == ["key:certbot. name:_acme-challenge.* type:TXT"]
    assert rules(pair.primary, "configuration") == ["from:127.0.0.0/8 name:open.example.test. type:TXT"]
    pair.primary.ctl("policy", "remove", ZONE, "--number", "1")
    for node in (pair.primary, pair.secondary):
        assert send(node, key, "_acme-challenge", "TXT") == "REFUSED"
    assert rules(pair.primary) == []


def test_rules_survive_restarts_and_come_with_images(pair):
    key = key_of(pair.primary, "upd")
    pair.primary.ctl("policy", "add", ZONE, "key:upd", "name:*.dyn")
    pair.wait_in_step()
    pair.secondary.stop()
    shutil.rmtree(pair.secondary.data / "store")
    pair.primary.kill()
    pair.primary.start()
    assert send(pair.primary, key, "a.dyn", "A") == "NOERROR"
    pair.secondary.start()
    pair.wait_in_step()
    assert "images installed" in pair.secondary.log()
    assert rules(pair.secondary) == rules(pair.primary) == ["key:upd. name:*.dyn.example.test."]
    assert send(pair.secondary, key, "b.dyn", "A") == "NOERROR"
    pair.secondary.stop()
    pair.secondary.start()
    pair.wait_in_step()
    assert rules(pair.secondary) == ["key:upd. name:*.dyn.example.test."]


def test_a_deleted_zone_comes_back_with_its_rules(pair):
    key = key_of(pair.primary, "upd")
    pair.primary.ctl("policy", "add", ZONE, "key:upd")
    pair.primary.ctl("zone", "delete", ZONE)
    assert send(pair.primary, key, "www", "A") == "NOTAUTH"
    pair.primary.ctl("zone", "restore", ZONE)
    assert send(pair.primary, key, "www", "A") == "NOERROR"
    pair.wait_in_step()
    assert rules(pair.secondary) == ["key:upd."]


def test_policy_test_says_what_really_happens(pair):
    keys = {name: key_of(pair.primary, name) for name in ("dyn", "web", "here", "away", "none")}
    for rule in (["key:dyn", "name:*.dyn", "type:A", "type:TXT"], ["key:web", "name:www"],
                 ["key:here", "from:127.0.0.0/8"], ["key:away", "from:192.0.2.0/24"],
                 ["from:127.0.0.1", "name:local", "type:A"]):
        pair.primary.ctl("policy", "add", ZONE, *rule)
    pair.wait_in_step()
    outcomes = set()
    for name in ("a.dyn", "dyn", "www", "local", "open"):
        for rdtype in ("A", "TXT", "ANY"):
            for key in [None, *keys.values()]:
                for node in (pair.primary, pair.secondary):
                    said, code = tried(node, key, name, rdtype)
                    happened = send(node, key, name, rdtype)
                    where = f"{node.kind} {key and key.name} {name} {rdtype}: {said}"
                    assert said.startswith("allowed by: " if happened == "NOERROR" else "refused: "), where
                    assert code == (0 if happened == "NOERROR" else 1), where
                    outcomes.add((happened, said.rstrip().rsplit(" ", 1)[-1] if code == 0 else ""))
    assert outcomes == {("NOERROR", "(log)"), ("NOERROR", "(configuration)"), ("REFUSED", "")}


def test_a_key_that_is_nowhere_and_a_name_outside(pair):
    with pytest.raises(CommandFailed) as outside:
        pair.primary.ctl("policy", "add", ZONE, "key:k", "name:www.example.com.")
    assert "is outside of the zone example.test." in outside.value.stderr
    assert "there is no key k." in " ".join(pair.primary.json("policy", "add", ZONE, "key:k")["warnings"])
    assert "rules +1" in pair.primary.ctl("log")
    with pytest.raises(CommandFailed) as follows:
        pair.secondary.ctl("policy", "add", ZONE, "key:k")
    assert "leader" in follows.value.stderr


def test_rules_are_shown_as_they_are_typed_and_keys_that_they_name_are_told(pair):
    key_of(pair.primary, "web")
    pair.primary.ctl("policy", "add", ZONE, "key:web", "name:www", "expire:1d")
    assert "key:web. name:www.example.test. expire:1d" in pair.primary.ctl("policy", "list", ZONE)
    assert rules(pair.primary) == ["key:web. name:www.example.test. expire:86400"], "as the log has it"
    with pytest.raises(CommandFailed, match="--number N"):
        pair.primary.ctl("policy", "remove", ZONE, "key:other")
    with pytest.raises(CommandFailed, match="did you mean key:web, without a space"):
        pair.primary.ctl("policy", "add", ZONE, "key", "web")
    assert "1 rule of example.test. names the key web." in " ".join(
        pair.primary.json("key", "remove", "web")["warnings"])
    pair.primary.ctl("policy", "delete", ZONE, "key:web", "name:www", "expire:1d")
    assert rules(pair.primary) == []
