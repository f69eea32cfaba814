"""RFC 4343: letter case insensitivity."""
import dns.message
import dns.name
import pytest

from talk import check, question, table

ZONES = ["names"]
ORIGIN = "names.test."


@pytest.mark.parametrize("asked, address", [
    ("upper", "192.0.2.2"), ("UPPER", "192.0.2.2"), ("uPpEr", "192.0.2.2"), ("LOWER", "192.0.2.3"), ("lower",
                                                                                                     "192.0.2.3"),
    ("MIXED.SUB", "192.0.2.4"), ("mixed.sub", "192.0.2.4"), ("MiXeD.SuB", "192.0.2.4"), ("NS.NAMES.TEST.", "192.0.2.1"),
    ("ns.Names.tesT.", "192.0.2.1"),
])
def test_case_does_not_matter(server, asked, address):
    """RFC 4343 section 2: A to Z are as a to z where names are compared."""
    response = server.query(question(f"{asked} A", ORIGIN)[0])
    assert [rdata.address for rrset in response.answer for rdata in rrset] == [address]


@table("""
a\\091b TXT  NOERROR aa
    an a[b TXT "0x5B"
a\\123b TXT  NOERROR aa
    an a{b TXT "0x7B"
\\195\\132 TXT  NOERROR aa
    an \\195\\132 TXT "octets above ASCII"
\\195\\164 TXT  NOERROR aa
    an \\195\\164 TXT "are not folded"
a\\059b TXT  NXDOMAIN aa
    au @ SOA ns Host\\.Master 1 7200 900 1209600 300
\\227\\132 TXT  NXDOMAIN aa
    au @ SOA ns Host\\.Master 1 7200 900 1209600 300
""")
def test_only_ascii_letters_have_a_case(server, asked, header, records):
    """RFC 4343 section 3: other octets that differ by 0x20 are different."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("name", ["UpPeR.nAmEs.TeSt.", "NOWHERE.names.TEST.", "x.y.wILD.Names.Test.", "TO.NAMES.TEST.",
                                  "ELSE.example."])
def test_the_question_keeps_its_case(server, name):
    """RFC 4343 section 4.1: the case of a question is preserved in its echo, which resolvers use as entropy."""
    for rdtype in ("A", "MX"):
        message = dns.message.make_query(name, rdtype)
        wire = server.datagram(message.to_wire())
        asked = dns.name.from_text(name).to_wire()
        assert wire[12:12 + len(asked)] == asked


@pytest.mark.parametrize("asked, expected", [
    ("@ SOA", "Host\\.Master.names.test."), ("to CNAME", "UPPER.names.test."), ("x.wild MX", "UPPER.names.test."),
])
def test_the_case_of_data_is_kept(server, asked, expected):
    """RFC 4343 section 4.1: names in rdata go out as they were loaded."""
    response = server.query(question(asked, ORIGIN)[0])
    assert expected in response.answer[0][0].to_text().split()


def test_export_keeps_the_case_of_owners(server):
    """RFC 4343 section 4.1: what was loaded is what is written."""
    text = server.ctl("zone", "export", "names.test")
    assert "UPPER" in text and "MiXeD.SuB" in text and "*.Wild" in text


def test_wildcards_know_no_case(server):
    """RFC 4343 section 4.1: the owner of a synthesized record is the name that was asked."""
    response = server.query(question("ANY.THING.WILD MX", ORIGIN)[0])
    assert response.answer[0].name.labels[:3] == (b"ANY", b"THING", b"WILD")
