"""A zone of a million records is replaced while it is asked: what its askers feel of it, and what it takes in memory.
Half of the load that the server could carry goes on all the time, each query at its own time, answered or not."""
import itertools
import json
import signal
import socket
import subprocess
import time

import servers
import zones
from measuring import load_once, median, table, verdict, work_folder
from processes import Program, cluster, peak_mib, question, resident_mib, tool, watch_peak

# How much of the zone changes: every so manieth record, and the goal for the peak against the memory at rest.
CASES = {"a tenth of the records changed": (10, 1.6), "every record changed": (1, 2.0)}
RISE_MS = 1.0
SHARE = 0.5  # of the load that it could carry
CALM_SECONDS = 4
AFTER_SECONDS = 1  # of load, from the first new answer on: what is cleared up then is felt too
# At its rate the load uses half of core 1. The server's other threads may have the rest of it, but may not make the
# load late, whose own waiting would count as the server's: so it runs at a real-time priority.
LOAD = ["taskset", "-c", "1", "chrt", "-f", "1", tool("bench-udp-load")]


def figure_replace(rounds=5):
    """A million A records are replaced under half of the load that could be carried."""
    with work_folder() as folder:
        zone = zones.make("host", folder)
        ways = {"file and SIGHUP": _reload, "tandemctl zone import": _import}
        for number, (case, way) in enumerate(itertools.product(CASES, ways)):
            yield _measure(zone, folder / f"{number}", case, way, ways[way], rounds)


def _reload(program, file):
    (program.folder / "host.zone").write_bytes(file.read_bytes())
    program.process.send_signal(signal.SIGHUP)


def _import(program, file):
    subprocess.run([cluster.program("tandemctl"), "--data", program.folder / "data", "zone", "import", "--replace",
                    f"{zones.HOST}={file}"], check=True, capture_output=True, timeout=120)


def _measure(zone, folder, case, way, replace, rounds):
    port = cluster.free_port()
    folder.mkdir()
    own, new = folder / "host.zone", folder / "new.zone"
    zones.write_host_zone(own)
    measured = []
    with Program(servers.tandem(folder, port, zone.origin, own), folder) as program:
        program.wait_for_answer(port, zone.origin)
        program.wait_for_quiet()
        rate = SHARE * load_once(program, "answered", "bench-udp-load", port, zone.queries, "--answers", 10**9,
                                 "--seconds", 3)["rate"]
        for turn in range(rounds):
            zones.write_host_zone(new, serial=turn + 2, changed_each=CASES[case][0])
            measured.append(_replace_once(program, port, zone, rate, lambda: replace(program, new), turn + 1))
    return _report(case, way, measured, rate)


def _replace_once(program, port, zone, rate, replace, version):
    program.wait_for_quiet()
    calm = _end(_begin_load(port, zone, rate, CALM_SECONDS))
    program.wait_for_quiet()
    pid = program.process.pid
    rest = resident_mib(pid)
    watch_peak(pid)
    load = _begin_load(port, zone, rate, 120)
    time.sleep(0.2)
    begun = time.monotonic()
    replace()
    _wait_for_version(port, version)
    seconds = time.monotonic() - begun
    time.sleep(AFTER_SECONDS)
    load.send_signal(signal.SIGTERM)
    busy = _end(load)
    program.wait_for_quiet()
    return {"seconds": seconds, "lost": busy["lost"], "calm_lost": calm["lost"], "calm_ms": calm["p999_us"] / 1000,
            "busy_ms": busy["p999_us"] / 1000, "rise_ms": (busy["p999_us"] - calm["p999_us"]) / 1000, "rest": rest,
            "peak": peak_mib(pid), "ratio": peak_mib(pid) / rest}


def _begin_load(port, zone, rate, seconds):
    words = [port, zone.queries, "--rate", rate, "--window", 4096, "--answers", 10**9, "--seconds", seconds]
    return subprocess.Popen([*LOAD, *map(str, words)], stdout=subprocess.PIPE, text=True)


def _end(load):
    said, _ = load.communicate(timeout=150)
    if load.returncode != 0:
        raise RuntimeError("the load failed")
    return json.loads(said)


def _wait_for_version(port, version, limit=60):
    """Until the first name has the address of that version, which is looked at every 10 ms."""
    wanted = socket.inet_aton(zones.host_address(0, version))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.5)
        asking.connect(("127.0.0.1", port))
        end = time.monotonic() + limit
        while time.monotonic() < end:
            asking.send(question(f"host{0:07d}.{zones.HOST}", kind=1))
            try:
                if asking.recv(4096)[-4:] == wanted:
                    return
            except TimeoutError:
                pass  # the load's neighbours are lost too, if any are
            time.sleep(0.01)
    raise RuntimeError(f"version {version} of the zone does not show")


def _report(case, way, measured, rate):
    lost = sum(run["lost"] for run in measured)
    rows = [[f"{run['seconds']:.2f}", f"{run['calm_ms']:.2f}", f"{run['busy_ms']:.2f}", run["calm_lost"], run["lost"],
             f"{run['rest']:.0f}", f"{run['peak']:.0f}", f"{run['ratio']:.2f}"] for run in measured]
    return (f"{case}, by {way}: **{lost} queries lost** (goal 0: {'missed' if lost else 'reached'}); p99.9 higher by "
            f"{verdict(median(measured, 'rise_ms'), RISE_MS, 'ms')}; peak "
            f"{verdict(median(measured, 'ratio'), CASES[case][1], 'x the memory at rest')}. {len(measured)} rounds at "
            f"{rate:,.0f} queries/s, half of what is answered in a closed loop.\n\n"
            + table(["seconds until it is answered", "p99.9 ms without", "p99.9 ms with", "lost without", "lost with",
                     "MiB at rest (RSS)", "MiB peak (VmHWM)", "peak / rest"], rows))
