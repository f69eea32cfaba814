"""RFC 4592: the role of wildcards. The zone is that of section 2.2.1 with what section 4 speaks of."""
import pytest

from talk import check, question, table

ZONES = ["wild"]
ORIGIN = "wild.test."


@table("""
host3 MX  NOERROR aa
    an host3 MX 10 host1
host3 A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
foo.bar TXT  NOERROR aa
    an foo.bar TXT "this is a wildcard"
""")
def test_synthesized_answers(server, asked, header, records):
    """RFC 4592 section 2.2.1: the responses that are synthesized from a wildcard."""
    check(server, ORIGIN, asked, header, records)


@table("""
host1 MX  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
sub.* MX  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
_telnet._tcp.host1 SRV  NXDOMAIN aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
host.subdel A  NOERROR
    au subdel NS ns.elsewhere.example.
    au subdel NS ns.elsewhere.invalid.
ghost.* MX  NXDOMAIN aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
""")
def test_answers_that_are_not_synthesized(server, asked, header, records):
    """RFC 4592 section 2.2.1: a name that exists, names below one, a delegation, and `*` as closest encloser."""
    check(server, ORIGIN, asked, header, records)


@table("""
* TXT  NOERROR aa
    an * TXT "this is a wildcard"
* A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
sub.* TXT  NOERROR aa
    an sub.* TXT "this is not a wildcard"
a* TXT  NOERROR aa
    an a* TXT "no wildcard: a"
aa TXT  NOERROR aa
    an aa TXT "this is a wildcard"
a.*.b TXT  NOERROR aa
    an a.*.b TXT "inner"
*.b TXT  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
c.b TXT  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
a.c.b TXT  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
x.*.b TXT  NXDOMAIN aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
""")
def test_asterisk_labels(server, asked, header, records):
    """RFC 4592 sections 2.1.1 and 2.3: only a whole leftmost label `*` is special, and can be asked for by itself."""
    check(server, ORIGIN, asked, header, records)


@table("""
_tcp.host1 A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
_tcp.host2 TXT  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
host2 TXT  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
x.host2 TXT  NXDOMAIN aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
""")
def test_empty_non_terminals_exist(server, asked, header, records):
    """RFC 4592 section 2.2.2: names without records but with names below exist, and stop a wildcard."""
    check(server, ORIGIN, asked, header, records)


@table("""
hollow A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
*.hollow A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
x.hollow A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
below.*.hollow A  NOERROR aa
    an below.*.hollow A 192.0.2.9
below.x.hollow A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
x.*.hollow A  NXDOMAIN aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
""")
def test_an_empty_non_terminal_wildcard(server, asked, header, records):
    """RFC 4592 section 4.9: it is a source of synthesis that has no data: NODATA, not NXDOMAIN."""
    check(server, ORIGIN, asked, header, records)


@table("""
x.alias A  NOERROR aa
    an x.alias CNAME host1
    an host1 A 192.0.2.1
x.y.alias A  NOERROR aa
    an x.y.alias CNAME host1
    an host1 A 192.0.2.1
x.twice TXT  NOERROR aa
    an x.twice CNAME some.name
    an some.name TXT "this is a wildcard"
x.alias CNAME  NOERROR aa
    an x.alias CNAME host1
x.self A  NOERROR aa
    an x.self CNAME foo.self
    an foo.self CNAME foo.self
foo.self A  NOERROR aa
    an foo.self CNAME foo.self
""")
def test_wildcard_cnames(server, asked, header, records):
    """RFC 4592 section 3.3.3 and 4.5: a CNAME at a wildcard is synthesized and followed, as any other."""
    check(server, ORIGIN, asked, header, records)


@table("""
fixed.star A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
fixed.star AAAA  NOERROR aa
    an fixed.star AAAA 2001:db8::7
x.fixed.star A  NXDOMAIN aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
x.star A  NOERROR aa
    an x.star A 192.0.2.7
x.y.star A  NOERROR aa
    an x.y.star A 192.0.2.7
star A  NOERROR aa
    au @ SOA ns.elsewhere.example. hostmaster 1 7200 900 1209600 300
""")
def test_the_closest_encloser_decides(server, asked, header, records):
    """RFC 4592 section 3.3.1: only the wildcard right below the closest encloser is a source of synthesis."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("name", ["x", "foo.bar", "a.very.deep.name.below.nothing", "\\*\\*", "\\042\\042"])
def test_the_owner_is_the_name_that_was_asked(server, name):
    """RFC 4592 section 3.3.3: the owner of the synthesized record is QNAME, not the wildcard."""
    message, _ = question(f"{name} TXT", ORIGIN)
    response = server.query(message)
    assert response.answer[0].name == message.question[0].name
