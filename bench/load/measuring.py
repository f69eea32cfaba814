"""What the figures share: a folder to work in, tools to run, tables and verdicts to tell."""
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import zones
from processes import Program, cluster, tool

# On the disk that the project is on: /tmp is a memory file system on many machines, where f would be nothing.
WORK = zones.ROOT / "build" / "bench"
FLOOR = "echo floor"


@contextlib.contextmanager
def work_folder():
    WORK.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=WORK))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_tool(name, *words, cpu=None, limit=120):
    pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
    done = subprocess.run([*pin, tool(name), *map(str, words)], capture_output=True, text=True, timeout=limit,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {done.stderr}")
    return json.loads(done.stdout)


def start_all(running, folder, commands, origin, file):
    """Every server of `commands` with one zone on core 0, once it answers and rests: {name: (program, port)}."""
    started = {}
    for name, command in commands.items():
        place = folder / name.replace(" ", "-")
        port = cluster.free_port()
        program = running.enter_context(Program(command(place, port, origin, file), place, cpu=0))
        if name != FLOOR:  # it knows no zone
            program.wait_for_answer(port, origin)
            program.wait_for_quiet()  # it may answer before it has stored what it read
        started[name] = program, port
    return started


def load_once(program, counted, tool_name, *words):
    """One run of a load tool on core 1; with `rate` in what is counted, and what the server's CPU did for it."""
    before = program.cpu_seconds()
    run = run_tool(tool_name, *words, cpu=1)
    run["cpu_s"] = program.cpu_seconds() - before
    run["cpu_us"] = run["cpu_s"] * 1e6 / max(1, run[counted])
    run["rate"] = run[counted] / run["seconds"]
    return run


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def verdict(value, goal, unit, form=".2f"):
    return f"**{value:{form}} {unit}** (goal at most {goal:{form}} {unit}: {'reached' if value <= goal else 'missed'})"


def median(rows, key):
    return statistics.median(row[key] for row in rows)
