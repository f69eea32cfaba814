"""RFC 5155: NSEC3. `optout` has the name, salt and iterations of appendix A, `nsec3` neither salt nor opt-out."""
import dns.name
import dns.rdatatype
import pytest

from denial import Nsec3, nsec3_label
from talk import head, kind, question

ZONES = ["optout", "nsec3"]
BOTH = pytest.mark.parametrize("origin", ["example.", "nsec3.test."])


def ask(server, text, origin):
    return server.query(question(text + " do", origin)[0])


def assert_signed_nsec3(response):
    """Each NSEC3 has its RRSIG and stands there once."""
    owners = [rrset.name for rrset in response.authority if kind(rrset) == "NSEC3"]
    assert len(owners) == len(set(owners)) > 0
    assert sorted(owners) == sorted(rrset.name for rrset in response.authority if kind(rrset) == "RRSIG NSEC3")
    assert all(len(rrset) == 1 for rrset in response.authority if kind(rrset) == "NSEC3")


@pytest.mark.parametrize("name, label", [
    ("example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"), ("a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
    ("ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"), ("ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"),
    ("ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r"), ("w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h"),
    ("*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"), ("x.w.example", "b4um86eghhds6nea196smvmlo4ors995"),
    ("y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"), ("x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"),
    ("xx.example", "t644ebqk9bibcna874givr6joj62mlhv"),
])
def test_our_hash_is_the_rfcs(name, label):
    """RFC 5155 section 5 and appendix A: these tests' own hash, tried on the list of the appendix."""
    assert nsec3_label(dns.name.from_text(name), bytes.fromhex("aabbccdd"), 12) == label


@BOTH
@pytest.mark.parametrize("asked", ["a.c.x.w A", "nowhere A", "x.y.z A", "x.ai A", "dangling A", "q.dangling A", "0 A",
                                   "zzz A", "y.to A",
                                   "x.b.ent A", "x.ent A", "x.hollow A",
                                   "x.y.hollow A", "x.hollow.ai A", "x.y.hollow.b.ent A"])
def test_name_errors(server, origin, asked):
    """RFC 5155 section 7.2.2 and appendix B.1: closest encloser, next closer name and wildcard."""
    response = ask(server, asked, origin)
    assert head(response) == "NXDOMAIN aa"
    assert_signed_nsec3(response)
    most = 4 if asked == "q.dangling A" else 3  # that one shows besides that the wildcard was the right one
    asked = "nowhere A" if "dangling" in asked else asked
    name = question(asked, origin)[0].question[0].name
    proof = Nsec3(response)
    assert proof.denies_name(name)
    assert len(proof.records) <= most


@BOTH
@pytest.mark.parametrize("asked", ["ns1 MX", "@ A", "ai MX", "y.w A", "w TXT", "ent A", "b.ent A", "stars TXT",
                                   "*.stars TXT", "*.w A",
                                   "upper.case MX", "x.to AAAA"])
def test_no_data(server, origin, asked):
    """RFC 5155 section 7.2.3 and appendix B.2: the NSEC3 that matches the name lacks the type; also for `y.w`
    (B.2.1)."""
    response = ask(server, asked, origin)
    assert head(response) == "NOERROR aa" and not response.answer
    assert_signed_nsec3(response)
    rrset = question(asked, origin)[0].question[0]
    assert Nsec3(response).denies_type(rrset.name, rrset.rdtype, dns.rdatatype.CNAME)
    assert len(Nsec3(response).records) == 1


@pytest.mark.parametrize("cut", ["b", "c", "cut.hollow", "cut.hollow.ai"])
def test_no_ds_at_a_cut_that_is_opted_out(server, cut):
    """RFC 5155 section 7.2.4: no NSEC3 matches: closest provable encloser, and an opted-out cover of the next
    closer."""
    response = ask(server, f"{cut} DS", "example.")
    assert head(response) == "NOERROR aa"
    assert_signed_nsec3(response)
    proof = Nsec3(response)
    name = dns.name.from_text(f"{cut}.example.")
    assert not proof.matching(name) and proof.opted_out(name)


def test_no_data_at_a_name_without_nsec3(server):
    """RFC 5155 section 7.2.4: above opted-out cuts alone, an empty non-terminal has no NSEC3 either."""
    response = ask(server, "hollow A", "example.")
    assert head(response) == "NOERROR aa"
    assert_signed_nsec3(response)
    assert Nsec3(response).opted_out(dns.name.from_text("hollow.example."))


@pytest.mark.parametrize("cut", ["b", "c", "cut.hollow", "cut.hollow.ai"])
def test_no_ds_at_a_cut_that_is_not(server, cut):
    """RFC 5155 section 7.2.3 holds for DS where the cut has an NSEC3 of its own."""
    proof = Nsec3(ask(server, f"{cut} DS", "nsec3.test."))
    assert proof.denies_type(dns.name.from_text(f"{cut}.nsec3.test."), dns.rdatatype.DS, dns.rdatatype.SOA)


@BOTH
@pytest.mark.parametrize("asked, wildcard", [("a.z.w AAAA", "*.w"), ("x.stars A", "*.stars"), ("x.y.stars TXT",
                                                                                               "*.stars"),
                                             ("x.wild.to A", "*.wild.to"), ("q.r.deep.stars A", "*.deep.stars")])
def test_wildcard_no_data(server, origin, asked, wildcard):
    """RFC 5155 section 7.2.5 and appendix B.5: closest encloser proof, and the wildcard's own NSEC3 without the
    type."""
    response = ask(server, asked, origin)
    assert head(response) == "NOERROR aa" and not response.answer
    assert_signed_nsec3(response)
    rrset = question(asked, origin)[0].question[0]
    proof = Nsec3(response)
    source = dns.name.from_text(wildcard, dns.name.from_text(origin))
    assert proof.closest_encloser(rrset.name) == source.parent()
    assert proof.denies_type(source, rrset.rdtype, dns.rdatatype.CNAME)


@BOTH
@pytest.mark.parametrize("asked, next_closer", [("a.z.w MX", "z.w"), ("q.alias A", "q.alias"), ("x.y.wild.to TXT",
                                                                                                "y.wild.to")])
def test_wildcard_answers(server, origin, asked, next_closer):
    """RFC 5155 section 7.2.6 and appendix B.4: the cover of the next closer name, and no more."""
    response = ask(server, asked, origin)
    assert head(response) == "NOERROR aa" and response.answer
    assert_signed_nsec3(response)
    proof = Nsec3(response)
    assert proof.covering(dns.name.from_text(next_closer, dns.name.from_text(origin)))
    assert len(proof.records) == 1


@BOTH
@pytest.mark.parametrize("asked, cut", [("mc.b MX", "b"), ("c NS", "c"), ("x.y.cut.hollow A", "cut.hollow"),
                                        ("tocut A", "b")])
def test_unsigned_referrals(server, origin, asked, cut):
    """RFC 5155 section 7.2.7 and appendix B.3: the cut's NSEC3 without DS, or the opted-out cover."""
    response = ask(server, asked, origin)
    assert_signed_nsec3(response)
    name = dns.name.from_text(cut, dns.name.from_text(origin))
    proof = Nsec3(response)
    assert not any(kind(rrset) == "DS" for rrset in response.authority)
    assert proof.denies_type(name, dns.rdatatype.DS) or (origin == "example." and proof.opted_out(name))


@BOTH
def test_signed_referrals(server, origin):
    """RFC 5155 section 7.2.7: with a DS nothing has to be denied."""
    response = ask(server, "mc.a MX", origin)
    assert [kind(rrset) for rrset in response.authority] == ["NS", "DS", "RRSIG DS"]


@pytest.mark.parametrize("rdtype", ["A", "NSEC3", "RRSIG", "ANY"])
def test_the_owners_of_nsec3_records_are_no_names(server, rdtype):
    """RFC 5155 section 7.2.8: asked directly, an NSEC3 owner name does not exist, and its absence is proved."""
    owner = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example."
    response = ask(server, f"{owner} {rdtype}", "example.")
    assert head(response) == "NXDOMAIN aa" and not response.answer
    assert Nsec3(response).denies_name(dns.name.from_text(owner))


@BOTH
def test_nsec3param_is_served_at_the_apex(server, origin):
    """RFC 5155 section 4: NSEC3PARAM stands at the apex, an ordinary record."""
    response = ask(server, "@ NSEC3PARAM", origin)
    assert [kind(rrset) for rrset in response.answer] == ["NSEC3PARAM", "RRSIG NSEC3PARAM"]


@BOTH
def test_without_do_there_is_no_proof(server, origin):
    """RFC 5155 section 7.2 applies to requests with DO."""
    for asked in ("nowhere A", "ai MX", "mc.b MX", "a.z.w MX", "b DS"):
        response = server.query(question(asked, origin)[0])
        assert not {"NSEC3", "RRSIG NSEC3"} & {kind(rrset) for rrset in response.authority}
