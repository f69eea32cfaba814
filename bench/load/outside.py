"""Zones and their changes that go to servers outside of the cluster and come from there, by AXFR, NOTIFY and IXFR."""
import contextlib

import servers
import zones
from measuring import median, run_tool, table, verdict, work_folder
from processes import Program, cluster

GOAL = 2.0  # seconds, from our start until we answer with a whole zone of a million records
PAUSE_MS = 1100  # a pulled zone is asked for once a second because of NOTIFY


def figure_outside(rounds=3, changes=20):
    """From a server's start to its answer with a zone that it takes whole, and from a change at one server to another's
    answer with it. Our own pair without its link is among them."""
    with work_folder() as folder:
        large = folder / "host.zone"
        zones.write_host_zone(large)
        for what, zone, file in (("The home zone", zones.HOME, zones.HOME_FILE),
                                 (f"A zone of {zones.HOST_HAS}", zones.HOST, large)):
            yield _one_zone(folder / zone, what, zone, file, rounds, changes)


def _one_zone(folder, what, zone, file, rounds, changes):
    ways = {f"tandem to {name}": (servers.tandem_primary, follow) for name, follow in servers.FOLLOWING.items()}
    ways |= {f"{name} to tandem": (lead, servers.tandem_secondary)
             for name, lead in (servers.LEADING | {"tandem": servers.tandem_primary}).items()}
    rows = {name: _measure(folder / name.replace(" ", "-"), pair, zone, file, rounds, changes)
            for name, pair in ways.items()}
    worst = max(whole for name, (whole, _, _) in rows.items() if name.endswith("to tandem"))
    told = f"{verdict(worst, GOAL, 's')} for one that comes here" if zone == zones.HOST else "what comes and goes"
    return (f"{what}: {told}. Whole: from the taker's start to its answer. Changes: {rounds} rounds of {changes} "
            f"updates (RFC 2136), one each {PAUSE_MS} ms, sent to answered by the taker. Knot tells a second after a "
            "change.\n\n"
            + table(["way", "whole s", "change p50 ms", "p99 ms"],
                    [[name, f"{whole:.2f}", f"{p50:.1f}", f"{p99:.1f}"] for name, (whole, p50, p99) in rows.items()]))


def _measure(folder, pair, zone, file, rounds, changes):
    """(seconds for the whole zone, p50 and p99 of changes in ms)."""
    ports = [cluster.free_port(), cluster.free_port()]
    with contextlib.ExitStack() as running:
        for number, (command, port, other) in enumerate(zip(pair, ports, reversed(ports))):
            place = folder / str(number)
            place.mkdir(parents=True)
            program = running.enter_context(Program(command(place, port, zone, file, other), place))
            whole = program.wait_for_answer(port, zone)
        runs = [run_tool("bench-change-latency", zone, "--update-port", ports[0], "--ask-port", ports[1], "--rounds",
                         changes, "--pause-ms", PAUSE_MS, "--seconds", 100)["whole"] for _ in range(rounds)]
    return whole, median(runs, "p50_us") / 1000, median(runs, "p99_us") / 1000
