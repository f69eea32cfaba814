"""What zones take in memory: all of the process, once it rests."""
import shutil

import servers
import zones
from measuring import median, table, verdict, work_folder
from processes import Program, cluster, peak_mib

GOALS = {"host": 90, "tld": 90, "many": 120}
SERVERS = {"tandem": servers.tandem_zones, "knot": servers.knot_zones, "nsd": servers.nsd_zones}


def figure_memory(rounds=3):
    """Memory at rest: a million A records, 250,000 delegations, 100,000 zones of five records."""
    with work_folder() as folder:
        for kind in GOALS:
            yield _measure(kind, folder / kind, rounds)


def _measure(kind, folder, rounds):
    folder.mkdir()
    what, files, last = zones.make_files(kind, folder)
    measured = {name: [] for name in SERVERS}
    for turn in range(rounds):
        for name, command in SERVERS.items():
            place = folder / f"{name}-{turn}"
            measured[name].append(_weigh(command, place, files, last))
            shutil.rmtree(place, ignore_errors=True)
    rows = [[name, *(f"{median(runs, key):.0f}" for key in ("rest", "peak"))] for name, runs in measured.items()]
    return (f"{what}: {verdict(median(measured['tandem'], 'rest'), GOALS[kind], 'MiB', '.0f')}; {rounds} rounds.\n\n"
            + table(["server", "MiB at rest (Pss)", "MiB peak"], rows))


def _weigh(command, place, files, last):
    port = cluster.free_port()
    place.mkdir(parents=True)
    with Program(command(place, port, files), place) as program:
        program.wait_for_answer(port, last, limit=300)
        program.wait_for_quiet(limit=300)
        return {"rest": program.memory_mib(), "peak": sum(map(peak_mib, program.pids()))}
