"""RFC 4035: DNSSEC, protocol modifications. The names of its appendix A, the answers of its appendix B."""
import dns.message
import dns.name
import dns.rdatatype
import pytest

from denial import Nsec
from talk import check, head, kind, question, table

ZONES = ["nsec", "plain", "child"]
ORIGIN = "nsec.test."
APEX = dns.name.from_text(ORIGIN)


def name(text):
    return dns.name.from_text(text, APEX)


def ask(server, text):
    return server.query(question(text, ORIGIN)[0])


def assert_all_signed(rrsets, but=()):
    """Behind each RRset of the zone's own data stands its RRSIG, of the same owner and TTL."""
    there = {(rrset.name, rrset.rdtype) for rrset in rrsets if rrset.rdtype != dns.rdatatype.RRSIG}
    signed = {(rrset.name, rrset.covers) for rrset in rrsets if rrset.rdtype == dns.rdatatype.RRSIG}
    assert signed == {one for one in there if dns.rdatatype.to_text(one[1]) not in but}
    ttls = {(rrset.name, rrset.rdtype): rrset.ttl for rrset in rrsets}
    assert all(rrset.ttl == ttls[(rrset.name, rrset.covers)] for rrset in rrsets if rrset.rdtype == dns.rdatatype.RRSIG)


@pytest.mark.parametrize("asked", ["x.w MX", "@ SOA", "@ DNSKEY", "ai AAAA", "alias CNAME", "alias A", "upper.case A"])
def test_signatures_come_with_their_rrsets(server, asked):
    """RFC 4035 section 3.1.1 and appendix B.1: with DO each RRset of the answer section has its RRSIG with it."""
    response = ask(server, asked + " do")
    assert head(response) == "NOERROR aa"
    assert_all_signed(response.answer)
    assert not response.authority


@table("""
x.w MX  NOERROR aa
    an x.w MX 1 xx
x.w MX edns  NOERROR aa
    an x.w MX 1 xx
nowhere A  NXDOMAIN aa
    au @ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 900
ai MX edns  NOERROR aa
    au @ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 900
q.a MX  NOERROR
    au a NS ns1.a
    au a NS ns2.a
    ad ns1.a A 192.0.2.5
    ad ns2.a A 192.0.2.6
y.w MX  NOERROR aa
    au @ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 900
z.w MX  NOERROR aa
    an z.w MX 1 ai
""")
def test_without_do_no_dnssec(server, asked, header, records):
    """RFC 4035 section 3.1: without DO there are no RRSIG, NSEC and DNSKEY records but those that are asked for."""
    check(server, ORIGIN, asked, header, records)


@table("""
a DS  NOERROR aa
    an a DS 57855 5 1 b6dcd485719adca18e5f3d48a2331627fdd3636b
ai NSEC  NOERROR aa
    an ai NSEC cut.hollow.ai
b DS  NOERROR aa
    au @ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 900
""")
def test_dnssec_types_that_are_asked_for(server, asked, header, records):
    """RFC 4035 section 3.1: a question for a DNSSEC type is answered, with or without DO."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("asked", ["ai RRSIG", "@ RRSIG", "ai RRSIG do"])
def test_signatures_that_are_asked_for(server, asked):
    """RFC 4035 section 3.1.1 and RFC 8482 section 4.1: the signatures over one RRset at least, and nothing but."""
    response = ask(server, asked)
    assert head(response) == "NOERROR aa"
    assert response.answer and {rrset.rdtype for rrset in response.answer} == {dns.rdatatype.RRSIG}


@pytest.mark.parametrize("flag", [True, False])
def test_the_do_bit_comes_back(server, flag):
    """RFC 4035 section 3.2.1 and RFC 3225 section 3: DO is copied into the answer."""
    response = ask(server, "ai A " + ("do" if flag else "edns"))
    assert bool(response.ednsflags & 0x8000) == flag


@pytest.mark.parametrize("flags", [0x0010, 0x0020, 0x0030])
def test_ad_and_cd_are_clear(server, flags):
    """RFC 4035 section 3.1.6: an authoritative answer has AD clear, and CD should be."""
    message, _ = question("ai A do", ORIGIN)
    message.flags |= flags
    assert not server.query(message).flags & 0x0030


@pytest.mark.parametrize("asked", ["ai MX", "@ A", "w A", "y.w MX", "ent A", "b.ent TXT", "a.b.ent A", "x.w A",
                                   "stars A",
                                   "*.stars TXT", "*.w A", "ns1 AAAA", "from A", "case A"])
def test_no_data_is_proved(server, asked):
    """RFC 4035 section 3.1.3.1 and appendix B.3: the NSEC of the name, or for an empty non-terminal the one over it."""
    response = ask(server, asked + " do")
    assert head(response) == "NOERROR aa" and not response.answer
    assert_all_signed(response.authority)
    rrset = question(asked, ORIGIN)[0].question[0]
    proof = Nsec(response)
    assert proof.denies_type(rrset.name, rrset.rdtype, dns.rdatatype.CNAME)
    assert len(proof.records) == 1


@pytest.mark.parametrize("asked", ["ml A", "zz A", "0 A", "x.ai A", "a.b.c.d.e A", "x.ent A", "x.b.ent A", "y.to A",
                                   "x.a.b.ent A",
                                   "*.ai A", "\\000 A", "x.upper.case TXT", "dangling A", "x.dangling A"])
def test_name_errors_are_proved(server, asked):
    """RFC 4035 section 3.1.3.2 and appendix B.2: the name is not there, and no wildcard that could have answered."""
    response = ask(server, asked + " do")
    assert head(response) == "NXDOMAIN aa"
    assert_all_signed(response.authority)
    proof = Nsec(response)
    gone = response.answer[-1][0].target if response.answer and kind(response.answer[-1]) == "CNAME" else None
    gone = name("nowhere") if "dangling" in asked else gone or question(asked, ORIGIN)[0].question[0].name
    assert proof.denies_name(gone)
    encloser = closest_encloser(proof, gone)
    assert proof.denies_name(dns.name.Name((b"*",) + encloser.labels))


def closest_encloser(proof, gone):
    """By the NSEC that denies `gone`: the longest ancestor that its owner and its next name share with it."""
    shared = [gone.fullcompare(other)[2] for owner, rdata in proof.records for other in (owner, rdata.next)]
    return dns.name.Name(gone.labels[-max(shared):])


@pytest.mark.parametrize("asked, closer", [("a.z.w MX", "z.w"), ("z.w MX", "z.w"), ("q.alias A", "q.alias"),
                                           ("x.y.wild.to TXT", "y.wild.to"),
                                           ("q.r.deep.stars TXT", "r.deep.stars")])
def test_wildcard_answers_are_proved(server, asked, closer):
    """RFC 4035 section 3.1.3.3 and appendix B.6: the RRSIG shows the wildcard, the NSEC that there is no closer
    match."""
    response = ask(server, asked + " do")
    assert head(response) == "NOERROR aa"
    assert_all_signed(response.answer)
    assert_all_signed(response.authority)
    assert Nsec(response).denies_name(name(closer))
    signature = next(rrset[0] for rrset in response.answer if rrset.rdtype == dns.rdatatype.RRSIG)
    assert signature.labels < len(question(asked, ORIGIN)[0].question[0].name.labels) - 1


@pytest.mark.parametrize("asked, wildcard", [("a.z.w AAAA", "*.w"), ("x.wild.to A", "*.wild.to"), ("x.stars A",
                                                                                                   "*.stars"),
                                             ("x.y.stars TXT", "*.stars"), ("x.deep.stars A", "*.deep.stars")])
def test_wildcard_no_data_is_proved(server, asked, wildcard):
    """RFC 4035 section 3.1.3.4 and appendix B.7: the wildcard lacks the type, and the name itself is not there."""
    response = ask(server, asked + " do")
    assert head(response) == "NOERROR aa" and not response.answer
    assert_all_signed(response.authority)
    asked_set = question(asked, ORIGIN)[0].question[0]
    assert Nsec(response).denies_type(name(wildcard), asked_set.rdtype, dns.rdatatype.CNAME)
    assert Nsec(response).denies_name(asked_set.name)


@pytest.mark.parametrize("asked, cut", [("mc.a MX", "a"), ("a A", "a"), ("a NS", "a"), ("q.r.a TXT", "a")])
def test_signed_delegations(server, asked, cut):
    """RFC 4035 section 3.1.4 and appendix B.4: a referral carries the DS records with their RRSIG; NS has none."""
    response = ask(server, asked + " do")
    assert head(response) == "NOERROR" and not response.answer
    assert {kind(rrset) for rrset in response.authority} == {"NS", "DS", "RRSIG DS"}
    assert {rrset.name for rrset in response.authority} == {name(cut)}
    assert {kind(rrset) for rrset in response.additional} == {"A"}


@pytest.mark.parametrize("asked, cut", [("mc.b MX", "b"), ("b NS", "b"), ("x.c A", "c"), ("x.y.cut.hollow A",
                                                                                          "cut.hollow")])
def test_unsigned_delegations(server, asked, cut):
    """RFC 4035 section 3.1.4 and appendix B.5: a referral without DS carries the NSEC that shows there is none."""
    response = ask(server, asked + " do")
    assert head(response) == "NOERROR" and not response.answer
    assert_all_signed(response.authority, but={"NS"})
    proof = Nsec(response)
    assert proof.owners() == {name(cut)} and proof.denies_type(name(cut), dns.rdatatype.DS, dns.rdatatype.SOA)


@pytest.mark.parametrize("asked, cut", [("tocut A", "b"), ("tosecure A", "a")])
def test_an_alias_that_leads_to_a_delegation(server, asked, cut):
    """RFC 4035 section 3.1.4: the referral at the end of a chain has its DS or the proof of none as any other."""
    response = ask(server, asked + " do")
    assert_all_signed(response.answer)
    kinds = {kind(rrset) for rrset in response.authority if rrset.name == name(cut)}
    assert kinds == ({"NS", "DS", "RRSIG DS"} if cut == "a" else {"NS", "NSEC", "RRSIG NSEC"})


def test_the_ds_belongs_to_the_parent(server):
    """RFC 4035 section 3.1.4.1 and appendix B.8: the parent side of a cut answers for DS, with authority."""
    response = ask(server, "a DS do")
    assert head(response) == "NOERROR aa"
    assert_all_signed(response.answer)


def test_no_ds_is_proved_by_the_parent(server):
    """RFC 4035 section 3.1.4.1: NODATA for DS at an unsigned cut, with the cut's NSEC."""
    response = ask(server, "b DS do")
    assert head(response) == "NOERROR aa"
    assert Nsec(response).denies_type(name("b"), dns.rdatatype.DS)


def test_a_server_of_parent_and_child_answers_ds_from_the_parent(server):
    """RFC 4035 section 3.1.4.1: also where the child zone is served here, its DS comes from the parent."""
    response = server.query(question("child.plain.test. DS")[0])
    assert head(response) == "NOERROR aa" and [rdata.key_tag for rdata in response.answer[0]] == [4711]


@table("""
@ DS  NOERROR aa
    au @ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 900
""")
def test_a_server_without_the_parent_answers_ds_from_the_child(server, asked, header, records):
    """RFC 4035 section 3.1.4.1: NODATA from the child's apex when the parent is not served here."""
    check(server, ORIGIN, asked, header, records)


def test_names_below_a_dname_are_signed_by_it(server):
    """RFC 6672 section 5.3.1: the DNAME has its RRSIG, the CNAME made from it has none."""
    response = ask(server, "x.from A do")
    assert [kind(rrset) for rrset in response.answer] == ["DNAME", "RRSIG DNAME", "CNAME", "A", "RRSIG A"]
