"""tandemctl doctor beside real servers: a healthy zone, and one zone for each thing that can be wrong with it.

Knot and BIND are the parent's servers, a Tandem node and NSD those of the zones, and unbound is what nobody should
list. All listen at 127.0.0.1, each at a port of its own, which the flags say. Takes about 20 s.
"""
import concurrent.futures
import json
import os
import shutil
import socket
import subprocess

import dns.flags
import dns.message
import dns.query
import pytest

from cable import leave_network
from cluster import CommandFailed, Node, ask, program
from peers import Bind, Knot, Nsd, Peer, unbound_place

PARENT = "example."
SOA = "@ 60 SOA ns1 hostmaster {serial} 900 300 604800 600\n"
BOTH = "@ 60 NS ns1\n@ 60 NS ns2\n"
ADDRESSES = "ns1 60 A 127.0.0.1\nns2 60 A 127.0.0.1\n"
GLUE = {"ns1": "127.0.0.1", "ns2": "127.0.0.1"}
DS = "12345 13 2 " + "ab" * 32


class Case:
    """A zone below PARENT: what the parent says, what the node and NSD have, and what the doctor has to find."""

    def __init__(self, name, found, *, glue=None, ds=False, here=BOTH, there=BOTH, serial=7, ns2="nsd",
                 hosts=ADDRESSES):
        self.zone = f"{name}.{PARENT}"
        self.found = {(kind, server.format(zone=self.zone)) for kind, server in found}
        self.glue = GLUE if glue is None else glue
        self.ds = ds
        self.here = SOA.format(serial=7) + here + hosts
        self.there = None if there is None else SOA.format(serial=serial) + there + hosts
        self.ns2 = ns2

    def delegation(self):
        label = self.zone.split(".")[0]
        lines = [f"{label} 60 NS {host}.{label}\n" for host in self.glue]
        lines += [f"{host}.{label} 60 A {address}\n" for host, address in self.glue.items() if address]
        return "".join(lines) + (f"{label} 60 DS {DS}\n" if self.ds else "")


CASES = [
    Case("healthy", []),
    Case("parent-only", [("ns-only-at-parent", "ns2.{zone}")], here="@ 60 NS ns1\n", there="@ 60 NS ns1\n"),
    Case("zone-only", [("ns-only-in-zone", "ns2.{zone}")], glue={"ns1": "127.0.0.1"}),
    Case("apex", [("apex-ns-differs", "ns2.{zone}")], there="@ 60 NS ns1\n"),
    Case("stale", [("glue-stale", "ns2.{zone}"), ("glue-incomplete", "ns2.{zone}")],
         glue={"ns1": "127.0.0.1", "ns2": "127.0.0.9"}),
    Case("bare", [("glue-missing", "ns2.{zone}")], glue={"ns1": "127.0.0.1", "ns2": None}),
    Case("homeless", [("no-address", "ns2.{zone}"), ("glue-missing", "ns2.{zone}")],
         glue={"ns1": "127.0.0.1", "ns2": None}, hosts="ns1 60 A 127.0.0.1\n"),
    Case("lame", [("lame", "ns2.{zone}")], there=None),
    Case("serial", [("serial-behind-node", "ns2.{zone}")], serial=6),
    Case("ahead", [("serial-ahead-of-node", "ns2.{zone}")], serial=8),
    Case("open", [("open-transfer", "ns2.{zone}")]),
    Case("silent", [("silent", "ns2.{zone}")], ns2="nobody"),
    # It is a resolver as well, and says so.
    Case("udp-only", [("tcp-blocked", "ns2.{zone}"), ("recursion", "ns2.{zone}")], ns2="udp-only"),
    Case("recursive", [("lame", "ns2.{zone}"), ("recursion", "ns2.{zone}")], ns2="resolver"),
    Case("ds", [("ds-without-key", "ns1.{zone}"), ("ds-without-key", "ns2.{zone}")], ds=True),
]


class NsdOfZones(Nsd):
    """Gives open.example. to whoever asks."""

    def configure(self):
        for _, path in self.zones:  # as they are: named-compilezone refuses a name server without an address
            shutil.copy(path, self.folder / f"{path.stem}.full")
        command = super().configure()
        zone = f'name: "open.{PARENT}"\n'
        text = (self.folder / "conf").read_text()
        self.write(text.replace(zone, zone + "    provide-xfr: 127.0.0.1 NOKEY\n"))
        return command


class Unbound(Peer):
    """Its place, and that no zone of tests is its own; `more`: the rest of its file."""

    name = "unbound"
    more = ""

    def configure(self):
        return ["unbound", "-d", "-p", "-c", self.write(f"""{unbound_place(self)}    local-zone: "{PARENT}" nodefault
{self.server_lines()}
remote-control:
    control-enable: no
""")]


class Resolver(Unbound):
    """Recursion for this machine, which finds one of the zones."""

    name = "resolver"

    def __init__(self, folder, nsd):
        super().__init__(folder, [])
        self.nsd = nsd

    def server_lines(self):
        return f"""stub-zone:
    name: "recursive.{PARENT}"
    stub-addr: 127.0.0.1@{self.nsd.port}"""

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        query = dns.message.make_query(f"recursive.{PARENT}", "SOA")
        return dns.query.udp(query, "127.0.0.1", timeout=1.0, port=self.port).answer


class UdpOnly(Unbound):
    """Has one zone, and listens on UDP only."""

    name = "udp-only"

    def server_lines(self):
        (origin, path), = self.zones
        return f"""    do-tcp: no
auth-zone:
    name: "{origin}"
    zonefile: "{path}"
    for-downstream: yes
    for-upstream: no"""


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """By their names: knot and bind of the parent, node, nsd, resolver and udp-only of the zones."""
    folder = tmp_path_factory.mktemp("doctor")
    parent = write(folder, "parent", SOA.format(serial=1) + "@ 60 NS ns1\nns1 60 A 127.0.0.1\n" +
                   "".join(case.delegation() for case in CASES))
    here = [(case.zone, write(folder, f"{case.zone}here", case.here)) for case in CASES]
    there = [(case.zone, write(folder, f"{case.zone}there", case.there)) for case in CASES if case.there]
    udp_only = [(zone, path) for zone, path in there if zone == f"udp-only.{PARENT}"]
    nsd = NsdOfZones(folder, there)
    out = {"knot": Knot(folder, [(PARENT, parent)]), "bind": Bind(folder, [(PARENT, parent)]), "nsd": nsd,
           "resolver": Resolver(folder, nsd), "udp-only": UdpOnly(folder, udp_only),
           "node": Node(folder / "node", args=[word for zone, path in here for word in ("--zone", f"{zone}={path}")])}
    try:
        for server in out.values():
            server.start()
        out["node"].wait_stored()
        yield out
    finally:
        for server in out.values():
            server.stop()


@pytest.fixture(scope="module")
def nobody():
    """A port that is taken, of which nothing comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def words_for(case, servers, nobody):
    ports = {name: server.port for name, server in servers.items()} | {"nobody": nobody}
    words = ["doctor", case.zone]
    for name in ("knot", "bind"):
        words += ["--parent", f"127.0.0.1:{ports[name]}"]
    for host, name in (("ns1", "node"), ("ns2", case.ns2)):
        words += ["--server", f"{host}.{case.zone}=127.0.0.1:{ports[name]}"]
    return words


def run(node, *words):
    """(exit code, standard output)."""
    try:
        return 0, node.ctl(*words)
    except CommandFailed as failed:
        return failed.code, failed.stdout


def ask_doctor(servers, words):
    code, text = run(servers["node"], "--json", *words)
    found = json.loads(text)
    serious = found["errors"] + found["warnings"]
    assert code == (1 if serious else 0), text
    return found


def found_in(answer):
    return {(finding["kind"], finding["server"].split(" at ")[0]) for finding in answer["findings"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.zone.split(".")[0])
def test_each_fault_is_found_and_no_other(servers, nobody, case):
    answer = ask_doctor(servers, words_for(case, servers, nobody))
    assert found_in(answer) == case.found, answer["findings"]
    assert len(answer["parents"]) == 2 and len(answer["servers"]) == 2


def test_the_text_names_server_reason_and_remedy(servers, nobody):
    case = next(case for case in CASES if case.zone.startswith("open."))
    code, text = run(servers["node"], *words_for(case, servers, nobody))
    assert code == 1
    lines = text.splitlines()
    assert lines[0] == "WARNINGS"
    assert lines[1].startswith(f"ns2.{case.zone} at 127.0.0.1:{servers['nsd'].port}: it gives the whole zone")
    assert lines[2].startswith("    why: ") and lines[3].startswith("    do:  ")
    assert lines[-1] == f"{case.zone}: 0 errors, 1 warning, 0 notes (asked: 2 of the parent, 2 of the zone)"


def test_without_the_node_servers_are_compared_with_each_other(servers, nobody):
    case = next(case for case in CASES if case.zone.startswith("serial."))
    words = words_for(case, servers, nobody)
    assert found_in(ask_doctor(servers, [*words, "--no-node"])) == {("serial-differs", f"ns2.{case.zone}")}
    away = [*words, "--socket", "/nonexistent/api.sock"]
    assert found_in(ask_doctor(servers, away)) == {("serial-differs", f"ns2.{case.zone}"),
                                                   ("not-compared", "this node")}


def test_a_zone_that_the_parent_does_not_have(servers, nobody):
    words = words_for(CASES[0], servers, nobody)
    words[1] = f"unknown.{PARENT}"
    answer = ask_doctor(servers, [*words, "--no-node"])
    assert ("not-delegated", "") in found_in(answer)
    assert answer["errors"] == 1


def test_a_parent_that_is_down_is_told_from_one_that_answers(servers, nobody):
    words = [*words_for(CASES[0], servers, nobody), "--parent", f"127.0.0.1:{nobody}"]
    answer = ask_doctor(servers, words)
    assert found_in(answer) == {("parent-silent", f"parent's server 127.0.0.1:{nobody}")}


@pytest.mark.parametrize("words", [["--parent", "ns.example.net"], ["--server", "ns1.example.net"],
                                   ["--server", "ns1=localhost:53"], ["--resolver", "nowhere"]])
def test_places_are_addresses(servers, words):
    assert run(servers["node"], "doctor", "example.com", *words)[0] == 2


def test_without_a_resolver_it_says_what_is_needed(servers, nobody):
    with pytest.raises(CommandFailed) as failed:
        servers["node"].ctl("doctor", "example.com", "--resolver", f"127.0.0.1:{nobody}")
    assert failed.value.code == 1
    assert "--parent" in failed.value.stderr


class Placed:
    """A peer at an address of its own, and at port 53."""

    def __init__(self, folder, zones, address):
        super().__init__(folder / address, zones)
        self.address, self.port = address, 53

    def write(self, text):
        return super().write(text.replace("127.0.0.1", self.address))

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        return all(ask(self.port, zone, "SOA", host=self.address, timeout=1.0).flags & dns.flags.AA
                   for zone, _ in self.zones)


class PlacedKnot(Placed, Knot):
    pass


class PlacedNsd(Placed, Nsd):
    pass


class PlacedResolver(Placed, Unbound):
    """Finds the parent, as a resolver of the world does."""

    def server_lines(self):
        return f"""stub-zone:
    name: "{PARENT}"
    stub-addr: 127.0.0.3"""

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        return dns.query.udp(dns.message.make_query(PARENT, "NS"), self.address, timeout=1.0).answer


def look_without_flags(folder):
    """(exit code, answer) with both servers running, and again with one. Its network is all of the world."""
    zone = f"home.{PARENT}"
    parent = write(folder, "parent", SOA.format(serial=1) + """@ 60 NS ns
ns 60 A 127.0.0.3
home 60 NS ns1.home
home 60 NS ns2.home
ns1.home 60 A 127.0.0.4
ns2.home 60 A 127.0.0.5
""")
    child = write(folder, "child", SOA.format(serial=7) + BOTH + "ns1 60 A 127.0.0.4\nns2 60 A 127.0.0.5\n")
    servers = [PlacedKnot(folder, [(PARENT, parent)], "127.0.0.3"), PlacedResolver(folder, [], "127.0.0.2"),
               PlacedNsd(folder, [(zone, child)], "127.0.0.4"), PlacedNsd(folder, [(zone, child)], "127.0.0.5")]
    words = [program("tandemctl"), "--json", "doctor", zone, "--no-node", "--resolver", "127.0.0.2"]

    def look():
        result = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return result.returncode, json.loads(result.stdout)

    try:
        for server in servers:
            server.start()
        both = look()
        servers[-1].stop()
        return both, look()
    finally:
        for server in servers:
            server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces are made by root")
def test_it_finds_parent_and_servers_by_itself(tmp_path):
    with concurrent.futures.ThreadPoolExecutor(1, initializer=leave_network) as executor:
        (code, healthy), (code_of_one, one) = executor.submit(look_without_flags, tmp_path).result()
    assert (code, healthy["findings"]) == (0, []), healthy
    assert healthy["parents"] == ["127.0.0.3:53"]
    assert [server["address"] for server in healthy["servers"]] == ["127.0.0.4:53", "127.0.0.5:53"]
    assert (code_of_one, found_in(one)) == (1, {("silent", f"ns2.home.{PARENT}")})
