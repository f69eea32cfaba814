"""kill -9 of either node at random instants under a stream of changes: what was acknowledged is there afterwards, and
both nodes are equal. 20 kills in the gate, 2000 in the full check; about 2 s each."""
import random
import threading

from cluster import Cluster, CommandFailed, wait_until
from conftest import HOME_ZONE, count

ZONE = "infoedu.co.kr"
WRITERS = 3
HEALED = 5.0  # seconds until both nodes are the same again


class Stream:
    """Clients that change records without a pause and remember what was acknowledged."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.stopping = threading.Event()
        self.acknowledged = {}
        self.in_doubt = {}
        self.threads = [threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def write(self, writer):
        number = 0
        while not self.stopping.is_set():
            number += 1
            name, value = f"k{writer}-{number % 40}", f'"{number}"'
            try:
                self.cluster.primary.ctl("record", "set", ZONE, name, "60", "TXT", value)
                self.acknowledged[name] = value
                self.in_doubt.pop(name, None)
            except CommandFailed:
                # It may have become durable before the node died: then it may be seen, but need not.
                self.in_doubt.setdefault(name, set()).add(value)
                self.stopping.wait(0.02)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def check_acknowledged(stream, node):
    held = {rrset["name"].split(".")[0]: rrset["data"][0] for rrset in
            node.json("record", "list", ZONE)["rrsets"] if rrset["type"] == "TXT"}
    for name, value in stream.acknowledged.items():
        assert held.get(name) in {value, *stream.in_doubt.get(name, ())}, \
            f"{name}: acknowledged {value}, found {held.get(name)} at the {node.kind}"


def test_kill_at_random_instants(tmp_path):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with Cluster(tmp_path, zones=[HOME_ZONE]) as cluster:
        cluster.start()
        cluster.wait_in_step()
        for _ in range(count(gate=30, full=2000)):
            stream = Stream(cluster)
            wanted = len(stream.acknowledged) + chance.randrange(1, 12)
            wait_until(lambda: len(stream.acknowledged) >= wanted, "some changes acknowledged")
            victims = chance.choice([[cluster.primary], [cluster.secondary], [cluster.primary, cluster.secondary]])
            for victim in victims:
                victim.kill()
            for victim in victims:
                victim.start()
            stream.stop()
            cluster.wait_in_step(HEALED)
            cluster.assert_equal()
            check_acknowledged(stream, cluster.primary)
            check_acknowledged(stream, cluster.secondary)


def test_kill_during_the_first_copy(tmp_path):
    """The secondary dies while the images come; what it serves is either nothing or all of it."""
    zone_file = tmp_path / "big.zone"
    lines = ["@ 3600 IN SOA ns1 hostmaster 1 900 300 604800 600", "@ 3600 IN NS ns1", "ns1 3600 IN A 192.0.2.1"]
    lines += [f"h{number} 3600 IN A 10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(60_000)]
    zone_file.write_text("\n".join(lines) + "\n")
    with Cluster(tmp_path / "nodes", zones=[f"big.example={zone_file}"]) as cluster:
        cluster.start()
        for turn in range(count(gate=3, full=30)):
            wait_until(lambda: "link connected" in cluster.secondary.log(), "the link")
            cluster.secondary.kill()
            cluster.secondary.start()
            answer = cluster.secondary.ask("h59999.big.example")
            if answer.answer:
                assert cluster.secondary.digest("big.example") == cluster.primary.digest("big.example")
        cluster.wait_in_step()
        cluster.assert_equal()
