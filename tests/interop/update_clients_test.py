"""RFC 2136 by the programs that people use: nsupdate, knsupdate and dnspython, signed with keys of tsig-keygen.

Takes about 8 s. What each message means to the server is in conformance/rfc2136_test.py; here every form of the two
scripting languages is sent by the programs themselves, over UDP and TCP, with every algorithm they know.
"""
import re
import subprocess

import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest

from cluster import Node, PATIENCE
from keys import make_key

ZONE = "clients.test."
TEXT = """\
$ORIGIN clients.test.
$TTL 3600
@         SOA   ns1 hostmaster 1 7200 900 1209600 300
          NS    ns1
ns1       A     192.0.2.1
host      A     192.0.2.3
          A     192.0.2.4
          TXT   "one" "two"
alias     CNAME host
a.b.ent   A     192.0.2.6
*.wild    TXT   "wild"
"""
ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]
TRUNCATED = ["hmac-sha256-128", "hmac-sha384-192", "hmac-sha512-256"]


class Program:
    """nsupdate or knsupdate; `failed` is what it ends with and says when the server says an rcode."""

    def __init__(self, name, exit_code, failed):
        self.name = name
        self.exit_code = exit_code
        self.failed = failed

    def run(self, port, script, key=None, tcp=False, zone=ZONE):
        credentials = [] if key is None else ["-y", key] if isinstance(key, str) else ["-k", str(self.file(key))]
        lines = [f"server 127.0.0.1 {port}", f"zone {zone}", *script, "send"]
        return subprocess.run([self.name, *(["-v"] if tcp else []), *credentials], input="\n".join(lines) + "\n",
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    def file(self, key):
        """knsupdate reads no file of tsig-keygen, but one line of the same."""
        if self.name == "nsupdate":
            return key.path
        path = key.path.with_suffix(".line")
        path.write_text(key.line + "\n")
        return path

    def check(self, result, rcode="NOERROR"):
        said = result.stdout + result.stderr
        if rcode == "NOERROR":
            assert (result.returncode, said) == (0, ""), said
        else:
            assert result.returncode == self.exit_code and self.failed.format(rcode) in result.stderr, said


PROGRAMS = [Program("nsupdate", 2, "update failed: {}\n"), Program("knsupdate", 1, "update failed with error '{}'\n")]
programs = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
transports = pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """By algorithm; `idle`, which no rule allows anything, and `leaf`, which may change some TXT records."""
    folder = tmp_path_factory.mktemp("keys")
    made = {algorithm: make_key(folder, f"{algorithm}.key", algorithm) for algorithm in ALGORITHMS}
    return made | {name: make_key(folder, name) for name in ("idle", "leaf")}


@pytest.fixture(scope="module")
def server(keys, tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    (folder / "zone").write_text(TEXT)
    node = Node(folder, args=["--zone", f"{ZONE}={folder / 'zone'}", "--http", "127.0.0.1:0"])
    for key in keys.values():
        node.args += ["--key-file", str(key.path)]
    for algorithm in TRUNCATED:
        node.args += ["--key", f"{algorithm}:{algorithm}.key:{keys['hmac-sha512'].secret}",
                      "--allow-update", f"key:{algorithm}.key"]
    for algorithm in ALGORITHMS:
        node.args += ["--allow-update", f"key:{algorithm}.key"]
    node.args += ["--allow-update", f"key:leaf name:*.leaf.{ZONE} type:TXT"]
    try:
        yield node.start().wait_stored()
    finally:
        code = node.stop()
        assert code == 0, node.log()


@pytest.fixture
def key(keys):
    return keys["hmac-sha256"]


def tcp_queries(server):
    return server.metrics()['tandem_dns_queries_total{transport="tcp"}']


def ttl(server, name, rdtype):
    return server.ask(name, rdtype).answer[0].ttl


@transports
@programs
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(server, keys, algorithm, program, tcp):
    """With -v the program takes TCP, without it UDP; the counters tell."""
    before = tcp_queries(server)
    name = f"{program.name}-{algorithm}-{tcp}.{ZONE}"
    program.check(program.run(server.port, [f"update add {name} 60 TXT signed"], keys[algorithm], tcp))
    assert server.answers(name, "TXT") == ['"signed"']
    assert tcp_queries(server) - before == tcp


@transports
@pytest.mark.parametrize("algorithm", ALGORITHMS + TRUNCATED)
def test_dnspython(server, keys, algorithm, tcp):
    """It checks the signature of the answer."""
    secret = keys.get(algorithm, keys["hmac-sha512"]).secret
    name = dns.tsig.HMAC_MD5 if algorithm == "hmac-md5" else algorithm
    key = dns.tsig.Key(f"{algorithm}.key", secret, name)
    message = dns.update.UpdateMessage(ZONE)
    owner = f"dnspython-{algorithm}-{tcp}"
    message.absent(owner)
    message.present("host", "A", "192.0.2.3", "192.0.2.4")
    message.add(owner, 60, "TXT", "signed")
    send = dns.query.tcp if tcp else dns.query.udp
    for rcode in (dns.rcode.NOERROR, dns.rcode.YXDOMAIN):
        message.id ^= 1
        # Anew, because the ID that counts is the one that is signed (RFC 8945 s4.3.2), and dnspython takes that of now:
        # with the first one's, in the same second, this would be a repeat of it.
        message.use_tsig(key)
        answer = send(message, "127.0.0.1", PATIENCE, server.port)
        assert answer.had_tsig and answer.rcode() == rcode
    assert server.answers(f"{owner}.{ZONE}", "TXT") == ['"signed"']


# Names are below the zone where they end in a dot.
PREREQUISITES = [
    (["yxdomain host."], "NOERROR"),
    (["yxdomain nobody."], "NXDOMAIN"),
    (["yxdomain b.ent."], "NXDOMAIN"),  # it has no record
    (["yxdomain x.wild."], "NXDOMAIN"),
    (["nxdomain nobody."], "NOERROR"),
    (["nxdomain host."], "YXDOMAIN"),
    (["yxrrset host. A"], "NOERROR"),
    (["yxrrset host. IN TXT"], "NOERROR"),
    (["yxrrset host. MX"], "NXRRSET"),
    (["yxrrset nobody. A"], "NXRRSET"),
    (["yxrrset alias. CNAME"], "NOERROR"),
    (["yxrrset alias. A"], "NXRRSET"),
    (["nxrrset host. MX"], "NOERROR"),
    (["nxrrset host. IN A"], "YXRRSET"),
    (["nxrrset nobody. A"], "NOERROR"),
    (["yxrrset host. A 192.0.2.3", "yxrrset host. A 192.0.2.4"], "NOERROR"),
    (["yxrrset host. IN A 192.0.2.4", "yxrrset host. IN A 192.0.2.3"], "NOERROR"),
    (["yxrrset host. A 192.0.2.3"], "NXRRSET"),
    (["yxrrset host. A 192.0.2.3", "yxrrset host. A 192.0.2.5"], "NXRRSET"),
    (['yxrrset host. TXT "one" "two"'], "NOERROR"),
    (['yxrrset host. TXT "one"'], "NXRRSET"),
    (["yxdomain host.", "nxdomain nobody.", "yxrrset host. A", "nxrrset host. MX"], "NOERROR"),
    (["yxdomain host.", "nxdomain nobody.", "yxrrset host. A", "nxrrset host. TXT"], "YXRRSET"),
]


def spelled(line):
    return re.sub(r"(\S+)\.(?=\s|$)", rf"\1.{ZONE}", line)


@transports
@programs
@pytest.mark.parametrize("lines, rcode", PREREQUISITES, ids=[", ".join(lines) for lines, _ in PREREQUISITES])
def test_every_prerequisite(server, key, lines, rcode, program, tcp):
    """What is not met is told, and nothing is changed."""
    name = f"{program.name}-{tcp}-{PREREQUISITES.index((lines, rcode))}.{ZONE}"
    script = [*(f"prereq {spelled(line)}" for line in lines), f"update add {name} 60 A 192.0.2.9"]
    program.check(program.run(server.port, script, key, tcp), rcode)
    assert server.answers(name) == (["192.0.2.9"] if rcode == "NOERROR" else [])


# Lines for a name NAME that has nothing at first, and what it has then: type, TTL, records.
UPDATES = [
    (["update add NAME 60 A 192.0.2.1"], ("A", 60, ["192.0.2.1"])),
    (["update add NAME 60 IN A 192.0.2.2"], ("A", 60, ["192.0.2.1", "192.0.2.2"])),
    (["ttl 90", "update add NAME A 192.0.2.3"], ("A", 90, ["192.0.2.1", "192.0.2.2", "192.0.2.3"])),
    (['add NAME 60 TXT "a b" "c"'], ("TXT", 60, ['"a b" "c"'])),
    (["update add NAME 60 MX 10 host."], ("MX", 60, ["10 host.clients.test."])),
    (["update add NAME 60 CAA 0 issue \"ca.test\""], ("CAA", 60, ['0 issue "ca.test"'])),
    (["update add NAME 60 TYPE65280 \\# 2 abcd"], ("TYPE65280", 60, ["\\# 2 abcd"])),
    (["update delete NAME A 192.0.2.2"], ("A", 90, ["192.0.2.1", "192.0.2.3"])),
    (["update delete NAME 60 IN A 192.0.2.1"], ("A", 90, ["192.0.2.3"])),
    (["update delete NAME A", "update add NAME 30 A 192.0.2.4"], ("A", 30, ["192.0.2.4"])),
    (["update delete NAME IN TXT"], ("TXT", 0, [])),
    (["update delete NAME MX 20 host."], ("MX", 60, ["10 host.clients.test."])),  # another one
    (["del NAME"], ("MX", 0, [])),
    (["update delete NAME"], ("A", 0, [])),
    (["update add NAME 60 CNAME host."], ("CNAME", 60, ["host.clients.test."])),
    (["update add NAME 60 A 192.0.2.9"], ("CNAME", 60, ["host.clients.test."])),  # not beside an alias
    (["update delete NAME CNAME"], ("CNAME", 0, [])),
]


@transports
@programs
@pytest.mark.parametrize("owner", ["forms", "*.forms"])
def test_every_update_form(server, key, owner, program, tcp):
    name = f"{owner}-{program.name}-{tcp}.{ZONE}"
    for lines, (rdtype, seconds, records) in UPDATES:
        script = [re.sub(r"\bNAME\b", name, spelled(line)) for line in lines]
        program.check(program.run(server.port, script, key, tcp))
        assert server.answers(name, rdtype) == records, lines
        assert not records or ttl(server, name, rdtype) == seconds, lines
    assert server.ask(name, "A").rcode() == dns.rcode.NXDOMAIN


@programs
def test_several_messages_of_one_script(server, key, program):
    """Each has an answer of its own, and none undoes another; knsupdate ends with the first that fails."""
    name = f"several-{program.name}.{ZONE}"
    script = [f"update add {name} 60 TXT first", "send",
              f"prereq nxdomain {name}", f"update add {name} 60 TXT second", "send",
              f"prereq yxdomain {name}", f"update add {name} 60 TXT third"]
    result = program.run(server.port, script, key)
    assert program.failed.format("YXDOMAIN") in result.stderr
    assert server.answers(name, "TXT") == (['"first"', '"third"'] if program.name == "nsupdate" else ['"first"'])


def test_nsupdate_finds_the_zone(server, key):
    """By asking the given server for the SOA of the name; an empty line sends."""
    name = f"found.deep.{ZONE}"
    script = f"server 127.0.0.1 {server.port}\nupdate add {name} 60 A 192.0.2.1\n\n"
    result = subprocess.run(["nsupdate", "-k", key.path], input=script, capture_output=True, text=True,
                            timeout=PATIENCE, check=False)
    assert (result.returncode, result.stderr) == (0, "") and server.answers(name) == ["192.0.2.1"]


@programs
def test_a_large_message(server, key, program):
    """More than 512 octets; nsupdate changes to TCP by itself."""
    owners = [f"large{number}-{program.name}.{ZONE}" for number in range(60)]
    program.check(program.run(server.port, [f"update add {name} 60 A 192.0.2.1" for name in owners], key))
    assert all(server.answers(name) == ["192.0.2.1"] for name in owners)


@programs
def test_a_key_of_keymgr(server, program, tmp_path):
    """--key-file reads what Knot's tool makes."""
    made = subprocess.run(["keymgr", "-t", "knot.key", "hmac-sha384"], capture_output=True, text=True, check=True,
                          timeout=PATIENCE).stdout
    (tmp_path / "key").write_text(made)
    (tmp_path / "zone").write_text(TEXT)
    node = Node(tmp_path / "node", args=["--zone", f"{ZONE}={tmp_path / 'zone'}", "--key-file", str(tmp_path / "key"),
                                         "--allow-update", "key:knot.key"])
    try:
        node.start().wait_stored()
        line = made.splitlines()[0].removeprefix("# ")
        program.check(program.run(node.port, [f"update add new.{ZONE} 60 A 192.0.2.1"], line))
        assert node.answers(f"new.{ZONE}") == ["192.0.2.1"]
    finally:
        assert node.stop() == 0


ADD = [f"update add refused.{ZONE} 60 A 192.0.2.1"]


@transports
@programs
def test_refused_without_a_rule(server, keys, program, tcp):
    for key in (None, keys["idle"]):
        program.check(program.run(server.port, ADD, key, tcp), "REFUSED")
    assert server.answers(f"refused.{ZONE}") == []


@programs
def test_refused_beyond_the_rule(server, keys, program):
    """`leaf` may change TXT records below leaf: neither other types, nor other names, nor all of a name."""
    good, leaf = f"{program.name}.leaf.{ZONE}", keys["leaf"]
    program.check(program.run(server.port, [f"update add {good} 60 TXT mine"], leaf))
    for line in (f"add {good} 60 A 192.0.2.1", f"add leaf.{ZONE} 60 TXT x", f"delete host.{ZONE} TXT",
                 f"delete {good}"):
        script = [f"update add two-{good} 60 TXT mine", f"update {line}"]
        program.check(program.run(server.port, script, leaf), "REFUSED")
        assert server.answers(f"two-{good}", "TXT") == [], "all or nothing"
    program.check(program.run(server.port, [f"update delete {good} TXT"], leaf))


@transports
@programs
def test_zones_and_names_that_are_not_here(server, key, program, tcp):
    program.check(program.run(server.port, ["update add a.elsewhere.test. 60 A 192.0.2.1"], key, tcp,
                              zone="elsewhere.test."), "NOTAUTH")
    program.check(program.run(server.port, ["update add a.elsewhere.test. 60 A 192.0.2.1"], key, tcp), "NOTZONE")


@transports
@programs
@pytest.mark.parametrize("name, error", [("hmac-sha256.key", "BADSIG"), ("unknown.key", "BADKEY")])
def test_a_wrong_secret_and_an_unknown_key(server, keys, program, tcp, name, error):
    """The server's own words, which the signature's failure does not hide."""
    result = program.run(server.port, ADD, f"hmac-sha256:{name}:{keys['idle'].secret}", tcp)
    assert result.returncode == program.exit_code
    if program.name == "nsupdate":
        assert f"update failed: NOTAUTH({error})" in result.stderr
    else:
        assert f"status: {error}" in result.stdout and "failed to verify TSIG" in result.stderr
    assert server.answers(f"refused.{ZONE}") == []
