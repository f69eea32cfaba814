"""UDP answers over sockets: what one costs the server, against the least that any server can cost."""
import contextlib
import statistics

import servers
import zones
from measuring import FLOOR, load_once, median, start_all, table, verdict, work_folder

# In a closed loop on an idle machine the slowest answers take little longer than the others. Where they take more
# than so many times as long, somebody else had the processor meanwhile.
CALM = 3
GOALS = {"home": 1.08, "host": 1.20, "tld": 1.20, "signed": 1.35, "denied": 1.35}


def figure_udp(rounds=5, answers=400_000):
    """UDP, one worker: server CPU per answer against the echo floor."""
    with work_folder() as folder:
        for name in GOALS:
            yield _measure_zone(zones.make(name, folder), folder / f"run-{name}", rounds, answers)


def _measure_zone(zone, folder, rounds, answers):
    with contextlib.ExitStack() as running:
        # NSD of Debian does not serve the root: it is built without --enable-root-server.
        others = {name: command for name, command in servers.ALONE.items() if name != "nsd" or zone.origin != "."}
        started = start_all(running, folder, others, zone.origin, zone.file)
        octets = _octets_of_answers(zone, *started["tandem"]) if zone.has_large_answers else 0
        floor = {FLOOR: servers.echo(octets)}
        started = start_all(running, folder, floor, zone.origin, zone.file) | started
        measured = {name: [] for name in started}
        turn, disturbed = 0, 0
        while turn <= rounds:
            loads = {name: load_once(program, "answered", "bench-udp-load", port, zone.queries, "--answers", answers,
                                     "--seconds", 20)
                     for name, (program, port) in started.items()}
            if disturbed < 2 * rounds and any(load["p99_us"] > CALM * load["p50_us"] for load in loads.values()):
                disturbed += 1
                continue
            turn += 1
            if turn > 1:  # the first warms up
                for name, load in loads.items():
                    measured[name].append(load)
    return _report(zone, measured, disturbed, answers, octets)


def _octets_of_answers(zone, program, port):
    return round(load_once(program, "answered", "bench-udp-load", port, zone.queries, "--answers", 20_000)["octets"])


def _report(zone, measured, disturbed, answers, octets):
    # Each round against the floor of the same round: the machine's mood is the same for both.
    def ratio(name):
        return statistics.median(row["cpu_us"] / floor["cpu_us"]
                                 for row, floor in zip(measured[name], measured[FLOOR]))
    rows = [[name, f"{median(runs, 'cpu_us'):.2f}", f"{ratio(name):.2f}", f"{median(runs, 'rate'):,.0f}",
             f"{median(runs, 'p50_us'):.0f} / {median(runs, 'p99_us'):.0f}", sum(run["lost"] for run in runs)]
            for name, runs in measured.items()]
    floor = f", the floor's answers as large as ours ({octets} octets)" if octets else ""
    return (f"{zone.what}: {verdict(ratio('tandem'), GOALS[zone.name], 'x the floor')}; {len(measured['tandem'])} "
            f"rounds of {answers:,} answers ({disturbed} more were repeated because others took the processor), server "
            f"on core 0, load on core 1, 16 x 16 queries on their way{floor}.\n\n"
            + table(["server", "CPU us/answer", "x floor", "answers/s", "p50 / p99 us", "lost"], rows))
