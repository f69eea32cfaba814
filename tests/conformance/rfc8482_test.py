"""RFC 8482: minimal answers to QTYPE=ANY."""
import pytest

from talk import head, kind, question

ZONES = ["plain", "nsec", "dname"]


@pytest.mark.parametrize("name", ["host.plain.test.", "plain.test.", "MiXeD.plain.test.", "x.wild.plain.test.",
                                  "nsec.test."])
@pytest.mark.parametrize("tcp", [False, True])
def test_one_rrset_answers(server, name, tcp):
    """RFC 8482 section 4.1: a responder may give one or more RRsets instead of all; here exactly one."""
    response = server.query(question(f"{name} ANY")[0], tcp)
    assert head(response) == "NOERROR aa" and len(response.answer) == 1 and not response.authority
    one = kind(response.answer[0])
    whole = server.query(question(f"{name} {one}")[0], tcp)
    assert set(whole.answer[0]) == set(response.answer[0]), "that RRset is whole"


@pytest.mark.parametrize("name", ["nsec.test.", "ai.nsec.test.", "ns1.nsec.test.", "q.w.nsec.test."])
def test_with_do_it_is_signed(server, name):
    """RFC 8482 section 4.1 with RFC 4035 section 3.1.1: the RRset that is chosen has its RRSIG beside it."""
    response = server.query(question(f"{name} ANY do")[0])
    types = [kind(rrset) for rrset in response.answer]
    assert types[1:] == [f"RRSIG {types[0]}"]


@pytest.mark.parametrize("name, header", [
    ("nowhere.plain.test.", "NXDOMAIN aa"), ("ent.plain.test.", "NOERROR aa"), ("x.sub.plain.test.", "NOERROR"),
    ("sub.plain.test.", "NOERROR"), ("nowhere.example.", "REFUSED"),
])
def test_otherwise_any_is_a_type_as_others(server, name, header):
    """RFC 8482 section 4 changes only what is answered for a name that has records."""
    response = server.query(question(f"{name} ANY")[0])
    assert head(response) == header and not response.answer


def test_an_alias_is_an_answer(server):
    """RFC 1034 section 4.3.2 step 3a: ANY matches a CNAME, so the chain is not followed."""
    response = server.query(question("alias.plain.test. ANY")[0])
    assert [kind(rrset) for rrset in response.answer] == ["CNAME"]


def test_below_a_dname(server):
    """RFC 6672 section 3.2: the synthesized CNAME is what there is at the name."""
    response = server.query(question("www.from.dname.test. ANY")[0])
    assert [kind(rrset) for rrset in response.answer] == ["DNAME", "CNAME"]


def test_any_is_no_amplifier(server):
    """RFC 8482 section 2: the reason for it: a small question must not cause a large answer."""
    message, _ = question("nsec.test. ANY edns")
    assert len(server.datagram(message.to_wire())) <= 250
