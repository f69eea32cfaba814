"""A whole zone to somebody who takes it as fast as it comes."""
import contextlib

import servers
import zones
from measuring import load_once, median, start_all, table, work_folder

GOAL = 12.0  # million records a second
SERVERS = {"tandem": lambda *where: [*servers.tandem(*where), "--allow-transfer", "127.0.0.1"],
           "knot": servers.knot_giving, "nsd": servers.nsd_giving, "bind": servers.bind_giving}


def figure_axfr(rounds=5):
    """AXFR of a million records over loopback."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        file = folder / "host.zone"
        zones.write_host_zone(file)
        records = zones.HOSTS + 6  # SOA at both ends, two NS and their addresses
        started = start_all(running, folder, SERVERS, zones.HOST, file)
        measured = {name: [] for name in started}
        for _ in range(rounds):
            for name, (program, port) in started.items():
                measured[name].append(load_once(program, "records", "bench-axfr", port, zones.HOST, records))
    rows = [[name, f"{median(runs, 'rate') / 1e6:.1f}", f"{median(runs, 'seconds'):.3f}",
             f"{median(runs, 'cpu_s'):.3f}", f"{runs[0]['messages']:,}", f"{runs[0]['octets'] / 1e6:.0f}"]
            for name, runs in measured.items()]
    ours = median(measured["tandem"], "rate") / 1e6
    yield (f"**{ours:.1f} million records/s** (goal at least {GOAL:.0f}: {'reached' if ours >= GOAL else 'missed'}); "
           f"{rounds} rounds, server on core 0, client on core 1.\n\n"
           + table(["server", "million records/s", "seconds", "server's CPU s", "messages", "MB"], rows))
