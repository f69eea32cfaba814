"""RFC 2181: clarifications. RRsets, the order of trust, zone cuts, TC, names of any octets."""
import socket

import dns.message
import pytest

from cluster import PATIENCE, CommandFailed, free_port
from talk import check, head, kind, lines, question, table

ZONES = ["plain", "child"]
ORIGIN = "plain.test."
ANY_ADDRESS, IPV6 = free_port(), free_port()
ARGS = ["--listen", f"0.0.0.0:{ANY_ADDRESS}", "--listen", f"[::1]:{IPV6}"]
APEX = "@ 600 IN SOA ns1 hostmaster 1 900 300 604800 600\n@ 600 IN NS ns1\nns1 600 IN A 192.0.2.1\n"


@pytest.mark.parametrize("address, port", [("127.0.0.1", ANY_ADDRESS), ("127.0.0.7", ANY_ADDRESS), ("127.8.9.10",
                                                                                                    ANY_ADDRESS),
                                           ("::1", IPV6)])
def test_an_answer_comes_from_the_address_that_was_asked(server, address, port):
    """RFC 2181 section 4.1: the answer's source is the question's destination; a connected socket takes no other."""
    message, _ = question("host A", ORIGIN)
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(PATIENCE)
        udp.connect((address, port))
        udp.send(message.to_wire())
        assert head(dns.message.from_wire(udp.recv(512))) == "NOERROR aa"


@pytest.mark.parametrize("asked, types", [("host A", ["A"]), ("MiXeD MX", ["MX"]), ("tolarge A tcp", ["CNAME", "A"])])
def test_an_rrset_is_answered_whole(server, asked, types):
    """RFC 2181 section 5: all records of an RRset go out together, each once."""
    message, tcp = question(asked, ORIGIN)
    response = server.query(message, tcp)
    assert [kind(rrset) for rrset in response.answer] == types
    records = lines(response, ORIGIN)
    assert len(records) == len(set(records))


@pytest.mark.parametrize("order", [("60", "600"), ("600", "60")])
def test_records_of_an_rrset_have_one_ttl(server, tmp_path, order):
    """RFC 2181 section 5.2: differing TTLs in an RRset are an error of the file; the zone is served with the lowest."""
    path = tmp_path / "ttl.zone"
    name = f"ttl{order[0]}.test"
    path.write_text(f"$ORIGIN {name}.\n{APEX}x {order[0]} IN A 192.0.2.1\nx {order[1]} IN A 192.0.2.2\n")
    server.ctl("zone", "import", f"{name}={path}")
    response = server.query(question(f"x.{name}. A")[0])
    assert [rrset.ttl for rrset in response.answer] == [60] and len(response.answer[0]) == 2


@pytest.mark.parametrize("ttl, fits", [("0", True), ("2147483647", True), ("2147483648", False), ("4294967295", False),
                                       ("4294967296", False)])
def test_ttls_have_31_bits(server, tmp_path, ttl, fits):
    """RFC 2181 section 8: a TTL is from 0 to 2147483647."""
    path = tmp_path / "ttl.zone"
    path.write_text(f"$ORIGIN ttl{ttl}.test.\n{APEX}x {ttl} IN A 192.0.2.1\n")
    if not fits:
        with pytest.raises(CommandFailed) as failed:
            server.ctl("zone", "check", path)
        assert ":5:3:" in failed.value.stdout + failed.value.stderr
        return
    server.ctl("zone", "import", f"ttl{ttl}.test={path}")
    assert server.query(question(f"x.ttl{ttl}.test. A")[0]).answer[0].ttl == int(ttl)


@pytest.mark.parametrize("asked", ["sub NS", "sub A", "sub SOA", "secure NS", "secure A"])
def test_the_child_owns_what_is_at_a_cut(server, asked):
    """RFC 2181 section 6.1: the NS records at a cut are the child's; the parent refers and does not set AA."""
    response = server.query(question(asked, ORIGIN)[0])
    assert head(response) == "NOERROR" and not response.answer and kind(response.authority[0]) == "NS"


@table("""
x.x.x.plain.test. SOA  NXDOMAIN aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
host SOA  NOERROR aa
    au @ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
""")
def test_an_soa_is_given_only_for_the_apex(server, asked, header, records):
    """RFC 2181 section 6: the SOA of the zone stands in the authority section when another name is asked."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("asked", ["x.servers A", "larger A", "larger A edns"])
def test_a_truncated_answer_says_so_and_has_no_half_rrset(server, asked):
    """RFC 2181 section 9: TC means that a required RRset is left out; a client must not use the rest, so none is
    sent."""
    response = server.query(question(asked, ORIGIN)[0])
    assert "tc" in head(response) and not response.answer + response.authority + response.additional


def test_optional_addresses_do_not_set_tc(server):
    """RFC 2181 section 9: TC is not set for records that are extra and did not fit."""
    for payload in (512, 1232):
        message, _ = question("@ MX edns", ORIGIN)
        message.use_edns(payload=payload)
        assert "tc" not in head(server.query(message))


@table("""
alias A  NOERROR aa
    an alias CNAME host
    an host A 192.0.2.3
    an host A 192.0.2.4
alias TXT  NOERROR aa
    an alias CNAME host
    an host TXT "one" "two"
""")
def test_a_name_with_a_cname_has_nothing_else(server, asked, header, records):
    """RFC 2181 section 10.1: every type of an alias is at its canonical name."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("more", ["x 60 IN A 192.0.2.2", "x 60 IN CNAME y", "x 60 IN TXT z"])
def test_a_cname_stands_alone_in_a_zone(server, tmp_path, more):
    """RFC 2181 section 10.1: no other data, and only one CNAME; a file that has them is refused."""
    path = tmp_path / "bad.zone"
    path.write_text(f"$ORIGIN bad.test.\n{APEX}x 60 IN CNAME ns1\n{more}\n")
    with pytest.raises(CommandFailed) as failed:
        server.ctl("zone", "check", path)
    assert failed.value.code == 1 and "CNAME" in failed.value.stdout + failed.value.stderr


@pytest.mark.parametrize("label", ["sp\\032ace", "oct\\000et", "\\255", "a\\.b", "_sip._tcp", "*.x", "-", "1"])
def test_any_octets_make_a_label(server, tmp_path, label):
    """RFC 2181 section 11: the DNS puts no limits on the octets of a label."""
    path = tmp_path / "any.zone"
    path.write_text(f"$ORIGIN any.test.\n{APEX}{label} 60 IN TXT \"here\"\n")
    server.ctl("zone", "import", "--replace", f"any.test={path}")
    response = server.query(question(f"{label}.any.test. TXT")[0])
    assert lines(response,
                 "any.test.") == [f'an {question(f"{label}. A")[0].question[0].name.to_text(True)} TXT "here"']
