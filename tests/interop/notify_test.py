"""Knot as an outside secondary: told of changes, it has them, and that is seen. Takes about 10 s."""
import pathlib

import pytest

from cluster import Node, ask, wait_until
from peers import Knot

ZONE = "example.com."


class KnotSecondary(Knot):
    """Follows `primary`, with a key when there is one."""

    def __init__(self, folder, primary, secret=None):
        super().__init__(folder, [(ZONE, None)])
        self.primary = primary
        self.secret = secret

    def configure(self):
        key = f'key:\n  - id: up\n    algorithm: hmac-sha256\n    secret: {self.secret}\n' if self.secret else ""
        of_key = "    key: up\n" if self.secret else ""
        return ["knotd", "-c", self.write(f"""
server:
    rundir: "{self.folder}"
    listen: "127.0.0.1@{self.port}"
database:
    storage: "{self.folder}"
log:
  - target: stderr
    any: info
{key}remote:
  - id: tandem
    address: 127.0.0.1@{self.primary}
{of_key}acl:
  - id: told
    address: 127.0.0.1
{of_key}    action: notify
zone:
  - domain: "{ZONE}"
    master: tandem
    acl: told
    zonefile-sync: -1
    refresh-min-interval: 3600
    refresh-max-interval: 3600
""")]


def serial_of(knot):
    return ask(knot.port, ZONE, "SOA").answer[0][0].serial


@pytest.fixture
def node(tmp_path):
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    node = Node(tmp_path / "node", args=["--zone", f"{ZONE}={file}", "--allow-transfer", "127.0.0.1"])
    try:
        yield node.start().wait_stored()
    finally:
        node.stop()


@pytest.mark.parametrize("is_signed", [False, True], ids=["open", "signed"])
def test_knot_follows(node, tmp_path, is_signed):
    secret = None
    if is_signed:
        node.ctl("key", "create", "up")
        secret = node.json("key", "show", "up")["secret"]
    knot = KnotSecondary(tmp_path, node.port, secret)
    try:
        knot.start()
        node.ctl("secondary", "add", "knot", f"notify:127.0.0.1:{knot.port}", *(["key:up"] if is_signed else []))
        wait_until(lambda: node.json("xfr", "status", ZONE)["told"][0]["state"] == "in step", "it has the zone")
        for number in range(2, 12):
            receipt = node.json("--wait", "all:20s", "record", "set", ZONE, "a", "A", f"192.0.2.{number}")
            assert receipt["outside"][0]["has_it"], pathlib.Path(knot.log_file).read_text()
            assert serial_of(knot) == receipt["serial"]
        told = node.json("secondary", "list")["secondaries"][0]["servers"][0]["zones"][0]
        assert told["serial"] == told["ours"] == serial_of(knot)
        assert str(told["serial"]) in node.ctl("secondary", "list")
        assert "in step" in node.ctl("secondary", "check", "knot")
    finally:
        knot.stop()
