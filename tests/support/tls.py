"""What the tests of DNS over TLS share: certificates by openssl(1), and connections of Python's own TLS."""
import base64
import hashlib
import pathlib
import socket
import ssl
import subprocess

import dns.query

from cluster import PATIENCE


class Certificate:
    """Self-signed, so that it is its own CA: NAME.crt and NAME.key in `folder`."""

    def __init__(self, folder, name):
        self.certificate = pathlib.Path(folder) / f"{name}.crt"
        self.key = pathlib.Path(folder) / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                        "-keyout", str(self.key), "-out", str(self.certificate)],
                       check=True, capture_output=True, timeout=PATIENCE)

    def pin(self):
        """`SHA256:` and base64 over the SubjectPublicKeyInfo (RFC 7469 section 2.4)."""
        pem = subprocess.run(["openssl", "x509", "-in", str(self.certificate), "-noout", "-pubkey"], check=True,
                             capture_output=True, timeout=PATIENCE).stdout.decode()
        der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))
        return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def connect(port, greatest=ssl.TLSVersion.TLSv1_3, alpn=("dot",), certificate=None):
    """A connection that takes any server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = greatest
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if certificate:
        context.load_cert_chain(certificate.certificate, certificate.key)
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    return context.wrap_socket(plain)


def ask(stream, message):
    dns.query.send_tcp(stream, message)
    return dns.query.receive_tcp(stream)[0]


def kdig(port, *words):
    """What kdig prints; it ends with an error when there is no answer."""
    result = subprocess.run(["kdig", "@127.0.0.1", "-p", str(port), "+tls", "+retry=0", f"+time={PATIENCE:.0f}",
                             *words], capture_output=True, text=True, timeout=PATIENCE * 2, check=False)
    return result.stdout if result.returncode == 0 else f"failed: {result.stdout}{result.stderr}"
