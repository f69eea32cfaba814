"""From durable to visible: the end of a change's fdatasync until a client has the first new answer.

The sync is timed inside of the server, by a library that stands before fdatasync(2); the answer outside of it, by a
client that asks without a pause. So what is told holds a whole question and answer and is never too short."""
import json
import statistics
import struct
import subprocess

import servers
import zones
from measuring import run_tool, table, verdict, work_folder
from processes import Program, cluster, tool

GOAL_US = 100
CHANGED = f"change-latency.{zones.HOST}"  # what bench-change-latency changes


def figure_visible(rounds=5, changes=200):
    """One name of a million is changed: from the end of its sync to the first new answer."""
    with work_folder() as folder:
        zone = zones.make("host", folder)
        port = cluster.free_port()
        times = folder / "sync-times"
        command = ["env", f"LD_PRELOAD={tool('libbench-sync-times.so')}", f"SYNC_TIMES={times}",
                   *servers.tandem(folder, port, zone.origin, zone.file)]
        with Program(command, folder) as program:
            program.wait_for_answer(port, zone.origin)
            program.wait_for_quiet()
            measured = [_round(folder, port, times, changes) for _ in range(rounds)]
    yield _report(measured, changes)


def _round(folder, port, times, changes):
    """Changes one after the other, while the name is asked for."""
    watch = subprocess.Popen([tool("bench-watch-answer"), str(port), CHANGED, "--seconds", str(changes * 0.02)],
                             stdout=subprocess.PIPE, text=True)
    run_tool("bench-change-latency", zones.HOST, "--api-socket", folder / "data/api.sock", "--ask-port", port,
             "--rounds", changes, "--seconds", changes * 0.02)
    seen = json.loads(watch.communicate(timeout=60)[0])
    return [{"us": us, "asked_us": us - trip / 1000, "round_trip_us": trip / 1000}
            for us, trip in zip(_since_sync(seen["at_ns"], _sync_times(times)), seen["round_trip_ns"])
            if us is not None]


def _sync_times(file):
    content = file.read_bytes()
    count, = struct.unpack_from("=Q", content)
    return struct.unpack_from(f"={count}q", content, 8)


def _since_sync(seen, syncs):
    """For each change that was seen the microseconds since its sync. None where more than one sync ended since the
    change before: somebody else's may have been the last one."""
    before = seen[0]
    for at in seen:
        own = [sync for sync in syncs if before < sync <= at]
        yield (at - own[0]) / 1000 if len(own) == 1 else None
        before = at


def _report(measured, changes):
    def percentile(runs, key, share):
        ordered = sorted(run[key] for run in runs)
        return ordered[int(share * (len(ordered) - 1))]
    rows = [[len(runs), *(f"{percentile(runs, 'us', share):.0f}" for share in (0.5, 0.9, 0.99)),
             *(f"{percentile(runs, key, 0.5):.0f}" for key in ("asked_us", "round_trip_us"))] for runs in measured]
    half = statistics.median(percentile(runs, "us", 0.5) for runs in measured)
    return (f"p50 {verdict(half, GOAL_US, 'us', '.0f')} from the end of the sync until the first new answer is at the "
            f"client; {len(measured)} rounds of {changes} changes, {zones.HOST_HAS}. It was visible between the "
            "sending of that answer's query and the answer.\n\n"
            + table(["changes", "p50 us", "p90 us", "p99 us", "its query sent after, p50 us", "its round trip, p50 us"],
                    rows))
