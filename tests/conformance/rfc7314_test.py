"""RFC 7314: the EDNS EXPIRE option."""
import struct

import dns.edns
import dns.message
import dns.query
import dns.rrset
import pytest

from cluster import PATIENCE
from talk import options

ZONES = ["plain"]
ARGS = ["--allow-transfer", "127.0.0.1"]
ORIGIN = "plain.test."
EXPIRE = 9
VALUE = struct.pack("!I", 1_209_600)


def question(name=ORIGIN, rdtype="SOA", asked=True, data=b""):
    given = [dns.edns.GenericOption(EXPIRE, data)] if asked else []
    return dns.message.make_query(name, rdtype, use_edns=0, options=given)


def ask(server, message, tcp=False):
    send = dns.query.tcp if tcp else dns.query.udp
    return send(message, "127.0.0.1", PATIENCE, server.port)


def told(response):
    return [option.data for option in options(response, EXPIRE)]


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_a_primary_tells_the_value_of_the_soa(server, tcp):
    """Section 3.1: four octets, the SOA EXPIRE field in seconds."""
    response = ask(server, question(), tcp)
    assert told(response) == [VALUE] and response.answer


def test_it_is_not_told_unasked(server):
    assert not told(ask(server, question(asked=False)))


def test_what_stands_in_the_question_does_not_matter(server):
    """Section 2: the option of a question is empty; what it has changes nothing."""
    assert told(ask(server, question(data=b"\0\0\0\1"))) == [VALUE]


@pytest.mark.parametrize("name", ["host.plain.test.", "elsewhere."])
def test_only_of_zones_of_this_server(server, name):
    """Section 3.3: no zone of ours, no option."""
    assert not told(ask(server, question(name)))


def test_other_questions_are_answered_without(server):
    """Section 2: usually asked with SOA, AXFR and IXFR only; those are what it is told with."""
    response = ask(server, question(rdtype="NS"))
    assert not told(response) and response.answer


def test_a_transfer_tells_it_once(server):
    """Section 4: of the response, which has many messages: in the first."""
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_STREAM) as tcp:
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", server.port))
        dns.query.send_tcp(tcp, question(rdtype="AXFR"))
        answers = []
        while sum(rrset.rdtype == 6 for answer in answers for rrset in answer.answer) < 2:
            answers.append(dns.query.receive_tcp(tcp, one_rr_per_rrset=True)[0])
    assert [told(answer) for answer in answers] == [[VALUE]] + [[]] * (len(answers) - 1) and len(answers) > 1


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_who_is_up_to_date_is_told(server, tcp):
    """Section 4: with an IXFR that says that nothing is newer."""
    message = question(rdtype="IXFR")
    message.authority.append(dns.rrset.from_text(ORIGIN, 0, "IN", "SOA", f". . {server.serial(ORIGIN)} 0 0 0 0"))
    response = ask(server, message, tcp)
    assert told(response) == [VALUE] and len(response.answer) == 1
