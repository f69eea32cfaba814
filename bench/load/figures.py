"""The figures, each a function that returns the Markdown below its heading. Every load is bounded in time, rounds
go through all servers in turn, and what is told is the median of the rounds."""
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import servers
import zones
from processes import Program, cluster, peak_mib, tool

# On the disk that the project is on: /tmp is a memory file system on many machines, where f would be nothing.
WORK = zones.ROOT / "build" / "bench"
# In a closed loop on an idle machine the slowest answers take little longer than the others. Where they take more
# than so many times as long, somebody else had the processor meanwhile.
CALM = 3
AGAIN = "tandem, second start (own store)"


@contextlib.contextmanager
def work_folder():
    WORK.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=WORK))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_tool(name, *words, cpu=None, limit=120):
    pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
    done = subprocess.run([*pin, tool(name), *map(str, words)], capture_output=True, text=True, timeout=limit,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {done.stderr}")
    return json.loads(done.stdout)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def verdict(value, goal, unit, form=".2f"):
    return f"**{value:{form}} {unit}** (goal at most {goal:{form}} {unit}: {'reached' if value <= goal else 'missed'})"


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def figure_a(rounds=7, answers=400_000):
    """UDP, home zone, one worker: server CPU per answer against the echo floor."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        queries = folder / "queries"
        zones.write_home_queries(queries)
        ports, programs, measured = {}, {}, {}
        for name, command in servers.ALONE.items():
            place = folder / name.replace(" ", "-")
            ports[name] = cluster.free_port()
            programs[name] = running.enter_context(
                Program(command(place, ports[name], zones.HOME, zones.HOME_FILE), place, cpu=0))
            if name != "echo floor":
                programs[name].wait_for_answer(ports[name], zones.HOME)
            measured[name] = []
        turn, disturbed = 0, 0
        while turn <= rounds:
            loads = {name: _load_once(program, ports[name], queries, answers) for name, program in programs.items()}
            if disturbed < 2 * rounds and any(load["p99_us"] > CALM * load["p50_us"] for load in loads.values()):
                disturbed += 1
                continue
            turn += 1
            if turn > 1:  # the first warms up
                for name, load in loads.items():
                    measured[name].append(load)
    return _report_a(measured, disturbed, answers)


def _load_once(program, port, queries, answers):
    before = program.cpu_seconds()
    load = run_tool("bench-udp-load", port, queries, "--answers", answers, "--seconds", 20, cpu=1)
    load["cpu_us"] = (program.cpu_seconds() - before) * 1e6 / max(1, load["answered"])
    load["rate"] = load["answered"] / load["seconds"]
    return load


def _report_a(measured, disturbed, answers):
    # Each round against the floor of the same round: the machine's mood is the same for both.
    def ratio(name):
        return statistics.median(row["cpu_us"] / floor["cpu_us"]
                                 for row, floor in zip(measured[name], measured["echo floor"]))
    rows = [[name, f"{median(runs, 'cpu_us'):.2f}", f"{ratio(name):.2f}", f"{median(runs, 'rate'):,.0f}",
             f"{median(runs, 'p50_us'):.0f} / {median(runs, 'p99_us'):.0f}", sum(run["lost"] for run in runs)]
            for name, runs in measured.items()]
    return (f"{verdict(ratio('tandem'), 1.25, 'x the floor')}; {len(measured['tandem'])} rounds of {answers:,} "
            f"answers ({disturbed} more were repeated because others took the processor), server on core 0, load on "
            "core 1, 16 x 16 queries on their way.\n\n"
            + table(["server", "CPU us/answer", "x floor", "answers/s", "p50 / p99 us", "lost"], rows))


def figure_b(rounds=5):
    """A master file of a million records: from exec to the first answer, and the memory it takes."""
    with work_folder() as folder:
        file = folder / "host.zone"
        zones.write_host_zone(file)
        measured = {name: [] for name in servers.ALONE if name != "echo floor"}
        measured[AGAIN] = []
        for turn in range(rounds):
            for name in measured:
                if name != AGAIN:
                    place = folder / f"{name}-{turn}"
                    measured[name].append(_start_once(servers.ALONE[name], place, file))
                    if name == "tandem":
                        measured[AGAIN].append(_start_once(servers.tandem_again, place, file))
                    shutil.rmtree(place, ignore_errors=True)
    return _report_b(measured, rounds)


def _start_once(command, place, file):
    port = cluster.free_port()
    place.mkdir(parents=True, exist_ok=True)
    with Program(command(place, port, zones.HOST, file), place) as program:
        run = {"answers_s": program.wait_for_answer(port, f"host{zones.HOSTS - 1:07d}.{zones.HOST}", kind=1),
               "first_mib": program.memory_mib()}
        program.wait_for_quiet()
        run["rest_mib"] = program.memory_mib()
        run["peak_mib"] = sum(map(peak_mib, program.pids()))
    return run


def _report_b(measured, rounds):
    rows = [[name, f"{median(runs, 'answers_s'):.2f}", f"{median(runs, 'first_mib'):.0f}",
             f"{median(runs, 'rest_mib'):.0f}", f"{median(runs, 'peak_mib'):.0f}"] for name, runs in measured.items()]
    ours = measured["tandem"]
    return (f"Start {verdict(median(ours, 'answers_s'), 1.5, 's')}, memory "
            f"{verdict(median(ours, 'rest_mib'), 160, 'MiB', '.0f')}; {rounds} rounds, the file "
            f"({zones.HOSTS:,} A records) in the page cache. tandem also stores the zone, which the others do not; "
            "\"at rest\" is after that.\n\n"
            + table(["server", "exec to answer s", "MiB at first answer", "MiB at rest", "MiB peak"], rows))


def figure_c(rounds=5, changes=300):
    """A change acknowledged by the primary, until the secondary answers with it."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        pairs = {"tandem": _tandem_pair(running, folder / "tandem")}
        for name in servers.PAIRS:
            pairs[name] = _other_pair(running, name, folder / name)
        measured = {name: [] for name in ["f", "g", *pairs]}
        for _ in range(rounds):
            measured["f"].append(run_tool("bench-sync-loop", folder))
            measured["g"].append(run_tool("bench-grpc-round-trip"))
            for name, where in pairs.items():
                many = changes if name == "tandem" else changes // 30  # Knot takes a second for each
                measured[name].append(run_tool("bench-change-latency", zones.HOME, *where, "--rounds", many,
                                               "--seconds", 40))
    return _report_c(measured, pairs, rounds, changes)


def _report_c(measured, pairs, rounds, changes):
    # Others only ever add to f and g, and so to the goal: the smallest is the truest.
    f, g = (min(run["p50_us"] for run in measured[name]) / 1000 for name in ("f", "g"))

    def cell(name, part):
        return " / ".join(f"{median([run[part] for run in measured[name]], key) / 1000:.2f}"
                          for key in ("p50_us", "p99_us"))
    rows = [[name, *(cell(name, part) for part in ("ack", "answered", "whole"))] for name in pairs]
    ours = median([run["answered"] for run in measured["tandem"]], "p50_us") / 1000
    return (f"p50 {verdict(ours, f + g + 0.4, 'ms')}, the goal being f + g + 0.4 ms with f = {f:.2f} ms (fdatasync of "
            f"300 octets) and g = {g:.2f} ms (gRPC there and back). {rounds} rounds of {changes} changes (a thirtieth "
            "of that for the others), one at a time, the secondary asked every 0.05 ms. Changes go over the HTTP API "
            "to tandem and by RFC 2136 without a key to the others, which have `notify-delay 0` where there is such a "
            "setting.\n\n"
            + table(["pair, p50 / p99 ms", "sent to acknowledged", "acknowledged to answered by the secondary",
                     "sent to answered by the secondary"], rows))


def _tandem_pair(running, folder):
    pair = running.enter_context(cluster.Cluster(folder, zones=[f"{zones.HOME}={zones.HOME_FILE}"]))
    pair.start()
    pair.wait_in_step()
    return ["--api-socket", pair.primary.data / "api.sock", "--ask-port", pair.secondary.port]


def _other_pair(running, name, folder, zone=zones.HOME, file=zones.HOME_FILE):
    ports = [cluster.free_port(), cluster.free_port()]
    roles = zip(servers.PAIRS[name], ports, reversed(ports))
    for number, (command, port, other) in enumerate(roles):
        place = folder / str(number)
        program = running.enter_context(Program(command(place, port, zone, file, other), place))
        program.wait_for_answer(port, zone)
    return ["--update-port", ports[0], "--ask-port", ports[1]]


def figure_d(rounds=5):
    """The first copy of a zone of a million records to an empty secondary."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        file = folder / "host.zone"
        zones.write_host_zone(file)
        copies = {"tandem": _tandem_copies(running, folder / "tandem", file)}
        for name in servers.PAIRS:
            copies[name] = _other_copies(running, name, folder / name, file)
        measured = {name: [] for name in copies}
        for _ in range(rounds):
            for name, copy in copies.items():
                measured[name].append(copy())
    rows = [[name, f"{median(runs, 'answers_s'):.2f}", f"{median(runs, 'mib'):.0f}", f"{median(runs, 'peak_mib'):.0f}"]
            for name, runs in measured.items()]
    return (f"{verdict(median(measured['tandem'], 'answers_s'), 3, 's')} from the exec of the empty secondary to its "
            f"first answer from the zone; {rounds} rounds. tandem's copy is durable at that moment.\n\n"
            + table(["pair", "exec to answer s", "secondary's MiB", "its peak"], rows))


def _copy_once(program, port):
    seconds = program.wait_for_answer(port, f"host{zones.HOSTS - 1:07d}.{zones.HOST}", kind=1)
    program.wait_for_quiet()
    run = {"answers_s": seconds, "mib": program.memory_mib(), "peak_mib": sum(map(peak_mib, program.pids()))}
    program.end()
    return run


def _tandem_copies(running, folder, file):
    pair = running.enter_context(cluster.Cluster(folder, zones=[f"{zones.HOST}={file}"], dial="secondary"))
    pair.primary.start()
    stored = lambda: all(zone["state"] == "serving" for zone in pair.primary.json("zone", "list")["zones"])
    cluster.wait_until(stored, "the primary has stored the zone")
    node = pair.secondary

    def copy():
        shutil.rmtree(node.data / "store", ignore_errors=True)  # its key stays, which the primary knows
        command = [cluster.program("tandem-secondary"), "serve", "--data", node.data,
                   "--listen", f"127.0.0.1:{node.port}", *node.args]
        with Program(command, folder / "copy") as program:
            return _copy_once(program, node.port)
    return copy


def _other_copies(running, name, folder, file):
    ports = [cluster.free_port(), cluster.free_port()]
    primary, secondary = servers.PAIRS[name]
    place = folder / "primary"
    program = running.enter_context(Program(primary(place, ports[0], zones.HOST, file, ports[1]), place))
    program.wait_for_answer(ports[0], zones.HOST)

    def copy():
        place = folder / "secondary"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        with Program(secondary(place, ports[1], zones.HOST, file, ports[0]), place) as started:
            return _copy_once(started, ports[1])
    return copy


def figure_micro(repetitions=5):
    """Pieces from inside: one call each, in nanoseconds of CPU time."""
    found = run_tool("bench-micro", "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
                     "--benchmark_report_aggregates_only=true", limit=600)
    factor = {"ns": 1, "us": 1e3, "ms": 1e6}
    rows = [[row["run_name"].split("/iterations")[0], f"{row['cpu_time'] * factor[row['time_unit']]:,.0f}"]
            for row in found["benchmarks"] if row.get("aggregate_name") == "median"]
    return (f"Median of {repetitions} repetitions, without sockets. What \"answer\" costs is what the server adds to "
            "the echo floor.\n\n" + table(["piece", "ns"], rows))


FIGURES = {"a": figure_a, "b": figure_b, "c": figure_c, "d": figure_d, "micro": figure_micro}
