"""Random zones that every server loads, from a seed: few labels, so that names meet; all that changes an answer."""
import random
import subprocess

LABELS = ["a", "b", "c", "www", "ent", "Deep", "_tcp", "z9", "x-1"]
TARGET_LABELS = LABELS + ["nowhere"]


class RandomZone:
    def __init__(self, seed, origin, others, child=None):
        self.random = random.Random(seed)
        self.origin = origin
        self.others = others  # origins of zones beside this one, for targets
        self.child = child    # the label of a zone below this one: it is delegated, and nothing else is known of it
        self.sets = {}        # (labels, type) -> rdata; labels from the leftmost to the zone's

    def owner(self):
        labels = tuple(self.random.choice(LABELS) for _ in range(self.random.choice((1, 1, 2, 2, 3))))
        return ("*", *labels) if self.random.random() < 0.15 else labels

    def target(self):
        where = self.random.random()
        if where < 0.1:
            return "host.elsewhere.example."
        labels = [self.random.choice(TARGET_LABELS) for _ in range(self.random.choice((1, 1, 2, 3)))]
        origin = self.random.choice(self.others) if where < 0.25 else self.origin
        return ".".join(labels) + "." + origin

    def has(self, labels, *types):
        return any((labels, rdtype) in self.sets for rdtype in types)

    def types_at(self, labels):
        return {rdtype for owner, rdtype in self.sets if owner == labels}

    def is_below(self, labels, rdtype):
        return any(self.has(labels[i:], rdtype) for i in range(1, len(labels)))

    def has_below(self, labels):
        return any(len(owner) > len(labels) and owner[-len(labels):] == labels for owner, _ in self.sets)

    def fits(self, labels, rdtype):
        """What all servers agree is a good zone (RFC 2181 s10.1, RFC 6672 s2.4), without data that a cut hides."""
        there = self.types_at(labels)
        if labels[-1] == self.child:
            return False
        if self.is_below(labels, "DNAME") or "CNAME" in there:
            return False
        if self.is_below(labels, "NS") and rdtype not in ("A", "AAAA"):
            return False
        if rdtype == "CNAME":
            return not there
        if rdtype == "DNAME":
            return not self.has_below(labels) and "NS" not in there and labels[0] != "*"
        if rdtype == "NS":
            return not there and labels[0] != "*" and not any(
                below[-len(labels):] == labels and kind not in ("A", "AAAA") for below, kind in self.sets)
        return "NS" not in there or rdtype == "DS"

    def rdata(self, rdtype):
        number = self.random.randrange
        return {
            "A": lambda: f"192.0.2.{number(256)}",
            "AAAA": lambda: f"2001:db8::{number(65536):x}",
            "TXT": lambda: f'"{self.random.choice(LABELS)}" "{"t" * number(200)}"',
            "MX": lambda: f"{number(100)} {self.target()}",
            "SRV": lambda: f"1 2 {number(65536)} {self.target()}",
            "DS": lambda: f"{number(65536)} 13 2 {'A1' * 32}",
        }.get(rdtype, self.target)()

    def add(self, labels, rdtype):
        if not self.fits(labels, rdtype):
            return
        count = 1 if rdtype in ("CNAME", "DNAME") else self.random.choice((1, 1, 2, 4))
        rdatas = {self.rdata(rdtype) for _ in range(count)}
        self.sets[labels, rdtype] = rdatas
        if rdtype == "NS":
            if self.random.random() < 0.7:
                self.sets[("ns", *labels), "A"] = {self.rdata("A")}
                rdatas.add(".".join(("ns", *labels)) + "." + self.origin)
            if self.random.random() < 0.5:
                self.sets[labels, "DS"] = {self.rdata("DS")}

    def text(self, names):
        types = ["A", "A", "AAAA", "TXT", "MX", "SRV", "CNAME", "CNAME", "DNAME", "NS", "PTR", "TXT"]
        for _ in range(names):
            labels = self.owner()
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self.add(labels, self.random.choice(types))
        lines = [f"$ORIGIN {self.origin}", "$TTL 300", "@ 900 SOA ns1 hostmaster 7 900 300 604800 120",
                 "@ NS ns1", "@ NS ns.elsewhere.example.", "ns1 A 192.0.2.53"]
        if self.child:
            lines += [f"{self.child} NS ns1.{self.child}", f"ns1.{self.child} A 192.0.2.53"]
        for (labels, rdtype), rdatas in self.sets.items():
            ttl = self.random.choice((60, 300, 3600))
            lines += [f"{'.'.join(labels)} {ttl} {rdtype} {rdata}" for rdata in sorted(rdatas)]
        return "\n".join(lines) + "\n"


SIGNING = {"nsec": [], "nsec3": ["-3", "-", "-H", "0"], "optout": ["-3", "aabbccdd", "-H", "5", "-A"]}


def sign(origin, path, how):
    """Signs the file in place."""
    folder = path.parent
    for flags in ([], ["-f", "KSK"]):
        subprocess.run(["dnssec-keygen", "-q", "-K", str(folder), "-a", "ECDSAP256SHA256", *flags, origin], check=True,
                       capture_output=True, timeout=60)
    subprocess.run(["dnssec-signzone", "-q", "-S", "-K", str(folder), "-d", str(folder), "-o", origin,
                    "-s", "20240101000000", "-e", "20491231235959", "-f", f"{path}.signed", *SIGNING[how], str(path)],
                   check=True, capture_output=True, timeout=60)
    path.write_text(f"$ORIGIN {origin}\n" + path.with_name(path.name + ".signed").read_text())


def make(seed, count, names, folder):
    """`count` zones as (origin, path): unsigned and signed in each way by turns; each refers to the others."""
    origins = [f"r{i}.test." for i in range(count - 1)] + ["a.r0.test."]  # the last is a child of the first
    zones = []
    for i, origin in enumerate(origins):
        path = folder / f"r{i}.zone"
        path.write_text(RandomZone(f"{seed}-{i}", origin, origins, "a" if i == 0 else None).text(names))
        how = [None, "nsec", "nsec3", "optout"][i % 4]
        if how:
            sign(origin, path, how)
        zones.append((origin, path))
    return zones
