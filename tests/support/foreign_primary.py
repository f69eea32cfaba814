"""A primary of zones that is not ours: SOA questions over UDP, AXFR and IXFR over TCP, NOTIFY when told to send one."""
import socket
import socketserver
import threading

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.zone

from cluster import free_port

PATIENCE = 10.0


def content(serial, records, expire=604800):
    """A zone's text with a serial; `records` are lines below it."""
    return (f"@ 3600 SOA ns1 hostmaster {serial} 900 300 {expire} 600\n@ 3600 NS ns1\nns1 3600 A 192.0.2.1\n"
            + "".join(line + "\n" for line in records))


class ForeignPrimary:
    """Answers for one zone on a port of 127.0.0.1; what was asked stands in `asked`, as `SOA`, `AXFR` and `IXFR`."""

    def __init__(self, origin, text, keyring=None, gives_ixfr=True):
        self.origin = dns.name.from_text(origin)
        self.versions = [self.read(text)]
        self.keyring = keyring
        self.gives_ixfr = gives_ixfr
        self.asked = []
        self.port = free_port()
        self.servers = []

    def read(self, text):
        return dns.zone.from_text(text, self.origin, relativize=False)

    def serial(self, version=-1):
        return self.soa(self.versions[version])[0].serial

    def soa(self, zone):
        return zone.get_rrset(self.origin, "SOA")

    def change(self, text):
        self.versions.append(self.read(text))

    def address(self, key=None):
        """As tandemctl and --pull take it."""
        return f"127.0.0.1:{self.port}" + (f",key:{key}" if key else "")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        primary = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self):
                message, sock = self.request
                for answer in primary.answers(message, False):
                    sock.sendto(answer, self.client_address)

        class Tcp(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(PATIENCE)
                with self.request.makefile("rb") as stream:
                    while len(length := stream.read(2)) == 2:
                        message = stream.read(int.from_bytes(length, "big"))
                        for answer in primary.answers(message, True):
                            self.request.sendall(len(answer).to_bytes(2, "big") + answer)

        for kind, handler in ((socketserver.ThreadingUDPServer, Udp), (socketserver.ThreadingTCPServer, Tcp)):
            server = type("Server", (kind,), {"allow_reuse_address": True, "daemon_threads": True})(
                ("127.0.0.1", self.port), handler)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            self.servers.append(server)
        return self

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.servers = []

    def answers(self, wire, is_tcp):
        """The messages that answer one; none for what cannot be read or has a wrong signature."""
        try:
            query = dns.message.from_wire(wire, keyring=self.keyring)
        except (dns.exception.DNSException, KeyError):
            return
        question = query.question[0]
        self.asked.append(dns.rdatatype.to_text(question.rdtype))
        if self.keyring and not query.had_tsig:
            yield self.written(query, rcode=dns.rcode.REFUSED)
        elif question.rdtype == dns.rdatatype.SOA:
            yield self.written(query, [self.soa(self.versions[-1])])
        elif not is_tcp:
            yield self.written(query, rcode=dns.rcode.REFUSED)
        elif question.rdtype == dns.rdatatype.IXFR and not self.gives_ixfr:
            yield self.written(query, rcode=dns.rcode.NOTIMP)
        else:
            yield self.written(query, self.transfer(query, question.rdtype))

    def written(self, query, rrsets=(), rcode=dns.rcode.NOERROR):
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        answer.set_rcode(rcode)
        answer.answer = list(rrsets)
        return answer.to_wire(max_size=65535)

    def transfer(self, query, rdtype):
        """The records of the answer, each its own RRset so that their order stays."""
        newest = self.versions[-1]
        if rdtype == dns.rdatatype.IXFR:
            known = query.authority[0][0].serial
            old = next((zone for zone in self.versions[:-1] if self.soa(zone)[0].serial == known), None)
            if old is not None:
                return self.step(old, newest)
        records = [self.soa(newest)]
        records += [self.single(name, ttl, rdata) for name, ttl, rdata in newest.iterate_rdatas()
                    if rdata.rdtype != dns.rdatatype.SOA]
        return records + [self.soa(newest)]

    def single(self, name, ttl, rdata):
        return dns.rrset.from_rdata(name, ttl, rdata)

    def step(self, old, new):
        before, after = (set(zone.iterate_rdatas()) for zone in (old, new))
        changed = [[self.single(*record) for record in sorted(records, key=str)
                    if record[2].rdtype != dns.rdatatype.SOA] for records in (before - after, after - before)]
        return [self.soa(new), self.soa(old), *changed[0], self.soa(new), *changed[1], self.soa(new)]

    def notify(self, port, serial=None):
        """Tells the server at that port of the newest serial, or of another; what it answers."""
        message = dns.message.make_query(self.origin, "SOA")
        message.flags = dns.flags.AA
        message.set_opcode(dns.opcode.NOTIFY)
        soa = self.soa(self.versions[-1])
        if serial is not None:
            soa = dns.rrset.from_rdata(self.origin, 60, soa[0].replace(serial=serial))
        message.answer = [soa]
        return dns.query.udp(message, "127.0.0.1", port=port, timeout=PATIENCE)
