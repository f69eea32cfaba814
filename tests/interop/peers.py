"""Knot, NSD, BIND and tandem-primary as real processes that serve the same zones on ports of their own.

A zone is (origin, path of its master file). BIND and tandem-primary read the file itself. Knot and NSD, which know no
$GENERATE, no relative $ORIGIN or no second SOA, get what named-compilezone makes of it: one record a line.
"""
import pathlib
import re
import socket
import subprocess

import dns.flags
import dns.message
import dns.rcode
import dns.rdata

from cluster import Node, ask, free_port, wait_until

UDP_PAYLOAD = 1232


def compiled(origin, path, folder):
    """One record a line, as named-compilezone writes it, in `folder`: the file's path."""
    target = pathlib.Path(folder) / f"{path.stem}.full"
    if not target.exists():
        subprocess.run(["named-compilezone", "-q", "-i", "none", "-k", "ignore", "-F", "text", "-s", "full",
                        "-o", str(target), origin, str(path)], check=True, timeout=60, capture_output=True)
        target.write_text("".join(map(understood, target.read_text().splitlines(keepends=True))))
    return target


def understood(line):
    """The same record as Knot and NSD read it: no bare [ in owners, no HIP, no short groups in NID and L64."""
    words = line.split(None, 4)
    if len(words) < 5 or line.startswith((";", "$")):
        return line
    owner, ttl, rr_class, rdtype, rdata = words
    owner = re.sub(r"(?<!\\)[^\w\\.*-]", lambda odd: f"\\{ord(odd.group()):03d}", owner)
    if rdtype == "HIP":
        rdtype, rdata = "TYPE55", dns.rdata.from_text("IN", rdtype, rdata).to_generic().to_text() + "\n"
    if rdtype in ("NID", "L64"):
        rdata = re.sub(r"\b[0-9a-f]{1,3}(?=:)|(?<=:)[0-9a-f]{1,3}\b", lambda group: group.group().zfill(4), rdata)
    return f"{owner} {ttl} {rr_class} {rdtype} {rdata}"


class Peer:
    """A foreign server: `configure` writes its files and returns its command line."""

    name = ""

    def __init__(self, folder, zones):
        self.folder = pathlib.Path(folder) / self.name
        self.folder.mkdir(parents=True)
        self.zones = zones
        self.port = free_port()
        self.log_file = self.folder / "log"
        self.process = None

    def start(self):
        command = self.configure()
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        wait_until(self.serves_all, f"{self.name} serves all zones; its log: {self.log_file}", limit=60)
        return self

    def serves_all(self):
        if self.process.poll() is not None:
            raise AssertionError(self.log_file.read_text())
        for origin, _ in self.zones:
            answer = ask(self.port, origin, "SOA", timeout=1.0)
            if answer.rcode() != dns.rcode.NOERROR or not answer.flags & dns.flags.AA:
                return False
        return True

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def write(self, text):
        path = self.folder / "conf"
        path.write_text(text)
        return str(path)


def knot_place(peer, server="", log="info"):
    """What each Knot's file begins with: where it listens and keeps its files. `server`: lines for that section."""
    return f"""
server:
    rundir: "{peer.folder}"
    listen: "127.0.0.1@{peer.port}"
    tcp-io-timeout: 60000  # Knot's own 500 ms cut off a reader whom a loaded machine holds up within a transfer
{server}database:
    storage: "{peer.folder}"
log:
  - target: stderr
    any: {log}
"""


def bind_place(peer):
    """The options of each named: where it listens and keeps its files, and that it asks nobody else."""
    return f"""directory "{peer.folder}";
    pid-file none;
    session-keyfile "{peer.folder}/session.key";
    managed-keys-directory "{peer.folder}";
    listen-on port {peer.port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;"""


def nsd_place(peer):
    """What the server section of each NSD begins with: where it listens and keeps its files."""
    return f"""
server:
    ip-address: 127.0.0.1@{peer.port}
    username: ""
    chroot: ""
    zonesdir: "{peer.folder}"
    pidfile: "{peer.folder}/nsd.pid"
    zonelistfile: "{peer.folder}/zone.list"
    database: ""
    server-count: 1
"""


def unbound_place(peer):
    """What the server section of each unbound begins with; it may ask this machine, and validates nothing."""
    return f"""
server:
    directory: "{peer.folder}"
    username: ""
    chroot: ""
    use-syslog: no
    interface: 127.0.0.1@{peer.port}
    port: {peer.port}
    do-not-query-localhost: no
    module-config: "iterator"
"""


class Knot(Peer):
    name = "knot"

    def configure(self):
        server = "    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n"
        server += f"    udp-max-payload: {UDP_PAYLOAD}\n"
        text = f"""{knot_place(self, server, "warning")}template:
  - id: default
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
zone:
"""
        for origin, path in self.zones:
            text += f'  - domain: "{origin}"\n    file: "{compiled(origin, path, self.folder)}"\n'
        return ["knotd", "-c", self.write(text)]


class Nsd(Peer):
    name = "nsd"

    def configure(self):
        text = f"""{nsd_place(self)}    xfrdfile: ""
    ipv4-edns-size: {UDP_PAYLOAD}
    rrl-ratelimit: 0
    minimal-responses: yes
remote-control:
    control-enable: no
"""
        for origin, path in self.zones:
            text += f'zone:\n    name: "{origin}"\n    zonefile: "{compiled(origin, path, self.folder)}"\n'
        return ["nsd", "-d", "-c", self.write(text)]


class Bind(Peer):
    name = "bind"

    def configure(self):
        text = f"""
options {{
    {bind_place(self)}
    minimal-any yes;
    minimal-responses yes;
    answer-cookie no;
    empty-zones-enable no;
    edns-udp-size {UDP_PAYLOAD};
    max-udp-size {UDP_PAYLOAD};
    check-names primary ignore;
    check-integrity no;
    check-mx ignore;
    notify no;
    allow-transfer {{ none; }};
}};
controls {{ }};
"""
        for origin, path in self.zones:
            text += f'zone "{origin}" {{ type primary; file "{path}"; }};\n'
        return ["named", "-g", "-n", "1", "-c", self.write(text)]


class Tandem(Node):
    name = "tandem"

    def __init__(self, folder, zones):
        super().__init__(pathlib.Path(folder) / self.name, "primary", args=["--log-level", "error"])
        self.zones = zones
        for origin, path in zones:
            self.args += ["--zone", f"{origin}={path}"]

    def start(self, wait=True):
        super().start(wait=False)
        wait_until(lambda: Peer.serves_all(self), f"tandem serves all zones; its log: {self.log_file}")
        return self


PEERS = [Knot, Nsd, Bind]


class Line:
    """One UDP socket to a server, and a TCP connection when it is needed. `ask` takes and gives octets."""

    def __init__(self, port):
        self.port = port
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.settimeout(3.0)
        self.udp.connect(("127.0.0.1", port))
        self.tcp = None

    def send(self, octets, tcp):
        if not tcp:
            self.udp.send(octets)
            return
        if self.tcp is None:
            self.tcp = socket.create_connection(("127.0.0.1", self.port), timeout=10.0).makefile("rwb")
        self.tcp.write(len(octets).to_bytes(2, "big") + octets)
        self.tcp.flush()

    def receive(self, octets, tcp):
        """The answer to `octets`, which were sent; late answers to others are passed over."""
        while True:
            answer = self.tcp.read(int.from_bytes(self.tcp.read(2), "big")) if tcp else self.udp.recv(65535)
            if answer[:2] == octets[:2]:
                return answer
            assert answer, "the server closed its connection"

    def hang_up(self):
        if self.tcp is not None:
            self.tcp.close()
            self.tcp = None
