"""A change, acknowledged and then answered by the secondary: over the HTTP API, and by updates."""
import contextlib

import servers
import zones
from measuring import median, run_tool, table, verdict, work_folder
from processes import Program, cluster


WAITING = "tandem, updates that wait for the secondary"


def figure_propagation(rounds=5, changes=300):
    """A change acknowledged by the primary, until the secondary answers with it."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        pairs = {"tandem": _tandem_pair(running, folder / "tandem"),
                 "tandem, updates": _tandem_pair(running, folder / "updates", "wait:none"),
                 WAITING: _tandem_pair(running, folder / "waiting", "wait:secondary")}
        for name in servers.PAIRS:
            pairs[name] = _other_pair(running, name, folder / name)
        measured = {name: [] for name in ["f", "g", *pairs]}
        for _ in range(rounds):
            measured["f"].append(run_tool("bench-sync-loop", folder))
            measured["g"].append(run_tool("bench-grpc-round-trip"))
            for name, where in pairs.items():
                many = changes if name.startswith("tandem") else changes // 30  # Knot takes a second for each
                measured[name].append(run_tool("bench-change-latency", zones.HOME, *where, "--rounds", many,
                                               "--seconds", 40))
    yield _report(measured, pairs, rounds, changes)


def _report(measured, pairs, rounds, changes):
    # Others only ever add to f and g, and so to the goal: the smallest is the truest.
    f, g = (min(run["p50_us"] for run in measured[name]) / 1000 for name in ("f", "g"))

    def cell(name, part):
        return " / ".join(f"{median([run[part] for run in measured[name]], key) / 1000:.2f}"
                          for key in ("p50_us", "p99_us"))
    rows = [[name, *(cell(name, part) for part in ("ack", "answered", "whole"))] for name in pairs]
    answered = median([run["answered"] for run in measured["tandem, updates"]], "p50_us") / 1000
    whole = median([run["ack"] for run in measured[WAITING]], "p50_us") / 1000
    return (f"Acknowledged to answered by the secondary, p50: {verdict(answered, f + g + 0.15, 'ms')}; the whole round "
            f"of an update that waits for the secondary, p50: {verdict(whole, 2 * f + g + 0.3, 'ms')}. The goals are "
            f"f + g + 0.15 and 2 f + g + 0.3 ms with f = {f:.2f} ms (fdatasync of 300 octets) and g = {g:.2f} ms "
            f"(gRPC there and back). {rounds} rounds of {changes} changes (a thirtieth of that for the others), one at "
            "a time, the secondary asked every 0.05 ms. By RFC 2136 without a key; the first row by the HTTP API. The "
            "others have `notify-delay 0` where there is such a setting.\n\n"
            + table(["pair, p50 / p99 ms", "sent to acknowledged", "acknowledged to answered by the secondary",
                     "sent to answered by the secondary"], rows))


def _tandem_pair(running, folder, wait=None):
    rule = ["--allow-update", f"127.0.0.1 {wait}"] if wait else []
    pair = running.enter_context(cluster.Cluster(folder, zones=[f"{zones.HOME}={zones.HOME_FILE}"], primary_args=rule))
    pair.start()
    pair.wait_in_step()
    way = ["--update-port", pair.primary.port] if wait else ["--api-socket", pair.primary.data / "api.sock"]
    return [*way, "--ask-port", pair.secondary.port]


def _other_pair(running, name, folder, zone=zones.HOME, file=zones.HOME_FILE):
    ports = [cluster.free_port(), cluster.free_port()]
    roles = zip(servers.PAIRS[name], ports, reversed(ports))
    for number, (command, port, other) in enumerate(roles):
        place = folder / str(number)
        program = running.enter_context(Program(command(place, port, zone, file, other), place))
        program.wait_for_answer(port, zone)
    return ["--update-port", ports[0], "--ask-port", ports[1]]
