"""Zones go from Tandem to other servers and from them to Tandem: {Knot, BIND, NSD, PowerDNS, YADIFA} x {AXFR, IXFR,
NOTIFY, XoT} x {no key, hmac-sha256, hmac-sha512}, both ways, each cell with a zone of its own.

Every zone is changed 50 times (1000 with TANDEM_FULL=1) at random, and both servers have to have the same records,
those that the changes made (changing_zone.py). All cells go on at once, because servers wait a second before they tell,
take or serve what is new; each cell is a test of its own, which looks at what came of it. It takes about two minutes.

What a cell shows, beside equal zones:
  axfr    each change is in a whole zone: the taker asks for nothing else
  ixfr    what changed goes over, one or few changes at a time: Tandem and the logs of others say so
  notify  ten changes in a row, and nobody asks: what tells of them is NOTIFY alone
  xot     as ixfr, over TLS 1.3 only (RFC 9103)
What others cannot do: Knot 3.2, PowerDNS and YADIFA have no XoT; PowerDNS gives whole zones only; YADIFA always asks
for changes. NSD 4.6 joins several changes into one that deletes what was not there, so that AXFR follows. Knot, NSD,
PowerDNS and YADIFA fold the letters of names, BIND and Tandem do not: there they are compared as they are.
"""
import contextlib
import dataclasses
import os
import random

import pytest

from cluster import wait_until
from keys import make_key
from transfer_peers import Bind, Course, Knot, Nsd, Origin, exact, folded
from transfer_peers_more import PowerDns, Yadifa
from transfer_tandem import Certificates, Tandem

CHANGES = 1000 if os.environ.get("TANDEM_FULL") else 50
ROUNDS = CHANGES // 10  # of a cell, at least
LOOKS = CHANGES // 25  # how often both zones are compared record by record
ALGORITHMS = {"none": None, "sha256": "hmac-sha256", "sha512": "hmac-sha512"}
PEERS = [Knot, Bind, Nsd, PowerDns, Yadifa]
METHODS = ["axfr", "ixfr", "notify", "xot"]
HAVE_TLS = [Bind, Nsd]


@dataclasses.dataclass(frozen=True)
class Cell:
    peer: type
    way: str  # "out": from Tandem to the peer; "in"
    method: str
    key: str

    def __str__(self):
        return f"{self.peer.name}-{self.way}-{self.method}-{self.key}"

    @property
    def is_possible(self):
        if self.method == "xot":
            return self.peer in HAVE_TLS
        if self.way == "out":
            return self.method != "axfr" or self.peer.takes_whole
        return self.method != "ixfr" or self.peer.gives_changes


CELLS = [cell for peer in PEERS for way in ("out", "in") for method in METHODS for key in ALGORITHMS
         if (cell := Cell(peer, way, method, key)).is_possible]


class Run:
    """One course on its way; `error` is what ended it."""

    def __init__(self, course):
        self.course = course
        self.random = random.Random(course.zone)
        self.left = CHANGES
        self.serial = None
        self.error = None
        self.ways = []  # of an incoming one: how it came, one for each round

    def step(self, action):
        """Does something for the course, unless it has ended."""
        if self.error is None:
            try:
                action()
            except Exception as error:  # of this course alone: the others go on
                self.error = error

    def begin(self):
        self.serial = 1
        self.order()
        wait_until(lambda: self.course.taker.serial(self.course.zone) == 1, f"{self.course.zone} at first", 30)
        for server in (self.course.giver, self.course.taker):
            server.allow_large(self.course.zone)

    def change(self):
        """Some changes in a row."""
        if self.left:
            some = 10 if self.course.method == "notify" else self.random.choice((1, 1, 2, 4, 8))
            count = min(self.left, max(some, self.course.giver.least_at_once))
            self.left -= count
            for _ in range(count):
                self.serial = self.course.giver.change(self.course)

    def order(self):
        """Orders the taker to take the zone, where nothing else tells it."""
        if not self.course.is_told:
            wait_until(lambda: self.course.giver.serial(self.course.zone) == self.serial, "the giver has it", 30)
            self.course.taker.take(self.course)

    def arrive(self):
        wait_until(lambda: self.course.taker.serial(self.course.zone) == self.serial,
                   f"{self.course.zone} with serial {self.serial}", 30)

    def compare(self):
        given, taken = (server.records(self.course.zone) for server in (self.course.giver, self.course.taker))
        assert_same(folded(given), folded(taken))
        assert_same(self.course.content.lines(), [line for line in folded(given) if " SOA " not in line])
        if self.course.giver.keeps_letters and self.course.taker.keeps_letters:
            assert_same(exact(given), exact(taken))


def assert_same(ours, theirs):
    missing, more = (sorted(set(one) - set(other))[:9] for one, other in ((ours, theirs), (theirs, ours)))
    assert ours == theirs, f"missing: {missing}; too much: {more}"


def drive(runs, tandem):
    """All courses at once, round by round: some changes, which arrive; LOOKS times, at last at the end, all records."""
    for run in runs:
        run.step(run.begin)
    looks = [CHANGES * look // LOOKS for look in range(LOOKS - 1, -1, -1)]  # compared when so many are left
    while any(run.left and run.error is None for run in runs):
        for run in runs:
            run.step(run.change)
        for run in runs:
            run.step(run.order)
        for run in runs:
            run.step(run.arrive)
        ways = tandem.ways()
        for run in runs:
            run.ways.append(ways.get(run.course.zone))
        if max((run.left for run in runs if run.error is None), default=0) <= looks[0]:
            looks.pop(0)
            for run in runs:
                run.step(run.compare)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Cell -> what came of it."""
    folder = tmp_path_factory.mktemp("matrix")
    certificates = Certificates(folder)
    keys = {name: algorithm and make_key(folder, f"{name}.key.", algorithm) for name, algorithm in ALGORITHMS.items()}
    dump = make_key(folder, "dump.")
    tandem = Tandem(folder, dump, certificates)
    origin = Origin(folder, dump, certificates)
    peers = {(peer, way): peer(folder / way, dump, certificates) for peer in PEERS for way in ("out", "in")}
    runs = {}
    for cell in CELLS:
        peer = peers[cell.peer, cell.way]
        giver, taker = (tandem, peer) if cell.way == "out" else (peer, tandem)
        course = Course(f"{cell}.test.", giver, taker, cell.method, keys[cell.key], cell.method == "xot")
        if cell.peer is Nsd and cell.way == "in":
            peer.relay(course, origin)
        runs[cell] = Run(course)
    with contextlib.ExitStack() as stack:
        for server in [origin, tandem, *peers.values()]:
            stack.callback(server.stop)
            server.start()
        drive(list(runs.values()), tandem)
        yield runs


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cell(runs, cell):
    run = runs[cell]
    if run.error is not None:
        raise run.error
    assert run.left == 0
    if cell.way == "in":
        assert_came(cell, run)
    else:
        assert_went(cell, run.course)


def assert_came(cell, run):
    """Tandem says of each round how the zone came; the first time it came whole."""
    came = set(run.ways[1:]) - {"up-to-date"}  # told twice
    if cell.method == "axfr":
        assert came == {"axfr"}
    elif cell.peer.gives_changes and cell.peer is not Nsd:
        assert came == {"ixfr"}, run.ways
    elif cell.peer is Nsd and cell.method != "notify":
        assert "ixfr" in came, run.ways


def assert_went(cell, course):
    """Tandem's log says how often it gave changes, that of the peer how often a whole zone came: at first."""
    changes, whole = course.giver.changes_sent(course), course.taker.taken_whole(course)
    if cell.method == "axfr":
        assert changes == 0 and (whole is None or whole > ROUNDS), (changes, whole)
    else:
        assert changes >= ROUNDS - course.content.shrunk and (whole is None or whole <= 1 + course.content.shrunk), (
            changes, whole)
