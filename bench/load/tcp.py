"""Answers over TCP: many queries on a connection, and a connection for each query."""
import contextlib
import statistics

import servers
import zones
from measuring import median, run_tool, table, work_folder
from processes import Program, cluster

KINDS = {"16 connections, 32 queries on their way on each": (["--answers", 400_000], 3.0),
         "a new connection for each query, 16 at a time": (["--answers", 40_000, "--fresh"], 1.2)}


def figure_tcp(rounds=5):
    """TCP, home zone, one worker: answers a second beside Knot."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        zone = zones.make("home", folder)
        ports, programs = {}, {}
        for name, command in servers.ALONE.items():
            if name == "echo floor":
                continue  # it knows no TCP
            place = folder / name
            ports[name] = cluster.free_port()
            programs[name] = running.enter_context(
                Program(command(place, ports[name], zone.origin, zone.file), place, cpu=0))
            programs[name].wait_for_answer(ports[name], zone.origin)
        return "\n".join(_measure(kind, words, goal, zone, programs, ports, rounds)
                         for kind, (words, goal) in KINDS.items())


def _measure(kind, words, goal, zone, programs, ports, rounds):
    measured = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            before = program.cpu_seconds()
            load = run_tool("bench-tcp-load", ports[name], zone.queries, "--seconds", 20, *words, cpu=1)
            load["cpu_us"] = (program.cpu_seconds() - before) * 1e6 / load["answered"]
            load["rate"] = load["answered"] / load["seconds"]
            measured[name].append(load)

    def ratio(name):
        return statistics.median(row["rate"] / knot["rate"] for row, knot in zip(measured[name], measured["knot"]))
    rows = [[name, f"{median(runs, 'cpu_us'):.2f}", f"{median(runs, 'rate'):,.0f}", f"{ratio(name):.2f}"]
            for name, runs in measured.items()]
    ours = ratio("tandem")
    reached = "reached" if ours >= goal else "missed"
    return (f"{kind}: **{ours:.2f} x Knot's rate** (goal at least {goal} x: {reached}); {rounds} rounds, server on "
            "core 0, load on core 1.\n\n"
            + table(["server", "CPU us/answer", "answers/s", "x Knot"], rows))
