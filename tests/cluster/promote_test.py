"""Who leads, and how that changes: home dies and returns, a planned switch and back, two that were both promoted."""
import base64
import itertools
import threading

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest

from cluster import Cluster, CommandFailed, Node, PATIENCE, free_port, wait_until

ZONE = "example.test"
SECRET = base64.b64encode(bytes(range(32))).decode()
KEY = dns.tsig.Key("upd.", SECRET, "hmac-sha256")
KEY_ARGS = ["--key", f"hmac-sha256:upd:{SECRET}", "--allow-update", "key:upd"]
JUMP = 10_000


@pytest.fixture
def pair(tmp_path, zone_file):
    with Cluster(tmp_path, primary_args=[*KEY_ARGS, "--zone", f"{ZONE}={zone_file}"], secondary_args=KEY_ARGS) as pair:
        pair.start()
        pair.wait_in_step()
        yield pair


def update(node, name, data):
    """A signed update over UDP; its rcode."""
    message = dns.update.UpdateMessage(ZONE)
    message.replace(name, 60, "TXT", f'"{data}"')
    message.use_tsig({KEY.name: KEY}, KEY.name)
    return dns.rcode.to_text(dns.query.udp(message, "127.0.0.1", PATIENCE, node.port).rcode())


def text(node, name):
    return [word.strip('"') for word in node.answers(f"{name}.{ZONE}", "TXT")]


def wait_role(node, role, epoch):
    wait_until(lambda: (lambda s: s["role"] == role and s["position"]["epoch"] == epoch)(node.status()),
               f"the {node.kind} is the {role} of epoch {epoch}")


def wait_alone(node):
    wait_until(lambda: not any(peer["connected"] for peer in node.status()["peers"]), "the link is gone")


def test_home_is_down_the_secondary_leads_and_home_returns_as_a_follower(pair):
    serial = pair.primary.serial(ZONE)
    with pytest.raises(CommandFailed) as refused:
        pair.secondary.ctl("promote")
    assert "--planned" in refused.value.stderr
    pair.primary.kill()
    wait_alone(pair.secondary)
    known = pair.secondary.json("promote", "--dry-run")
    assert not known["done"] and known["missing"] == 0 and not known["obstacle"] and known["epoch"] == 2
    assert known["position"] == known["leader"]["position"] and not known["leader"]["connected"]
    assert pair.secondary.status()["role"] == "follower", "a dry run changes nothing"

    assert pair.secondary.json("promote")["done"]
    status = pair.secondary.status()
    assert status["role"] == "leader" and status["writable"] and status["role_since"]
    assert status["position"]["epoch"] == 2 and status["position"]["leader"] == status["node"]
    assert update(pair.secondary, "away", "taken") == "NOERROR"
    assert text(pair.secondary, "away") == ["taken"]
    wait_until(lambda: pair.secondary.serial(ZONE) > serial + JUMP, "the serial is above all of the old leader's")

    pair.primary.start()
    wait_role(pair.primary, "follower", 2)
    pair.wait_in_step()
    pair.assert_equal()
    assert pair.primary.status()["orphans"] == 0
    assert update(pair.primary, "home", "passed on") == "NOERROR"
    assert text(pair.secondary, "home") == ["passed on"]
    pair.wait_in_step()
    for node in (pair.primary, pair.secondary):
        node.stop()
        node.start()
    wait_role(pair.primary, "follower", 2)
    wait_role(pair.secondary, "leader", 2)
    assert update(pair.secondary, "again", "after restarts") == "NOERROR"
    pair.wait_in_step()
    pair.assert_equal()


def test_what_home_alone_had_is_kept_and_listed(pair):
    pair.secondary.stop()
    assert update(pair.primary, "lost", "only at home") == "NOERROR"
    assert update(pair.primary, "lost2", "only at home") == "NOERROR"
    pair.primary.kill()
    pair.secondary.start()
    pair.secondary.ctl("promote")
    assert update(pair.secondary, "kept", "in the cloud") == "NOERROR"
    pair.primary.start()
    wait_role(pair.primary, "follower", 2)
    pair.wait_in_step()
    pair.assert_equal()
    assert text(pair.primary, "lost") == [] and text(pair.primary, "kept") == ["in the cloud"]
    assert pair.primary.status()["orphans"] == 2
    listed = pair.primary.ctl("orphans", "list", "--records")
    assert f"lost.{ZONE}" in listed and f"lost2.{ZONE}" in listed and "only at home" in listed
    pair.primary.stop()
    pair.primary.start()
    assert pair.primary.status()["orphans"] == 2, "over restarts"


def test_orphans_are_shown_made_again_and_thrown_away(pair):
    """Both sides took changes while they were apart: one that conflicts, others that do not."""
    pair.secondary.stop()
    for name in ("alone", "both", "unwanted"):
        assert update(pair.primary, name, "home") == "NOERROR"
    pair.primary.kill()
    pair.secondary.start()
    pair.secondary.ctl("promote")
    assert update(pair.secondary, "both", "cloud") == "NOERROR"
    pair.primary.start()
    wait_role(pair.primary, "follower", 2)
    pair.wait_in_step()
    home = pair.primary

    shown = home.ctl("orphans", "diff")
    assert 'home"  would add' in shown
    assert "conflicts: the RRset was changed since (now: " in shown and '"cloud"' in shown
    alone, both, unwanted = (orphan["id"] for orphan in home.json("orphans", "list")["orphans"])
    with pytest.raises(CommandFailed) as refused:
        home.ctl("orphans", "apply", alone, both)
    assert f"{both}  not applied" in refused.value.stdout and f"{alone}  applied, entry" in refused.value.stdout
    pair.wait_in_step()
    for node in (home, pair.secondary):
        assert text(node, "alone") == ["home"] and text(node, "both") == ["cloud"] and text(node, "unwanted") == []
    assert home.status()["orphans"] == 2
    newest = pair.secondary.json("log", "-n", "1")["entries"][-1]
    assert newest["actor"]["credential"] == "unix" and newest["actor"]["reason"].startswith(f"orphan {alone} of upd")

    assert "applied, entry" in home.ctl("orphans", "apply", "--force", both)
    pair.wait_in_step()
    assert text(home, "both") == text(pair.secondary, "both") == ["home"]
    assert f"unwanted.{ZONE}" in home.ctl("orphans", "discard", "--all")
    home.stop()
    home.start()
    assert home.status()["orphans"] == 0, "nothing is left open, over restarts"
    states = [orphan["state"] for orphan in home.json("orphans", "list")["orphans"]]
    assert states == ["applied", "applied", "discarded"]
    pair.wait_in_step()
    pair.assert_equal()


def test_the_old_leader_gives_way_while_it_runs(pair):
    """Home was cut off, not down: it leads on until it hears of the newer epoch."""
    pair.primary.freeze()
    try:
        pair.secondary.ctl("promote", "--force")
        assert update(pair.secondary, "new", "epoch") == "NOERROR"
    finally:
        pair.primary.thaw()
    wait_role(pair.primary, "follower", 2)
    pair.wait_in_step()
    pair.assert_equal()


class Stream:
    """Updates and queries without a pause at both nodes, each answer looked at."""

    def __init__(self, pair):
        self.nodes = (pair.primary, pair.secondary)
        self.stopping = threading.Event()
        self.updates = {node.kind: 0 for node in self.nodes}
        self.queries = {node.kind: 0 for node in self.nodes}
        self.trouble = []
        self.threads = [threading.Thread(target=work, args=(node,)) for node in self.nodes
                        for work in (self.send_updates, self.send_queries)]

    def send_updates(self, node):
        for number in itertools.count():
            if self.stopping.is_set():
                return
            try:
                rcode = update(node, f"{node.kind}{number}", number)
                if rcode != "NOERROR":
                    self.trouble.append(f"update {number} at the {node.kind}: {rcode}")
            except (dns.exception.DNSException, OSError) as error:
                self.trouble.append(f"update {number} at the {node.kind}: {error!r}")
            self.updates[node.kind] = number + 1

    def send_queries(self, node):
        while not self.stopping.is_set():
            try:
                answer = node.ask(f"ns1.{ZONE}", timeout=PATIENCE)
                if answer.rcode() != dns.rcode.NOERROR or not answer.answer:
                    self.trouble.append(f"query at the {node.kind}: {answer}")
            except (dns.exception.DNSException, OSError) as error:
                self.trouble.append(f"query at the {node.kind}: {error!r}")
            self.queries[node.kind] += 1

    def wait_more(self, count=20):
        """Until each of the four has come on by so much."""
        before = [dict(self.updates), dict(self.queries)]
        wait_until(lambda: all(now[kind] >= then[kind] + count
                               for now, then in zip((self.updates, self.queries), before) for kind in now),
                   "the stream goes on")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def test_a_planned_switch_and_back_refuses_no_update_and_loses_no_query(pair):
    with Stream(pair) as stream:
        stream.wait_more()
        assert pair.secondary.json("promote", "--planned")["done"]
        wait_role(pair.primary, "follower", 2)
        stream.wait_more()
        assert pair.primary.json("promote", "--planned")["done"]
        wait_role(pair.secondary, "follower", 3)
        stream.wait_more()
    assert not stream.trouble
    pair.wait_in_step()
    pair.assert_equal()
    for node in (pair.primary, pair.secondary):
        assert node.status()["orphans"] == 0
        for number in range(stream.updates[node.kind]):
            assert text(node, f"{node.kind}{number}") == [str(number)], "acknowledged is there"


def test_a_leader_goes_on_when_whoever_asked_is_gone(pair):
    """The follower dies between its question and its epoch: changes are taken again."""
    pair.secondary.stop()
    pair.secondary.env["TANDEM_FAILPOINT"] = "epoch:1"
    pair.secondary.start()
    pair.wait_in_step()

    def dies():
        with pytest.raises(CommandFailed):
            pair.secondary.ctl("promote", "--planned")
        return not pair.secondary.running()

    # The leader refuses until it has heard that this follower is in step.
    wait_until(dies, "the failpoint")
    assert update(pair.primary, "on", "and on") == "NOERROR"
    assert pair.primary.status()["role"] == "leader" and pair.primary.status()["writable"]


class Three:
    """Home and two secondaries which know each other too."""

    def __init__(self, folder, zone_file):
        self.home = Node(folder / "home", "primary")
        self.one = Node(folder / "one", "secondary")
        self.two = Node(folder / "two", "secondary")
        self.nodes = (self.home, self.one, self.two)
        ports = {node: free_port() for node in (self.one, self.two)}
        for node in self.nodes:
            node.args += KEY_ARGS
            for other in self.nodes:
                if other is not node:
                    node.args += ["--peer-key", other.key()]
        for node, port in ports.items():
            node.args += ["--link", f"127.0.0.1:{port}"]
            self.home.args += ["--peer", f"127.0.0.1:{port}"]
        self.two.args += ["--peer", f"127.0.0.1:{ports[self.one]}"]
        self.home.args += ["--zone", f"{ZONE}={zone_file}"]


@pytest.fixture
def both_promoted(tmp_path, zone_file):
    """Two secondaries that were promoted apart, both to epoch 2, and run together now."""
    three = Three(tmp_path, zone_file)
    try:
        for node in three.nodes:
            node.start()
        home = three.home.wait_stored()
        wait_until(lambda: all(node.status()["position"] == home.status()["position"] for node in three.nodes),
                   "all in step")
        for node in three.nodes:
            node.stop()
        for node, name in ((three.one, "one"), (three.two, "two")):
            node.start()
            node.ctl("promote")
            assert update(node, name, "mine") == "NOERROR"
            node.stop()
        three.one.start()
        three.two.start()
        yield three.one, three.two
    finally:
        for node in three.nodes:
            node.kill()


@pytest.mark.parametrize("choice", ["this", "peer"])
def test_two_that_were_both_promoted_wait_for_the_operator(both_promoted, choice):
    one, two = both_promoted
    for node in (one, two):
        wait_until(lambda node=node: not node.status()["writable"] and node.status()["alarms"], "read-only, with alarm")
        assert update(node, "refused", "x") == "SERVFAIL"
        assert text(node, "one") + text(node, "two") == ["mine"], "each answers what it has"
    one.ctl("link", "keep", choice)
    leader, follower = (one, two) if choice == "this" else (two, one)
    wait_role(follower, "follower", 3 if choice == "this" else 2)
    wait_until(lambda: follower.status()["position"] == leader.status()["position"], "in step")
    assert leader.status()["writable"] and not leader.status()["alarms"] and not follower.status()["alarms"]
    assert leader.digest(ZONE) == follower.digest(ZONE)
    kept, lost = ("one", "two") if choice == "this" else ("two", "one")
    assert text(follower, kept) == ["mine"] and text(follower, lost) == []
    assert f"{lost}.{ZONE}" in follower.ctl("orphans", "list", "--records")
    assert update(follower, "after", "both") == "NOERROR"
    assert text(leader, "after") == ["both"]
