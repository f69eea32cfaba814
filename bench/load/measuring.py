"""What the figures share: a folder to work in, tools to run, tables and verdicts to tell."""
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import zones
from processes import tool

# On the disk that the project is on: /tmp is a memory file system on many machines, where f would be nothing.
WORK = zones.ROOT / "build" / "bench"


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


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def verdict(value, goal, unit, form=".2f"):
    return f"**{value:{form}} {unit}** (goal at most {goal:{form}} {unit}: {'reached' if value <= goal else 'missed'})"


def median(rows, key):
    return statistics.median(row[key] for row in rows)
