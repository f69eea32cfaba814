"""RFC 8020: NXDOMAIN means that there is nothing underneath; so a name with something underneath is never NXDOMAIN."""
import dns.name
import pytest

from talk import head, kind, question

ZONES = ["plain", "wild", "dname", "nsec", "nsec3", "optout", "names"]
ORIGINS = ["plain.test.", "wild.test.", "dname.test.", "nsec.test.", "nsec3.test.", "example.", "names.test."]


def owners(server, origin):
    """The names of a zone, from its export: NSEC3 owners are no names of it."""
    found = set()
    for line in server.ctl("zone", "export", origin).splitlines():
        words = line.split()
        if len(words) > 3 and not line.startswith((";", "$", " ", "\t")) and "NSEC3" not in words[2:5]:
            found.add(dns.name.from_text(words[0], dns.name.from_text(origin)))
    return found


def follows_an_alias(response, owner):
    """NXDOMAIN is then about the alias's target (RFC 2308 section 2.1)."""
    return bool(response.answer) and response.answer[0].name == owner and kind(response.answer[0]) == "CNAME"


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("dnssec", ["", " do"])
def test_the_ancestors_of_names_exist(server, origin, dnssec):
    """RFC 8020 section 2: for every name of the zone, neither it nor a name above it within the zone is NXDOMAIN."""
    apex = dns.name.from_text(origin)
    asked = 0
    for owner in owners(server, origin):
        while owner != apex:
            response = server.query(question(f"{owner} TYPE65000{dnssec}")[0])
            assert "NXDOMAIN" not in head(response) or follows_an_alias(response, owner), owner
            asked += 1
            owner = owner.parent()
    assert asked >= 9


@pytest.mark.parametrize("name", ["nowhere", "x.host", "x.alias", "x.a.b.ent", "y.ent"])
@pytest.mark.parametrize("below", ["", "a.", "a.b.c.", "*."])
def test_below_a_name_error_there_are_name_errors(server, name, below):
    """RFC 8020 section 2: what NXDOMAIN says of a name holds for all names below it."""
    assert head(server.query(question(f"{below}{name}.plain.test. A")[0])) == "NXDOMAIN aa"


@pytest.mark.parametrize("name", ["ent", "b.ent", "_tcp.host2.wild.test.", "er.to.dname.test.", "cut", "away.cut"])
def test_empty_non_terminals_are_no_data(server, name):
    """RFC 8020 section 3.1 (RFC 4592 section 2.2.2): a name without records above another is NODATA."""
    response = server.query(question(f"{name} A", "plain.test.")[0])
    assert head(response) == "NOERROR aa" and not response.answer and response.authority
