"""Reads what the NSEC and NSEC3 records of an answer prove, as a validator does (RFC 4035 s5.4, RFC 5155 s8)."""
import base64
import hashlib

import dns.name
import dns.rdatatype

BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")


def nsec3_label(name, salt, iterations):
    """The hash of a name as NSEC3 owners have it, in lower case (RFC 5155 section 5)."""
    digest = hashlib.sha1(name.canonicalize().to_wire() + salt).digest()
    for _ in range(iterations):
        digest = hashlib.sha1(digest + salt).digest()
    return base64.b32encode(digest).translate(BASE32).decode().lower()


def types_of(rdata):
    """The types in the bitmap."""
    return {window * 256 + octet * 8 + bit for window, bitmap in rdata.windows
            for octet, value in enumerate(bitmap) for bit in range(8) if value & (0x80 >> bit)}


def between(low, name, high):
    """Whether `name` lies in the gap of a chain that ends in a circle."""
    return low < name < high if low < high else name > low or name < high


def each(response, rdtype):
    for rrset in response.authority:
        if rrset.rdtype == rdtype:
            yield rrset.name, rrset[0]


class Nsec:
    """What the NSEC records of one answer prove."""

    def __init__(self, response):
        self.records = list(each(response, dns.rdatatype.NSEC))

    def denies_name(self, name):
        return any(between(owner, name, rdata.next) and not rdata.next.is_subdomain(name)
                   for owner, rdata in self.records)

    def denies_type(self, name, *types):
        """The name is there without these types; an empty non-terminal has an NSEC over it to a name below."""
        return any(owner == name and not types_of(rdata) & set(types) for owner, rdata in self.records) or any(
            owner < name and rdata.next.is_subdomain(name) for owner, rdata in self.records)

    def owners(self):
        return {owner for owner, _ in self.records}


class Nsec3:
    """What the NSEC3 records of one answer prove; all have the same parameters."""

    def __init__(self, response):
        self.records = [(owner.labels[0].decode().lower(), rdata)
                        for owner, rdata in each(response, dns.rdatatype.NSEC3)]

    def hash_of(self, name):
        _, rdata = self.records[0]
        return nsec3_label(name, rdata.salt, rdata.iterations)

    def next_of(self, rdata):
        return base64.b32encode(rdata.next).translate(BASE32).decode().lower()

    def matching(self, name):
        return [rdata for owner, rdata in self.records if owner == self.hash_of(name)]

    def covering(self, name):
        return [rdata for owner, rdata in self.records if between(owner, self.hash_of(name), self.next_of(rdata))]

    def denies_type(self, name, *types):
        return any(not types_of(rdata) & set(types) for rdata in self.matching(name))

    def closest_encloser(self, name):
        """The longest ancestor that is shown to exist, with the next closer name shown not to (RFC 5155 s8.3)."""
        next_closer = name
        while next_closer != dns.name.root:
            parent = next_closer.parent()
            if self.matching(parent):
                return parent if self.covering(next_closer) else None
            next_closer = parent
        return None

    def denies_name(self, name):
        encloser = self.closest_encloser(name)
        return encloser is not None and bool(self.covering(dns.name.Name((b"*",) + encloser.labels)))

    def opted_out(self, name):
        """An unsigned delegation: the next closer name is covered by a record with the opt-out flag (s8.6)."""
        next_closer = name
        while next_closer != dns.name.root and not self.matching(next_closer.parent()):
            next_closer = next_closer.parent()
        return any(rdata.flags & 1 for rdata in self.covering(next_closer))
