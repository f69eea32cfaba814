"""RFC 6672: DNAME redirection."""
import dns.name
import pytest

from cluster import CommandFailed
from talk import check, kind, lines, question, table

ZONES = ["dname", "other"]
ORIGIN = "dname.test."
SOA = "au @ SOA ns hostmaster 1 7200 900 1209600 300"


@table("""
www.from A  NOERROR aa
    an from DNAME to
    an www.from CNAME www.to
    an www.to A 192.0.2.4
deep.er.from A  NOERROR aa
    an from DNAME to
    an deep.er.from CNAME deep.er.to
    an deep.er.to A 192.0.2.5
x.wild.from TXT  NOERROR aa
    an from DNAME to
    an x.wild.from CNAME x.wild.to
    an x.wild.to TXT "wild"
alias.from A  NOERROR aa
    an from DNAME to
    an alias.from CNAME alias.to
    an alias.to CNAME www.to
    an www.to A 192.0.2.4
nowhere.from A  NXDOMAIN aa
    an from DNAME to
    an nowhere.from CNAME nowhere.to
    au @ SOA ns hostmaster 1 7200 900 1209600 300
www.from MX  NOERROR aa
    an from DNAME to
    an www.from CNAME www.to
    au @ SOA ns hostmaster 1 7200 900 1209600 300
x.from A  NOERROR aa
    an from DNAME to
    an x.from CNAME x.to
    au @ SOA ns hostmaster 1 7200 900 1209600 300
alias A  NOERROR aa
    an alias CNAME www.from
    an from DNAME to
    an www.from CNAME www.to
    an www.to A 192.0.2.4
www.other A  NOERROR aa
    an other DNAME other.test.
    an www.other CNAME www.other.test.
    an www.other.test. A 198.51.100.80
a.b.away A  NOERROR aa
    an away DNAME elsewhere.example.
    an a.b.away CNAME a.b.elsewhere.example.
www.first A  NOERROR aa
    an first DNAME second
    an www.first CNAME www.second
    an second DNAME to
    an www.second CNAME www.to
    an www.to A 192.0.2.4
other.test.root A  NOERROR aa
    an root DNAME .
    an other.test.root CNAME other.test.
    au other.test. SOA ns2.other.test. hostmaster.other.test. 1 7200 900 1209600 600
""")
def test_names_below_are_redirected(server, asked, header, records):
    """RFC 6672 sections 2.2 and 3.2: DNAME, the CNAME made from it, and what the new name has."""
    check(server, ORIGIN, asked, header, records)


@table("""
from A  NOERROR aa
    an from A 192.0.2.2
from TXT  NOERROR aa
    an from TXT "what the owner itself has stays"
from DNAME  NOERROR aa
    an from DNAME to
from MX  NOERROR aa
    au @ SOA ns hostmaster 1 7200 900 1209600 300
xfrom A  NOERROR aa
    an xfrom A 192.0.2.8
to DNAME  NOERROR aa
    au @ SOA ns hostmaster 1 7200 900 1209600 300
""")
def test_the_owner_itself_is_not_redirected(server, asked, header, records):
    """RFC 6672 section 2.3: a DNAME redirects the descendants of its owner, not the owner."""
    check(server, ORIGIN, asked, header, records)


@table("""
www.from CNAME  NOERROR aa
    an from DNAME to
    an www.from CNAME www.to
www.from DNAME  NOERROR aa
    an from DNAME to
    an www.from CNAME www.to
    au @ SOA ns hostmaster 1 7200 900 1209600 300
""")
def test_a_question_for_the_alias_itself(server, asked, header, records):
    """RFC 6672 section 3.2 step 3c: the synthesized CNAME answers a question for CNAME."""
    check(server, ORIGIN, asked, header, records)


def test_the_cname_has_the_ttl_of_the_dname(server):
    """RFC 6672 section 3.1: the TTL of the synthesized CNAME is that of the DNAME."""
    response = server.query(question("www.from A", ORIGIN)[0])
    assert [(kind(rrset), rrset.ttl) for rrset in response.answer] == [("DNAME", 1800), ("CNAME", 1800), ("A", 3600)]


def test_the_cname_keeps_the_case_of_the_question(server):
    """RFC 6672 section 2.2: the labels in front are those of the question, the suffix is the target's."""
    response = server.query(question("DeEp.Er.FROM A", ORIGIN)[0])
    assert response.answer[1][0].target.labels[:3] == (b"DeEp", b"Er", b"to")


@pytest.mark.parametrize("labels, rcode", [("x", "NXDOMAIN"), ("y" * 40, "NXDOMAIN"), ("y" * 63, "YXDOMAIN"),
                                           ("y" * 10 + ".z" * 19, "YXDOMAIN")])
def test_a_name_that_becomes_too_long(server, labels, rcode):
    """RFC 6672 section 2.2: over 255 octets the answer is YXDOMAIN, with the DNAME that caused it."""
    response = server.query(question(f"{labels}.long A tcp", ORIGIN)[0], tcp=True)
    assert response.rcode().name == rcode
    assert kind(response.answer[0]) == "DNAME"
    assert [kind(rrset) for rrset in response.answer[1:]] == (["CNAME"] if rcode == "NXDOMAIN" else [])


@pytest.mark.parametrize("room", range(40, 62))
def test_where_names_become_too_long(server, room):
    """RFC 6672 section 2.2: 255 octets are a name, 256 are none."""
    target = server.query(question("long DNAME", ORIGIN)[0]).answer[0][0].target
    octets = 1 + room + len(target.to_wire())
    response = server.query(question(f"{'x' * room}.long A", ORIGIN)[0], tcp=True)
    assert response.rcode().name == ("YXDOMAIN" if octets > 255 else "NXDOMAIN")


def test_a_redirection_into_itself_ends(server):
    """RFC 6672 section 2.2 warns of loops: the chain ends by its length, or by the name's."""
    response = server.query(question("x.ring A", ORIGIN)[0], tcp=True)
    assert response.rcode().name in ("NOERROR", "YXDOMAIN", "SERVFAIL")
    assert len(lines(response, ORIGIN)) <= 40


@pytest.mark.parametrize("asked, expected", [
    ("y.w TXT", ['an y.w TXT "above"']),
    ("x.dname.w A", ["an dname.w DNAME to", "an x.dname.w CNAME x.to", SOA]),
    ("dname.w TXT", [SOA]),
])
def test_a_dname_under_a_wildcard(server, asked, expected):
    """RFC 6672 section 2.3 and RFC 4592 section 4.4: the existing name is found first, the wildcard does not reach
    it."""
    assert lines(server.query(question(asked, ORIGIN)[0]), ORIGIN) == sorted(expected)


@pytest.mark.parametrize("bad, word", [
    ("x DNAME y\nx DNAME z\n", "DNAME"), ("x DNAME y\nx CNAME z\n", "CNAME"), ("x DNAME y\nx NS ns1\n", "DNAME"),
])
def test_what_may_not_stand_beside_a_dname(server, tmp_path, bad, word):
    """RFC 6672 section 2.4: one DNAME at a name, no CNAME and, except at the apex, no NS beside it."""
    path = tmp_path / "bad.zone"
    path.write_text("$ORIGIN bad.test.\n$TTL 60\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n" + bad)
    with pytest.raises(CommandFailed) as failed:
        server.ctl("zone", "check", path)
    assert word in failed.value.stdout + failed.value.stderr


def test_there_is_nothing_below_a_dname(server, tmp_path):
    """RFC 6672 section 2.4: no data below a DNAME's owner; a file that has some is refused, with the line."""
    path = tmp_path / "below.zone"
    path.write_text("$ORIGIN below.test.\n$TTL 60\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n"
                    "d DNAME to\nhidden.d A 192.0.2.66\n")
    with pytest.raises(CommandFailed) as failed:
        server.ctl("zone", "import", f"below.test={path}")
    assert "below.zone:7:1:" in str(failed.value)


def test_the_apex_may_redirect(server, tmp_path):
    """RFC 6672 section 2.3: a DNAME at the apex, beside SOA and NS, redirects all names below."""
    path = tmp_path / "apex.zone"
    path.write_text("$ORIGIN apex.test.\n$TTL 60\n@ SOA ns.x. h.x. 1 2 3 4 5\n@ NS ns.x.\n@ DNAME to.dname.test.\n")
    server.ctl("zone", "import", f"apex.test={path}")
    response = server.query(question("www.apex.test. A")[0])
    assert [kind(rrset) for rrset in response.answer] == ["DNAME", "CNAME", "A"]
    response = server.query(question("apex.test. NS")[0])
    assert [kind(rrset) for rrset in response.answer] == ["NS"]
    assert response.answer[0][0].target == dns.name.from_text("ns.x.")
