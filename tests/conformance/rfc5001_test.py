"""RFC 5001: NSID, the name server identifier."""
import dns.edns
import dns.message
import pytest

from talk import options

ZONES = ["plain", "wild"]
IDENTITY = "home.example" * 10 + "12345678"  # as long as it may be
ARGS = ["--nsid", IDENTITY]


def asked(server, data=b"", name="host.plain.test.", opts=None, tcp=False):
    given = [dns.edns.GenericOption(dns.edns.NSID, data)] if opts is None else opts
    return server.query(dns.message.make_query(name, "A", use_edns=0, options=given), tcp)


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("name", ["host.plain.test.", "nowhere.plain.test.", "www.sub.plain.test.", "other.example."])
def test_the_identifier_is_told_to_who_asks(server, name, tcp):
    """RFC 5001 section 2.1: the option is in the answer when it was in the question, whatever the answer is."""
    response = asked(server, name=name, tcp=tcp)
    assert [option.data for option in options(response, dns.edns.NSID)] == [IDENTITY.encode()]


def test_it_is_not_told_unasked(server):
    """RFC 5001 section 2.1: not in the answer to a question without it."""
    assert not options(asked(server, opts=[]), dns.edns.NSID)
    plain = server.query(dns.message.make_query("host.plain.test.", "A"))
    assert plain.edns == -1


def test_what_the_question_says_is_ignored(server):
    """RFC 5001 section 2.1: the question's option has no data; a server ignores what there is."""
    assert [option.data for option in options(asked(server, b"payload"), dns.edns.NSID)] == [IDENTITY.encode()]


def test_once_is_enough(server):
    """RFC 5001 section 2.1: asked twice, it is told once."""
    twice = [dns.edns.GenericOption(dns.edns.NSID, b"")] * 2
    assert len(options(asked(server, opts=twice), dns.edns.NSID)) == 1


def test_it_is_told_with_a_truncated_answer(server):
    """RFC 5001 section 2.1 with RFC 6891 section 7: the OPT record stays when the answer is truncated."""
    nsid = dns.edns.GenericOption(dns.edns.NSID, b"")
    message = dns.message.make_query("vast.plain.test.", "TXT", use_edns=0, options=[nsid])
    response = server.query(message)
    assert response.flags & 0x0200 and options(response, dns.edns.NSID)


def test_it_stands_beside_the_longest_question(server):
    """RFC 5001 section 2.1 with RFC 6891 section 6.2.3: 512 octets have room for both, and nothing goes beyond them."""
    name = ".".join(["l" * 63] * 3 + ["m" * 51, "wild.test."])
    nsid = dns.edns.GenericOption(dns.edns.NSID, b"")
    message = dns.message.make_query(name, "TXT", use_edns=0, payload=512, options=[nsid])
    assert len(message.question[0].name.to_wire()) == 255
    wire = server.datagram(message.to_wire())
    response = dns.message.from_wire(wire)
    assert len(wire) <= 512 and response.answer
    assert [option.data for option in options(response, dns.edns.NSID)] == [IDENTITY.encode()]
