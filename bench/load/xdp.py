"""UDP past the kernel: answers a second over a cable between two network namespaces, Knot's kxdpgun asking."""
import re
import statistics

import servers
import zones
from measuring import table, work_folder
from processes import Program, cable, cluster

SECONDS = 4
OFFERED = 2_000_000  # queries a second: more than any of them answers
GOALS = {"knot, XDP": 1.3, "tandem, sockets": 2.0}


def figure_xdp(rounds=5):
    """UDP past the kernel (AF_XDP), home zone, one worker: answers a second."""
    if reason := cable.why_not():
        yield f"not measured: {reason}\n"
        return
    with work_folder() as folder, cable.laid() as at_client:
        zone = zones.make("home", folder)
        measured = {name: [] for name in servers.CABLE}
        for turn in range(rounds):
            for name, command in servers.CABLE.items():  # one at a time: an interface has room for one filter
                place = folder / f"{turn}-{name.replace(', ', '-')}"
                port = cluster.free_port()
                cable.run("ip", "link", "set", cable.SERVER_END, "xdp", "off")  # Knot leaves its filter behind
                with Program(command(place, port, zone.origin, zone.file), place, cpu=0) as program:
                    program.wait_for(lambda port=port: at_client(_answers, port, zone.origin), f"{name} answers")
                    if name == "tandem, XDP" and "XDP used" not in (place / "output").read_text():
                        raise RuntimeError(f"no XDP: {(place / 'output').read_text()}")
                    measured[name].append(at_client(_rate, port, zone.queries))
    yield _report(measured, rounds)


def _answers(port, origin):
    try:
        return bool(cluster.ask(port, origin, "SOA", host=cable.SERVER, timeout=0.3).answer)
    except Exception:  # pylint: disable=broad-except # not yet, whatever it is
        return False


def _rate(port, queries):
    said = cable.run("kxdpgun", "-t", str(SECONDS), "-Q", str(OFFERED), "-b", "64", "-F", "1", "-i", str(queries),
                     "-p", str(port), "-I", cable.CLIENT_END, cable.SERVER)
    return int(re.search(r"total replies:\s+(\d+)", said)[1]) / SECONDS


def _report(measured, rounds):
    def ratio(other):
        return statistics.median(ours / theirs for ours, theirs in zip(measured["tandem, XDP"], measured[other]))
    told = "; ".join(f"**{ratio(other):.2f} x {other}** (goal at least {goal} x: "
                     f"{'reached' if ratio(other) >= goal else 'missed'})" for other, goal in GOALS.items())
    rows = [[name, f"{statistics.median(rates):,.0f}", f"{ratio(name):.2f}"] for name, rates in measured.items()]
    return (f"{told}; {rounds} rounds of {SECONDS} s, veth, server on core 0, kxdpgun on core 1 offering more than is "
            "answered.\n\n" + table(["server", "answers/s", "our XDP is so many times as fast"], rows))
