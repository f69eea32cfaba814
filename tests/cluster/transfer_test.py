"""How many whole zones go out at once: as many as [transfer] at_once says, and the next one when a place is free."""
import socket

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from cluster import Node, PATIENCE, wait_until

ZONE = "large.test"
RECORDS = 40_000  # many times what the kernel keeps for a client that does not read


@pytest.fixture
def node(tmp_path):
    """Serves the large zone and gives it away twice at once."""
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n" +
                    "".join(f"name{i} 60 TXT \"{'x' * 100}\"\n" for i in range(RECORDS)))
    config = tmp_path / "node.toml"
    config.write_text('[transfer]\nallow = ["127.0.0.0/8"]\nat_once = 2\n'
                      '[tcp]\nidle = "60s"\nwrite = "60s"\n')  # some wait here while others are read
    node = Node(tmp_path / "node", args=["--config", str(config), "--zone", f"{ZONE}={file}"])
    try:
        yield node.start()
    finally:
        node.kill()


def connect(node):
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # before it connects, so that it stays
    tcp.settimeout(PATIENCE)
    tcp.connect(("127.0.0.1", node.port))
    return tcp


def begin(node):
    """A transfer of which the first message has come; and that message."""
    tcp = connect(node)
    dns.query.send_tcp(tcp, dns.message.make_query(ZONE, "AXFR"))
    return tcp, receive(tcp)


def receive(tcp):
    return dns.query.receive_tcp(tcp, one_rr_per_rrset=True)[0]


def read_on(tcp, answer):
    """Reads the rest; the number of records."""
    count, soas = 0, 0
    while True:
        count += len(answer.answer)
        soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in answer.answer)
        if soas == 2:
            return count
        answer = receive(tcp)


def is_given(node):
    tcp, answer = begin(node)
    tcp.close()
    return answer.rcode() == dns.rcode.NOERROR


def test_more_than_at_once_are_refused(node):
    first, second = begin(node), begin(node)
    third, refusal = begin(node)
    assert refusal.rcode() == dns.rcode.REFUSED
    dns.query.send_tcp(third, dns.message.make_query(ZONE, "SOA"))
    assert receive(third).answer, "the connection goes on, and queries are answered"
    assert read_on(*first) == RECORDS + 4
    dns.query.send_tcp(third, dns.message.make_query(ZONE, "AXFR"))
    assert read_on(third, receive(third)) == RECORDS + 4, "the first one's place"
    assert read_on(*second) == RECORDS + 4
    for tcp in (first[0], second[0], third):
        tcp.close()


def test_who_goes_away_leaves_a_place(node):
    first, second = begin(node)[0], begin(node)[0]
    assert not is_given(node)
    first.close()
    wait_until(lambda: is_given(node), "a place")
    second.close()
