"""kill -9 between every two steps of a change, at either node (the names of docs/life_of_a_change.md): what was
acknowledged is there afterwards, serials never go back, both nodes are equal. Each name once in the gate, 40 times in
the full check; about 2 s each."""
import random
import threading

import dns.exception
import dns.query
import dns.rcode
import dns.update
import pytest

from cluster import Cluster, wait_until
from conftest import HOME_ZONE, count

ZONE = "infoedu.co.kr"
CLIENTS = 4
POINTS = [("primary", "planned"), ("primary", "encoded"), ("primary", "durable"), ("primary", "visible"),
          ("primary", "announced"), ("primary", "acknowledged"),
          ("secondary", "durable"), ("secondary", "visible"), ("secondary", "announced"), ("secondary", "acknowledged")]


class Clients:
    """Send updates without a pause, each at names of its own, and remember what was acknowledged."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.stopping = threading.Event()
        self.acknowledged, self.in_doubt = {}, {}
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, client):
        for number in range(1, 1_000_000):
            if self.stopping.is_set():
                return
            name, value = f"f{client}-{number % 20}", f'"{number}"'
            update = dns.update.UpdateMessage(ZONE)
            update.replace(name, 60, "TXT", value)
            self.in_doubt.setdefault(name, set()).add(value)
            try:
                answer = dns.query.udp(update, "127.0.0.1", 1, self.cluster.primary.port)
            except (dns.exception.DNSException, OSError):
                self.stopping.wait(0.02)
                continue
            if answer.rcode() == dns.rcode.NOERROR:
                self.acknowledged[name] = value
                self.in_doubt[name] = set()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def check_acknowledged(clients, node):
    held = {rrset["name"].split(".")[0]: rrset["data"][0] for rrset in
            node.json("record", "list", ZONE)["rrsets"] if rrset["type"] == "TXT"}
    for name, value in clients.acknowledged.items():
        assert held.get(name) in {value, *clients.in_doubt[name]}, \
            f"{name}: acknowledged {value}, found {held.get(name)} at the {node.kind}"


@pytest.mark.parametrize("kind, point", POINTS, ids=[" ".join(point) for point in POINTS])
def test_kill_at_a_step(tmp_path, kind, point):
    with Cluster(tmp_path, zones=[HOME_ZONE], primary_args=["--allow-update", "127.0.0.0/8"]) as cluster:
        cluster.start()
        cluster.wait_in_step()
        victim = getattr(cluster, kind)
        for _ in range(count(gate=1, full=40)):
            serial = cluster.primary.serial(ZONE)
            # A start is a change too: the first one may be that.
            victim.stop()
            victim.env["TANDEM_FAILPOINT"] = f"{point}:{random.randrange(2, 40)}"
            victim.start()
            del victim.env["TANDEM_FAILPOINT"]
            clients = Clients(cluster)
            wait_until(lambda: not victim.running(), f"the {kind} dies where it is {point}")
            assert victim.process.returncode == -9
            victim.start()
            wait_until(lambda: len(clients.acknowledged) >= CLIENTS, "changes are taken again")
            clients.stop()
            cluster.wait_in_step()
            cluster.assert_equal()
            for node in (cluster.primary, cluster.secondary):
                check_acknowledged(clients, node)
                assert node.serial(ZONE) - serial > 0  # far from the wrap here
