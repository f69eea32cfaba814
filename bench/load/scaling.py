"""Two workers on two cores against one on one. The load has no core of its own, so each core carries a worker and a
load program as large as it, with one core as with two: what the second core adds is the worker's and the load's."""
import contextlib
import json
import statistics
import subprocess

import servers
import zones
from measuring import median, run_tool, table, verdict, work_folder
from processes import Program, cluster, tool

COST = 1.10  # CPU of an answer with two workers, of that with one
BESIDE = 1.05  # of a thread beside another, of that of a process beside another, without sockets
SECONDS = 2.5
CORES = {"one worker, core 0": [0], "two workers, cores 0 and 1": [0, 1]}
ALONE, APART, TOGETHER = "alone", "two processes at once", "two threads at once"


def figure_scaling(rounds=7):
    """Two workers on two cores: CPU per answer of each, against one worker."""
    with work_folder() as folder:
        for kind in ("home", "host"):
            yield _measure_zone(zones.make(kind, folder), folder / f"run-{kind}", rounds)
    yield _measure_beside(rounds)


def _measure_zone(zone, folder, rounds):
    measured = {what: [] for what in CORES}
    with contextlib.ExitStack() as running:
        started = {}
        for what, cores in CORES.items():
            place, port = folder / str(len(cores)), cluster.free_port()
            command = servers.tandem(place, port, zone.origin, zone.file, threads=len(cores))
            started[what] = running.enter_context(Program(command, place, cpu=",".join(map(str, cores)))), port
        for what, (program, port) in started.items():
            program.wait_for_answer(port, zone.origin)
            program.wait_for_quiet()
        for _ in range(rounds):
            for what, (program, port) in started.items():
                measured[what].append(_load(program, port, zone, CORES[what]))
    one, two = measured.values()
    cost = statistics.median(both["cpu_us"] / alone["cpu_us"] for alone, both in zip(one, two))
    rate = statistics.median(both["rate"] / alone["rate"] for alone, both in zip(one, two))
    rows = [[what, f"{median(runs, 'cpu_us'):.2f}", f"{median(runs, 'rate'):,.0f}"]
            for what, runs in measured.items()]
    return (f"{zone.what}: an answer costs {verdict(cost, COST, 'x the CPU')} that it costs one worker; {rate:.2f} x "
            f"as many answers. {rounds} rounds of {SECONDS} s, a load of 16 x 16 queries on each worker's core."
            "\n\n" + table(["server", "CPU us/answer", "answers/s"], rows))


def _load(program, port, zone, cores):
    """A load on each of the cores at once."""
    before = program.cpu_seconds()
    loads = [subprocess.Popen(["taskset", "-c", str(core), tool("bench-udp-load"), str(port), str(zone.queries),
                               "--answers", str(10**9), "--seconds", str(SECONDS)], stdout=subprocess.PIPE, text=True)
             for core in cores]
    runs = [json.loads(load.communicate(timeout=60)[0]) for load in loads]
    answered = sum(run["answered"] for run in runs)
    return {"cpu_us": (program.cpu_seconds() - before) * 1e6 / answered,
            "rate": answered / max(run["seconds"] for run in runs)}


def _measure_beside(rounds):
    """Whether workers write what others read. Two processes share nothing: what they cost more than one alone is the
    machine's own, and what two threads cost more than two processes is ours."""
    words = ["--seconds", 1, "--cpus"]
    measured = {ALONE: [], APART: [], TOGETHER: []}
    for _ in range(rounds):
        measured[ALONE].append(statistics.mean(run_tool("bench-side-by-side", *words, cpu)["ns"][0] for cpu in (0, 1)))
        both = [subprocess.Popen([tool("bench-side-by-side"), *map(str, words), str(cpu)], stdout=subprocess.PIPE,
                                 text=True) for cpu in (0, 1)]
        measured[APART].append(statistics.mean(json.loads(one.communicate(timeout=60)[0])["ns"][0] for one in both))
        measured[TOGETHER].append(statistics.mean(run_tool("bench-side-by-side", *words, "0,1")["ns"]))

    def ratio(what, other):
        return statistics.median(ns / least for ns, least in zip(measured[what], measured[other]))
    rows = [[what, f"{statistics.median(costs):.1f}", f"{ratio(what, ALONE):.3f}"]
            for what, costs in measured.items()]
    shared = verdict(ratio(TOGETHER, APART), BESIDE, "x the CPU")
    return (f"False sharing: an answer costs each of two threads {shared} that it costs each of two processes, which "
            f"share nothing; {rounds} rounds of 1 s without sockets, home zone; the threads share catalog, snapshot "
            "cell and engine, and have counters and slots of their own.\n\n"
            + table(["", "CPU ns/answer", "x alone"], rows))
