"""A zone that changes at random from a seed, all kinds of changes by turns, and what has to be in it after each.

Names, types and values are few, so that a change meets what earlier ones left. What is said of the zone is said twice:
the model knows each record set, and a change is an UPDATE message (RFC 2136), or the next text of a master file.
"""
import dataclasses
import random

import dns.name
import dns.rdata
import dns.rdatatype
import dns.update

SECRET = "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA=="
VALUES = {
    "A": [f"192.0.2.{i}" for i in range(1, 40)],
    "AAAA": [f"2001:db8::{i:x}" for i in range(1, 40)],
    "MX": ["10 mail", "20 mail", "20 Mail.Elsewhere.example.", "0 ."],
    "TXT": ['"one"', '"two; words"', '"a" "b" ""', f'"{"x" * 255}" "{"y" * 255}"', r'"\200\"\\"'],
    "SPF": ['"v=spf1 -all"', '"v=spf1 mx -all"'],
    "HINFO": ['"PC Intel" "Linux"', '"VAX" ""'],
    "RP": ["hostmaster text", "Admin.Elsewhere.example. ."],
    "AFSDB": ["1 afs", "2 afs"],
    "LOC": ["52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", "1 2 3.004 S 5 6 7.008 W 9.00m 1m 10m 20m"],
    "KX": ["10 kx", "20 kx"],
    "CERT": ["PKIX 65535 RSASHA256 MxFcby9k/yvedMfQgKzhH5er0Mu/vILz45I="],
    "APL": ["1:192.168.32.0/21 !1:192.168.38.0/28 2:2001:db8::/32", "1:10.0.0.0/8"],
    "CAA": ['0 issue "ca.example.net; policy=ev"', '128 iodef "mailto:a@b.example"'],
    "SRV": ["0 5 5060 sip", "1 5 5060 Sip.Elsewhere.example."],
    "NAPTR": ['100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu.', r'1 1 "" "" "!^(.*)$!\\1!i" .'],
    "PTR": ["host", "Other.host"],
    "SSHFP": ["4 2 " + "12" * 32, "4 1 " + "ab" * 20],
    "TLSA": ["3 1 1 " + "d2" * 32, "2 0 0 30"],
    "SMIMEA": ["3 0 0 308201D3"],
    "OPENPGPKEY": ["mQENBFIr"],
    "CDS": ["60485 13 2 " + "2b" * 32],
    "CDNSKEY": ["257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="],
    "CSYNC": ["66 3 A NS AAAA", "7 1 NS"],
    "DHCID": ["AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="],
    "NID": ["10 0014:4fff:ff20:ee64"],
    "L32": ["10 10.1.2.0", "20 10.1.3.0"],
    "L64": ["10 2001:0db8:1140:1000"],
    "LP": ["10 l64.", "20 l32."],  # which dnspython cannot compress; a compressed LP is refused (RFC 6742 s2.4)
    "EUI48": ["00-00-5e-00-53-2a"],
    "EUI64": ["00-00-5e-ef-10-00-00-2a"],
    "IPSECKEY": [f"10 1 2 192.0.2.38 {SECRET}", f"10 3 2 gateway.example.com. {SECRET}"],
    "HIP": [f"2 200100107B1A74DF365639CC39F1D578 {SECRET} rvs1 rvs2.example.com."],
    "URI": ['10 1 "ftp://ftp1.example.com/public"', '20 1 "https://a.example/"'],
    "SVCB": ["16 foo.example.org. mandatory=ipv4hint,alpn alpn=h2,h3-19 no-default-alpn port=8443 ipv4hint=192.0.2.1",
             r"1 . key667=hello\210qoo"],
    "HTTPS": ["0 host", "1 . alpn=h2,h3 ipv6hint=2001:db8::1"],
    "TYPE65280": [r"\# 4 0A000001", r"\# 0"],
    "CNAME": ["host", "ns1", "Else.where.example."],
    "DNAME": ["sub.example.net.", "other"],
    "DS": [f"60485 13 2 {'2b' * 32}", f"60486 8 2 {'d4' * 32}"],
    "NS": ["ns1", "ns2", "NS.Elsewhere.example."],
}
ALONE = ("CNAME", "DNAME")  # of which a name has one, and in this zone nothing beside it
TYPES = [rdtype for rdtype in VALUES if rdtype not in (*ALONE, "DS", "NS")]
APEX = ["MX", "TXT", "CAA", "HTTPS", "AAAA", "TYPE65280", "LOC"]
NAMES = ["host", "www", "a.b.ent", "*.wild", "_sip._tcp", "x-1", r"odd\.dot", "n1", "n2", "n3", "deep.a.b.ent",
         "_443._tcp.www"]
CUTS = ["child", "delegated.ent"]
BASIC = ("A", "AAAA", "NS")  # which PowerDNS reads in their own form only, and which the zone begins with
LARGE = 500  # records of one set


@dataclasses.dataclass
class Change:
    """One change: sets that are replaced, given by (owner, type); and whole names that go. All owners are relative."""

    sets: dict = dataclasses.field(default_factory=dict)  # (owner, type) -> (ttl, values); values none: it goes
    names: list = dataclasses.field(default_factory=list)
    soa: list = None  # all its fields but the serial
    recased: list = dataclasses.field(default_factory=list)  # owners which are written in other letters from now on


class ChangingZone:
    """`letters_alone`: whether a change may be one of letters only, which is none for a server that folds names.
    `without`: names and types that do not occur, because a server does not take them."""

    def __init__(self, origin, seed, letters_alone=False, without=()):
        self.origin = dns.name.from_text(origin)
        self.random = random.Random(f"{seed} {origin}")
        self.letters_alone = letters_alone
        self.names = [name for name in NAMES if name not in without]
        self.types = [rdtype for rdtype in TYPES if rdtype not in without]
        self.alone = [rdtype for rdtype in ALONE if rdtype not in without]
        self.has_soa_changes = "SOA" not in without
        self.apex_types = [rdtype for rdtype in APEX if rdtype not in without]
        self.shrunk = 0    # changes that left less than they took: a whole zone is the smaller answer to IXFR
        self.letters = {}  # owner -> as it is written
        self.sets = {("@", "NS"): (3600, {"ns1", "NS.Elsewhere.example."}), ("ns1", "A"): (60, {"192.0.2.53"}),
                     ("host", "A"): (60, {"192.0.2.1"}), ("ns2", "AAAA"): (60, {"2001:db8::53"})}
        self.soa = ["NS1", "hostmaster", 86400, 10, 604800, 600]  # seldom asked for, soon again after a failure
        for i in range(60):
            self.sets[f"keep{i}", "A"] = (300, {f"192.0.2.{i}"})

    # --- what may be changed

    def types_at(self, owner):
        return [rdtype for name, rdtype in self.sets if name == owner]

    def values(self, rdtype):
        some = VALUES[rdtype]
        return set(self.random.sample(some, 1 if rdtype in ALONE else self.random.randint(1, min(4, len(some)))))

    def replaced_set(self):
        owner = self.random.choice(self.names)
        rdtype = self.random.choice([*self.types, *self.types, *self.alone])
        if owner.startswith("*") and rdtype == "DNAME" or rdtype == "DNAME" and owner in ("a.b.ent", "www"):
            rdtype = "CNAME"
        change = Change({(owner, rdtype): (self.random.choice((60, 300, 3600)), self.values(rdtype))})
        for other in self.types_at(owner):
            if other != rdtype and (rdtype in ALONE or other in ALONE):
                change.sets[owner, other] = (0, set())
        return change

    def deleted_set(self):
        there = [(owner, rdtype) for owner, rdtype in self.sets if owner in self.names]
        return Change({self.random.choice(there): (0, set())}) if there else self.replaced_set()

    def deleted_name(self):
        there = sorted({owner for owner, _ in self.sets if owner in self.names})
        return Change(names=[self.random.choice(there)]) if there else self.replaced_set()

    def apex(self):
        if self.random.random() < 0.3:
            return Change({("@", "NS"): (3600, self.values("NS") | {"ns1"})})
        if self.has_soa_changes and self.random.random() < 0.2:
            return Change(soa=[*self.soa[:5], self.random.choice((300, 600, 900))])
        rdtype = self.random.choice(self.apex_types)
        if ("@", rdtype) in self.sets and self.random.random() < 0.4:
            return Change({("@", rdtype): (0, set())})
        return Change({("@", rdtype): (600, self.values(rdtype))})

    def delegation(self):
        cut = self.random.choice(CUTS)
        if (cut, "NS") in self.sets and self.random.random() < 0.4:
            return Change(names=[cut, f"ns.{cut}"])
        change = Change({(cut, "NS"): (3600, {f"ns.{cut}", "ns1"}), (f"ns.{cut}", "A"): (60, self.values("A"))})
        change.sets[cut, "DS"] = (3600, self.values("DS") if self.random.random() < 0.6 else set())
        return change

    def large_set(self):
        count = self.random.choice((LARGE, LARGE, LARGE - 1, 1))
        first = self.random.randrange(4)
        return Change({("many", "A"): (60, {f"10.0.{i >> 8}.{i & 255}" for i in range(first, first + count)})})

    def one_more_or_less(self):
        """One record of a set comes or goes, the others stay."""
        owner = f"keep{self.random.randrange(60)}"
        ttl, there = self.sets[owner, "A"]
        other = self.random.choice(VALUES["A"])
        return Change({(owner, "A"): (ttl, there ^ {other} or there)})

    def other_letters(self):
        owner = f"keep{self.random.randrange(60)}"
        now = self.letters.get(owner, owner)
        ttl, there = self.sets[owner, "A"]
        self.letters[owner] = now.swapcase()
        if not self.letters_alone:
            there = there ^ {self.random.choice(VALUES["A"])} or {"192.0.2.99"}
        return Change({(owner, "A"): (ttl, there)}, recased=[owner])

    def change(self):
        """The next change, which surely changes something."""
        kinds = [self.replaced_set] * 6 + [self.one_more_or_less] * 3 + [self.large_set, self.other_letters]
        kinds += [self.deleted_set, self.deleted_name, self.apex, self.delegation] * 2
        while True:
            change = self.random.choice(kinds)()
            change.sets = {key: value for key, value in change.sets.items()
                           if key[0] in change.recased or self.sets.get(key, (0, set())) != value}
            if change.sets or change.names or change.soa not in (None, self.soa):
                return change

    def apply(self, change):
        before = self.size()
        self.soa = change.soa or self.soa
        for key, (ttl, values) in change.sets.items():
            if values:
                self.sets[key] = (ttl, values)
            else:
                self.sets.pop(key, None)
        for name in change.names:
            self.sets = {key: value for key, value in self.sets.items() if key[0] != name}
        self.shrunk += before > 2 * self.size()

    def size(self):
        return sum(len(values) for _, values in self.sets.values())

    # --- how it is told

    def name(self, owner):
        return dns.name.from_text(self.letters.get(owner, owner), self.origin)

    def rdata(self, rdtype, text):
        return dns.rdata.from_text("IN", rdtype, text, origin=self.origin, relativize=False)

    def soa_rdata(self, fields, serial):
        return self.rdata("SOA", " ".join(map(str, [*fields[:2], serial, *fields[2:]])))

    def message(self, change, serial):
        """The UPDATE that makes the change. Requires: it is not yet applied. `serial`: what the server has now."""
        update = dns.update.UpdateMessage(self.origin)
        if change.soa:
            update.add(self.origin, 3600, self.soa_rdata(change.soa, serial + 1))
        for name in change.names:
            update.delete(self.name(name))
        gone_first = sorted(change.sets.items(), key=lambda item: bool(item[1][1]))  # no CNAME beside what is added
        for (owner, rdtype), (ttl, values) in gone_first:
            name = self.name(owner)
            old_ttl, old = self.sets.get((owner, rdtype), (ttl, set()))
            whole = rdtype not in ("A", "NS") or old_ttl != ttl or owner in change.recased or len(old - values) > 40
            whole = whole or not values
            if whole and (owner, rdtype) != ("@", "NS"):  # the apex has always NS records (RFC 2136 s3.4.2.3)
                update.delete(name, rdtype)
                old = set()
            for value in sorted(values - old):
                update.add(name, ttl, self.rdata(rdtype, value))
            for value in sorted(old - values):
                update.delete(name, self.rdata(rdtype, value))
        return update

    def text(self, serial):
        """A master file that every server reads: types that some do not know are in RFC 3597's form."""
        lines = [f"{self.origin} 3600 IN SOA {self.soa_rdata(self.soa, serial)}"]
        for (owner, rdtype), (ttl, values) in self.sets.items():
            for value in sorted(values):
                rdata = self.rdata(rdtype, value)
                text = f"{rdtype} {rdata}" if rdtype in BASIC else f"TYPE{int(rdata.rdtype)} {rdata.to_generic()}"
                lines.append(f"{self.name(owner)} {ttl} IN {text}")
        return "\n".join(lines) + "\n"

    def lines(self):
        """What folded_lines() gives of a server that has this zone, the SOA apart."""
        return sorted(line(self.name(owner), ttl, self.rdata(rdtype, value), True)
                      for (owner, rdtype), (ttl, values) in self.sets.items() for value in values)


def line(owner, ttl, rdata, fold):
    """One record. `fold`: names in small letters, in the rdata too."""
    if fold:
        owner = owner.canonicalize()
        wire = rdata.to_digestable()
        rdata = dns.rdata.from_wire(rdata.rdclass, rdata.rdtype, wire, 0, len(wire))
    return f"{owner} {ttl} {dns.rdatatype.to_text(rdata.rdtype)} {rdata}"
