"""Programs under measurement: started, asked, weighed, and ended again."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import cable  # noqa: E402: the folder of the tests' helpers has to be known first
import cluster  # noqa: E402


def tool(name):
    return str(cluster.BUILD / "bench" / name)


def question(name, kind=6):
    """A query with id 0x1234; kind 6 is SOA."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label)
    return b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + labels + b"\0" + kind.to_bytes(2, "big") + b"\0\1"


def has_answer(port, name, kind=6):
    """Whether the server answers the question with at least one record, now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.05)
        try:
            asking.connect(("127.0.0.1", port))
            asking.send(question(name, kind))
            answer = asking.recv(4096)
        except OSError:
            return False
    return answer[3] & 15 == 0 and answer[6:8] != b"\0\0"


class Program:
    """One server with all processes it makes, in a folder of its own. Used as a context: it ends with it."""

    def __init__(self, command, folder, cpu=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
        self.started = time.monotonic()
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen([*pin, *map(str, command)], stdout=output, stderr=output,
                                            stdin=subprocess.DEVNULL, cwd=self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def wait_for_answer(self, port, name, kind=6, limit=120):
        """Seconds from the start to the first answer."""
        return self.wait_for(lambda: has_answer(port, name, kind), f"an answer for {name}", limit)

    def wait_for(self, condition, what, limit=120):
        """Seconds from the start until condition() holds, which is looked at every 2 ms."""
        while not condition():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args} ended:\n{(self.folder / 'output').read_text()[-2000:]}")
            if time.monotonic() - self.started > limit:
                raise RuntimeError(f"{self.process.args}: waited {limit} s for {what}")
            time.sleep(0.002)
        return time.monotonic() - self.started

    def pids(self):
        return family(self.process.pid)

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def memory_mib(self):
        return sum(memory_kib(pid, "Pss") for pid in self.pids()) / 1024

    def wait_for_quiet(self, limit=60):
        """Until the program has used less than 1 % of a core for a second: whatever it does after its start is done."""
        end = time.monotonic() + limit
        while True:
            before = self.cpu_seconds()
            time.sleep(1)
            if self.cpu_seconds() - before < 0.01:
                return
            if time.monotonic() > end:
                raise RuntimeError(f"{self.process.args} does not come to rest")


def family(pid):
    """A process and all its descendants."""
    found = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                found += family(int(child))
    except OSError:
        pass  # it has ended meanwhile
    return found


def cpu_seconds(pid):
    """What the threads that a process has now have run, from the scheduler's own account in nanoseconds."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            total += int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
    except OSError:
        pass
    return total / 1e9


def memory_kib(pid, field):
    """Pss is resident memory with shared pages divided among those who share them."""
    try:
        found = re.search(rf"^{field}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def status_mib(pid, field):
    found = re.search(rf"^{field}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found.group(1)) / 1024


def resident_mib(pid):
    return status_mib(pid, "VmRSS")


def peak_mib(pid):
    """The most that has been resident since the start, or since watch_peak()."""
    return status_mib(pid, "VmHWM")


def watch_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
