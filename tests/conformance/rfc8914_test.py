"""RFC 8914: extended DNS errors."""
import struct

import pytest

from talk import head, options, question

ZONES = ["plain"]
EXTENDED_ERROR = 15
NOT_AUTHORITATIVE = 20


def errors(response):
    return [struct.unpack("!H", option.to_wire()[:2])[0] for option in options(response, EXTENDED_ERROR)]


@pytest.mark.parametrize("name", ["host.example.", "example.", ".", "test."])
@pytest.mark.parametrize("tcp", [False, True])
def test_a_name_of_no_zone_here(server, name, tcp):
    """RFC 8914 section 4.21: code 20, Not Authoritative, with REFUSED for want of a zone and no recursion."""
    response = server.query(question(f"{name} A edns")[0], tcp)
    assert head(response) == "REFUSED" and errors(response) == [NOT_AUTHORITATIVE]


@pytest.mark.parametrize("asked", ["host.plain.test. A", "nowhere.plain.test. A", "host.plain.test. MX",
                                   "x.sub.plain.test. A",
                                   "away.plain.test. A"])
def test_no_error_no_code(server, asked):
    """RFC 8914 section 2: the option accompanies what went wrong, nothing else."""
    assert not errors(server.query(question(asked + " edns")[0]))


def test_nothing_without_edns(server):
    """RFC 8914 section 3: no OPT in the question, no place for the code."""
    assert server.query(question("host.example. A")[0]).edns == -1
