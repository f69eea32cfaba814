"""Which frames of an interface `--xdp` takes, and when none: queues, VLANs, MTU, rights, beside xdp_test.py."""
import contextlib
import os
import re

import pytest

import cable
from cable import OTHER_SERVER, OTHER_SERVER6, SERVER, SERVER6, run
from cluster import DATA, Node, ask, free_port
from cpus_test import workers

ZONE = "infoedu.co.kr"
RIGHTS = "-all,+net_admin,+net_raw,+bpf"  # as the manual page says


@pytest.fixture
def node(tmp_path, client):  # pylint: disable=unused-argument # the network has to be there
    node = Node(tmp_path / "node", args=["--zone", f"{ZONE}={DATA / 'infoedu.co.kr.zone'}"])
    yield node
    node.kill()


@contextlib.contextmanager
def kernels_share(interface):
    """Gives a function: how many UDP packets of the interface the kernel got since."""
    run("nft", "add table inet share; add chain inet share in { type filter hook input priority 0; }; "
               f"add rule inet share in iifname {interface} meta l4proto udp counter")
    try:
        yield lambda: int(re.search(r"packets (\d+)", run("nft", "list", "table", "inet", "share"))[1])
    finally:
        run("nft", "delete", "table", "inet", "share")


def xdp_line(node):
    return next(line for line in node.log().splitlines() if "XDP " in line)


def test_a_queue_without_one_to_send_by_stays_the_kernels(node, client):
    queries = 32
    with cable.another(client, server=["numrxqueues", "2", "numtxqueues", "1"],
                       client=["numrxqueues", "1", "numtxqueues", "2"]) as interface:
        node.args += ["--listen", f"{OTHER_SERVER}:{node.port}", "--xdp", interface]
        node.start()
        assert "queues=1" in xdp_line(node)  # or the kernel would be asked for a queue that is not there
        with kernels_share(interface) as by_kernel:
            for _ in range(queries):  # each from a port of its own, which decides on the queue
                assert client(ask, node.port, ZONE, "SOA", host=OTHER_SERVER).answer
            assert 0 < by_kernel() < queries
        node.kill()


def test_a_wildcard_takes_the_addresses_of_the_interface_alone(node, client):
    """Above all not those of a VLAN on it: a driver may take the tag off, and the answer would leave without one."""
    port = free_port()
    elsewhere = "10.54.0.1"
    node.args += ["--listen", f"0.0.0.0:{port}"]
    with cable.another(client) as interface:
        run("ip", "address", "add", f"{elsewhere}/32", "dev", cable.SERVER_END)
        client(run, "ip", "route", "add", f"{elsewhere}/32", "via", OTHER_SERVER, "dev", cable.OTHER_CLIENT_END)
        node.args += ["--xdp", interface]
        node.start()
        assert "XDP used" in xdp_line(node)
        for host, kernels in ((OTHER_SERVER, 0), (elsewhere, 1)):
            with kernels_share(interface) as by_kernel:
                assert client(ask, port, ZONE, "SOA", host=host).answer
                assert by_kernel() == kernels
        node.kill()
        run("ip", "address", "delete", f"{elsewhere}/32", "dev", cable.SERVER_END)


def test_a_wildcard_takes_addresses_with_a_label(node, client):
    """ifconfig and ifupdown write `eth0:1`."""
    port = free_port()
    node.args += ["--listen", f"0.0.0.0:{port}"]
    with cable.another(client) as interface:
        run("ip", "address", "add", "10.53.1.9/24", "dev", interface, "label", f"{interface}:1")
        node.args += ["--xdp", interface]
        node.start()
        with kernels_share(interface) as by_kernel:
            assert client(ask, port, ZONE, "SOA", host="10.53.1.9").answer
            assert by_kernel() == 0
        node.kill()


def test_loopback_addresses_are_nothing_to_take(node):
    node.args += ["--listen", f"[::1]:{node.port}", "--xdp", cable.SERVER_END]  # and 127.0.0.1
    node.start()
    assert "XDP not used" in xdp_line(node) and "none of the addresses" in xdp_line(node)


def test_behind_the_driver_where_that_cannot(node, client):
    """A veth's driver takes no filter where a frame may be larger than a page."""
    with cable.another(client, server=["mtu", "9000"], client=["mtu", "9000"]) as interface:
        node.args += ["--listen", f"{OTHER_SERVER}:{node.port}", "--xdp", interface]
        node.start()
        assert "mode=generic" in xdp_line(node)
        with kernels_share(interface) as by_kernel:
            assert client(ask, node.port, ZONE, "SOA", host=OTHER_SERVER).answer
            assert by_kernel() == 0
        node.kill()


@pytest.mark.parametrize("mtu, host, least", [(575, OTHER_SERVER, 576), (1279, OTHER_SERVER6, 1280)])
def test_an_interface_too_narrow_for_answers_is_the_kernels(node, client, mtu, host, least):
    with cable.another(client, server=["mtu", str(mtu)]) as interface:
        node.args += ["--listen", f"[{host}]:{node.port}" if ":" in host else f"{host}:{node.port}",
                      "--xdp", interface]
        node.start()
        assert re.search(rf"XDP not used .*{mtu}.*{least}", xdp_line(node))
        node.kill()


def test_a_frame_that_has_no_room_goes_to_the_kernel(node, client):
    with cable.another(client, server=["mtu", "3000"], client=["mtu", "3000"]) as interface:
        node.args += ["--listen", f"{OTHER_SERVER}:{node.port}", "--xdp", interface]
        node.start()
        assert "XDP used" in xdp_line(node)
        for octets, kernels in ((1600, 0), (2000, 1)):
            with kernels_share(interface) as by_kernel:
                assert client(ask, node.port, ZONE, "SOA", host=OTHER_SERVER, use_edns=0, pad=octets,
                              request_payload=4096).answer
                assert by_kernel() == kernels
        node.kill()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU is everybody's")
def test_workers_for_queues_go_on_where_those_for_sockets_end(node):
    node.args += ["--listen", f"{SERVER}:{node.port}", "--listen", f"[{SERVER6}]:{node.port}", "--threads", "1",
                  "--xdp", cable.SERVER_END]  # three sockets and one queue
    node.start()
    cpus = sorted(os.sched_getaffinity(0))
    expected = [str(cpus[i % len(cpus)]) for i in range(4)]
    assert sorted(cpu for cpu in workers(node) if "-" not in cpu and "," not in cpu) == sorted(expected)


@pytest.mark.parametrize("memory_octets, rights, said", [
    (8 << 20, RIGHTS, "XDP used"),  # what systemd gives a service
    (64 << 10, RIGHTS, "LimitMEMLOCK"),
    (8 << 20, "-all", "XDP not used"),
])
def test_needs_no_more_rights_than_the_manual_says(node, client, memory_octets, rights, said):
    node.under = ["prlimit", f"--memlock={memory_octets}:{memory_octets}", "setpriv", "--bounding-set", rights]
    node.args += ["--listen", f"{SERVER}:{node.port}", "--xdp", cable.SERVER_END]
    node.start()
    assert said in xdp_line(node)
    assert client(ask, node.port, ZONE, "SOA", host=SERVER).answer
