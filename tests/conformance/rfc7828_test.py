"""RFC 7828: the edns-tcp-keepalive option."""
import struct

import dns.edns
import dns.message
import pytest

from talk import options

ZONES = ["plain"]
KEEPALIVE = 11
CONFIG = """
[tcp]
idle = "7s"
"""


def ask(server, tcp, data=b"", asked=True):
    given = [dns.edns.GenericOption(KEEPALIVE, data)] if asked else []
    return server.query(dns.message.make_query("host.plain.test.", "A", use_edns=0, options=given), tcp)


def test_the_idle_time_is_told_over_tcp(server):
    """RFC 7828 section 3.3.2: the option says the idle time in units of 100 ms."""
    assert [option.data for option in options(ask(server, True), KEEPALIVE)] == [struct.pack("!H", 70)]


def test_it_is_not_told_unasked(server):
    """RFC 7828 section 3.3.2: this server tells it to those who sent the option, no others."""
    assert not options(ask(server, True, asked=False), KEEPALIVE)


@pytest.mark.parametrize("data", [b"", b"\0\x64"])
def test_over_udp_it_is_ignored(server, data):
    """RFC 7828 section 3.2.1 and 3.3.1: not used over UDP: a server ignores it there and does not send it."""
    response = ask(server, False, data)
    assert response.rcode() == 0 and response.answer and not options(response, KEEPALIVE)


@pytest.mark.parametrize("data", [b"\0\x64", b"\xff\xff"])
def test_a_clients_own_time_does_not_matter(server, data):
    """RFC 7828 section 3.2.1: a client sends the option without data; what data it has changes nothing."""
    response = ask(server, True, data)
    assert response.rcode() == 0
    assert [option.data for option in options(response, KEEPALIVE)] == [struct.pack("!H", 70)]
