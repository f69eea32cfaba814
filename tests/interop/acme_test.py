"""Certificates by DNS-01 with no wait at all: certbot and lego, unmodified, put their TXT records at the primary, and
Pebble, an ACME server for tests, looks for them at once through an unbound that asks either node.

Takes about 40 s: 6 issuances. With TANDEM_FULL=1 20 in a row and two more, about four minutes; lego takes the time: it
looks only every few seconds whether a challenge is over.
"""
import json
import os
import pathlib
import ssl
import subprocess
import urllib.request

import dns.message
import dns.query
import dns.rcode
import pytest

from cluster import Cluster, PATIENCE, free_port
from keys import make_key
from peers import Peer, unbound_place

ZONE = "acme.test"
TEXT = """\
$ORIGIN acme.test.
$TTL 3600
@    SOA  ns1 hostmaster 1 7200 900 1209600 300
     NS   ns1
     NS   ns2
     TXT  "mine"
ns1  A    127.0.0.1
ns2  A    127.0.0.1
"""
DOMAINS = [ZONE, f"*.{ZONE}"]
CHALLENGE = f"_acme-challenge.{ZONE}"
FULL = bool(os.environ.get("TANDEM_FULL"))
ISSUANCES = 20
# Pebble must not take a name for proven because it was proven before.
ALWAYS = {"PEBBLE_AUTHZREUSE": "0"}
AT_ONCE = ALWAYS | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}


def run(command, **env):
    result = subprocess.run([str(word) for word in command], env=os.environ | env, text=True, timeout=PATIENCE * 3,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}"
    return result.stdout


class Unbound(Peer):
    """Asks both nodes and remembers nothing of what they say. `zones`: the nodes' ports."""

    name = "unbound"

    def configure(self):
        nodes = "".join(f"    stub-addr: 127.0.0.1@{port}\n" for port in self.zones)
        return ["unbound", "-d", "-p", "-c", self.write(f"""{unbound_place(self)}    cache-max-ttl: 0
    cache-max-negative-ttl: 0
    local-zone: "test." nodefault
remote-control:
    control-enable: no
stub-zone:
    name: {ZONE}
    stub-no-cache: yes
{nodes}""")]

    def resolve(self, name, rdtype):
        return dns.query.udp(dns.message.make_query(name, rdtype), "127.0.0.1", timeout=1.0, port=self.port)

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        return self.resolve(ZONE, "SOA").answer


class Pebble(Peer):
    """Its certificates are worth something to who trusts root(), its HTTPS to who trusts `certificate`."""

    name = "pebble"

    def __init__(self, folder, resolver, env):
        super().__init__(folder, [])
        self.resolver = resolver
        self.env = env
        self.management_port = free_port()
        self.certificate = self.folder / "https.pem"

    def configure(self):
        key = self.folder / "https.key"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "2", "-keyout", key, "-out", self.certificate, "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost"])
        config = {"listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress":
                  f"127.0.0.1:{self.management_port}", "certificate": str(self.certificate), "privateKey": str(key),
                  "httpPort": free_port(), "tlsPort": free_port(), "ocspResponderURL": "",
                  "externalAccountBindingRequired": False}
        return ["env", *(f"{name}={value}" for name, value in self.env.items()), "pebble", "-config",
                self.write(json.dumps({"pebble": config})), "-dnsserver", f"127.0.0.1:{self.resolver.port}"]

    @property
    def directory(self):
        return f"https://localhost:{self.port}/dir"

    def get(self, url):
        trust = ssl.create_default_context(cafile=self.certificate)
        with urllib.request.urlopen(url, timeout=PATIENCE, context=trust) as page:
            return page.read()

    def serves_all(self):
        assert self.process.poll() is None, self.log_file.read_text()
        return self.get(self.directory)

    def root(self):
        path = self.folder / "root.pem"
        path.write_bytes(self.get(f"https://localhost:{self.management_port}/roots/0"))
        return path


class Certbot:
    def __init__(self, folder, key, node, authority):
        self.folder = pathlib.Path(folder) / "certbot"
        self.folder.mkdir()
        self.authority = authority
        self.credentials = self.folder / "rfc2136.ini"
        self.credentials.touch(mode=0o600)
        self.credentials.write_text(f"""\
dns_rfc2136_server = 127.0.0.1
dns_rfc2136_port = {node.port}
dns_rfc2136_name = {key.name}.
dns_rfc2136_secret = {key.secret}
dns_rfc2136_algorithm = {key.algorithm.upper()}
""")

    def issue(self, domains):
        """The paths of the certificate, and of those that lead to the root."""
        run(["certbot", "certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email",
             "--force-renewal", "--cert-name", ZONE, "--server", self.authority.directory,
             *(word for name in ("config", "work", "logs") for word in (f"--{name}-dir", self.folder / name)),
             "--dns-rfc2136", "--dns-rfc2136-credentials", self.credentials, "--dns-rfc2136-propagation-seconds", "0",
             *(word for domain in domains for word in ("-d", domain))],
            REQUESTS_CA_BUNDLE=str(self.authority.certificate))
        live = self.folder / "config" / "live" / ZONE
        return live / "cert.pem", live / "chain.pem"


class Lego:
    def __init__(self, folder, key, node, authority):
        self.folder = pathlib.Path(folder) / "lego"
        self.authority = authority
        self.resolver = f"127.0.0.1:{authority.resolver.port}"  # asked once, any answer will do
        self.env = {"RFC2136_NAMESERVER": f"127.0.0.1:{node.port}", "RFC2136_TSIG_KEY": f"{key.name}.",
                    "RFC2136_TSIG_SECRET": key.secret, "RFC2136_TSIG_ALGORITHM": f"{key.algorithm}.",
                    "RFC2136_SEQUENCE_INTERVAL": "0", "RFC2136_POLLING_INTERVAL": "0",
                    "LEGO_CA_CERTIFICATES": str(authority.certificate)}

    def issue(self, domains):
        run(["lego", "--path", self.folder, "--server", self.authority.directory, "--email", f"hostmaster@{ZONE}",
             "--accept-tos", "--dns", "rfc2136", "--dns.disable-cp", "--dns.resolvers", self.resolver,
             *(word for domain in domains for word in ("--domains", domain)), "run"], **self.env)
        made = self.folder / "certificates"
        return made / f"{domains[0]}.crt", made / f"{domains[0]}.issuer.crt"


class Setting:
    """A pair that serves ZONE, keys for its challenges alone, a resolver that knows both nodes."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "zone").write_text(TEXT)
        self.keys = {Certbot: make_key(folder, "certbot", "hmac-sha512"), Lego: make_key(folder, "lego", "hmac-sha256")}
        http = ["--http", "127.0.0.1:0"]
        self.cluster = Cluster(folder, zones=[f"{ZONE}={self.folder / 'zone'}"], primary_args=http,
                               secondary_args=http)
        for key in self.keys.values():
            self.cluster.primary.args += ["--key-file", str(key.path), "--allow-update",
                                          f"key:{key.name} name:_acme-challenge.* type:TXT"]
        self.peers = []

    def __enter__(self):
        self.cluster.__enter__()
        self.cluster.start()
        self.cluster.wait_in_step()
        self.resolver = self.add(Unbound(self.folder, [node.port for node in self.nodes]))
        return self

    def __exit__(self, *error):
        for peer in self.peers:
            peer.stop()
        return self.cluster.__exit__(*error)

    @property
    def nodes(self):
        return self.cluster.primary, self.cluster.secondary

    def add(self, peer):
        self.peers.append(peer)
        return peer.start()

    def clients(self, authority):
        return [client(self.folder, key, self.cluster.primary, authority) for client, key in self.keys.items()]

    def asked(self):
        """How often the resolver asked the primary and the secondary: it alone sets the DO bit."""
        return [node.metrics()["tandem_dns_dnssec_queries_total"] for node in self.nodes]

    def contents(self):
        """The zone's records without its serial."""
        return [line for line in self.cluster.primary.ctl("zone", "export", ZONE).splitlines()
                if line[0] != ";" and " SOA " not in line]


@pytest.fixture
def setting(tmp_path):
    with Setting(tmp_path) as setting:
        yield setting


def check(pair, root, domains):
    """A certificate for these names that who trusts `root` accepts."""
    certificate, issuers = pair
    run(["openssl", "verify", "-CAfile", root, "-untrusted", issuers, certificate])
    names = run(["openssl", "x509", "-in", certificate, "-noout", "-ext", "subjectAltName"]).splitlines()[1]
    assert sorted(names.replace("DNS:", "").replace(" ", "").split(",")) == sorted(domains)


def test_certificates_in_a_row(setting):
    """Each needs two TXT records at one name; they are there when they are looked for, and gone afterwards."""
    authority = setting.add(Pebble(setting.folder, setting.resolver, AT_ONCE))
    clients = setting.clients(authority)
    root, contents, before = authority.root(), setting.contents(), setting.asked()
    for number in range(ISSUANCES):
        asked = sum(setting.asked())
        check(clients[number % len(clients)].issue(DOMAINS), root, DOMAINS)
        assert sum(setting.asked()) >= asked + len(DOMAINS), "each name was looked for"
        assert setting.cluster.primary.ask(CHALLENGE, "TXT").rcode() == dns.rcode.NXDOMAIN
    # Each of some 36 questions goes to either node at random: that one of them gets less than three happens once in ten
    # million times.
    assert all(after >= old + 3 for old, after in zip(before, setting.asked())), "both nodes were asked, and again"
    assert setting.contents() == contents
    setting.cluster.wait_in_step()
    setting.cluster.assert_equal()


@pytest.mark.skipif(not FULL, reason="Pebble sleeps up to 15 s before it looks")
def test_an_authority_in_no_hurry(setting):
    """Pebble as it comes: it sleeps before it looks, and turns down one nonce in twenty."""
    authority = setting.add(Pebble(setting.folder, setting.resolver, ALWAYS))
    for client in setting.clients(authority):
        check(client.issue(DOMAINS), authority.root(), DOMAINS)
        assert setting.cluster.primary.ask(CHALLENGE, "TXT").rcode() == dns.rcode.NXDOMAIN
