"""A whole zone to somebody who takes it as fast as it comes."""
import contextlib

import servers
import zones
from measuring import median, run_tool, table, work_folder
from processes import Program, cluster

GOAL = 12.0  # million records a second
SERVERS = {"tandem": lambda *where: [*servers.tandem(*where), "--allow-transfer", "127.0.0.1"],
           "knot": servers.knot_giving, "nsd": servers.nsd_giving, "bind": servers.bind_giving}


def figure_axfr(rounds=5):
    """AXFR of a million records over loopback."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        file = folder / "host.zone"
        zones.write_host_zone(file)
        records = zones.HOSTS + 6  # SOA at both ends, two NS and their addresses
        ports, programs = {}, {}
        for name, command in SERVERS.items():
            place = folder / name
            ports[name] = cluster.free_port()
            programs[name] = running.enter_context(Program(command(place, ports[name], zones.HOST, file), place, cpu=0))
            programs[name].wait_for_answer(ports[name], zones.HOST)
            programs[name].wait_for_quiet()
        measured = {name: [] for name in SERVERS}
        for _ in range(rounds):
            for name, program in programs.items():
                before = program.cpu_seconds()
                run = run_tool("bench-axfr", ports[name], zones.HOST, records, cpu=1)
                run["cpu_s"] = program.cpu_seconds() - before
                run["rate"] = run["records"] / run["seconds"] / 1e6
                measured[name].append(run)
    rows = [[name, f"{median(runs, 'rate'):.1f}", f"{median(runs, 'seconds'):.3f}", f"{median(runs, 'cpu_s'):.3f}",
             f"{runs[0]['messages']:,}", f"{runs[0]['octets'] / 1e6:.0f}"] for name, runs in measured.items()]
    ours = median(measured["tandem"], "rate")
    return (f"**{ours:.1f} million records/s** (goal at least {GOAL:.0f}: {'reached' if ours >= GOAL else 'missed'}); "
            f"{rounds} rounds, server on core 0, client on core 1.\n\n"
            + table(["server", "million records/s", "seconds", "server's CPU s", "messages", "MB"], rows))
