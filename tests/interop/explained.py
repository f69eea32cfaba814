"""The differences to other servers that are right. Each rule has a section of its name in docs/differences.md.

A rule takes both answers and gives them back without the difference that it explains. It counts as used when the two
have come closer by it. What is left after all rules is not explained.
"""
import collections
import dataclasses
import re

import dns.name

from shape import Question, Shape

ADDRESSES = {"A", "AAAA", "RRSIG A", "RRSIG AAAA"}
RULES = {}
EXAMPLES = {}
used = collections.Counter()


@dataclasses.dataclass
class Case:
    question: Question
    peer: str
    ours: Shape
    theirs: Shape
    comparison: object  # what can ask again, and knows the zones
    others: list        # the answers of the other peers

    def is_alone(self):
        """Whether no other peer that gives this server's answer, and goes to its end, gives another rcode or proof."""
        same = [other for other in self.others if other.answer == self.ours.answer and other.authority]
        return all((other.rcode, proofs(other)) == (self.ours.rcode, proofs(self.ours)) for other in same)


def rule(name, *peers, example):
    """Registers a rule under its name, with a question about the hand-made zones that needs it.

    With peers: one for the answers of these alone.
    """
    def register(function):
        def guarded(case, ours, theirs):
            return function(case, ours, theirs) if not peers or case.peer in peers else (ours, theirs)

        RULES[name] = guarded
        EXAMPLES[name] = example
        return function
    return register


def remove_all(case):
    """Both answers without what the rules explain; None when they are equal then."""
    ours, theirs = case.ours, case.theirs
    for name, remove in RULES.items():
        before = ours.distance(theirs)
        ours, theirs = remove(case, ours, theirs)
        if ours.distance(theirs) < before:
            used[name, case.peer] += 1
        if ours == theirs:
            return None
    return ours, theirs


def below(owner, ancestor):
    return dns.name.from_text(owner).is_subdomain(dns.name.from_text(ancestor))


def without(section, unwanted):
    return frozenset(record for record in section if not unwanted(record))


def proofs(shape):
    return frozenset(record for record in shape.authority if record[1].endswith(("NSEC", "NSEC3")))


def without_proofs(shape):
    return shape.replace(authority=shape.authority - proofs(shape))


def is_referral(shape):
    return not shape.aa and any(record[1] == "NS" for record in shape.authority)


def zone_of(case, name):
    """The origin of the deepest zone that has the name; None when there is none."""
    holders = [origin for origin, _ in case.comparison.zones if below(name, origin)]
    return max(holders, key=lambda origin: len(dns.name.from_text(origin).labels), default=None)


def chain(shape, name):
    """The names that the CNAME records of the answer lead through, `name` first."""
    targets = {owner: rdata for owner, kind, _, rdata in shape.answer if kind == "CNAME"}
    names = [name.lower()]
    while names[-1] in targets and targets[names[-1]] not in names:
        names.append(targets[names[-1]])
    return names


@rule("truncated", example="large.plain.test. A udp512")
def truncated(case, ours, theirs):
    """What a truncated answer holds does not matter, and who has more to say truncates sooner: TCP must agree."""
    if not ours.tc and not theirs.tc:
        return ours, theirs
    whole = case.comparison.over_tcp(case.question)
    octets, ours_whole = whole["tandem"]
    if ours.tc and octets <= case.question.room:
        return ours, theirs  # it would have fitted
    case.others = [answer for server, (_, answer) in whole.items() if server not in ("tandem", case.peer)]
    case.ours, case.theirs = ours_whole, whole[case.peer][1]
    return case.ours, case.theirs


@rule("chain-without-end", example="x.ring.dname.test. A tcp")
def chain_without_end(case, ours, theirs):
    """Redirections that never end are followed 16 times here, and another number of times elsewhere."""
    names = chain(ours, case.question.name)
    returns = any(kind == "CNAME" and owner == names[-1] for owner, kind, _, _ in ours.answer)
    grows = len(names) > 2 and ours.rcode == "YXDOMAIN"
    if len(names) < 17 and not returns and not grows:
        return ours, theirs
    return ours, theirs.replace(answer=ours.answer, rcode=ours.rcode, authority=ours.authority)


@rule("any-at-an-alias", example="x.second.dname.test. ANY tcp")
def any_at_an_alias(case, ours, theirs):
    """ANY matches the CNAME itself, so that it is not followed; others go on behind one that a DNAME made."""
    if case.question.rdtype != "ANY" or len(chain(ours, case.question.name)) != 2 or not ours.answer <= theirs.answer:
        return ours, theirs
    return ours, ours.replace(edns=theirs.edns, do=theirs.do, aa=theirs.aa)


@rule("chain-into-another-zone", example="across.plain.test. A tcp")
def chain_into_another_zone(case, ours, theirs):
    """Others end a CNAME chain where it leaves the zone, also when they serve the next one."""
    names = chain(theirs, case.question.name)
    zone = zone_of(case, names[0])
    if len(names) == 1 or zone_of(case, names[-1]) in (zone, None) or not theirs.answer <= ours.answer:
        return ours, theirs
    if theirs.rcode != "NOERROR" or any(record[1] != "SOA" for record in theirs.authority if record[0] == zone):
        return ours, theirs
    return ours.replace(answer=theirs.answer, authority=theirs.authority, additional=theirs.additional,
                        rcode="NOERROR"), theirs


@rule("nsec-at-an-alias", example="alias.plain.test. NSEC tcp")
def nsec_at_an_alias(case, ours, theirs):
    """Where a CNAME has no NSEC beside it, we follow it; Knot and BIND say NODATA, NSD does so for NSEC3."""
    if case.question.rdtype != ("NSEC3" if case.peer == "nsd" else "NSEC"):
        return ours, theirs
    if not theirs.answer < ours.answer or theirs.rcode != "NOERROR":
        return ours, theirs
    return ours, ours.replace(edns=theirs.edns, do=theirs.do, aa=theirs.aa)


@rule("names-of-nsec3-records", "nsd", example="x.0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. A tcp do")
def names_of_nsec3_records(case, ours, theirs):
    """NSD counts the owners of NSEC3 records as names when it looks for the closest encloser."""
    if not re.search(r"(^|\.)[0-9a-v]{32}\.", case.question.name, re.IGNORECASE) or ours.rcode != theirs.rcode:
        return ours, theirs
    return without_proofs(ours), without_proofs(theirs)


@rule("rrsig-at-an-alias", "nsd", example="x.aliases.plain.test. RRSIG tcp")
def rrsig_at_an_alias(case, ours, theirs):
    """RRSIG may stand beside a CNAME, so that the CNAME is not followed; NSD follows it."""
    follows = any(kind == "CNAME" for _, kind, _, _ in theirs.answer)
    if case.question.rdtype != "RRSIG" or ours.answer or ours.rcode != "NOERROR" or not follows:
        return ours, theirs
    return ours, ours.replace(edns=theirs.edns, do=theirs.do, aa=theirs.aa)


@rule("addresses-with-an-answer", example="plain.test. MX tcp")
def addresses_with_an_answer(case, ours, theirs):
    """Others add addresses of the hosts that an answer names, Knot always, the rest for NS; this server does not."""
    if not theirs.answer or case.ours.additional:
        return ours, theirs
    return ours, theirs.replace(additional=without(theirs.additional, lambda record: record[1] in ADDRESSES))


@rule("addresses-beside-a-cut", example="x.secure.plain.test. A tcp")
def addresses_beside_a_cut(case, ours, theirs):
    """Addresses of a cut's servers elsewhere in the zone are extra in a referral: there when they fit, or not."""
    cuts = [owner for owner, kind, _, _ in ours.authority if kind == "NS"]
    if not cuts or not any(kind == "NS" for _, kind, _, _ in theirs.authority):
        return ours, theirs

    def is_extra(record):
        return record[1] in ADDRESSES and not below(record[0], cuts[0])

    return (ours.replace(additional=without(ours.additional, is_extra)),
            theirs.replace(additional=without(theirs.additional, is_extra)))


@rule("glue-left-out", "nsd", "bind", example="x.crowd.plain.test. A udp512")
def glue_left_out(case, ours, theirs):
    """NSD and BIND may leave out glue below the cut, without TC, when they filled the room with other addresses."""
    missing = ours.additional - theirs.additional
    if not is_referral(ours) or case.question.transport != "udp512" or not theirs.additional <= ours.additional:
        return ours, theirs
    return ours, theirs.replace(additional=theirs.additional | {one for one in missing if one[1] in ADDRESSES})


@rule("any-is-one-rrset", example="plain.test. ANY tcp")
def any_is_one_rrset(case, ours, theirs):
    """Each server chooses another RRset for ANY; ours was one, theirs is some of the same name."""
    if case.question.rdtype != "ANY" or not ours.answer or not theirs.answer:
        return ours, theirs
    return ours.replace(answer=frozenset()), theirs.replace(answer=frozenset())


def signatures(shape):
    return {record for record in shape.answer if record[1].startswith("RRSIG")}


@rule("rrsig-is-one-rrset", example="nsec.test. RRSIG tcp")
def rrsig_is_one_rrset(case, ours, theirs):
    """The signatures over one RRset answer RRSIG here; others choose another RRset, or give all."""
    owners = [{record[0] for record in signatures(shape)} for shape in (ours, theirs)]
    if case.question.rdtype != "RRSIG" or not owners[0] or owners[0] != owners[1]:
        return ours, theirs
    return (ours.replace(answer=ours.answer - signatures(ours)),
            theirs.replace(answer=theirs.answer - signatures(theirs)))


@rule("soa-question-soa-ttl", "bind", example="nowhere.plain.test. SOA tcp")
def soa_question_soa_ttl(case, ours, theirs):
    """BIND gives the SOA of a negative answer the TTL 0 when SOA was asked for."""
    if case.question.rdtype != "SOA":
        return ours, theirs
    ttl = {record[0]: record[2] for record in ours.authority if record[1] == "SOA"}
    return ours, theirs.replace(authority=frozenset(
        (owner, kind, ttl.get(owner, old) if kind in ("SOA", "RRSIG SOA") and old == 0 else old, rdata)
        for owner, kind, old, rdata in theirs.authority))


@rule("dnssec-of-an-unsigned-zone", example="x.secure.plain.test. A tcp do")
def dnssec_of_an_unsigned_zone(case, ours, theirs):
    """DS and NSEC that a zone has are served although it has no signatures; others want those too."""
    if any(kind.startswith("RRSIG") for _, kind, _, _ in ours.records()) or not case.question.do:
        return ours, theirs
    return ours.replace(authority=without(ours.authority, lambda record: record[1] in ("DS", "NSEC"))), theirs


@rule("nsec-at-a-cut", "bind", example="b.nsec.test. NSEC tcp")
def nsec_at_a_cut(case, ours, theirs):
    """BIND answers a question for NSEC at a cut from the parent; here, in Knot and in NSD it is a referral."""
    if case.question.rdtype != "NSEC" or not is_referral(ours) or not theirs.aa:
        return ours, theirs
    return ours, ours if {record[1] for record in theirs.answer} <= {"NSEC", "RRSIG NSEC"} else theirs


@rule("nsec-from-a-wildcard", "knot", example="~.dangling.nsec.test. NSEC tcp do")
def nsec_from_a_wildcard(case, ours, theirs):
    """The proof that goes with an answer from a wildcard stays with it when that answer is itself an NSEC."""
    if case.question.rdtype != "NSEC" or not ours.answer or ours.answer != theirs.answer:
        return ours, theirs
    answered = {rdata for _, kind, _, rdata in ours.answer if kind == "NSEC"}
    owners = {owner for owner, kind, _, rdata in ours.authority if kind == "NSEC" and rdata in answered}
    return ours.replace(authority=without(ours.authority, lambda record: record[0] in owners)), theirs


@rule("proofs-of-nsd", "nsd", example="*.deep.stars.nsec3.test. PTR tcp do")
def proofs_of_nsd(case, ours, theirs):
    """NSD leaves out a proof behind a DNAME, or adds one; Knot and BIND agree with this server."""
    if ours.rcode != theirs.rcode or ours.answer != theirs.answer or not case.is_alone():
        return ours, theirs
    return without_proofs(ours), without_proofs(theirs)


@rule("asterisk-from-a-wildcard", "knot", example="*.z.w.nsec3.test. MX tcp do")
def asterisk_from_a_wildcard(case, ours, theirs):
    """A name that begins with `*` may come from a wildcard further up, and needs its proof; Knot leaves it out."""
    has_asterisk = any(name.startswith("*.") for name in chain(ours, case.question.name))
    if not has_asterisk or not proofs(theirs) <= proofs(ours) or not case.is_alone():
        return ours, theirs
    return without_proofs(ours), without_proofs(theirs)
