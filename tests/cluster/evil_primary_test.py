"""Zones from primaries that lie, stutter and go silent: each zone afterwards is the old version or the new one, to the
record, never a third; what was wrong is in the log and in `tandemctl xfr status`; and the same primary is believed
again when it does well. About a minute, most of it for those that go silent.
"""
import contextlib
import re
import socket
import time

import dns.message
import dns.query
import dns.rcode
import pytest

import evil_axfr
import evil_ixfr
import evil_keys
import wire
from burden import LEAN, resident
from cluster import Node, PATIENCE, wait_until
from evil_primary import Ask, EvilPrimary, EvilZone, GOOD_SERIAL, HOLD, KEY_TEXT, OLD_SERIAL, Raw, Script
from tls import Certificate

SILENCE = 30  # seconds: so long a message of a transfer may take
QUESTION = 14  # seconds: so long a question is asked over UDP
EVIL_LIMIT = 4 * SILENCE  # two go silent at once, others have the places that are left
SCRIPTS = [*evil_axfr.SCRIPTS, *evil_ixfr.SCRIPTS, *evil_keys.SCRIPTS]
LIMIT_RECORDS, LIMIT_OCTETS = 20_000, 1 << 20  # of [pull], which the scripts know


def node_for(folder, primaries):
    """A secondary without a link, which takes the primaries' zones."""
    zones = ",\n".join(f'"{primary.source(zone)}"' for primary in primaries for zone in primary.zones.values())
    config = folder / "node.toml"
    config.write_text(f'log_level = "debug"\n[pull]\nrecords = {LIMIT_RECORDS}\noctets = {LIMIT_OCTETS}\n'
                      f'zones = [\n{zones}]\n'
                      '[transfer]\nallow = ["127.0.0.0/8"]\n')
    return Node(folder / "node", "secondary", ["--config", str(config), "--key", KEY_TEXT], env=LEAN)


def content(node, zone):
    """What the node gives away of a zone."""
    records = []
    for answer in dns.query.xfr("127.0.0.1", zone.origin, port=node.port, relativize=False, lifetime=PATIENCE):
        records += [(rrset.name, rrset.ttl, rdata) for rrset in answer.answer for rdata in rrset]
    return wire.canonical(records[:-1])


def states(node):
    return {state["zone"]: state for state in node.json("xfr", "status")["pulled"]}


class Run:
    """All scripts at once, each on a zone of its own. `states` and `contents`: by phase and zone, what `xfr status`
    says at its end, and what the zone then is."""

    def __init__(self, folder, scripts, certificate=None):
        self.primary = EvilPrimary(scripts, certificate)
        self.node = node_for(folder, [self.primary])
        self.zones = {zone.script.name: zone for zone in self.primary.zones.values()}
        self.states = {}
        self.contents = {}
        with self.primary:
            try:
                self.node.start()
                self.go_through()
            finally:
                self.log = self.node.log()
                self.node.kill()

    def go_through(self):
        self.wait("old", lambda zone, state: state["serial"] == OLD_SERIAL)
        self.before = resident(self.node)["VmRSS"]
        self.turn("evil", lambda zone, state: True, EVIL_LIMIT)
        self.most = resident(self.node)["VmHWM"]
        self.turn("good", lambda zone, state: state["serial"] == GOOD_SERIAL)
        self.code = self.node.stop()

    def turn(self, phase, holds, limit=PATIENCE):
        """The primary goes on to a phase and tells of it; then each zone is asked for once more."""
        before = states(self.node)
        for zone in self.zones.values():
            zone.phase = phase
            assert self.primary.notify(zone, self.node) == dns.rcode.NOERROR
        self.wait(phase, lambda zone, state: state["checked"] != before[zone.name]["checked"] and holds(zone, state),
                  limit)
        self.contents[phase] = {name: content(self.node, zone) for name, zone in self.zones.items()}

    def wait(self, phase, holds, limit=PATIENCE):
        """Zones that do not come to it within the limit are seen as they are then."""
        def all_hold():
            now = self.states[phase] = states(self.node)
            return all(not now[zone.name]["busy"] and holds(zone, now[zone.name]) for zone in self.zones.values())
        try:
            wait_until(all_hold, "all zones", limit, pause=0.2)
        except AssertionError:
            assert self.node.running(), self.node.log()[-5000:]

    def said_of(self, zone):
        return "\n".join(line for line in self.log.splitlines() if f"zone={zone.name} " in line)

    def check(self, script):
        zone = self.zones[script.name]
        state = self.states["evil"][zone.name]
        said = self.said_of(zone)
        assert not state["busy"], f"no end: {state}"
        assert any(("evil", kind) in zone.asked for kind in ("SOA", "IXFR", "AXFR") if getattr(script, kind.lower()))
        expected = zone.old if script.outcome == "old" else zone.new
        assert self.contents["evil"][script.name] == expected.records, said
        if script.outcome == "new":
            assert state["error"] == "", state
        else:
            assert re.search(script.reason, said), said
            assert state["error"] and (script.ixfr or re.search(script.reason, state["error"])), state
        assert self.contents["good"][script.name] == zone.good.records, said
        assert self.states["good"][zone.name]["error"] == ""


def cut(after):
    """Both answers end behind so many octets."""
    def answer_ixfr(ask):
        records = [ask.new.soa, *ask.step(ask.removed(), ask.added()), ask.new.soa]
        stream = b"".join(wire.framed(ask.message(part)) for part in (records[:3], records[3:]))
        yield Raw(stream[:min(after, len(stream) - 1)])

    def answer_axfr(ask):
        yield Raw(whole(ask)[:after])
    return Script(f"cut-{after:03}", "old", "closed the connection", ixfr=answer_ixfr, axfr=answer_axfr)


def whole(ask):
    """An AXFR in three messages."""
    records = ask.new.all()
    return b"".join(wire.framed(ask.message(part)) for part in (records[:1], records[1:4], records[4:]))


def octets_to_cut():
    zone = EvilZone(Script("cut-000"))
    return len(whole(Ask(zone, dns.message.make_query(zone.origin, "AXFR"), False)))


CUTS = [cut(after) for after in range(octets_to_cut())]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return Run(folder, SCRIPTS + CUTS, Certificate(folder, "evil.test"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_it_is_the_old_version_or_the_new_one(run, script):
    run.check(script)


def test_a_transfer_that_is_cut_anywhere_is_none(run):
    for script in CUTS:
        run.check(script)


def test_memory_is_bounded_by_what_a_transfer_may_have(run):
    """Four at once; of each its octets, as they came and as they are kept, and the index of its records."""
    most = 4 * (LIMIT_OCTETS + LIMIT_RECORDS * 200) * 4
    assert run.most - run.before < most, f"{run.before} before, {run.most} at most; {most} more are allowed"


def test_the_program_ends_as_it_should(run):
    assert run.code == 0, run.log[-5000:]
    assert "runtime error" not in run.log and "AddressSanitizer" not in run.log


def well_behaved(name):
    return Script(name, "new")


@contextlib.contextmanager
def running(folder, primaries):
    """A node with the old versions of the primaries' zones."""
    node = node_for(folder, primaries)
    zones = [zone for primary in primaries for zone in primary.zones.values()]
    with contextlib.ExitStack() as stack:
        for primary in primaries:
            stack.enter_context(primary)
        try:
            node.start()
            wait_until(lambda: all(is_at(node, zone, OLD_SERIAL) for zone in zones), "all zones are there")
            yield node
            assert node.stop() == 0
        finally:
            node.kill()


def is_at(node, zone, serial):
    """Whether it is there with this serial and nothing goes on any more."""
    state = states(node)[zone.name]
    return state["serial"] == serial and not state["busy"]


def asked_again(node, primary, zone, **options):
    """Tells the node of a change and waits until it has looked; what is said of the zone then."""
    before = states(node)[zone.name]["checked"]
    assert primary.notify(zone, node, **options) == dns.rcode.NOERROR

    def looked():
        state = states(node)[zone.name]
        return state["checked"] != before and not state["busy"] and state
    return wait_until(looked, "it has asked")


def test_a_serial_that_flaps(tmp_path):
    """Forward is taken, back is not, as often as it is said."""
    def flapping(ask):
        times = ask.zone.asked.count(("evil", "SOA"))
        yield ask.message([ask.new.soa if times % 2 else ask.soa(OLD_SERIAL - 1)])
    primary = EvilPrimary([Script("flapping", "new", soa=flapping)])
    zone, = primary.zones.values()
    with running(tmp_path, [primary]) as node:
        zone.phase = "evil"
        for each in range(4):
            error = asked_again(node, primary, zone)["error"]
            assert content(node, zone) == zone.new.records
            assert ("went back" in error) == (each % 2 == 1), error
        zone.phase = "good"
        assert asked_again(node, primary, zone)["error"] == ""
        assert content(node, zone) == zone.good.records


def test_a_storm_of_notify(tmp_path):
    """Strangers do not reach the primary at all, and the primary itself no more than once a second."""
    primary = EvilPrimary([well_behaved("stormy")])
    zone, = primary.zones.values()
    with running(tmp_path, [primary]) as node:
        asked = list(zone.asked)
        for serial in range(1000):
            assert primary.notify(zone, node, serial=serial, source="127.0.0.9") == dns.rcode.REFUSED
        assert asked_again(node, primary, zone, serial=OLD_SERIAL + 0x7fff_ffff)["error"] == "", "a lie, and no harm"
        assert zone.asked == [*asked, ("old", "SOA")]
        begun = time.monotonic()
        for serial in range(1000):
            assert primary.notify(zone, node, serial=OLD_SERIAL + 1 + serial) == dns.rcode.NOERROR
        zone.phase = "good"
        wait_until(lambda: is_at(node, zone, GOOD_SERIAL), "the good version")
        assert content(node, zone) == zone.good.records
        assert zone.asked.count(("old", "SOA")) + zone.asked.count(("good", "SOA")) - 2 <= time.monotonic() - begun + 2


def test_silent_transfers_do_not_keep_others_waiting(tmp_path):
    """It has more zones than there are transfers at once, and says nothing in any of them."""
    def silent(ask):
        yield HOLD
    evil = EvilPrimary([Script(f"silent-{each}", axfr=silent) for each in range(8)])
    good = EvilPrimary([well_behaved("waiting")], address="127.0.0.2")
    waiting, = good.zones.values()
    with running(tmp_path, [evil, good]) as node:
        for zone in evil.zones.values():
            zone.phase = "evil"
            assert evil.notify(zone, node) == dns.rcode.NOERROR
        wait_until(lambda: all(states(node)[zone.name]["busy"] for zone in evil.zones.values()), "all are asked for")
        wait_until(lambda: any(("evil", "AXFR") in zone.asked for zone in evil.zones.values()), "silence")
        waiting.phase = "good"
        good.notify(waiting, node)
        wait_until(lambda: is_at(node, waiting, GOOD_SERIAL), "a zone of another primary", limit=SILENCE / 2)
        node.kill()  # in the middle of it
        node.start()
        for zone in evil.zones.values():
            assert content(node, zone) == zone.old.records
        assert content(node, waiting) == waiting.good.records


class Deaf:
    """A primary of many zones whose port takes questions and gives no answer."""

    def __init__(self, zones):
        self.zones = {each: each for each in range(zones)}
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.3", 0))

    def source(self, zone):
        return f"zone{zone}.deaf.evil.=127.0.0.3:{self.udp.getsockname()[1]}"


def test_a_deaf_primary_does_not_keep_others_waiting(tmp_path):
    """It has more zones than are asked for at once, and each question takes all of its time."""
    deaf = Deaf(600)
    good = EvilPrimary([well_behaved("waiting")], address="127.0.0.2")
    waiting, = good.zones.values()
    node = node_for(tmp_path, [deaf, good])
    with deaf.udp, good:
        try:
            node.start()
            wait_until(lambda: sum(state["busy"] for state in states(node).values()) >= 500, "most are asked for",
                       pause=0.5)
            waiting.phase = "good"
            good.notify(waiting, node)
            wait_until(lambda: is_at(node, waiting, GOOD_SERIAL), "a zone of another primary", limit=QUESTION / 2)
            assert content(node, waiting) == waiting.good.records
            assert node.stop() == 0
        finally:
            node.kill()
