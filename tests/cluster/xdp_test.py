"""`--xdp IFACE`: the same answers past the kernel's network stack, in network namespaces of this test's own."""
import pathlib
import re
import socket
import urllib.request

import dns.exception
import dns.flags
import dns.rcode
import pytest

from cable import SERVER, SERVER6, run
from cluster import DATA, Node, ask, free_port, wait_until

ZONE = "infoedu.co.kr"
QUESTIONS = [("grafana", "A"), ("grafana", "AAAA"), ("nope", "A"), ("missing.deep", "TXT"), ("ns1", "ANY")]


@pytest.fixture
def node(tmp_path, client):  # pylint: disable=unused-argument # the network has to be there
    node = Node(tmp_path / "node")
    node.args += ["--listen", f"{SERVER}:{node.port}", "--listen", f"[{SERVER6}]:{node.port}",
                  "--zone", f"{ZONE}={DATA / 'infoedu.co.kr.zone'}"]
    yield node
    node.kill()


@pytest.fixture
def closed_sockets(client):  # pylint: disable=unused-argument # the network has to be there
    """UDP that the kernel gets is dropped: who answers nevertheless does it past the kernel."""
    run("nft", "add table inet test; add chain inet test in { type filter hook input priority 0; }; "
               "add rule inet test in iifname server0 meta l4proto udp drop")
    yield
    run("nft", "delete", "table", "inet", "test")


def has_filter():
    return "prog/xdp" in run("ip", "-details", "link", "show", "server0")


@pytest.mark.usefixtures("closed_sockets")
@pytest.mark.parametrize("host", [SERVER, SERVER6])
def test_answers_past_the_kernel_as_through_it(node, client, host):
    metrics = f"127.0.0.1:{free_port()}"
    node.args += ["--xdp", "server0", "--http", metrics]
    node.start()
    assert "XDP used interface=server0" in node.log()
    for name, rdtype in QUESTIONS:
        for want_dnssec in (False, True):
            past, through = (client(ask, node.port, f"{name}.{ZONE}", rdtype, host=host, tcp=tcp,
                                    want_dnssec=want_dnssec) for tcp in (False, True))
            past.id = through.id
            assert past.to_text() == through.to_text()
    with urllib.request.urlopen(f"http://{metrics}/metrics") as page:
        counted = re.search(r'dns_queries_total\{transport="xdp"\} (\d+)', page.read().decode())
    assert int(counted[1]) == 2 * len(QUESTIONS)


@pytest.mark.usefixtures("closed_sockets")
def test_without_it_nothing_comes_past(node, client):
    node.start()
    with pytest.raises(dns.exception.Timeout):
        client(ask, node.port, ZONE, "SOA", host=SERVER, timeout=0.5)
    assert not has_filter()


def test_what_is_not_ours_goes_to_the_kernel(node, client):
    """Another port, ICMP and a query in fragments."""
    node.args += ["--xdp", "server0"]
    node.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((SERVER, 0))
        other.settimeout(5)
        client(send_to, other.getsockname(), b"x")
        assert other.recv(10) == b"x"
    client(run, "ping", "-c", "1", "-W", "5", SERVER)
    padded = client(ask, node.port, ZONE, "SOA", host=SERVER, use_edns=0, pad=2000, request_payload=4096)
    assert padded.rcode() == dns.rcode.NOERROR and padded.answer


@pytest.mark.parametrize("family, address, bits",
                         [(socket.AF_INET, "10.53.0.9", 24), (socket.AF_INET6, "fd53::9", 64)])
def test_another_address_with_the_same_port_is_not_ours(node, client, family, address, bits):
    node.args += ["--xdp", "server0"]
    node.start()
    at_once = ["nodad"] if family == socket.AF_INET6 else []
    run("ip", "address", "add", f"{address}/{bits}", "dev", "server0", *at_once)
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as other:
            other.bind((address, node.port))
            other.settimeout(5)
            client(send_to, (address, node.port), b"x", family)
            assert other.recv(10) == b"x"
    finally:
        run("ip", "address", "delete", f"{address}/{bits}", "dev", "server0")


def send_to(address, octets, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(octets, address)


def test_an_answer_is_never_larger_than_the_interface_takes(node, client):
    zone = pathlib.Path(node.folder / "large.zone")
    zone.write_text("@ 600 IN SOA ns1 hostmaster 1 900 300 604800 600\n@ 600 IN NS ns1\nns1 600 IN A 192.0.2.1\n"
                    + "".join(f"large 600 IN TXT \"{'x' * 200} {i}\"\n" for i in range(12)))
    config = node.folder / "tandem.toml"
    config.write_text("[dns]\nudp_payload = 4096\n")
    node.args += ["--config", str(config), "--xdp", "server0", "--zone", f"large.example={zone}"]
    node.start()
    answer = client(ask, node.port, "large.large.example", "TXT", host=SERVER, use_edns=0, payload=4096)
    assert answer.flags & dns.flags.TC and not answer.answer


@pytest.mark.usefixtures("closed_sockets")
def test_a_wildcard_means_the_addresses_of_the_machine(node, client):
    node.args = ["--xdp", "server0", "--zone", f"{ZONE}={DATA / 'infoedu.co.kr.zone'}"]
    port = free_port()
    node.args += ["--listen", f"0.0.0.0:{port}", "--listen", f"[::]:{port}"]
    node.start()
    for host in (SERVER, SERVER6):
        assert client(ask, port, ZONE, "SOA", host=host).answer


@pytest.mark.usefixtures("closed_sockets")
def test_a_cable_that_is_pulled_and_plugged_in_again(node, client):
    node.args += ["--xdp", "server0"]
    node.start()
    assert client(ask, node.port, ZONE, "SOA", host=SERVER).answer
    run("ip", "link", "set", "server0", "down")
    run("ip", "link", "set", "server0", "up")

    def is_answered():
        try:
            return client(ask, node.port, ZONE, "SOA", host=SERVER, timeout=1).answer
        except (dns.exception.Timeout, OSError):
            return None
    wait_until(is_answered, "an answer over the cable")


def test_the_filter_goes_with_the_process(node):
    node.args += ["--xdp", "server0"]
    node.start()
    assert has_filter()
    node.kill()
    wait_until(lambda: not has_filter(), "the kernel has taken the filter away")
    node.start()
    assert has_filter()
    assert node.stop() == 0
    wait_until(lambda: not has_filter(), "the filter is gone")


def test_where_it_does_not_work_the_sockets_answer(node, client):
    node.args += ["--xdp", "nosuch0"]
    node.start()
    assert [line for line in node.log().splitlines() if "XDP not used interface=nosuch0" in line and "ip link" in line]
    assert client(ask, node.port, ZONE, "SOA", host=SERVER).answer


@pytest.mark.usefixtures("closed_sockets")
def test_kxdpgun_gets_its_answers(node, client, tmp_path):
    """Knot's load generator makes its frames itself, as this server does."""
    node.args += ["--xdp", "server0"]
    node.start()
    queries = tmp_path / "queries"
    queries.write_text("".join(f"{name}.{ZONE} {rdtype}\n" for name, rdtype in QUESTIONS))
    said = client(run, "kxdpgun", "-t", "2", "-Q", "2000", "-i", str(queries), "-p", str(node.port), "-I", "client0",
                  SERVER)
    answered = int(re.search(r"total replies:\s+(\d+)", said)[1])
    assert answered > 3000, said


@pytest.mark.usefixtures("closed_sockets")
def test_goes_on_after_more_than_it_can_answer(node, client, tmp_path):
    """Frames that could not leave at once must leave later, or none is left to answer with."""
    node.args += ["--xdp", "server0"]
    node.start()
    queries = tmp_path / "queries"
    queries.write_text(f"grafana.{ZONE} A\n")
    for _ in range(3):
        client(run, "kxdpgun", "-t", "1", "-Q", "2000000", "-b", "64", "-i", str(queries), "-p", str(node.port), "-I",
               "client0", SERVER)
        assert client(ask, node.port, ZONE, "SOA", host=SERVER).answer
