"""Answers in a form that can be compared: what they say, without the order and the letter case in which they say it."""
import dataclasses
import functools

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

SECTIONS = ("answer", "authority", "additional")
FIELDS = ("rcode", "aa", "tc", "edns", "do", *SECTIONS)


@dataclasses.dataclass(frozen=True)
class Question:
    name: str
    rdtype: str
    transport: str  # "udp512", "udp1232", "udp4096", "tcp"
    do: bool

    def message(self, ident):
        payload = {"udp512": 512, "udp1232": 1232, "udp4096": 4096, "tcp": 1232}[self.transport]
        uses_edns = self.do or self.transport in ("udp1232", "udp4096")
        message = dns.message.make_query(self.name, self.rdtype, use_edns=0 if uses_edns else -1, want_dnssec=self.do,
                                         payload=payload, id=ident)
        message.flags &= ~dns.flags.RD
        return message

    @property
    def tcp(self):
        return self.transport == "tcp"

    @property
    def room(self):
        """The octets that an answer may have."""
        return {"udp512": 512, "udp1232": 1232, "udp4096": 1232, "tcp": 65535}[self.transport]

    def over_tcp(self):
        return dataclasses.replace(self, transport="tcp")

    @classmethod
    def from_text(cls, text):
        name, rdtype, transport, *do = text.split()
        return cls(name, rdtype, transport, bool(do))

    def __str__(self):
        return f"{self.name} {self.rdtype} {self.transport}{' do' if self.do else ''}"


@dataclasses.dataclass(frozen=True)
class Shape:
    """The sections hold (owner, type, ttl, rdata) as texts in lower case; signatures have the type `RRSIG A`."""

    rcode: str
    aa: bool
    tc: bool
    edns: bool
    do: bool
    answer: frozenset
    authority: frozenset
    additional: frozenset

    def distance(self, other):
        """How much differs: 0 when nothing does."""
        flags = sum(getattr(self, field) != getattr(other, field) for field in FIELDS if field not in SECTIONS)
        return flags + sum(len(getattr(self, section) ^ getattr(other, section)) for section in SECTIONS)

    def replace(self, **fields):
        return dataclasses.replace(self, **fields)

    def records(self):
        return self.answer | self.authority | self.additional

    def text(self):
        head = [self.rcode] + [flag for flag in ("aa", "tc", "edns", "do") if getattr(self, flag)]
        return "\n".join([" ".join(head)] + [f"  {section}: {' '.join(map(str, record))}"
                                             for section in SECTIONS for record in sorted(getattr(self, section))])


@functools.lru_cache(maxsize=200_000)
def type_text(rdtype, covers):
    return dns.rdatatype.to_text(rdtype) + (f" {dns.rdatatype.to_text(covers)}" if covers else "")


def records(rrsets):
    return frozenset((rrset.name.to_text().lower(), type_text(rrset.rdtype, rrset.covers), rrset.ttl,
                      rdata.to_text().lower()) for rrset in rrsets for rdata in rrset)


def shape(octets):
    message = dns.message.from_wire(octets)
    return Shape(dns.rcode.to_text(message.rcode()), bool(message.flags & dns.flags.AA),
                 bool(message.flags & dns.flags.TC), message.edns >= 0, bool(message.ednsflags & dns.flags.DO),
                 records(message.answer), records(message.authority), records(message.additional))
