"""Start from a master file, and from the store that the first start made."""
import shutil

import servers
import zones
from measuring import median, table, verdict, work_folder
from processes import Program, cluster, peak_mib

AGAIN = "tandem, second start (own store)"


LARGE = 10_000_000
GOALS = {zones.HOSTS: (0.5, 0.25), LARGE: (5.0, 2.0)}  # seconds: from the file, from the store


def figure_start(rounds=5):
    """A master file to the first answer, the own store to the first answer, and the memory they take."""
    yield _measure(zones.HOSTS, servers.ALONE, rounds)
    yield _measure(LARGE, {"tandem": servers.ALONE["tandem"]}, 1)


def _measure(hosts, commands, rounds):
    with work_folder() as folder:
        file = folder / "host.zone"
        zones.write_host_zone(file, hosts)
        measured = {name: [] for name in [*commands, AGAIN]}
        for turn in range(rounds):
            for name, command in commands.items():
                place = folder / f"{name}-{turn}"
                measured[name].append(_start_once(command, place, file, hosts))
                if name == "tandem":
                    measured[AGAIN].append(_start_once(servers.tandem_again, place, file, hosts))
                shutil.rmtree(place, ignore_errors=True)
    return _report(measured, rounds, hosts)


def _start_once(command, place, file, hosts):
    port = cluster.free_port()
    place.mkdir(parents=True, exist_ok=True)
    with Program(command(place, port, zones.HOST, file), place) as program:
        run = {"answers_s": program.wait_for_answer(port, f"host{hosts - 1:07d}.{zones.HOST}", kind=1),
               "first_mib": program.memory_mib()}
        program.wait_for_quiet()
        run["rest_mib"] = program.memory_mib()
        run["peak_mib"] = sum(map(peak_mib, program.pids()))
    return run


def _report(measured, rounds, hosts):
    rows = [[name, f"{median(runs, 'answers_s'):.2f}", f"{median(runs, 'first_mib'):.0f}",
             f"{median(runs, 'rest_mib'):.0f}", f"{median(runs, 'peak_mib'):.0f}"] for name, runs in measured.items()]
    from_file, again = GOALS[hosts]
    return (f"{hosts:,} A records: from the file {verdict(median(measured['tandem'], 'answers_s'), from_file, 's')}, "
            f"from the store {verdict(median(measured[AGAIN], 'answers_s'), again, 's')}; {rounds} "
            f"{'round' if rounds == 1 else 'rounds'}, the file in the page cache. tandem also stores the zone, which "
            "the others do not; \"at rest\" is after that.\n\n"
            + table(["server", "exec to answer s", "MiB at first answer", "MiB at rest", "MiB peak"], rows))
