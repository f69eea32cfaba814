"""The first copy of a large zone to an empty secondary."""
import contextlib
import shutil

import servers
import zones
from measuring import median, table, verdict, work_folder
from processes import Program, cluster, peak_mib


def figure_copy(rounds=5):
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
    yield (f"{verdict(median(measured['tandem'], 'answers_s'), 3, 's')} from the exec of the empty secondary to its "
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
