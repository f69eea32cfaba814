"""Which questions a zone is asked: its names with their types and others, and names below, above and beside them."""
import random

import dns.name

from shape import Question

TRANSPORTS = ["udp512", "udp1232", "udp1232", "udp4096", "tcp"]
COMMON_TYPES = ["A", "AAAA", "NS", "SOA", "CNAME", "MX", "TXT", "DS", "DNAME", "SRV", "PTR", "ANY", "RRSIG", "NSEC",
                "DNSKEY", "NSEC3PARAM", "NSEC3", "TYPE65000", "HTTPS", "CAA"]


def owners(compiled):
    """name -> types, from a file of one record a line."""
    found = {}
    for line in compiled.read_text().splitlines():
        words = line.split()
        if len(words) > 3 and not line.startswith(";"):
            found.setdefault(dns.name.from_text(words[0]), set()).add(words[3])
    return found


def relatives(name, apex, chance):
    """Names that are not `name`: one and two below, beside, above, a wildcard's, one of another letter case."""
    def below(name, *labels):
        try:
            return [dns.name.Name(labels + name.labels)]
        except dns.name.NameTooLong:
            return []

    found = below(name, b"x") + below(name, b"a", b"b") + below(name, b"*") + below(name, b"\0") + below(name, b"ns")
    found.append(dns.name.from_text(name.to_text().swapcase()))
    if name != apex:
        label = name.labels[0]
        found += [name.parent()] + below(name.parent(), b"beside") + below(name.parent(), b"*")
        found += below(name.parent(), label[:62] + b"0") + below(name.parent(), (label[:-1] or label) + b"~")
    return [one for one in found if chance.random() < 0.5]


def make(origin, compiled, limit, seed):
    """At most `limit` questions about one zone, all different; the seed decides which."""
    chance = random.Random(f"{seed}-{origin}")
    apex = dns.name.from_text(origin)
    there = owners(compiled)
    names = list(there)
    chance.shuffle(names)
    made = {}

    def ask(name, rdtype):
        question = Question(name.to_text(), rdtype, chance.choice(TRANSPORTS), chance.random() < 0.5)
        made[question] = None

    for name in names:
        if len(made) >= limit:
            break
        for rdtype in sorted(there[name]) + ["ANY", chance.choice(COMMON_TYPES), chance.choice(COMMON_TYPES)]:
            ask(name, rdtype)
        for relative in relatives(name, apex, chance):
            ask(relative, chance.choice(COMMON_TYPES))
            ask(relative, chance.choice(("A", "TXT", "MX", *sorted(there[name]))))
    while len(made) < limit and len(names) < limit:
        name = chance.choice(names)
        for one in (name, *relatives(name, apex, chance)):
            ask(one, chance.choice(COMMON_TYPES))
    return list(made)[:limit]
