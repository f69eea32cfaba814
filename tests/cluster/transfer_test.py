"""How many transfers go out at once: as many as [transfer] says, and the next one when a place is free. And what a
follower gives of what changed."""
import socket

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from cluster import Cluster, Node, PATIENCE, wait_until

ZONE = "large.test"
RECORDS = 40_000  # many times what the kernel keeps for a client that does not read


def serving(tmp_path, limits):
    """A node that serves the large zone; `limits`: of [transfer]."""
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n" +
                    "".join(f"name{i} 60 TXT \"{'x' * 100}\"\n" for i in range(RECORDS)))
    config = tmp_path / "node.toml"
    config.write_text(f'[transfer]\nallow = ["127.0.0.0/8"]\n{limits}\n'
                      '[tcp]\nidle = "60s"\nwrite = "60s"\n')  # some wait here while others are read
    return Node(tmp_path / "node", args=["--config", str(config), "--zone", f"{ZONE}={file}"])


@pytest.fixture
def node(tmp_path):
    """Gives the zone away twice at once."""
    node = serving(tmp_path, "at_once = 2")
    try:
        yield node.start().wait_stored()
    finally:
        node.kill()


def connect(node, source="127.0.0.1"):
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.bind((source, 0))
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # before it connects, so that it stays
    tcp.settimeout(PATIENCE)
    tcp.connect(("127.0.0.1", node.port))
    return tcp


def begin(node, source="127.0.0.1"):
    """A transfer of which the first message has come; and that message."""
    tcp = connect(node, source)
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


def test_one_peer_has_fewer(tmp_path):
    node = serving(tmp_path, "at_once = 3\nat_once_per_peer = 1")
    try:
        node.start().wait_stored()
        first, second = begin(node), begin(node, "127.0.0.2")
        assert not is_given(node), "it has one"
        assert second[1].rcode() == dns.rcode.NOERROR, "another one has its own"
        first[0].close()
        wait_until(lambda: is_given(node), "a place")
        second[0].close()
    finally:
        node.kill()


def changes_from(node, serial):
    """The serials of the SOAs and the number of records of what a node answers to an IXFR."""
    message = dns.message.make_query(ZONE, "IXFR")
    message.authority.append(dns.rrset.from_text(f"{ZONE}.", 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
    with socket.create_connection(("127.0.0.1", node.port), PATIENCE) as tcp:
        dns.query.send_tcp(tcp, message)
        answer = receive(tcp)
    assert answer.rcode() == dns.rcode.NOERROR
    return ([rrset[0].serial for rrset in answer.answer if rrset.rdtype == dns.rdatatype.SOA], len(answer.answer))


def test_a_follower_knows_what_changed_also_after_a_restart(tmp_path):
    """It has the leader's entries, by the link, and so gives what the leader gives."""
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    allow = ["--allow-transfer", "127.0.0.0/8"]
    with Cluster(tmp_path, zones=[f"{ZONE}={file}"], primary_args=allow, secondary_args=allow) as pair:
        pair.start()
        pair.wait_in_step()
        for number in range(5):
            pair.primary.ctl("record", "set", ZONE, f"name{number}", "60", "A", "192.0.2.1")
        pair.wait_in_step()
        expected = ([6, 3, 6, 6], 7)
        assert changes_from(pair.primary, 3) == expected
        assert changes_from(pair.secondary, 3) == expected
        pair.secondary.kill()
        pair.secondary.start()
        assert changes_from(pair.secondary, 3) == expected
        pair.primary.ctl("record", "delete", ZONE, "name4", "A")
        pair.wait_in_step()
        assert changes_from(pair.secondary, 3) == ([7, 3, 7, 7], 6)
        assert changes_from(pair.secondary, 7) == ([7], 1)
