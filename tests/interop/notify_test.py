"""Knot, BIND and NSD as outside secondaries: told of changes, they have them, and that is seen. Takes about 20 s."""
import pytest

from cluster import Node, ask, wait_until
from peers import Bind, Knot, Nsd, bind_place, knot_place, nsd_place

ZONE = "example.com."


class Following:
    """A peer that follows `primary`, with the key `up` when there is a secret."""

    def __init__(self, folder, primary, secret=None):
        super().__init__(folder, [(ZONE, None)])
        self.primary = primary
        self.secret = secret


class KnotSecondary(Following, Knot):
    def configure(self):
        key = f"key:\n  - id: up\n    algorithm: hmac-sha256\n    secret: {self.secret}\n" if self.secret else ""
        of_key = "    key: up\n" if self.secret else ""
        return ["knotd", "-c", self.write(knot_place(self) + f"""{key}remote:
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
""")]


class BindSecondary(Following, Bind):
    def configure(self):
        key = f'key "up" {{ algorithm hmac-sha256; secret "{self.secret}"; }};\n' if self.secret else ""
        of_key = " key up" if self.secret else ""
        who = "key up" if self.secret else "127.0.0.1"
        return ["named", "-g", "-n", "1", "-c", self.write(f"""{key}
options {{
    {bind_place(self)}
}};
controls {{ }};
zone "{ZONE}" {{
    type secondary;
    primaries {{ 127.0.0.1 port {self.primary}{of_key}; }};
    allow-notify {{ {who}; }};
    notify no;
    file "{self.folder}/zone.db";
}};
""")]


class NsdSecondary(Following, Nsd):
    def configure(self):
        key = f'key:\n    name: "up"\n    algorithm: hmac-sha256\n    secret: "{self.secret}"\n' if self.secret else ""
        of_key = "up" if self.secret else "NOKEY"
        return ["nsd", "-d", "-c", self.write(nsd_place(self) + f"""    xfrdfile: "{self.folder}/xfrd.state"
    xfrdir: "{self.folder}"
    xfrd-reload-timeout: 0
remote-control:
    control-enable: no
{key}zone:
    name: "{ZONE}"
    request-xfr: 127.0.0.1@{self.primary} {of_key}
    allow-notify: 127.0.0.1 {of_key}
""")]


def serial_of(peer):
    return ask(peer.port, ZONE, "SOA").answer[0][0].serial


@pytest.fixture
def node(tmp_path):
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    node = Node(tmp_path / "node", args=["--zone", f"{ZONE}={file}"])
    try:
        yield node.start().wait_stored()
    finally:
        node.stop()


@pytest.mark.parametrize("is_signed", [False, True], ids=["open", "signed"])
@pytest.mark.parametrize("kind", [KnotSecondary, BindSecondary, NsdSecondary], ids=lambda kind: kind.name)
def test_it_follows(node, tmp_path, kind, is_signed):
    secret = None
    if is_signed:
        node.ctl("key", "create", "up")
        secret = node.json("key", "show", "up")["secret"]
    peer = kind(tmp_path, node.port, secret)
    words = [f"notify:127.0.0.1:{peer.port}", "transfer:127.0.0.1", *(["key:up"] if is_signed else [])]
    node.ctl("secondary", "add", "peer", "--no-check", *words)
    try:
        peer.start()  # until it serves the zone, which it may have because it is listed
        node.ctl("xfr", "notify", ZONE)  # or it is looked for only after a while
        wait_until(lambda: node.json("xfr", "status", ZONE)["told"][0]["state"] == "in step", "it has the zone")
        for number in range(2, 8):
            receipt = node.json("--wait", "all:20s", "record", "set", ZONE, "a", "A", f"192.0.2.{number}")
            assert receipt["outside"][0]["has_it"], peer.log_file.read_text()
            assert serial_of(peer) == receipt["serial"]
        told = node.json("secondary", "list")["secondaries"][0]["servers"][0]["zones"][0]
        assert told["serial"] == told["ours"] == serial_of(peer)
        assert str(told["serial"]) in node.ctl("secondary", "list")
        assert "in step" in node.ctl("secondary", "check", "peer")
    finally:
        peer.stop()
