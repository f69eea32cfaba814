"""RFC 9103: zone transfers over TLS."""
import shutil
import ssl

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone
import pytest

from cluster import PATIENCE, free_port
from talk import Server
from tls import Certificate, connect, kdig

TLS = free_port()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("client"), "client.test")


@pytest.fixture(scope="module")
def server(tmp_path_factory, certificate):
    args = ["--listen-tls", f"127.0.0.1:{TLS}", "--allow-transfer", "from:127.0.0.1 tls zone:plain.test",
            "--allow-transfer", f"cert:{certificate.pin()} zone:nsec.test"]
    server = Server(tmp_path_factory.mktemp("node"), ["plain", "nsec"], args)
    try:
        yield server.start()
    finally:
        assert server.stop() == 0, server.log()


def transfer(stream, zone, rdtype="AXFR"):
    """The records of a transfer, or the rcode's name."""
    query = dns.message.make_query(zone, rdtype)
    dns.query.send_tcp(stream, query)
    records = []
    while sum(rrset.rdtype == dns.rdatatype.SOA for rrset in records) < 2:
        answer, _ = dns.query.receive_tcp(stream, one_rr_per_rrset=True)
        if answer.rcode() != dns.rcode.NOERROR:
            return dns.rcode.to_text(answer.rcode())
        records += answer.answer
    return records[:-1]


def exported(server, zone):
    """How many records the zone has."""
    text = server.ctl("zone", "export", zone)
    return sum(1 for _ in dns.zone.from_text(text, zone, relativize=False).iterate_rdatas())


def test_a_transfer_over_tls(server):
    """Section 7.4: AXFR goes over TLS as over TCP, and more of them over the same connection (7.6)."""
    with connect(TLS) as stream:
        for _ in range(3):
            assert len(transfer(stream, "plain.test.")) == exported(server, "plain.test.")


@pytest.mark.skipif(shutil.which("kdig") is None, reason="kdig (knot-dnsutils) is not installed")
def test_a_transfer_by_kdig(server):
    lines = [line for line in kdig(TLS, "+noall", "+answer", "plain.test.", "AXFR").splitlines()
             if line and not line.startswith(";")]
    assert len(lines) == exported(server, "plain.test.") + 1, lines


def test_without_tls_it_is_refused(server):
    """Section 11: what the policy keeps for TLS is not there for TCP."""
    with dns.query.socket_factory(dns.query.socket.AF_INET, dns.query.socket.SOCK_STREAM) as tcp:
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", server.port))
        assert transfer(tcp, "plain.test.") == "REFUSED"


def test_versions_before_13_do_not_count(server):
    """Section 7.2: TLS 1.3 or later."""
    with connect(TLS, ssl.TLSVersion.TLSv1_2) as stream:
        assert transfer(stream, "plain.test.") == "REFUSED"


def test_mutual_tls(server, certificate, tmp_path):
    """Section 9.3.3: the certificate that the client shows says who it is."""
    with connect(TLS, certificate=certificate) as stream:
        assert len(transfer(stream, "nsec.test.")) == exported(server, "nsec.test.")
    with connect(TLS, certificate=Certificate(tmp_path, "client.test")) as stream:
        assert transfer(stream, "nsec.test.") == "REFUSED"
    with connect(TLS) as stream:
        assert transfer(stream, "nsec.test.") == "REFUSED"
