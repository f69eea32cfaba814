"""Start from a master file, and from the store that the first start made."""
import shutil

import servers
import zones
from measuring import median, table, verdict, work_folder
from processes import Program, cluster, peak_mib

AGAIN = "tandem, second start (own store)"


def figure_start(rounds=5):
    """A master file of a million records: from exec to the first answer, and the memory it takes."""
    with work_folder() as folder:
        file = folder / "host.zone"
        zones.write_host_zone(file)
        measured = {name: [] for name in servers.ALONE}
        measured[AGAIN] = []
        for turn in range(rounds):
            for name in measured:
                if name != AGAIN:
                    place = folder / f"{name}-{turn}"
                    measured[name].append(_start_once(servers.ALONE[name], place, file))
                    if name == "tandem":
                        measured[AGAIN].append(_start_once(servers.tandem_again, place, file))
                    shutil.rmtree(place, ignore_errors=True)
    yield _report(measured, rounds)


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


def _report(measured, rounds):
    rows = [[name, f"{median(runs, 'answers_s'):.2f}", f"{median(runs, 'first_mib'):.0f}",
             f"{median(runs, 'rest_mib'):.0f}", f"{median(runs, 'peak_mib'):.0f}"] for name, runs in measured.items()]
    ours = measured["tandem"]
    return (f"Start {verdict(median(ours, 'answers_s'), 1.5, 's')}, memory "
            f"{verdict(median(ours, 'rest_mib'), 160, 'MiB', '.0f')}; {rounds} rounds, the file "
            f"({zones.HOSTS:,} A records) in the page cache. tandem also stores the zone, which the others do not; "
            "\"at rest\" is after that.\n\n"
            + table(["server", "exec to answer s", "MiB at first answer", "MiB at rest", "MiB peak"], rows))
