"""What a node costs and does while others do it harm: its memory, and whether queries are answered meanwhile."""
import contextlib
import os
import socket
import threading
import time

import dns.message
import dns.rcode

from cluster import PATIENCE

# What is freed is to be free at once: with a sanitizer it would count as memory in use for long.
LEAN = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


def resident(node):
    """Octets of memory that the process has in use (VmRSS), and had at most (VmHWM)."""
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status)
    return {name: int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")}


@contextlib.contextmanager
def memory_bounded(node, octets):
    """The process never has so many octets more in use than at the start."""
    with open(f"/proc/{node.process.pid}/clear_refs", "w", encoding="ascii") as peak:
        peak.write("5")  # what it has now is the most it had
    before = resident(node)["VmRSS"]
    yield
    grown = resident(node)["VmHWM"] - before
    assert grown < octets, f"{grown} octets more than at the start, {octets} are allowed"


class Steady:
    """Asks one question over UDP again and again, each when the one before is answered; all have to be."""

    def __init__(self, node, name, rdtype="A"):
        self.node = node
        self.query = dns.message.make_query(name, rdtype)
        self.answered = 0
        self.slowest = 0.0
        self.failure = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.is_over.set()
        self.thread.join()
        if kind is None:
            assert self.failure is None, f"{self.failure} after {self.answered} answers"
            assert self.answered > 0

    def _ask(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect(("127.0.0.1", self.node.port))
            udp.settimeout(PATIENCE)
            while not self.is_over.is_set() and self.failure is None:
                self.query.id = self.answered & 0xffff
                begun = time.monotonic()
                try:
                    udp.send(self.query.to_wire())
                    answer = dns.message.from_wire(udp.recv(65535))
                    assert answer.id == self.query.id and answer.rcode() == dns.rcode.NOERROR and answer.answer
                except (OSError, AssertionError) as error:
                    self.failure = repr(error)
                    return
                self.answered += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)
