"""The page of results of a day: the machine, the versions, and a section for each figure."""
import datetime
import os
import pathlib
import platform
import re
import subprocess
import textwrap
import time

from processes import cluster
from zones import ROOT

RESULTS = ROOT / "bench" / "results"


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0]


def busy_share():
    """Which part of the machine's processors others use, over one second."""
    def times():
        fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]
    total, idle = times()
    time.sleep(1)
    total_after, idle_after = times()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 1024 / 1024
    return f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, " \
           f"Linux {platform.release()}"


def versions():
    commit = first_line("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    return [f"tandem {first_line(cluster.program('tandem-primary'), '--version').split()[-1]} "
            f"(build {cluster.BUILD.name}, work tree at {commit})",
            first_line("knotd", "-V"), first_line("nsd", "-v"), first_line("named", "-v")]


def head():
    """To be asked for before anything is measured: the programs may be built anew meanwhile."""
    return f"Machine: {machine()}.\nServers:\n" + "".join(f"- {line}\n" for line in versions())


def company(busy):
    """What a reader has to know about who else used the machine just before a figure."""
    if busy > 0.2:
        return f"**Not to be trusted**: others used {100 * busy:.0f} % of the machine just before."
    return f"Others used {100 * busy:.0f} % of the machine just before."


def wrapped(body):
    """Paragraphs in lines of the house's length; tables as they are."""
    return "\n".join(line if line.startswith("|") else textwrap.fill(line, 119) for line in body.splitlines())


def write(top, sections):
    """Puts the sections into today's page, in the place of older ones of the same title. Returns the file."""
    day = datetime.date.today().isoformat()
    file = RESULTS / f"{day}.md"
    kept = {}
    if file.exists():
        for section in file.read_text().split("\n## ")[1:]:
            title, _, body = section.partition("\n")
            kept[title] = body.strip()
    kept.update(sections)
    RESULTS.mkdir(exist_ok=True)
    body = "".join(f"\n## {title}\n{wrapped(kept[title].strip())}\n" for title in sorted(kept))
    file.write_text(f"# Figures of {day}\n\n{top}{body}")
    return file
