"""RFC 3597: unknown types."""
import re

import pytest

from cluster import CommandFailed
from talk import check, question, table

ZONES = ["unknown"]
ORIGIN = "unknown.test."
BAD_ZONE = "$ORIGIN bad.test.\n@ 60 IN SOA ns.x. h.x. 1 2 3 4 5\nx 60 IN {}\n@ 60 IN NS ns.x.\n"


@table(r"""
a TYPE731  NOERROR aa
    an a TYPE731 \# 6 abcdef012345
    an a TYPE731 \# 6 abcdef012346
a TYPE62347  NOERROR aa
    an a TYPE62347 \# 0
a TYPE65280  NOERROR aa
    an a TYPE65280 \# 4 0a000001
a TYPE65279  NOERROR aa
    au @ SOA ns hostmaster 1 7200 900 1209600 300
x.w TYPE65283  NOERROR aa
    an x.w TYPE65283 \# 3 010203
""")
def test_unknown_types_are_served(server, asked, header, records):
    """RFC 3597 section 5: \\# LENGTH HEX is the text of rdata of any type, TYPEn the type's name."""
    check(server, ORIGIN, asked, header, [re.sub(r"# 0$", "# 0 ", line) for line in records])


@table(r"""
e A  NOERROR aa
    an e A 10.0.0.1
    an e A 10.0.0.2
e TYPE1  NOERROR aa
    an e A 10.0.0.1
    an e A 10.0.0.2
e TXT  NOERROR aa
    an e TXT "hello"
""")
def test_known_types_in_the_generic_form(server, asked, header, records):
    """RFC 3597 section 5: a known type may be written as TYPEn and its rdata as \\#, and is the same record."""
    check(server, ORIGIN, asked, header, records)


@pytest.mark.parametrize("asked, octets", [
    ("pointer TYPE65281", b"\xc0\x0c\x01\x02"),
    ("upper TYPE65282", b"\4ABCD\0ab"),
])
def test_unknown_rdata_goes_out_as_it_is(server, asked, octets):
    """RFC 3597 sections 4 and 7: no compression, no lower case: the octets mean nothing to a server."""
    response = server.query(question(asked, ORIGIN)[0])
    assert [rdata.data for rdata in response.answer[0]] == [octets]


@pytest.mark.parametrize("rdata, place", [
    ("\\# 3 0102", ":3:"), ("\\# 1 0102", ":3:"), ("\\# 2 01", ":3:"), ("\\# 2 zz", ":3:"), ("\\# x 01", ":3:"),
    ("\\#", ":3:"), ("\\# 70000 00", ":3:"), ("0102", ":3:"),
])
def test_wrong_generic_rdata_is_refused(server, tmp_path, rdata, place):
    """RFC 3597 section 5: the length is the number of octets that follow."""
    path = tmp_path / "bad.zone"
    path.write_text(BAD_ZONE.format(f"TYPE700 {rdata}"))
    with pytest.raises(CommandFailed) as failed:
        server.ctl("zone", "check", path)
    assert f"bad.zone{place}" in failed.value.stdout + failed.value.stderr


@pytest.mark.parametrize("rdata", ["A \\# 3 010203", "AAAA \\# 4 01020304", "MX \\# 2 000a", "NS \\# 2 c00c",
                                   "SOA \\# 1 00"])
def test_generic_rdata_of_a_known_type_must_fit_it(server, tmp_path, rdata):
    """RFC 3597 section 5: rdata that is no valid rdata of the type is an error; a pointer (C0 0C) never is in a
    file."""
    path = tmp_path / "bad.zone"
    path.write_text(BAD_ZONE.format(rdata))
    with pytest.raises(CommandFailed) as failed:
        server.ctl("zone", "check", path)
    assert "bad.zone:3:" in failed.value.stdout + failed.value.stderr
