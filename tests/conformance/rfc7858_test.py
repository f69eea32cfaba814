"""RFC 7858: DNS over TLS."""
import shutil
import socket
import ssl
import subprocess

import dns.query
import dns.rcode
import pytest

from cluster import PATIENCE, free_port, program
from talk import Server, question
from tls import Certificate, ask, connect, kdig

ZONES = ["plain"]
ORIGIN = "plain.test."
TLS = free_port()
ARGS = ["--listen-tls", f"127.0.0.1:{TLS}"]

needs_kdig = pytest.mark.skipif(shutil.which("kdig") is None, reason="kdig (knot-dnsutils) is not installed")


def ask_for(name, ident):
    message, _ = question(f"{name} A", ORIGIN)
    message.id = ident
    return message


def test_questions_are_answered_as_over_tcp(server):
    """Section 3.3: messages with their length in front; one connection takes several."""
    with connect(TLS) as stream:
        for ident, name in enumerate(["host", "alias", "nowhere", "mail", "larger"] * 20):
            message = ask_for(name, ident)
            assert ask(stream, message) == server.query(message, tcp=True)


def test_questions_are_pipelined(server):
    """Section 3.3: clients should not wait for an answer before they ask the next question."""
    with connect(TLS) as stream:
        wires = [ask_for("host", ident).to_wire() for ident in range(500)]
        stream.sendall(b"".join(len(wire).to_bytes(2, "big") + wire for wire in wires))
        assert {dns.query.receive_tcp(stream)[0].id for _ in wires} == set(range(500))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name)
def test_versions(server, version):
    """Section 3.2: TLS 1.2 or later."""
    with connect(TLS, version) as stream:
        assert stream.version() == version.name.replace("_", ".")
        assert ask(stream, ask_for("host", 1)).rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("offered, selected", [(["dot"], "dot"), (["h2", "dot"], "dot"), ([], None)])
def test_alpn(server, offered, selected):
    """RFC 7301 section 3.2, with the name of section 3.2 here: `dot` where it is offered; nothing need be offered."""
    with connect(TLS, alpn=offered) as stream:
        assert stream.selected_alpn_protocol() == selected
        assert ask(stream, ask_for("host", 1)).rcode() == dns.rcode.NOERROR


def test_alpn_of_something_else(server):
    """RFC 7301 section 3.2: no_application_protocol."""
    with pytest.raises(ssl.SSLError):
        connect(TLS, alpn=["h2"])


def test_nothing_is_answered_in_clear(server):
    """Section 3.1: a port for TLS must not be used for messages in clear."""
    with socket.create_connection(("127.0.0.1", TLS), timeout=PATIENCE) as stream:
        wire = ask_for("host", 0x1603).to_wire()
        stream.sendall(len(wire).to_bytes(2, "big") + wire)
        received = b""
        try:
            while octets := stream.recv(65536):
                received += octets
        except ConnectionResetError:
            pass
        assert b"host" not in received


def test_a_session_is_resumed(server):
    """Section 3.4: sessions can be resumed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    session, reused = None, []
    for ident in range(2):
        plain = socket.create_connection(("127.0.0.1", TLS), timeout=PATIENCE)
        with context.wrap_socket(plain, session=session) as stream:
            assert ask(stream, ask_for("host", ident)).id == ident
            session = stream.session
            reused.append(stream.session_reused)
    assert reused == [False, True]


@needs_kdig
def test_the_nodes_own_key_can_be_pinned(server):
    """Section 4.2 with the pin of RFC 7469: without a certificate in a file it is the node's key."""
    pin = server.key().removeprefix("SHA256:")
    assert "192.0.2." in kdig(TLS, f"+tls-pin={pin}", f"host.{ORIGIN}")
    assert kdig(TLS, f"+tls-pin={'A' * 43}=", f"host.{ORIGIN}").startswith("failed")


@needs_kdig
def test_a_certificate_of_files(tmp_path):
    """Section 8.1 of RFC 8310: a name, and a CA that vouches for it."""
    named = Certificate(tmp_path, "dns.test")
    port = free_port()
    config = tmp_path / "node.toml"
    config.write_text(f'listen_tls = ["127.0.0.1:{port}"]\n[tls]\ncertificate = "dns.test.crt"\nkey = "dns.test.key"\n')
    node = Server(tmp_path / "node", ZONES, ["--config", str(config)])
    try:
        node.start()
        ca = f"+tls-ca={named.certificate}"
        assert "192.0.2." in kdig(port, ca, "+tls-hostname=dns.test", f"host.{ORIGIN}")
        assert kdig(port, ca, "+tls-hostname=other.test", f"host.{ORIGIN}").startswith("failed")
        assert node.status()["listen_tls"] == [f"127.0.0.1:{port}"]
    finally:
        assert node.stop() == 0, node.log()


def test_files_that_do_not_belong_together(tmp_path):
    """A wrong certificate is found before the node starts, and stops it from starting."""
    one, other = Certificate(tmp_path, "one.test"), Certificate(tmp_path, "other.test")
    config = tmp_path / "node.toml"
    config.write_text(f'data = "data"\nlisten = ["127.0.0.1:{free_port()}"]\nlisten_tls = ["127.0.0.1:{free_port()}"]\n'
                      f'[tls]\ncertificate = "{one.certificate}"\nkey = "{other.key}"\n')
    for words in (["check-config", str(config)], ["serve", "--config", str(config)]):
        result = subprocess.run([program("tandem-primary"), *words], capture_output=True, text=True, timeout=PATIENCE,
                                check=False)
        assert result.returncode == 1 and str(other.key) in result.stderr, result.stderr
