"""What the conformance tests share: a server with hand-made zones, questions to it, and answers as lines of text.

A table of cases is a text. A line at the margin is a question and what the header of its answer must say; the
indented lines below are the records that the answer must have, all of them, in any order:

    alias A  NOERROR aa
        an alias CNAME host
        an host A 192.0.2.3

Names are relative to the module's ORIGIN. `an`, `au`, `ad` are the sections. A question may say `do`, `edns` and `tcp`
after its type. An RRSIG is shown by the type that it covers, an NSEC and an NSEC3 by the next name.
"""
import pathlib
import re
import socket

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest

from cluster import Node, PATIENCE

DATA = pathlib.Path(__file__).resolve().parent / "data"
NO_ANSWER = None


def origin_of(path):
    return re.search(r"^\$ORIGIN (\S+)", pathlib.Path(path).read_text(), re.MULTILINE).group(1)


class Server(Node):
    """A tandem-primary that serves files of data/."""

    def __init__(self, folder, zones, args=()):
        super().__init__(folder, "primary", args=args)
        for zone in zones:
            path = DATA / f"{zone}.zone"
            self.args += ["--zone", f"{origin_of(path)}={path}"]

    def start(self, wait=True):
        super().start(wait)
        return self.wait_stored()

    def query(self, message, tcp=False):
        """The answer to a dnspython message; None when there is none before that to the next question."""
        if tcp:
            return dns.query.tcp(message, "127.0.0.1", timeout=PATIENCE, port=self.port)
        answer = self.datagram(message.to_wire())
        return answer and dns.message.from_wire(answer)

    def exchange(self, octets):
        """The answer's octets; there is one."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(PATIENCE)
            udp.connect(("127.0.0.1", self.port))
            udp.send(octets)
            return udp.recv(65535)

    def datagram(self, octets):
        """The answer's octets; None when a question that is sent behind it is answered and it is not."""
        probe = dns.message.make_query("probe.invalid", "A", id=(int.from_bytes(octets[:2], "big") + 1) % 65536)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(PATIENCE)
            udp.connect(("127.0.0.1", self.port))
            udp.send(octets)
            udp.send(probe.to_wire())
            first = udp.recv(65535)
            if first[:2] == probe.to_wire()[:2]:
                return NO_ANSWER
            assert udp.recv(65535)[:2] == probe.to_wire()[:2]
            return first


def question(text, origin="."):
    """A dnspython message for `name type [do|edns|tcp]...`, and whether it is for TCP."""
    name, rdtype, *options = text.split()
    edns = 0 if {"do", "edns"} & set(options) else -1
    message = dns.message.make_query(dns.name.from_text(name, dns.name.from_text(origin)), rdtype, use_edns=edns,
                                     want_dnssec="do" in options, payload=1232)
    message.flags &= ~dns.flags.RD
    return message, "tcp" in options


def head(response):
    """`NXDOMAIN aa tc`: the rcode and the flags that say something about the answer."""
    flags = [flag for flag, bit in (("aa", dns.flags.AA), ("tc", dns.flags.TC)) if response.flags & bit]
    return " ".join([dns.rcode.to_text(response.rcode()), *flags])


def shown(rdata, origin):
    if rdata.rdtype == dns.rdatatype.RRSIG:
        return dns.rdatatype.to_text(rdata.type_covered)
    if rdata.rdtype == dns.rdatatype.NSEC:
        return rdata.next.relativize(origin).to_text()
    if rdata.rdtype == dns.rdatatype.NSEC3:
        return rdata.to_text().split()[4]
    return rdata.to_text(origin=origin, relativize=True)


def kind(rrset):
    """`A`; `RRSIG A` for signatures over A records."""
    return " ".join(dns.rdatatype.to_text(number) for number in (rrset.rdtype, rrset.covers) if number)


def lines(response, origin):
    """The records of all sections but OPT, as the tables write them, sorted."""
    origin = dns.name.from_text(origin)
    found = []
    for section, rrsets in zip(("an", "au", "ad"), (response.answer, response.authority, response.additional)):
        for rrset in rrsets:
            owner = rrset.name.relativize(origin).to_text()
            found += [f"{section} {owner} {dns.rdatatype.to_text(rrset.rdtype)} {shown(rdata, origin)}"
                      for rdata in rrset]
    return sorted(found)


def table(text):
    """The cases of a table, for pytest.mark.parametrize("asked, header, records", ...)."""
    cases = []
    for line in filter(str.strip, text.splitlines()):
        if line.startswith(" "):
            cases[-1][2].append(" ".join(line.split()))
        else:
            asked, header = re.split(r"\s{2,}", line.strip(), maxsplit=1)
            cases.append((asked, header, []))
    return pytest.mark.parametrize("asked, header, records", [pytest.param(*case, id=case[0]) for case in cases])


def check(server, origin, asked, header, records):
    message, tcp = question(asked, origin)
    response = server.query(message, tcp)
    assert response.question == message.question
    assert (head(response), lines(response, origin)) == (header, sorted(records)), response.to_text()
    return response


def options(response, code):
    return [option for option in response.options if option.otype == code]
