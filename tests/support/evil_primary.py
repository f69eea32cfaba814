"""A primary that lies, stutters and goes silent, in the way that a script tells for each of its zones.

A zone has three versions. The primary gives the old one (`phase` "old"), then what the script makes of the new one
("evil"), then a third ("good"). A script has functions that take an `Ask` and yield what goes over the connection:
messages, and the acts below; at their end the connection is closed.
"""
import asyncio
import base64
import contextlib
import socket
import ssl
import threading

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rdatatype
import dns.rrset
import dns.tsigkeyring

import wire
from cluster import PATIENCE, free_port

KEY = "evil."
SECRET = bytes(range(32))
KEY_TEXT = f"hmac-sha256:{KEY}:{base64.b64encode(SECRET).decode()}"
BEHIND_TOP = ["@ 3600 NS ns1", "ns1 3600 A 192.0.2.1"]
OLD = [*BEHIND_TOP, "www 60 A 192.0.2.7", "gone 60 A 192.0.2.77"]
NEW = [*BEHIND_TOP, "www 60 A 192.0.2.8", "more 60 TXT x"]
GOOD = [*BEHIND_TOP, "www 60 A 192.0.2.9", "good 60 TXT y"]
OLD_SERIAL, NEW_SERIAL, GOOD_SERIAL = 7, 8, 9
PACE = 0.2  # seconds between the octets of Drip


class Raw(bytes):
    """Octets as they are, without a length in front."""


class Drip(bytes):
    """Octets one by one, each just before somebody gets tired of waiting."""


class Elsewhere(bytes):
    """A UDP message from another address than the one that was asked."""


HOLD = object()  # says nothing more and keeps the connection until the client ends it
ABORT = object()  # ends the connection at once: under TLS without close_notify


class Script:
    """`soa`, `ixfr`, `axfr`: what is answered in the evil phase; None: as it should be, or for IXFR that it is not
    known here. `outcome`: which version the zone is then, "old" or "new". `reason`: a pattern of what Tandem says of
    it. `lines`: more records of the new version."""

    def __init__(self, name, outcome="old", reason="", lines=(), soa=None, ixfr=None, axfr=None, key=False, tls=False):
        self.name = name
        self.outcome = outcome
        self.reason = reason
        self.lines = list(lines)
        self.soa = soa
        self.ixfr = ixfr
        self.axfr = axfr
        self.key = key
        self.tls = tls


def refuse(ask):
    yield ask.signed(ask.message(rcode=wire.REFUSED))


class Scripts(list):
    """Its methods give decorators that add a script of a function, with the function's name."""

    def soa(self, reason="", outcome="old", **more):
        return self._adding("soa", reason, outcome, more)

    def axfr(self, reason="", outcome="old", **more):
        return self._adding("axfr", reason, outcome, more)

    def ixfr(self, reason="", outcome="old", **more):
        """AXFR does not help then, or it would hide what became of IXFR."""
        return self._adding("ixfr", reason, outcome, {"axfr": refuse, **more})

    def _adding(self, kind, reason, outcome, more):
        def add(function):
            self.append(Script(function.__name__.replace("_", "-"), outcome, reason, **{kind: function}, **more))
            return function
        return add


class EvilZone:
    def __init__(self, script):
        self.script = script
        self.origin = dns.name.from_text(f"{script.name}.evil.")
        self.name = self.origin.to_text()
        self.phase = "old"
        self.asked = []  # (phase, type), each time
        self.versions = {"old": wire.Content(self.origin, OLD_SERIAL, OLD),
                         "evil": wire.Content(self.origin, NEW_SERIAL, NEW + script.lines),
                         "good": wire.Content(self.origin, GOOD_SERIAL, GOOD)}

    @property
    def old(self):
        return self.versions["old"]

    @property
    def new(self):
        return self.versions["evil"]

    @property
    def good(self):
        return self.versions["good"]


class Ask:
    """One request, and what helps to answer it."""

    def __init__(self, zone, query, is_udp):
        self.zone = zone
        self.old, self.new = zone.old, zone.new
        self.id = query.id
        self.rdtype = dns.rdatatype.to_text(query.question[0].rdtype)
        self.is_udp = is_udp
        self.question = wire.question(zone.name, self.rdtype)
        self.signer = wire.Signer(KEY, SECRET, query.mac) if query.had_tsig else None

    def message(self, records=(), questions=None, **odd):
        return wire.message(odd.pop("identity", self.id), [self.question] if questions is None else questions,
                            list(records), **odd)

    def signed(self, octets):
        return self.signer.sign(octets) if self.signer else octets

    def name(self, relative):
        return wire.name(f"{relative}.{self.zone.name}")

    def top(self):
        return wire.name(self.zone.name)

    def soa(self, serial):
        return wire.Content(self.zone.origin, serial, []).soa

    def step(self, removed, added, before=None, after=None):
        """The records of one step, from a serial to another."""
        return [self.soa(OLD_SERIAL if before is None else before), *removed,
                self.soa(NEW_SERIAL if after is None else after), *added]

    def removed(self):
        return [record for record in self.old.others if record not in self.new.others]

    def added(self):
        return [record for record in self.new.others if record not in self.old.others]


def well(ask):
    """What a good primary answers in the zone's phase."""
    version = ask.zone.versions[ask.zone.phase]
    if ask.rdtype == "SOA":
        yield ask.signed(ask.message([version.soa]))
    elif ask.rdtype == "IXFR":
        yield ask.signed(ask.message(rcode=wire.NOTIMP))
    else:
        yield ask.signed(ask.message(version.all()))


class EvilPrimary:
    """On a port of `address` for UDP and TCP, and on another for TLS when there is a certificate. In a thread of its
    own; the zones' phases may be set from any."""

    def __init__(self, scripts, certificate=None, address="127.0.0.1"):
        self.address = address
        self.zones = {zone.origin: zone for zone in map(EvilZone, scripts)}
        self.port = free_port()
        self.tls_port = free_port()
        self.certificate = certificate
        self.keyring = dns.tsigkeyring.from_text({KEY: base64.b64encode(SECRET).decode()})
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.ready = threading.Event()
        self.mistakes = []  # of the scripts

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(PATIENCE), "the evil primary listens"
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join()
        assert not self.mistakes, self.mistakes

    def source(self, zone):
        """As --pull takes it."""
        script = zone.script
        address = f"{self.address}:{self.tls_port},tls" if script.tls else f"{self.address}:{self.port}"
        return f"{zone.name}={address}" + (f",key:{KEY}" if script.key else "")

    def notify(self, zone, node, serial=None, source=None):
        """The answer's rcode."""
        message = dns.message.make_query(zone.origin, "SOA")
        message.flags = dns.flags.AA
        message.set_opcode(dns.opcode.NOTIFY)
        if serial is not None:
            message.answer = [dns.rrset.from_text(zone.origin, 60, "IN", "SOA",
                                                  f"ns1.{zone.name} h.{zone.name} {serial} 900 300 604800 600")]
        return dns.query.udp(message, "127.0.0.1", port=node.port, timeout=PATIENCE,
                             source=source or self.address).rcode()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(lambda loop, context: self.mistakes.append(context))
        self.loop.run_until_complete(self._serve())
        self.loop.close()

    async def _serve(self):
        self.stopped = asyncio.Event()
        primary = self

        class Udp(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, peer):
                for octets in primary._answer(data, is_udp=True):
                    if isinstance(octets, Elsewhere):
                        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                            other.bind(("127.0.0.3", primary.port))
                            other.sendto(octets, peer)
                    else:
                        self.transport.sendto(octets, peer)

        udp, _ = await self.loop.create_datagram_endpoint(Udp, (self.address, self.port))
        servers = [await asyncio.start_server(self._talk, self.address, self.port, backlog=1000)]
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate.certificate, self.certificate.key)
            servers.append(await asyncio.start_server(self._talk, self.address, self.tls_port, ssl=context))
        self.ready.set()
        await self.stopped.wait()
        for server in servers:
            server.close()
        udp.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _answer(self, octets, is_udp):
        """What the zone's script, or a good primary, has to say to a request."""
        try:
            query = dns.message.from_wire(octets, keyring=self.keyring)
        except dns.exception.DNSException:
            return
        zone = self.zones.get(query.question[0].name)
        if zone is None or query.had_tsig != zone.script.key:
            yield wire.message(query.id, [], [], rcode=wire.REFUSED)
            return
        ask = Ask(zone, query, is_udp)
        zone.asked.append((zone.phase, ask.rdtype))
        evil = {"SOA": zone.script.soa, "IXFR": zone.script.ixfr, "AXFR": zone.script.axfr}[ask.rdtype]
        yield from evil(ask) if evil and zone.phase == "evil" else well(ask)

    async def _talk(self, reader, writer):
        try:
            length = await reader.readexactly(2)
            request = await reader.readexactly(int.from_bytes(length, "big"))
            for act in self._answer(request, is_udp=False):
                await self._act(act, reader, writer)
        except (OSError, asyncio.IncompleteReadError):  # the client has gone
            pass
        finally:
            writer.close()

    async def _act(self, act, reader, writer):
        if act is HOLD:
            await reader.read()
        elif act is ABORT:
            writer.transport.abort()
        elif isinstance(act, Drip):
            for octet in act:
                writer.write(bytes([octet]))
                with contextlib.suppress(asyncio.TimeoutError):
                    if await asyncio.wait_for(reader.read(1), PACE) == b"":
                        return
        else:
            writer.write(act if isinstance(act, Raw) else wire.framed(act))
            await writer.drain()
