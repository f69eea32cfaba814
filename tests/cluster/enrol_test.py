"""How a node becomes a member by a one-time token, and how one goes: no key is carried by hand, none is moved."""
import contextlib
import pathlib
import re
import socket
import ssl
import subprocess
import threading

import dns.rcode
import pytest

from cluster import CommandFailed, Node, free_port, program, wait_until
from conftest import HOME_ZONE

ZONE = "infoedu.co.kr"


class Joining(Node):
    """A secondary that begins with `join TOKEN` at 127.0.0.1:`link`; start() is `serve`, without a flag of the link."""

    def __init__(self, folder, link=None):
        super().__init__(folder, "secondary")
        self.link = link or free_port()
        self.at = f"127.0.0.1:{self.link}"

    def join(self, token, wait=True):
        self._log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [program("tandem-secondary"), "join", "-", "--link", self.at, "--data", str(self.data),
                 "--listen", f"127.0.0.1:{self.port}", *self.args],
                stdout=log, stderr=log, stdin=subprocess.PIPE, env=self.env)
        self.process.stdin.write(token.encode() + b"\n")
        self.process.stdin.close()
        if wait:
            self.wait_ready()
        return self

    def wait_waiting(self):
        wait_until(lambda: "waiting to join" in self.log(), "it listens for who invited it")
        return self


@pytest.fixture
def home(tmp_path):
    node = Node(tmp_path / "home", "primary", args=["--zone", HOME_ZONE]).start().wait_stored()
    yield node
    print("\n".join(node.log().splitlines()[-40:]))
    node.kill()


@pytest.fixture
def cloud(tmp_path):
    node = Joining(tmp_path / "cloud")
    yield node
    print("\n".join(node.log().splitlines()[-40:]))
    node.kill()


def invite(home, at, *more):
    return home.ctl("cluster", "invite", "--at", at, *more).strip()


def wait_in_step(home, cloud):
    wait_until(lambda: home.is_stored() and home.status()["position"] == cloud.status()["position"], "in step")


def enrol(home, cloud):
    cloud.join(invite(home, cloud.at, "--name", "ns2.example.net"))
    wait_in_step(home, cloud)


def change(home, cloud, name):
    """A change at home is answered in the cloud."""
    home.ctl("record", "set", ZONE, name, "60", "A", "192.0.2.77")
    wait_until(lambda: cloud.answers(f"{name}.{ZONE}") == ["192.0.2.77"], "the change in the cloud")


def members(node):
    return node.json("cluster", "list")["members"]


def files_hold(folder, what):
    return [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and what in path.read_bytes()]


def test_a_token_makes_a_pair_that_stays_one_without_flags(home, cloud):
    token = invite(home, cloud.at, "--name", "ns2.example.net")
    assert home.json("cluster", "list")["invitations"][0]["at"] == cloud.at
    cloud.join(token)
    wait_in_step(home, cloud)
    change(home, cloud, "joined")
    listed = home.json("cluster", "list")
    assert listed["invitations"] == []
    member, = listed["members"]
    wait_until(lambda: members(home)[0]["node"] == cloud.status()["node"], "the member's node id")
    assert member["keys"] == [cloud.key()] and member["dial"] == cloud.at and member["ns"] == "ns2.example.net."
    assert members(cloud)[0]["keys"] == [home.key()] and members(cloud)[0]["connected"]
    assert cloud.key() != home.key()
    # What was printed once is nowhere.
    for node in (home, cloud):
        assert not files_hold(node.folder, token.encode()) and not files_hold(node.folder, token[8:40].encode())
    home.kill()
    cloud.kill()
    cloud.start()
    home.start()
    wait_in_step(home, cloud)
    change(home, cloud, "again")


def test_join_again_is_a_start(home, cloud):
    token = invite(home, cloud.at)
    cloud.join(token)
    wait_in_step(home, cloud)
    cloud.stop()
    cloud.join(token)
    assert "joined already" in cloud.log()
    change(home, cloud, "restarted")


def test_an_invitation_survives_a_restart_of_who_invites(home, cloud):
    token = invite(home, cloud.at)
    home.kill()
    home.start()
    assert home.json("cluster", "list")["invitations"][0]["tries_left"] == 5
    cloud.join(token)
    wait_in_step(home, cloud)


def test_a_token_is_good_once(home, cloud, tmp_path):
    token = invite(home, cloud.at)
    cloud.join(token)
    wait_in_step(home, cloud)
    second = Joining(tmp_path / "second")
    try:
        invite(home, second.at)
        second.join(token, wait=False)
        assert second.process.wait(60) == 1
        assert "its token is not the one of this invitation" in second.log() and not second.data.joinpath(
            "members").exists()
        assert home.json("cluster", "list")["invitations"][0]["tries_left"] == 4
        assert [member["dial"] for member in members(home)] == [cloud.at]
        # The invitation itself is still good for who has its token: the one that is made now takes its place.
        second.join(invite(home, second.at))
        wait_in_step(home, second)
    finally:
        second.kill()


def test_five_wrong_tokens_end_an_invitation(home, cloud):
    wrong, right = invite(home, cloud.at), invite(home, cloud.at)
    assert wrong != right
    for left in (4, 3, 2, 1):
        cloud.join(wrong, wait=False)
        assert cloud.process.wait(60) == 1
        assert home.json("cluster", "list")["invitations"][0]["tries_left"] == left
    cloud.join(wrong, wait=False)
    assert cloud.process.wait(60) == 1
    assert home.json("cluster", "list")["invitations"] == []
    cloud.join(right, wait=False).wait_waiting()
    home.kill()
    home.start()
    assert home.json("cluster", "list")["invitations"] == [] and members(home) == []
    assert cloud.process.poll() is None and "joined" not in cloud.log()


@pytest.mark.parametrize("token", ["tandem1_00", "SHA256:abc", "tandem1_" + "0" * 109])
def test_what_is_no_token_is_a_usage_error(cloud, token):
    cloud.join(token, wait=False)
    assert cloud.process.wait(60) == 2
    assert "token" in cloud.log() and token not in cloud.log()


def test_only_a_leader_invites(home, cloud):
    enrol(home, cloud)
    with pytest.raises(CommandFailed) as refused:
        invite(cloud, "127.0.0.1:9")
    assert "invite at the leader" in refused.value.stderr


class Middle:
    """Takes a TLS connection with a key of its own, and passes on what comes, over TLS, to the real address."""

    def __init__(self, folder, to_port):
        self.to_port = to_port
        self.heard = b""
        self.taken = 0
        self.refusals = []
        key, certificate = folder / "middle.key", folder / "middle.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=middle", "-days", "1", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname = False
        self.client.verify_mode = ssl.CERT_NONE
        for context in (self.server, self.client):
            context.load_cert_chain(certificate, key)
            context.set_alpn_protocols(["grpc-exp", "h2"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, plain):
        with contextlib.suppress(OSError), plain:
            near = self.server.wrap_socket(plain, server_side=True)
            self.taken += 1
            with socket.create_connection(("127.0.0.1", self.to_port)) as onward:
                try:
                    far = self.client.wrap_socket(onward)
                except OSError as error:
                    self.refusals.append(str(error))
                    return
                threading.Thread(target=self.hear_far, args=(far, near), daemon=True).start()
                while piece := near.recv(65536):
                    self.heard += piece
                    far.sendall(piece)

    def hear_far(self, far, near):
        try:
            while piece := far.recv(65536):
                self.heard += piece
                near.sendall(piece)
            self.refusals.append("closed")
        except OSError as error:
            self.refusals.append(str(error))


def test_a_man_in_the_middle_is_refused_and_learns_nothing(home, cloud, tmp_path):
    middle = Middle(tmp_path, cloud.link)
    token = invite(home, f"127.0.0.1:{middle.port}")
    cloud.join(token, wait=False).wait_waiting()
    wait_until(lambda: middle.taken >= 2 and middle.refusals, "the invitation went through the middle, twice")
    assert members(home) == [] and not cloud.data.joinpath("members").exists()
    assert cloud.process.poll() is None and "joined" not in cloud.log()
    # It has seen how a stream begins and nothing that came from the cloud's side of the exchange: not a proof, which
    # is all that is made of the token.
    assert b"tandem.v1.Link" in middle.heard or b"PRI * HTTP/2.0" in middle.heard
    assert token.encode() not in middle.heard and token[8:].encode() not in middle.heard
    middle.listener.close()
    # Without it the same token would have worked, and a new one does.
    cloud.kill()
    cloud.join(invite(home, cloud.at))
    wait_in_step(home, cloud)


def test_a_removed_node_is_cut_off_and_stays_out(home, cloud, tmp_path):
    enrol(home, cloud)
    change(home, cloud, "before")
    wait_until(lambda: members(home)[0]["node"], "the node's id")
    home.ctl("cluster", "remove", members(home)[0]["node"])
    assert members(home) == []
    wait_until(lambda: not cloud.status()["peers"][0]["connected"], "the stream has ended")
    home.ctl("record", "set", ZONE, "after", "60", "A", "192.0.2.78")
    assert cloud.answers(f"before.{ZONE}") == ["192.0.2.77"], "it answers on from what it has"
    wait_until(lambda: home.status()["peers"] == [], "home has forgotten it")
    home.stop()
    # It can be dialled now, by some other key, and the removed node does so.
    home.args += ["--link", f"127.0.0.1:{free_port()}", "--peer-key", Node(tmp_path / "other").key()]
    home.start()
    link = re.search(r" link=(\S+)", home.log()).group(1)
    cloud.stop()
    cloud.args += ["--peer", link]
    cloud.start()
    wait_until(lambda: "is not pinned here" in home.log(), "the removed key is refused")
    assert cloud.ask(f"after.{ZONE}").rcode() == dns.rcode.NXDOMAIN


def test_others_stay_when_one_goes(home, cloud, tmp_path):
    enrol(home, cloud)
    third = Joining(tmp_path / "third")
    try:
        third.join(invite(home, third.at))
        wait_in_step(home, third)
        home.ctl("cluster", "remove", third.at)
        change(home, cloud, "still")
        assert [member["dial"] for member in members(home)] == [cloud.at]
        with pytest.raises(CommandFailed) as unknown:
            home.ctl("cluster", "remove", third.at)
        assert "no member is called" in unknown.value.stderr
    finally:
        third.kill()


def test_a_book_that_cannot_be_read_does_not_stop_the_answers(home, cloud):
    enrol(home, cloud)
    home.stop()
    book = home.data / "members"
    good = book.read_text()
    book.write_text(good + "member nonsense\n")
    home.start()
    assert home.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR
    assert any("members" in alarm["what"] for alarm in home.status()["alarms"])
    with pytest.raises(CommandFailed) as refused:
        invite(home, cloud.at)
    assert "mend or remove the file" in refused.value.stderr
    home.stop()
    book.write_text(good)
    home.start()
    change(home, cloud, "mended")


@pytest.mark.parametrize("turns", ["home", "cloud", "both"])
def test_a_node_changes_its_key(home, cloud, turns):
    """The other one knows the new key before the old one is given up; restarts find the same."""
    enrol(home, cloud)
    first = {node: node.status()["key"] for node in (home, cloud)}
    changing = {"home": [home], "cloud": [cloud], "both": [home, cloud]}[turns]
    for node in changing:
        wait_until(lambda: members(home)[0]["connected"] and members(cloud)[0]["connected"], "connected")
        said = node.ctl("cluster", "rotate").split()[-1]
        assert said == node.status()["key"] == node.key() and said != first[node]
        other = cloud if node is home else home
        wait_until(lambda other=other, said=said: [(member["connected"], member["keys"]) for member in members(other)]
                   == [(True, [said])], "the old key is no key of it any more")
        change(home, cloud, f"rotated-{node.kind}")
        assert node.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR
    for node in (home, cloud):
        node.kill()
    for node in (home, cloud):
        node.start()
        assert (node.status()["key"] != first[node]) == (node in changing)
    wait_in_step(home, cloud)
    change(home, cloud, "restarted")


def test_a_key_is_not_changed_while_a_member_is_away(home, cloud):
    enrol(home, cloud)
    key = home.status()["key"]
    cloud.stop()
    wait_until(lambda: not members(home)[0]["connected"], "home knows that it is away")
    with pytest.raises(CommandFailed) as refused:
        home.ctl("cluster", "rotate")
    assert "is not connected and would not know the new key" in refused.value.stderr
    assert home.status()["key"] == key
    cloud.start()
    wait_in_step(home, cloud)


def test_an_invitation_ends_with_the_key_that_it_names(home, cloud):
    invite(home, cloud.at)
    home.ctl("cluster", "rotate")
    assert home.json("cluster", "list")["invitations"] == []
    enrol(home, cloud)


def test_a_pair_of_configured_keys_can_change_them(pair):
    """Keys that a human wrote into the configuration: the new ones are learnt beside them."""
    pair.primary.ctl("cluster", "rotate")
    pair.secondary.wait_ready()
    pair.wait_in_step()
    change(pair.primary, pair.secondary, "configured")
    for node in (pair.secondary, pair.primary):
        node.kill()
        node.start()
    pair.wait_in_step()
    change(pair.primary, pair.secondary, "restarted")
