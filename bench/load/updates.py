"""Signed, durable RFC 2136 updates: how many a second with many outstanding, and how long one takes beside half of
that. dnsperf signs and sends them; it and the servers share the machine's two cores."""
import contextlib
import re
import subprocess

import servers
import zones
from measuring import median, run_tool, table, work_folder
from processes import Program, cluster

KEY = f"hmac-sha256:bench:{servers.BENCH_SECRET}"
OUTSTANDING = 32
NAMES = 500
SECONDS = 4


def figure_updates(rounds=3):
    """Signed updates, each durable before it is acknowledged, with 32 outstanding."""
    with work_folder() as folder, contextlib.ExitStack() as running:
        script = folder / "updates"
        script.write_text(_script())
        ports = {name: _start(running, command, folder / name) for name, command in servers.UPDATED.items()}
        runs = {name: [] for name in ports}
        syncs = []
        for _ in range(rounds):
            syncs.append(run_tool("bench-sync-loop", folder)["p50_us"])
            for name, port in ports.items():
                runs[name].append(_dnsperf(port, script))
        rates = {name: median(each, "rate") for name, each in runs.items()}
        latency = {name: _beside_half(ports[name], script, rates[name]) for name in ports}
        f_ms = min(syncs) / 1000
        yield _report(runs, rates, latency, f_ms, rounds)


def _script():
    lines = []
    for number in range(NAMES):
        for value in ("192.0.2.1", "192.0.2.2"):
            lines.append(f"{zones.HOME}\ndelete u{number} A\nadd u{number} 60 A {value}\nsend\n")
    return "".join(lines)


def _start(running, command, folder):
    port = cluster.free_port()
    program = running.enter_context(Program(command(folder, port, zones.HOME, zones.HOME_FILE), folder))
    program.wait_for_answer(port, zones.HOME)
    return port


def _dnsperf(port, script, rate=None):
    words = ["dnsperf", "-u", "-s", "127.0.0.1", "-p", str(port), "-d", str(script), "-q", str(OUTSTANDING),
             "-c", "4", "-y", KEY, "-l", str(SECONDS)]
    if rate:
        words += ["-Q", str(int(rate))]
    out = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS + 30, check=True).stdout
    good = re.search(r"NOERROR (\d+)", out)
    if not good or int(re.search(r"Updates completed:\s+(\d+)", out).group(1)) != int(good.group(1)):
        raise RuntimeError(f"not all updates were made:\n{out}")
    return {"rate": float(re.search(r"Updates per second:\s+([\d.]+)", out).group(1)),
            "mean_ms": float(re.search(r"Average Latency \(s\):\s+([\d.]+)", out).group(1)) * 1000}


def _beside_half(port, script, rate):
    """One update after the other beside half of the load: its acknowledgement, in microseconds."""
    load = subprocess.Popen(["dnsperf", "-u", "-s", "127.0.0.1", "-p", str(port), "-d", str(script), "-q",
                             str(OUTSTANDING), "-c", "4", "-y", KEY, "-l", str(SECONDS), "-Q", str(int(rate / 2))],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return run_tool("bench-change-latency", zones.HOME, "--update-port", port, "--ask-port", port, "--rounds", 300,
                        "--seconds", SECONDS - 2)["ack"]
    finally:
        load.wait(SECONDS + 30)


def _report(runs, rates, latency, f_ms, rounds):
    times = rates["tandem"] / rates["knot"]
    p99 = latency["tandem"]["p99_us"] / 1000
    head = (f"**{rates['tandem']:,.0f} updates/s, {times:.1f} x Knot** (goal 13 x: "
            f"{'reached' if times >= 13 else 'missed'}); at half of that load the acknowledgement has a p99 of "
            f"**{p99:.2f} ms** (goal 3 f + 2 ms = {3 * f_ms + 2:.2f} ms: "
            f"{'reached' if p99 <= 3 * f_ms + 2 else 'missed'}). f = {f_ms:.2f} ms. {rounds} rounds of {SECONDS} s in "
            f"turn, dnsperf with {OUTSTANDING} outstanding, HMAC-SHA256.\n\n")
    rows = [[name, f"{rates[name]:,.0f}", f"{median(runs[name], 'mean_ms'):.2f}",
             f"{latency[name]['p50_us'] / 1000:.2f} / {latency[name]['p99_us'] / 1000:.2f}"] for name in runs]
    return head + table(["server", "updates/s", "mean ms", "p50 / p99 ms at half the load"], rows)
