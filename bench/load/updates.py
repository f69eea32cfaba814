"""Signed, durable RFC 2136 updates: how many a second with many outstanding, in one zone and in a thousand; how long
one takes beside half of that; what queries feel of them. dnsperf signs and sends them; it and the servers share the
machine's two cores."""
import contextlib
import re
import subprocess

import servers
import zones
from measuring import median, run_tool, table, verdict, work_folder
from processes import Program, cluster

KEY = f"hmac-sha256:bench:{servers.BENCH_SECRET}"
OUTSTANDING = 32
NAMES = 500
ZONES = 1000
SECONDS = 6
QUERIES_A_SECOND = 20_000
UPDATES_A_SECOND = 5_000


def figure_updates(rounds=3):
    """Signed updates, each durable before it is acknowledged, with 32 outstanding."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        ports = {}
        for name, command in servers.UPDATED.items():
            ports[name] = port = cluster.free_port()
            _start(running, command(folder / name, port, zones.HOME, zones.HOME_FILE), folder / name, port, zones.HOME)
        script = _script(folder / "updates", [zones.HOME])
        yield _compare(folder, ports, script, rounds)
        yield _many_zones(running, folder, ports["tandem"], script, rounds)
        yield _beside_queries(folder, ports["tandem"], script, rounds)


def _script(file, origins):
    """Every update changes something, however often the file is gone through."""
    file.write_text("".join(f"{origins[number % len(origins)]}\ndelete u{number} A\nadd u{number} 60 A {value}\nsend\n"
                            for value in ("192.0.2.1", "192.0.2.2") for number in range(max(NAMES, len(origins)))))
    return file


def _start(running, command, folder, port, origin):
    running.enter_context(Program(command, folder)).wait_for_answer(port, origin)


def _words(port, script, rate=None):
    words = ["dnsperf", "-u", "-s", "127.0.0.1", "-p", str(port), "-d", str(script), "-q", str(OUTSTANDING), "-c", "4",
             "-y", KEY, "-l", str(SECONDS)]
    return words + (["-Q", str(int(rate))] if rate else [])


def _load(port, script):
    """Updates a second and how long each took."""
    out = subprocess.run(_words(port, script), capture_output=True, text=True, timeout=SECONDS + 30, check=True).stdout
    made = re.search(r"NOERROR (\d+)", out)
    if not made or int(re.search(r"Updates completed:\s+(\d+)", out).group(1)) != int(made.group(1)):
        raise RuntimeError(f"not all updates were made:\n{out}")
    return {"rate": float(re.search(r"Updates per second:\s+([\d.]+)", out).group(1)),
            "mean_ms": float(re.search(r"Average Latency \(s\):\s+([\d.]+)", out).group(1)) * 1000}


@contextlib.contextmanager
def _going_on(port, script, rate):
    """So many updates a second while the block runs, which has to be shorter than SECONDS."""
    load = subprocess.Popen(_words(port, script, rate), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        load.wait(SECONDS + 30)


def _beside_half(port, script, rate):
    """One update after the other beside half of the load: its acknowledgement."""
    with _going_on(port, script, rate / 2):
        return run_tool("bench-change-latency", zones.HOME, "--update-port", port, "--ask-port", port, "--rounds", 300,
                        "--seconds", SECONDS - 2)["ack"]


def _compare(folder, ports, script, rounds):
    runs = {name: [] for name in ports}
    syncs = []
    for _ in range(rounds):
        syncs.append(run_tool("bench-sync-loop", folder)["p50_us"])
        for name, port in ports.items():
            runs[name].append(_load(port, script))
    rates = {name: median(each, "rate") for name, each in runs.items()}
    latency = {name: _beside_half(port, script, rates[name]) for name, port in ports.items()}
    f_ms = min(syncs) / 1000
    times = rates["tandem"] / rates["knot"]
    head = (f"**{rates['tandem']:,.0f} updates/s, {times:.1f} x Knot** (goal 13 x: "
            f"{'reached' if times >= 13 else 'missed'}); p99 of the acknowledgement at half of that load "
            f"{verdict(latency['tandem']['p99_us'] / 1000, 3 * f_ms + 2, 'ms')}, the goal being 3 f + 2 ms with "
            f"f = {f_ms:.2f} ms. {rounds} rounds of {SECONDS} s in turn, dnsperf with {OUTSTANDING} outstanding, "
            "HMAC-SHA256.\n\n")
    rows = [[name, f"{rates[name]:,.0f}", f"{median(runs[name], 'mean_ms'):.2f}",
             f"{latency[name]['p50_us'] / 1000:.2f} / {latency[name]['p99_us'] / 1000:.2f}"] for name in runs]
    return head + table(["server", "updates/s", "mean ms", "p50 / p99 ms at half the load"], rows)


def _many_zones(running, folder, one_port, one_script, rounds):
    folder = folder / "many"
    folder.mkdir()
    files = []
    for number in range(ZONES):
        file = folder / f"z{number}.zone"
        file.write_text("@ 60 SOA ns1 h 1 900 300 604800 60\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
        files.append((f"z{number}.test", file))
    port = cluster.free_port()
    _start(running, [*servers.tandem_zones(folder, port, files), *servers.UPDATE_RULES], folder, port,
           f"z{ZONES - 1}.test")
    script = _script(folder / "updates", [origin for origin, _ in files])
    rates = {"one zone": [], f"{ZONES:,} zones": []}
    for _ in range(rounds):
        for each, where in zip(rates.values(), ((one_port, one_script), (port, script))):
            each.append(_load(*where))
    one, many = (median(each, "rate") for each in rates.values())
    return (f"{ZONES:,} zones changed in turn: **{many:,.0f} updates/s, {many / one:.2f} x those of one zone** (goal: "
            f"not slower: {'reached' if many >= one else 'missed'}), {one:,.0f} in the same rounds.\n")


def _beside_queries(folder, port, script, rounds):
    queries = folder / "queries"
    zones.write_home_queries(queries)

    def asked():
        return run_tool("bench-udp-load", port, queries, "--answers", 10**9, "--seconds", SECONDS - 2, "--rate",
                        QUERIES_A_SECOND)

    calm, busy = [], []
    for _ in range(rounds):
        calm.append(asked())
        with _going_on(port, script, UPDATES_A_SECOND):
            busy.append(asked())
    before, after = (median(each, "p999_us") / 1000 for each in (calm, busy))
    return (f"Queries beside {UPDATES_A_SECOND:,} updates/s: their p99.9 goes from {before:.2f} to {after:.2f} ms, "
            f"{verdict(after - before, 1, 'ms')}; {QUERIES_A_SECOND:,} queries/s, each at its time, "
            f"{sum(each['lost'] for each in busy)} of them lost. dnsperf takes its share of the two cores too.\n")
