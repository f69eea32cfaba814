"""RFC 1034: domain names, concepts and facilities. Section 4.3.2 is how a name server answers."""
import pytest

from talk import check, head, lines, question, table

ZONES = ["plain", "child", "other"]
ORIGIN = "plain.test."


@table("""
host A  NOERROR aa
    an host A 192.0.2.3
    an host A 192.0.2.4
host TXT  NOERROR aa
    an host TXT "one" "two"
@ A  NOERROR aa
    an @ A 192.0.2.10
@ SOA  NOERROR aa
    an @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
@ NS  NOERROR aa
    an @ NS ns1
    an @ NS ns2.other.test.
@ MX  NOERROR aa
    an @ MX 10 mail
    an @ MX 20 mail.elsewhere.example.
host LOC  NOERROR aa
    an host LOC 51 30 12.748 N 0 7 39.611 W 0.00m
10.2.0.192.in-addr PTR  NOERROR aa
    an 10.2.0.192.in-addr PTR host
""")
def test_records_of_the_name_asked_for(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 3a: the whole of QNAME is matched; all records of QTYPE go into the answer."""
    check(server, ORIGIN, asked, header, records)


@table("""
host.elsewhere.example. A  REFUSED
test. SOA  REFUSED
. NS  REFUSED
plain.test.example. A  REFUSED
xplain.test. A  REFUSED
""")
def test_names_of_no_zone_here(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 2: there is no zone that is an ancestor of QNAME (REFUSED: RFC 1035 s4.1.1)."""
    check(server, ORIGIN, asked, header, records)


@table("""
www.child A  NOERROR aa
    an www.child A 192.0.2.90
child SOA  NOERROR aa
    an child SOA ns.child hostmaster.child 1 7200 900 1209600 300
child NS  NOERROR aa
    an child NS ns.child
ns.child A  NOERROR aa
    an ns.child A 192.0.2.9
up.child A  NOERROR aa
    an up.child CNAME host
    an host A 192.0.2.3
    an host A 192.0.2.4
nowhere.child A  NXDOMAIN aa
    au child SOA ns.child hostmaster.child 1 7200 900 1209600 300
""")
def test_the_nearest_ancestor_zone_answers(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 2: of parent and child on one server, the child answers."""
    check(server, ORIGIN, asked, header, records)


@table("""
alias A  NOERROR aa
    an alias CNAME host
    an host A 192.0.2.3
    an host A 192.0.2.4
alias CNAME  NOERROR aa
    an alias CNAME host
alias MX  NOERROR aa
    an alias CNAME host
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
chain1 AAAA  NOERROR aa
    an chain1 CNAME chain2
    an chain2 CNAME chain3
    an chain3 CNAME host
    an host AAAA 2001:db8::3
dangling A  NXDOMAIN aa
    an dangling CNAME nowhere
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
toempty A  NOERROR aa
    an toempty CNAME b.ent
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
away A  NOERROR aa
    an away CNAME www.elsewhere.example.
across A  NOERROR aa
    an across CNAME www.other.test.
    an www.other.test. A 198.51.100.80
across2 A  NXDOMAIN aa
    an across2 CNAME nowhere.other.test.
    au other.test. SOA ns2.other.test. hostmaster.other.test. 1 7200 900 1209600 600
tochild A  NOERROR aa
    an tochild CNAME www.child
    an www.child A 192.0.2.90
tocut A  NOERROR aa
    an tocut CNAME www.sub
    au sub NS ns.sub
    au sub NS ns1
    au sub NS ns.elsewhere.example.
    ad ns.sub A 192.0.2.7
    ad ns.sub AAAA 2001:db8::7
    ad ns1 A 192.0.2.1
    ad ns1 AAAA 2001:db8::1
""")
def test_aliases(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 3a: a CNAME is put in the answer and the search starts again at its target."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("name, expected", [
    ("self", ["an self CNAME self"]),
    ("loop1", ["an loop1 CNAME loop2", "an loop2 CNAME loop1"]),
    ("loop2", ["an loop1 CNAME loop2", "an loop2 CNAME loop1"]),
])
def test_loops_of_aliases_end(server, name, expected):
    """RFC 1034 section 3.6.2: CNAME chains should be followed and CNAME loops signalled as an error, never for ever."""
    response = server.query(question(f"{name} A", ORIGIN)[0])
    assert lines(response, ORIGIN) == expected


@table("""
www.sub A  NOERROR
    au sub NS ns.sub
    au sub NS ns1
    au sub NS ns.elsewhere.example.
    ad ns.sub A 192.0.2.7
    ad ns.sub AAAA 2001:db8::7
    ad ns1 A 192.0.2.1
    ad ns1 AAAA 2001:db8::1
sub NS  NOERROR
    au sub NS ns.sub
    au sub NS ns1
    au sub NS ns.elsewhere.example.
    ad ns.sub A 192.0.2.7
    ad ns.sub AAAA 2001:db8::7
    ad ns1 A 192.0.2.1
    ad ns1 AAAA 2001:db8::1
a.b.c.far.away.cut A  NOERROR
    au far.away.cut NS ns.far.away.cut
    ad ns.far.away.cut A 192.0.2.23
x.left A  NOERROR
    au left NS ns.right
    ad ns.right A 192.0.2.22
x.secure A  NOERROR
    au secure NS ns1
    ad ns1 A 192.0.2.1
    ad ns1 AAAA 2001:db8::1
""")
def test_referrals(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 3b: a cut gives a referral, with the addresses of its servers that are known here."""
    check(server, ORIGIN, asked, header, records)


def test_needed_addresses_come_first(server):
    """RFC 9471 section 3.1: addresses of servers below the cut are there or TC is set; others when there is room."""
    response = server.query(question("x.crowd A", ORIGIN)[0])
    assert head(response) == "NOERROR"
    owners = [line.split()[1] for line in lines(response, ORIGIN) if line.startswith("ad ")]
    assert sorted(owner for owner in owners if "crowd" in owner) == sorted(2 * [f"z{i}.crowd" for i in range(1, 5)])


@pytest.mark.parametrize("asked", ["ns.sub A", "hidden.sub TXT", "deep.er.sub A", "er.sub A", "x.cutwild.sub A"])
def test_what_lies_below_a_cut_is_not_answered(server, asked):
    """RFC 1034 section 4.2.1: glue is no part of the authoritative data; a question for it gets the referral."""
    response = server.query(question(asked, ORIGIN)[0])
    assert head(response) == "NOERROR"
    assert {line.split(" NS ")[0] for line in lines(response, ORIGIN) if not line.startswith("ad ")} == {"au sub"}


@table("""
x.wild TXT  NOERROR aa
    an x.wild TXT "wild"
x.wild MX  NOERROR aa
    an x.wild MX 10 mail
x.y.wild TXT  NOERROR aa
    an x.y.wild TXT "wild"
x.wild A  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
x.aliases A  NOERROR aa
    an x.aliases CNAME host
    an host A 192.0.2.3
    an host A 192.0.2.4
x.broken A  NXDOMAIN aa
    an x.broken CNAME nowhere
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
*.wild TXT  NOERROR aa
    an *.wild TXT "wild"
""")
def test_wildcards(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 3c: where a label is missing, `*` beside it answers, with QNAME as the owner."""
    check(server, ORIGIN, asked, header, records)


@table("""
nowhere A  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
x.host A  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
x.y.z A  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
x.alias A  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
""")
def test_names_that_do_not_exist(server, asked, header, records):
    """RFC 1034 section 4.3.2 step 3c: no such label and no `*`: an authoritative name error."""
    check(server, ORIGIN, asked, header, records)


def test_recursion_is_not_available(server):
    """RFC 1034 section 4.3.1: RD is copied into the answer, RA says whether recursion is offered; here it is not."""
    message, _ = question("host A", ORIGIN)
    for rd in (0, 0x0100):
        message.flags = rd
        response = server.query(message)
        assert response.flags & 0x0180 == rd
