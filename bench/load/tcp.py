"""Answers over TCP: many queries on a connection, and a connection for each query."""
import contextlib
import statistics

import servers
import zones
from measuring import load_once, median, start_all, table, work_folder

# Knot's queue of connections that wait to be accepted holds ten, which no setting changes: with 16 at a time it would
# drop some, whose clients try again after a second, and answer a hundred a second with an idle core.
KINDS = {"16 connections, 32 queries on their way on each": ([], 3.0),
         "a new connection for each query, 8 at a time": (["--fresh", "--connections", 8], 1.2)}
SECONDS = 2.5
# Which of Knot's settings is the faster one depends on who else is there: the faster one of each round counts.
KNOTS = {"knot": servers.knot, "knot 4 workers": servers.knot_tcp}


def figure_tcp(rounds=5):
    """TCP, home zone, one worker: answers a second beside Knot."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        zone = zones.make("home", folder)
        started = start_all(running, folder, servers.ALONE | KNOTS, zone.origin, zone.file)
        for kind, (words, goal) in KINDS.items():
            yield _measure(kind, words, goal, zone, started, rounds)


def _measure(kind, words, goal, zone, started, rounds):
    measured = {name: [] for name in started}
    for _ in range(rounds):
        for name, (program, port) in started.items():
            measured[name].append(load_once(program, "answered", "bench-tcp-load", port, zone.queries,
                                            "--seconds", SECONDS, "--answers", 10**9, *words))

    knots = [max(run["rate"] for run in turn) for turn in zip(*(measured[name] for name in KNOTS))]

    def ratio(name):
        return statistics.median(row["rate"] / knot for row, knot in zip(measured[name], knots))
    rows = [[name, f"{median(runs, 'cpu_us'):.2f}", f"{median(runs, 'rate'):,.0f}", f"{ratio(name):.2f}"]
            for name, runs in measured.items()]
    ours = ratio("tandem")
    reached = "reached" if ours >= goal else "missed"
    return (f"{kind}: **{ours:.2f} x Knot's rate** (goal at least {goal} x: {reached}); {rounds} rounds of {SECONDS} "
            "s, server on core 0, load on core 1.\n\n"
            + table(["server", "CPU us/answer", "answers/s", "x Knot"], rows))
