"""Kea's DDNS server adds and removes the names of leases, forward and reverse, signed, with DHCIDs against conflicts.

Takes about 3 s. One lease is given by kea-dhcp4 to a client of ours; the other requests are made here as kea-dhcp4 and
kea-dhcp6 send them: a datagram with two octets of length and JSON. What is done of them is RFC 4703: prerequisites say
whose name it is.
"""
import base64
import hashlib
import json
import re
import socket
import struct

import dns.name
import dns.rcode
import dns.reversename
import pytest

from cluster import Cluster, PATIENCE, free_port, wait_until
from keys import make_key
from peers import Peer

ZONE, REVERSE, REVERSE6 = "kea.test", "2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"
ADD, REMOVE = 0, 1
DIGEST_BITS = {"forward": 0, "reverse": 128}  # by key; 0: as many as there are
DISCOVER, REQUEST, RELEASE = 1, 3, 7  # RFC 2132 section 9.6
NAME, WANTED, KIND, SERVER, END = 12, 50, 53, 54, 255


def daemon(folder, program, config):
    """The command line of one of Kea's daemons, which keeps to `folder`."""
    return ["env", f"KEA_PIDFILE_DIR={folder}", f"KEA_DHCP_DATA_DIR={folder}", "KEA_LOCKFILE_DIR=none", program, "-c",
            config]


def loggers(name):
    return [{"name": name, "severity": "INFO", "output_options": [{"output": "stdout"}]}]


class Kea(Peer):
    """kea-dhcp-ddns; `zones`: (name, key, port of the server), forward and reverse."""

    name = "kea"

    def configure(self):
        keys = {key.name: {"name": key.name, "algorithm": key.algorithm.upper(), "secret": key.secret,
                           "digest-bits": DIGEST_BITS[key.name]} for _, key, _ in self.zones}
        domains = [{"name": f"{name}.", "key-name": key.name,
                    "dns-servers": [{"ip-address": "127.0.0.1", "port": port}]} for name, key, port in self.zones]
        text = json.dumps({"DhcpDdns": {
            "ip-address": "127.0.0.1", "port": self.port, "dns-server-timeout": 5000, "tsig-keys": list(keys.values()),
            "forward-ddns": {"ddns-domains": domains[:1]}, "reverse-ddns": {"ddns-domains": domains[1:]},
            "loggers": loggers("kea-dhcp-ddns")}})
        return daemon(self.folder, "kea-dhcp-ddns", self.write(text))

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        return "DHCP_DDNS_STARTED" in self.log_file.read_text()

    def ask(self, change, name, address, client):
        """A name change request, as a DHCP server makes it for a lease of an hour."""
        request = {"change-type": change, "forward-change": True, "reverse-change": True, "fqdn": name,
                   "ip-address": address, "dhcid": dhcid(client, name).hex().upper(),
                   "lease-expires-on": "20991231235959", "lease-length": 3600, "use-conflict-resolution": True}
        octets = json.dumps(request).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(len(octets).to_bytes(2, "big") + octets, ("127.0.0.1", self.port))

    def ends(self):
        """How its requests have ended so far: `ADD_SUCCEEDED`, `REMOVE_FAILED` and the like."""
        return re.findall(r"DHCP_DDNS_((?:ADD|REMOVE)_(?:SUCCEEDED|FAILED))", self.log_file.read_text())

    def perform(self, *request):
        """Asks, and returns how it ended."""
        before = len(self.ends())
        self.ask(*request)
        return wait_until(lambda: self.ends()[before:], f"the end of {request}; its log: {self.log_file}")[0]


class KeaDhcp(Peer):
    """kea-dhcp4, which is asked over loopback as by a relay; `zones`: its DDNS server."""

    name = "kea-dhcp4"

    def configure(self):
        self.relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.relay.settimeout(PATIENCE)
        self.relay.bind(("127.0.0.1", free_port()))
        text = json.dumps({"Dhcp4": {
            "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "dhcp-socket-type": "udp"},
            "lease-database": {"type": "memfile", "persist": False},
            "dhcp-ddns": {"enable-updates": True, "server-port": self.zones[0].port},
            "ddns-qualifying-suffix": f"{ZONE}.",
            "subnet4": [{"subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.60-192.0.2.69"}],
                         "relay": {"ip-addresses": ["127.0.0.1"]}}],
            "loggers": loggers("kea-dhcp4")}})
        return [*daemon(self.folder, "kea-dhcp4", self.write(text)), "-p", str(self.port), "-P",
                str(self.relay.getsockname()[1])]

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        return "DHCP4_STARTED" in self.log_file.read_text()

    def stop(self):
        super().stop()
        self.relay.close()

    def send(self, kind, client, options, address=bytes(4)):
        """RFC 2131 section 2, with the relay's address."""
        fixed = struct.pack("!4BIHH4s8x4s16s192x4s", 1, 1, len(client), 1, 1, 0, 0, address,
                            socket.inet_aton("127.0.0.1"), client, bytes.fromhex("63825363"))
        options = b"".join(bytes([code, len(value)]) + value for code, value in ((KIND, bytes([kind])), *options))
        self.relay.sendto(fixed + options + bytes([END]), ("127.0.0.1", self.port))

    def lease(self, client, name):
        """The address that the client gets, in octets, and the server's identifier."""
        self.send(DISCOVER, client, [(NAME, name)])
        offer = self.relay.recv(4096)
        address, server = offer[16:20], offer[offer.index(bytes([SERVER, 4]), 240) + 2:][:4]
        self.send(REQUEST, client, [(NAME, name), (WANTED, address), (SERVER, server)])
        assert self.relay.recv(4096)[16:20] == address
        return address, server

    def release(self, client, address, server):
        self.send(RELEASE, client, [(SERVER, server)], address)


def dhcid(client, name):
    """RFC 4701 section 3.3: of a hardware address, SHA-256."""
    identity = b"\1" + client
    return b"\0\0\1" + hashlib.sha256(identity + dns.name.from_text(name).canonicalize().to_wire()).digest()


def zone_file(folder, name):
    path = folder / name
    path.write_text(f"$ORIGIN {name}.\n$TTL 3600\n@ SOA ns1.{ZONE}. hostmaster.{ZONE}. 1 7200 900 1209600 300\n"
                    f"@ NS ns1.{ZONE}.\n" + ("ns1 A 127.0.0.1\n" if name == ZONE else ""))
    return f"{name}={path}"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    keys = [make_key(folder, "forward", "hmac-sha512"), make_key(folder, "reverse", "hmac-sha256")]
    zones = [zone_file(folder, name) for name in (ZONE, REVERSE, REVERSE6)]
    rules = [f"key:forward name:*.{ZONE}", f"key:reverse name:*.{REVERSE} name:*.{REVERSE6}"]
    args = ["--key-file", str(keys[0].path), "--key", f"hmac-sha256-128:reverse:{keys[1].secret}"]
    args += [word for rule in rules for word in ("--allow-update", rule)]
    with Cluster(folder, zones=zones, primary_args=args) as cluster:
        cluster.keys = keys
        cluster.start()
        cluster.wait_in_step()
        yield cluster


@pytest.fixture(scope="module")
def kea(pair, tmp_path_factory):
    forward, reverse = pair.keys
    port = pair.primary.port
    kea = Kea(tmp_path_factory.mktemp("kea"), [(ZONE, forward, port), (REVERSE, reverse, port),
                                               (REVERSE6, reverse, port)])
    try:
        yield kea.start()
    finally:
        kea.stop()


ANN, BOB = bytes.fromhex("020000000a01"), bytes.fromhex("020000000b0b")


def pointer(address):
    return dns.reversename.from_address(address).to_text()


def test_a_lease_comes_and_goes(pair, kea):
    name, address = f"ann.{ZONE}.", "192.0.2.10"
    assert kea.perform(ADD, name, address, ANN) == "ADD_SUCCEEDED"
    assert pair.primary.answers(name) == [address] and pair.primary.answers(pointer(address), "PTR") == [name]
    for owner in (name, pointer(address)):
        assert len(pair.primary.answers(owner, "DHCID")) == 1
    pair.wait_in_step()
    assert pair.secondary.answers(name) == [address] and pair.secondary.answers(pointer(address), "PTR") == [name]
    assert kea.perform(REMOVE, name, address, ANN) == "REMOVE_SUCCEEDED"
    pair.wait_in_step()
    for node in (pair.primary, pair.secondary):
        assert {node.ask(owner).rcode() for owner in (name, pointer(address))} == {dns.rcode.NXDOMAIN}


def test_a_real_lease(pair, kea, tmp_path):
    """From the client's DHCPDISCOVER to both nodes and back, with the DHCID that the other tests make by themselves."""
    dhcp = KeaDhcp(tmp_path, [kea])
    try:
        dhcp.start()
        before = len(kea.ends())
        address, server = dhcp.lease(BOB, b"laptop")
        wait_until(lambda: kea.ends()[before:] == ["ADD_SUCCEEDED"], f"the lease's names; the log: {kea.log_file}")
        name, text = f"laptop.{ZONE}.", socket.inet_ntoa(address)
        pair.wait_in_step()
        for node in (pair.primary, pair.secondary):
            assert node.answers(name) == [text] and node.answers(pointer(text), "PTR") == [name]
            assert base64.b64decode(node.answers(name, "DHCID")[0]) == dhcid(BOB, name)
        dhcp.release(BOB, address, server)
        wait_until(lambda: kea.ends()[before + 1:] == ["REMOVE_SUCCEEDED"], f"their end; the log: {kea.log_file}")
        pair.wait_in_step()
        for node in (pair.primary, pair.secondary):
            assert {node.ask(owner).rcode() for owner in (name, pointer(text))} == {dns.rcode.NXDOMAIN}
    finally:
        dhcp.stop()


def test_another_address_for_the_same_client(pair, kea):
    """The name is in use, by its own DHCID: it is replaced."""
    name = f"moves.{ZONE}."
    assert kea.perform(ADD, name, "192.0.2.20", ANN) == "ADD_SUCCEEDED"
    assert kea.perform(ADD, name, "192.0.2.21", ANN) == "ADD_SUCCEEDED"
    assert pair.primary.answers(name) == ["192.0.2.21"] and len(pair.primary.answers(name, "DHCID")) == 1
    assert pair.primary.answers(pointer("192.0.2.21"), "PTR") == [name]
    assert kea.perform(REMOVE, name, "192.0.2.21", ANN) == "REMOVE_SUCCEEDED"
    assert pair.primary.ask(name).rcode() == dns.rcode.NXDOMAIN


def test_the_name_of_another_client_stays(pair, kea):
    """RFC 4703 section 5.3.3: its DHCID is not the same."""
    name, address = f"taken.{ZONE}.", "192.0.2.30"
    assert kea.perform(ADD, name, address, ANN) == "ADD_SUCCEEDED"
    assert kea.perform(ADD, name, "192.0.2.31", BOB) == "ADD_FAILED"
    kea.perform(REMOVE, name, address, BOB)
    assert pair.primary.answers(name) == [address]
    assert pair.primary.answers(pointer("192.0.2.31"), "PTR") == []
    assert kea.perform(REMOVE, name, address, ANN) == "REMOVE_SUCCEEDED"


def test_names_made_by_people_stay(pair, kea):
    """A name that has no DHCID is in use by nobody that Kea knows."""
    pair.primary.ctl("record", "add", ZONE, "server", "60", "A", "192.0.2.40")
    assert kea.perform(ADD, f"server.{ZONE}.", "192.0.2.41", ANN) == "ADD_FAILED"
    assert pair.primary.answers(f"server.{ZONE}") == ["192.0.2.40"]


def test_both_families(pair, kea):
    """The lease of one address does not touch the record of the other. Where the name still has another, the server
    says YXRRSET (RFC 2136 section 3.2.2), and so the name is kept (RFC 4703 section 5.5); Kea 2.2 calls that a
    failure and leaves the pointer."""
    name, addresses = f"both.{ZONE}.", {"A": "192.0.2.50", "AAAA": "2001:db8::50"}
    for address in addresses.values():
        assert kea.perform(ADD, name, address, ANN) == "ADD_SUCCEEDED"
    for rdtype, address in addresses.items():
        assert pair.primary.answers(name, rdtype) == [address]
        assert pair.primary.answers(pointer(address), "PTR") == [name]
    assert kea.perform(REMOVE, name, addresses["A"], ANN) == "REMOVE_FAILED"
    assert "with an RCODE: 7" in kea.log_file.read_text()
    assert pair.primary.answers(name) == [] and pair.primary.answers(name, "AAAA") == [addresses["AAAA"]]
    assert kea.perform(REMOVE, name, addresses["AAAA"], ANN) == "REMOVE_SUCCEEDED"
    assert pair.primary.ask(name).rcode() == dns.rcode.NXDOMAIN


def test_fifty_leases_at_once(pair, kea):
    """All are there on both nodes, and all are gone."""
    leases = [(f"host{number}.{ZONE}.", f"192.0.2.{100 + number}", bytes([2, 0, 0, 0, 1, number]))
              for number in range(50)]
    before = len(kea.ends())
    for change in (ADD, REMOVE):
        for lease in leases:
            kea.ask(change, *lease)
        wait_until(lambda: len(kea.ends()) >= before + len(leases), f"the leases; its log: {kea.log_file}")
        assert set(kea.ends()[before:]) == {("ADD_SUCCEEDED", "REMOVE_SUCCEEDED")[change]}
        before = len(kea.ends())
        pair.wait_in_step()
        for name, address, _ in leases:
            assert pair.secondary.answers(name) == ([address] if change == ADD else [])
            assert pair.secondary.answers(pointer(address), "PTR") == ([name] if change == ADD else [])
    pair.assert_equal()
