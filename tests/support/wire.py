"""DNS messages octet by octet, so that they can be as wrong as a test wants them, and signatures (TSIG) over them."""
import hmac
import struct
import time

import dns.name
import dns.rdatatype
import dns.zone

QR, AA, TC = 0x8000, 0x0400, 0x0200
RESPONSE = QR | AA
SERVFAIL, NOTIMP, REFUSED, NOTAUTH = 2, 4, 5, 9
IN = 1
ANY = 255
TSIG = 250
FUDGE = 300


def name(text):
    return dns.name.from_text(str(text)).to_wire()


def record(owner, rdtype, rdata, ttl=60, rdclass=IN, length=None):
    """`owner`: in wire form. `rdtype`: a mnemonic or a number. `length`: what it says of the rdata's octets, which may
    not be so."""
    rdtype = dns.rdatatype.from_text(rdtype) if isinstance(rdtype, str) else rdtype
    return owner + struct.pack("!HHIH", rdtype, rdclass, ttl, len(rdata) if length is None else length) + rdata


def question(zone, rdtype, rdclass=IN):
    return name(zone) + struct.pack("!HH", dns.rdatatype.from_text(rdtype), rdclass)


def message(identity, questions, answers, additionals=(), flags=RESPONSE, rcode=0, tail=b""):
    header = struct.pack("!HHHHHH", identity, flags | rcode, len(questions), len(answers), 0, len(additionals))
    return header + b"".join([*questions, *answers, *additionals]) + tail


def framed(octets):
    """As over TCP (RFC 1035 section 4.2.2)."""
    return struct.pack("!H", len(octets)) + octets


class Content:
    """A version of a zone: `soa` and `others` are its records in wire form, `records` what canonical() makes of it."""

    def __init__(self, origin, serial, lines):
        self.serial = serial
        text = f"@ 3600 SOA ns1 hostmaster {serial} 900 300 604800 600\n" + "".join(line + "\n" for line in lines)
        zone = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
        self.records = canonical(zone.iterate_rdatas())
        self.soa = next(wire_of(*each) for each in zone.iterate_rdatas("SOA"))
        self.others = [wire_of(*each) for each in zone.iterate_rdatas() if each[2].rdtype != dns.rdatatype.SOA]

    def all(self):
        """As an AXFR has them."""
        return [self.soa, *self.others, self.soa]


def wire_of(owner, ttl, rdata):
    return record(owner.to_wire(), rdata.rdtype, rdata.to_wire(), ttl)


def canonical(records):
    """A zone's records in one order, whatever order they came in (RFC 4034 section 6)."""
    return sorted((owner.to_digestable(), rdata.rdtype, rdata.to_digestable(), ttl) for owner, ttl, rdata in records)


class Signer:
    """Signs the messages that answer one request, one after the other (RFC 8945 section 5.3.1)."""

    def __init__(self, key, secret, request_mac):
        self.key = name(key)
        self.secret = secret
        self.prior = request_mac
        self.is_first = True
        self.unsigned = b""

    def skip(self, octets):
        """The message as it is, which the next signature covers."""
        self.unsigned += octets
        return octets

    def sign(self, octets, ahead=0, mac_octets=32, key=None, error=0, spoil=False):
        """`ahead`: of the real time, in seconds. `mac_octets`: the rest of the MAC is left out. `error`: of the TSIG
        record, with an empty MAC when `mac_octets` is 0. `spoil`: one bit of the MAC is another."""
        key = self.key if key is None else name(key)
        algorithm = name("hmac-sha256.")
        timers = struct.pack("!HIH", 0, int(time.time()) + ahead, FUDGE)
        rest = struct.pack("!HH", error, 0)  # and no other data
        variables = key + struct.pack("!HI", ANY, 0) + algorithm + timers + rest if self.is_first else timers
        covered = framed(self.prior) + self.unsigned + octets + variables
        mac = bytearray(hmac.digest(self.secret, covered, "sha256")[:mac_octets])
        if spoil:
            mac[-1] ^= 1
        self.prior, self.is_first, self.unsigned = bytes(mac), False, b""
        rdata = algorithm + timers + framed(bytes(mac)) + octets[:2] + rest
        additionals = struct.unpack("!H", octets[10:12])[0] + 1
        return (octets[:10] + struct.pack("!H", additionals) + octets[12:] +
                record(key, TSIG, rdata, ttl=0, rdclass=ANY))
