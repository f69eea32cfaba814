"""RFC 5936: AXFR. What arrives is what the file says, for whoever may have it."""
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.xfr
import dns.zone
import pytest

from cluster import PATIENCE
from talk import DATA, Server, origin_of

ZONES = ["plain", "dname", "wild", "unknown", "nsec", "nsec3", "optout"]
ARGS = ["--allow-transfer", "127.0.0.0/8"]


def transferred(server, origin):
    zone = dns.zone.Zone(origin, relativize=False)
    dns.query.inbound_xfr("127.0.0.1", zone, dns.message.make_query(origin, "AXFR"), port=server.port,
                          timeout=PATIENCE, lifetime=PATIENCE)
    return zone


def records_of(zone):
    return sorted(f"{name} {ttl} {dns.rdatatype.to_text(rdata.rdtype)} {rdata}"
                  for name, ttl, rdata in zone.iterate_rdatas())


def messages(server, query):
    """All messages that answer, over a connection of their own."""
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_STREAM) as tcp:
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", server.port))
        dns.query.send_tcp(tcp, query)
        soas = 0
        while soas < 2:
            answer, _ = dns.query.receive_tcp(tcp, one_rr_per_rrset=True)
            yield answer
            if answer.rcode() != dns.rcode.NOERROR:
                return
            soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in answer.answer)


@pytest.mark.parametrize("name", ZONES)
def test_a_transfer_is_the_file(server, name):
    """Section 3: all records of the zone, glue and what stands below a cut included. The file is the exported one:
    it has no $GENERATE, which dnspython reads otherwise."""
    origin = dns.name.from_text(origin_of(DATA / f"{name}.zone"))
    exported = dns.zone.from_text(server.ctl("zone", "export", origin.to_text()), origin, relativize=False)
    assert records_of(transferred(server, origin)) == records_of(exported)


def test_header(server):
    """Section 2.2.1: the ID of the query, QR and AA, the question, and nothing but answers."""
    query = dns.message.make_query("plain.test.", "AXFR")
    for answer in messages(server, query):
        assert answer.id == query.id
        assert answer.flags & (dns.flags.QR | dns.flags.AA | dns.flags.TC) == dns.flags.QR | dns.flags.AA
        assert answer.question == query.question
        assert not answer.authority and not answer.additional


def test_letters_of_the_zone(server):
    """Section 3.4: owner names have the zone's own letters, whatever those of the question are."""
    query = dns.message.make_query("PlAiN.tEsT.", "AXFR")
    owners = [rrset.name.to_text() for answer in messages(server, query) for rrset in answer.answer]
    assert len(owners) > 2 and all(owner.endswith("plain.test.") for owner in owners)


def test_opt_for_opt(server):
    """RFC 6891 section 7: a query with OPT is answered with OPT."""
    query = dns.message.make_query("plain.test.", "AXFR", use_edns=0)
    assert all(answer.edns == 0 and not answer.ednsflags for answer in messages(server, query))


def test_do_for_do(server):
    """RFC 3225 section 3: the DO bit is copied."""
    query = dns.message.make_query("nsec.test.", "AXFR", want_dnssec=True)
    assert all(answer.ednsflags == dns.flags.DO for answer in messages(server, query))


@pytest.mark.parametrize("number", [0, 4711])
@pytest.mark.parametrize("origin", ["host.plain.test.", "elsewhere."])
def test_only_zones_are_transferred(server, origin, number):
    """Section 2.2.1: NOTAUTH for what is no zone of this server, whatever the ID looks like."""
    answer = next(messages(server, dns.message.make_query(origin, "AXFR", id=number)))
    assert dns.rcode.to_text(answer.rcode()) == "NOTAUTH"


def test_not_over_udp(server):
    """Section 4.2: AXFR over UDP is not defined."""
    answer = dns.query.udp(dns.message.make_query("plain.test.", "AXFR"), "127.0.0.1", PATIENCE, server.port)
    assert dns.rcode.to_text(answer.rcode()) == "REFUSED"


def test_other_queries_on_the_same_connection(server):
    """Section 4.1: the connection is used on; what was asked behind the transfer is answered behind it."""
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_STREAM) as tcp:
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", server.port))
        before, zone, after = (dns.message.make_query("plain.test.", kind) for kind in ("NS", "AXFR", "MX"))
        stream = b"".join(len(wire).to_bytes(2, "big") + wire
                          for wire in (before.to_wire(), zone.to_wire(), after.to_wire()))
        tcp.sendall(stream)
        ids = []
        while not ids or ids[-1] != after.id:
            answer, _ = dns.query.receive_tcp(tcp)
            ids.append(answer.id)
        assert ids == [before.id, *[zone.id] * (len(ids) - 2), after.id] and len(ids) > 2


@pytest.mark.parametrize("args", [
    [], ["--allow-transfer", "192.0.2.0/24", "--allow-transfer", "::1"],
    ["--allow-transfer", "127.0.0.0/8 zone:other.test"], ["--allow-transfer", "127.0.0.0/8 key:xfr"],
    ["--allow-transfer", "127.0.0.0/8 tls"],
])
def test_nobody_else(tmp_path, args):
    """Section 5: a server that is told of nobody transfers to nobody; of a rule every word has to hold."""
    server = Server(tmp_path, ["plain"], args)
    try:
        server.start()
        answer = next(messages(server, dns.message.make_query("plain.test.", "AXFR")))
        assert dns.rcode.to_text(answer.rcode()) == "REFUSED"
    finally:
        assert server.stop() == 0, server.log()


def test_a_rule_may_be_for_one_zone(tmp_path):
    """Section 5: access to a zone."""
    server = Server(tmp_path, ["plain", "dname"], ["--allow-transfer", "127.0.0.0/8 zone:PLAIN.test"])
    try:
        server.start()
        assert len(transferred(server, dns.name.from_text("plain.test.")).nodes) > 10
        other = origin_of(DATA / "dname.zone")
        answer = next(messages(server, dns.message.make_query(other, "AXFR")))
        assert dns.rcode.to_text(answer.rcode()) == "REFUSED"
    finally:
        assert server.stop() == 0, server.log()
