"""The same zones in Knot, NSD, BIND and tandem-primary; thousands of questions to all; every difference explained.

TANDEM_FULL=1 asks ten times as many, with a new seed each time, which is printed; TANDEM_SEED sets it. An answer that
differs from another server's in a way that no rule of explained.py removes fails the test, and so does a rule that
removes nothing.
"""
import collections
import os
import pathlib
import random
import re
import time

import pytest

import explained
import questions
import random_zone
from peers import PEERS, Line, Tandem, compiled
from shape import FIELDS, SECTIONS, Question, shape

ROOT = pathlib.Path(__file__).resolve().parents[2]
HAND_MADE = ROOT / "tests" / "conformance" / "data"
DATA = ROOT / "tests" / "data"
FULL = bool(os.environ.get("TANDEM_FULL"))
SEED = int(os.environ.get("TANDEM_SEED", random.SystemRandom().randrange(1 << 31) if FULL else 20180312))
SHOWN = int(os.environ.get("TANDEM_SHOWN", 12))  # kinds of differences in a report


def zone_of(path, without=()):
    """The lines of the file that all servers take, and its origin."""
    text = path.read_text()
    origin = next(line.split()[1] for line in text.splitlines() if line.startswith("$ORIGIN"))
    return origin, "\n".join(line for line in text.splitlines() if not any(word in line for word in without)) + "\n"


def copies(paths, folder, without=()):
    zones = []
    for path in paths:
        origin, text = zone_of(path, without)
        (folder / path.name).write_text(text)
        zones.append((origin, folder / path.name))
    return zones


def hand_made(folder):
    return copies(sorted(HAND_MADE.glob("*.zone")), folder), 450


def all_types(folder):
    """BIND wants a key in every IPSECKEY; the RRSIG and NSEC records of this file are signatures of nothing."""
    without = ("IPSECKEY 10 0 0 .", "RRSIG    SOA", "NSEC     a", "NSEC3 1", "NSEC3PARAM")
    return copies([DATA / "dns_all_types.zone", DATA / "infoedu.co.kr.zone"], folder, without), 600


def root_zone(folder):
    (folder / "root.zone").write_text((DATA / "root-2018-03-12.zone").read_text())
    return [(".", folder / "root.zone")], 4000


def at_random(folder):
    """More zones, not more questions to each, in the full check."""
    return random_zone.make(SEED, 80 if FULL else 8, 30, folder), 35 if FULL else 500


SETS = {"hand_made": hand_made, "all_types": all_types, "root": root_zone, "random": at_random}


class Comparison:
    """All servers with one set of zones, asked in step."""

    def __init__(self, folder, zones):
        self.zones = zones
        self.servers = [Tandem(folder, zones)] + [peer(folder, zones) for peer in PEERS]
        self.lines = {}
        self.differences = []
        self.asked = 0
        self.tcp_answers = None, {}

    def __enter__(self):
        for server in self.servers:
            server.start()
            self.lines[server.name] = Line(server.port)
        return self

    def __exit__(self, *what):
        for server in self.servers:
            (server.kill if server.name == "tandem" else server.stop)()

    def answers(self, question):
        """server -> octets; each was sent the question before an answer was awaited."""
        self.asked += 1
        octets = question.message(self.asked & 0xffff).to_wire()
        found = {}
        for _ in range(3):
            missing = [name for name in self.lines if name not in found]
            for name in missing:
                self.lines[name].send(octets, question.tcp)
            for name in missing:
                try:
                    found[name] = self.lines[name].receive(octets, question.tcp)
                except TimeoutError:
                    pass
            if len(found) == len(self.lines):
                return found
        raise AssertionError(f"no answer from {set(self.lines) - set(found)} to {question}")

    def shapes(self, question):
        return {server: shape(octets) for server, octets in self.answers(question).items()}

    def compare(self, question):
        found = self.shapes(question)
        ours = found.pop("tandem")
        for peer, theirs in found.items():
            if ours != theirs:
                others = [answer for other, answer in found.items() if other != peer]
                case = explained.Case(question, peer, ours, theirs, self, others)
                left = explained.remove_all(case)
                if left is not None:
                    self.differences.append((case, left))

    def over_tcp(self, question):
        """server -> (octets, Shape) of the answer over TCP; kept for the last question: all peers' rules ask."""
        if self.tcp_answers[0] != question:
            octets = self.answers(question.over_tcp())
            self.tcp_answers = question, {server: (len(wire), shape(wire)) for server, wire in octets.items()}
        return self.tcp_answers[1]


def contrast(ours, theirs, peer):
    """What only one of the two says, a line each, as a diff."""
    ours, theirs = ours.text().splitlines(), theirs.text().splitlines()
    return [f"  {line}" for line in ours if line in theirs] + [
        f"  tandem {line}" for line in ours if line not in theirs] + [
        f"  {peer:6} {line}" for line in theirs if line not in ours]


def kind_of(difference):
    """Differences of one kind are shown once: who differs, in which flags, and in which types of which section."""
    case, (ours, theirs) = difference
    flags = [field for field in FIELDS[:5] if getattr(ours, field) != getattr(theirs, field)]
    types = {(section, record[1]) for section in SECTIONS
             for record in getattr(ours, section) ^ getattr(theirs, section)}
    return case.peer, *flags, *sorted(types)


def report(comparison):
    kinds = collections.defaultdict(list)
    for difference in comparison.differences:
        kinds[kind_of(difference)].append(difference)
    text = [f"{len(comparison.differences)} unexplained differences of {len(kinds)} kinds, seed {SEED}"]
    for kind, differences in sorted(kinds.items(), key=lambda item: -len(item[1]))[:SHOWN]:
        case, (ours, theirs) = differences[0]
        text += [f"--- {len(differences)} times {kind}, as {case.question}", *contrast(ours, theirs, case.peer)]
        if (ours, theirs) != (case.ours, case.theirs):
            text += ["    before the rules:", *contrast(case.ours, case.theirs, case.peer)]
    return "\n".join(text)


@pytest.mark.parametrize("name", SETS)
def test_all_servers_answer_alike(name, tmp_path):
    zones, limit = SETS[name](tmp_path)
    limit *= 10 if FULL else 1
    print(f"seed {SEED}: TANDEM_SEED={SEED} repeats this")
    asked = [question for origin, path in zones
             for question in questions.make(origin, compiled(origin, path, tmp_path), limit, SEED)]
    start = time.monotonic()
    with Comparison(tmp_path, zones) as comparison:
        for question in asked:
            comparison.compare(question)
        print(f"{name}: {len(asked)} questions in {time.monotonic() - start:.1f} s")
        if comparison.differences:
            pytest.fail(report(comparison), pytrace=False)


def test_every_rule_is_needed(tmp_path):
    """Each rule's own example differs without it, and in nothing that the rules do not explain."""
    zones, _ = hand_made(tmp_path)
    explained.used.clear()
    missing = []
    with Comparison(tmp_path, zones) as comparison:
        for name, example in explained.EXAMPLES.items():
            before = sum(count for (used, _), count in explained.used.items() if used == name)
            comparison.compare(Question.from_text(example))
            if sum(count for (used, _), count in explained.used.items() if used == name) == before:
                missing.append(name)
        assert not comparison.differences, report(comparison)
    assert not missing, f"rules that their examples do not need: {missing}"


def test_every_rule_is_written_down():
    """docs/differences.md has a section for each rule, of its name, and no other."""
    text = (ROOT / "docs" / "differences.md").read_text()
    assert re.findall(r"^## `(.*)`$", text, re.MULTILINE) == list(explained.RULES)
