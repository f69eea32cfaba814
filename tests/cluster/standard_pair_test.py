"""Our own pair without its link: the secondary follows by NOTIFY and IXFR alone, signed, also over TLS. Slower than the
link, and as equal. Takes about 20 s."""
import pytest

from cluster import DATA, Node, free_port, wait_until
from conftest import count

ZONE = "infoedu.co.kr"
KEY = "hmac-sha256:pair:cGFpciBvZiBub2RlcyBieSBzdGFuZGFyZHMgYWxvbmU="


class StandardPair:
    def __init__(self, folder, over_tls):
        self.primary = Node(folder / "primary", "primary")
        self.secondary = Node(folder / "secondary", "secondary")
        where = f"127.0.0.1:{self.primary.port},key:pair"
        rule = "key:pair"
        if over_tls:
            tls_port = free_port()
            self.primary.args += ["--listen-tls", f"127.0.0.1:{tls_port}"]
            where = f"127.0.0.1:{tls_port},key:pair,pin:{self.primary.key()}"
            rule += " tls"
        self.primary.args += ["--key", KEY, "--zone", f"{ZONE}={DATA / 'infoedu.co.kr.zone'}", "--allow-transfer", rule,
                              "--also-notify", f"127.0.0.1:{self.secondary.port},key:pair"]
        self.secondary.args += ["--key", KEY, "--pull", f"{ZONE}={where}", "--http", "127.0.0.1:0"]

    def __enter__(self):
        self.primary.start().wait_stored()
        self.secondary.start()
        self.wait_equal()
        return self

    def __exit__(self, kind, error, trace):
        for node in (self.primary, self.secondary):
            if error is not None:
                print(f"--- {node.kind}\n" + "\n".join(node.log().splitlines()[-40:]))
            node.kill()

    def wait_equal(self):
        def equal():
            ours, theirs = self.primary.digest(ZONE), self.secondary.digest(ZONE)
            return ours["serial"] == theirs["serial"] and ours["content_digest"] == theirs["content_digest"]

        wait_until(equal, "both have the same zone")

    def taken(self, kind):
        return self.secondary.metrics()[f'tandem_pull_transfers_total{{type="{kind}"}}']


@pytest.mark.parametrize("over_tls", [False, True], ids=["tcp", "tls"])
def test_changes_arrive_by_notify_and_ixfr(tmp_path, over_tls):
    with StandardPair(tmp_path, over_tls) as pair:
        changes = count(gate=10, full=1000)
        for number in range(changes):
            pair.primary.ctl("record", "set", ZONE, f"n{number % 7}", "A", f"192.0.2.{number % 250 + 1}")
            if number % 5 == 4:
                pair.primary.ctl("record", "delete", ZONE, f"n{(number - 1) % 7}")
            pair.wait_equal()
        assert pair.taken("ixfr") >= changes
        assert pair.taken("axfr") == 1


def test_the_secondary_answers_alone_and_goes_on_after_a_restart(tmp_path):
    with StandardPair(tmp_path, over_tls=False) as pair:
        pair.primary.ctl("record", "set", ZONE, "before", "A", "192.0.2.1")
        pair.wait_equal()
        pair.primary.kill()
        pair.secondary.kill()
        pair.secondary.start()
        assert pair.secondary.answers(f"before.{ZONE}") == ["192.0.2.1"]
        pair.primary.start().wait_stored()
        pair.primary.ctl("record", "set", ZONE, "after", "A", "192.0.2.2")
        pair.wait_equal()
        assert pair.secondary.answers(f"after.{ZONE}") == ["192.0.2.2"]
