"""RFC 2308: negative caching. What NXDOMAIN and NODATA answers hold, and how long they may be kept."""
import pytest

from talk import check, kind, question, table

ZONES = ["plain", "child", "other", "nsec"]
ORIGIN = "plain.test."


@table("""
nowhere A  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
x.y.nowhere MX  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
dangling A  NXDOMAIN aa
    an dangling CNAME nowhere
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
across2 A  NXDOMAIN aa
    an across2 CNAME nowhere.other.test.
    au other.test. SOA ns2.other.test. hostmaster.other.test. 1 7200 900 1209600 600
""")
def test_name_errors(server, asked, header, records):
    """RFC 2308 section 2.1: NXDOMAIN with the SOA of the zone that lacks the name, behind the CNAMEs that led there."""
    check(server, ORIGIN, asked, header, records)


@table("""
host MX  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
ent A  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
b.ent A  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
alias MX  NOERROR aa
    an alias CNAME host
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
host TYPE65000  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
x.wild AAAA  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
""")
def test_no_data(server, asked, header, records):
    """RFC 2308 section 2.2: NOERROR without the type asked for, and the SOA; no NS, so that it is no referral."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("asked, ttl", [
    ("nowhere.plain.test. A", 300),        # the SOA's TTL is 3600, its MINIMUM 300
    ("host.plain.test. MX", 300),
    ("nowhere.other.test. A", 600),        # both are 600
    ("across2.plain.test. A", 600),        # the other zone's
    ("nowhere.child.plain.test. A", 300),
    ("nowhere.nsec.test. A do", 900),
])
def test_the_soa_has_the_negative_ttl(server, asked, ttl):
    """RFC 2308 section 3: the TTL of the SOA in a negative answer is the lower of its own and of its MINIMUM."""
    response = server.query(question(asked)[0])
    assert [rrset.ttl for rrset in response.authority if kind(rrset) == "SOA"] == [ttl]


def test_the_signature_over_the_soa_has_its_ttl(server):
    """RFC 4034 section 3: the TTL of an RRSIG is that of what it covers, also in a negative answer."""
    response = server.query(question("nowhere.nsec.test. A do")[0])
    ttls = {rrset.ttl for rrset in response.authority if kind(rrset) in ("SOA", "RRSIG SOA")}
    assert ttls == {900}


@pytest.mark.parametrize("asked", ["plain.test. SOA", "child.plain.test. SOA"])
def test_the_soa_that_is_asked_for_keeps_its_own_ttl(server, asked):
    """RFC 2308 section 3 is about negative answers alone."""
    assert server.query(question(asked)[0]).answer[0].ttl in (3600, 600)
