"""Real nodes for tests: started with free ports in a folder of their own, asked over DNS and with tandemctl.

The programs are those of the build folder that TANDEM_BUILD names (default build/release). Nothing here sleeps for a
guessed time: `wait_until` looks at a condition until it holds or a limit has passed.
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import dns.flags
import dns.message
import dns.query
import dns.rdatatype

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build" / "release"
BUILD = pathlib.Path(os.environ.get("TANDEM_BUILD", RELEASE))
DATA = ROOT / "tests" / "data"
PATIENCE = float(os.environ.get("TANDEM_PATIENCE", "60"))


class CommandFailed(Exception):
    """A tandemctl that did not end with 0: `code`, and both outputs in the text."""

    def __init__(self, result):
        super().__init__(f"exit {result.returncode}: {result.args}\n{result.stdout}{result.stderr}")
        self.code = result.returncode
        self.stdout = result.stdout
        self.stderr = result.stderr


def wait_until(condition, what, limit=PATIENCE, pause=0.01):
    """Returns the first true value of condition(); what it raises counts as false until the limit has passed."""
    end = time.monotonic() + limit
    while True:
        error = None
        try:
            value = condition()
            if value:
                return value
        except Exception as caught:  # whatever is not there yet: a refused connection, a command that fails
            error = caught
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s for: {what}") from error
        time.sleep(pause)


_given = set()
_PORTS = range(10_000, 32_000)  # below those that the system gives to whoever asks for any


def free_port():
    """A port of 127.0.0.1 that nobody has for UDP or TCP, and that this process has not given out before."""
    while True:
        port = random.choice(_PORTS)
        with (socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
              socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp):
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def program(name):
    folder = {"tandemctl": "ctl", "tandem-primary": "primary", "tandem-secondary": "secondary"}[name]
    return str(BUILD / folder / name)


def ask(port, name, rdtype="A", *, tcp=False, want_dnssec=False, timeout=5.0, rdclass="IN", host="127.0.0.1",
        **options):
    """One query over UDP or TCP; the response, whatever it says."""
    query = dns.message.make_query(name, rdtype, rdclass, want_dnssec=want_dnssec, **options)
    query.flags &= ~dns.flags.RD
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, host, timeout=timeout, port=port)


class Node:
    """One tandem-primary or tandem-secondary with its data folder; not running until start()."""

    def __init__(self, folder, kind="primary", args=(), env=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.kind = kind
        self.data = self.folder / "data"
        self.log_file = self.folder / "log"
        self.port = free_port()
        self.args = list(args)
        self.under = []  # a command that runs the program with fewer rights or the like
        self.env = dict(os.environ, **(env or {}))
        self.process = None
        self._log_start = 0

    def key(self):
        return self.ctl("node", "key", "--data", str(self.data), socket=False).strip()

    def start(self, wait=True):
        assert self.process is None or self.process.poll() is not None, "runs already"
        self._log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [*self.under, program(f"tandem-{self.kind}"), "serve", "--data", str(self.data),
                 "--listen", f"127.0.0.1:{self.port}", *self.args],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env)
        if wait:
            self.wait_ready()
        return self

    def log(self):
        """What the current or last run has logged."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_bytes()[self._log_start:].decode(errors="replace")

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                return "ended"
            return " ready program=" in self.log() and "ready"

        if wait_until(ready, f"{self.kind} ready") == "ended":
            raise AssertionError(f"{self.kind} ended with {self.process.returncode}:\n{self.log()}")

    def is_stored(self):
        """Whether every zone is in the store; those of files are answered before that."""
        return all(zone["state"] == "serving" for zone in self.json("zone", "list")["zones"])

    def wait_stored(self):
        wait_until(self.is_stored, f"the {self.kind} has stored its zones")
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9, as a power cut of the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, limit=PATIENCE):
        """SIGTERM; returns the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(limit)

    def ctl(self, *words, socket=True, stdin=None, timeout=PATIENCE):
        """tandemctl's standard output; CommandFailed when it does not end with 0."""
        where = ["--data", str(self.data)] if socket else []
        result = subprocess.run([program("tandemctl"), *where, *map(str, words)], input=stdin,
                                capture_output=True, text=True, timeout=timeout, check=False, env=self.env)
        if result.returncode != 0:
            raise CommandFailed(result)
        return result.stdout

    def json(self, *words, **options):
        return json.loads(self.ctl("--json", *words, **options))

    def status(self):
        return self.json("status")

    def metrics(self):
        """The numbers of /metrics by their names with labels. Requires: the node has --http 127.0.0.1:0."""
        address = re.search(r" http=(\S+)", self.log()).group(1)
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=PATIENCE) as page:
            lines = page.read().decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}

    def digest(self, zone):
        return self.json("zone", "digest", zone)

    def ask(self, name, rdtype="A", **options):
        return ask(self.port, name, rdtype, **options)

    def answers(self, name, rdtype="A"):
        """The presentation of each record of the answer section, sorted."""
        return sorted(rdata.to_text() for rrset in self.ask(name, rdtype).answer for rdata in rrset)

    def serial(self, zone):
        for rrset in self.ask(zone, "SOA").answer:
            if rrset.rdtype == dns.rdatatype.SOA:
                return rrset[0].serial
        return None


class Cluster:
    """A primary and a secondary that know each other's keys. `dial`: who dials, "primary" or "secondary"."""

    def __init__(self, folder=None, zones=(), dial="primary", primary_args=(), secondary_args=(), **node_options):
        self.owned = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tandem-cluster-"))
        self.primary = Node(self.folder / "primary", "primary", **node_options)
        self.secondary = Node(self.folder / "secondary", "secondary", **node_options)
        self.link_port = free_port()
        link = f"127.0.0.1:{self.link_port}"
        dialler, listener = (self.primary, self.secondary) if dial == "primary" else (self.secondary, self.primary)
        primary_key, secondary_key = self.primary.key(), self.secondary.key()
        self.primary.args += ["--peer-key", secondary_key]
        self.secondary.args += ["--peer-key", primary_key]
        dialler.args += ["--peer", link]
        listener.args += ["--link", link]
        self.primary.args += [word for zone in zones for word in ("--zone", zone)] + list(primary_args)
        self.secondary.args += list(secondary_args)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for node in (self.primary, self.secondary):
            if error is not None:
                print(f"--- log of the {node.kind}, its last lines\n" + "\n".join(node.log().splitlines()[-40:]))
            node.kill()
        if self.owned and error is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.primary.start(wait=False)
        self.secondary.start(wait=False)
        self.primary.wait_ready()
        self.secondary.wait_ready()
        return self

    def in_step(self):
        """Whether the secondary has stored everything that the primary has; zone files count once they are stored."""
        return self.primary.is_stored() and self.primary.status()["position"] == self.secondary.status()["position"]

    def wait_in_step(self, limit=PATIENCE):
        wait_until(self.in_step, "both nodes at the same position", limit)

    def assert_equal(self):
        """Both nodes have the same zones with the same content digests and the same exported text."""
        names = [zone["name"] for zone in self.primary.json("zone", "list")["zones"]]
        assert names == [zone["name"] for zone in self.secondary.json("zone", "list")["zones"]]
        for name in names:
            assert self.primary.digest(name) == self.secondary.digest(name), name
            assert self.primary.ctl("zone", "export", name) == self.secondary.ctl("zone", "export", name), name
