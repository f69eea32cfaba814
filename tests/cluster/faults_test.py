"""What goes wrong on a machine, and the one clear line that says what to do."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import dns.edns
import dns.query
import dns.rcode
import dns.update
import pytest

from cluster import Cluster, CommandFailed, Node, PATIENCE, program, wait_until
from conftest import HOME_ZONE, ROOT_ZONE

ZONE = "infoedu.co.kr"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def run_and_fail(*words, binary=None, **options):
    """A start that must fail: its exit code and what it said last."""
    result = subprocess.run([binary or program("tandem-primary"), *map(str, words)], capture_output=True,
                            text=True, timeout=30, check=False, **options)
    assert result.returncode != 0, result.stderr
    return result.returncode, result.stderr.strip().splitlines()[-1]


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place):
    """Leaves nothing free."""
    with open(place / "filler", "wb", buffering=0) as filler:
        for octets in (1 << 20, 4096, 1):
            try:
                while True:
                    filler.write(b"\0" * octets)
            except OSError:
                pass


def move_data(node, place):
    """Gives a node that never ran its data folder on another disk."""
    shutil.copytree(node.data, place / "data")
    node.data = place / "data"


@as_root
@pytest.mark.parametrize("kind", ["primary", "secondary"])
def test_a_full_disk_and_its_end(tmp_path, small_disk, kind):
    with Cluster(tmp_path / "nodes", zones=[HOME_ZONE]) as cluster:
        node = getattr(cluster, kind)
        move_data(node, small_disk)
        cluster.start()
        cluster.wait_in_step()
        fill(small_disk)
        if kind == "primary":
            with pytest.raises(CommandFailed) as refused:
                for number in range(2000):  # what RocksDB has preallocated is used up first
                    node.ctl("record", "set", ZONE, "full", "60", "TXT", *[f'"{number} {"x" * 240}"'] * 20)
            assert "space" in refused.value.stderr, refused.value.stderr
            before = node.answers(f"full.{ZONE}", "TXT")
        else:
            for number in range(200):
                cluster.primary.ctl("record", "set", ZONE, "full", "60", "TXT", *[f'"{number} {"x" * 240}"'] * 20)
                if not cluster.secondary.status()["store"]["state"] == "good":
                    break
            before = None
        assert node.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR, "answers go on"
        if before is not None:
            assert node.answers(f"full.{ZONE}", "TXT") == before, "what was refused is not seen"
        (small_disk / "filler").unlink()

        def works_again():
            return cluster.primary.json("record", "set", ZONE, "again", "60", "TXT", '"there is space"')

        wait_until(works_again, "changes without a restart")
        cluster.wait_in_step()
        cluster.assert_equal()
        assert cluster.secondary.answers(f"again.{ZONE}", "TXT") == ['"there is space"']


@as_root
def test_updates_on_a_full_disk(tmp_path, small_disk):
    """SERVFAIL while nothing can be stored, and what was refused is not seen; NOERROR again without a restart."""
    with Cluster(tmp_path / "nodes", zones=[HOME_ZONE], primary_args=["--allow-update", "127.0.0.1"]) as cluster:
        node = cluster.primary
        move_data(node, small_disk)
        cluster.start()
        cluster.wait_in_step()
        fill(small_disk)

        def update(number):
            message = dns.update.UpdateMessage(ZONE)
            message.replace("full", 60, "TXT", *[f'"{number} {"x" * 200}"'] * 5)
            return dns.query.tcp(message, "127.0.0.1", PATIENCE, node.port).rcode()

        number = 0
        while update(number) == dns.rcode.NOERROR:  # what RocksDB has preallocated is used up first
            number += 1
            assert number < 20_000
        assert update(number) == dns.rcode.SERVFAIL
        assert node.answers(f"full.{ZONE}", "TXT")[:1] == [f'"{number - 1} {"x" * 200}"'][:number]
        (small_disk / "filler").unlink()
        wait_until(lambda: update(-1) == dns.rcode.NOERROR, "updates are taken again")
        cluster.wait_in_step()
        cluster.assert_equal()


@as_root
def test_a_disk_that_fills_during_the_first_copy(tmp_path, small_disk):
    with Cluster(tmp_path / "nodes", zones=[ROOT_ZONE]) as cluster:
        move_data(cluster.secondary, small_disk)
        cluster.secondary.start()
        fill(small_disk)
        cluster.primary.start()
        wait_until(lambda: cluster.secondary.status()["store"]["state"] == "failed", "the disk is full")
        assert cluster.secondary.ask(".", "SOA").rcode() == dns.rcode.REFUSED, "no half of a copy is shown"
        (small_disk / "filler").unlink()
        cluster.wait_in_step()
        cluster.assert_equal()
        wait_until(lambda: cluster.secondary.status()["store"]["state"] == "good", "it says so")


@as_root
@pytest.mark.parametrize("kind", ["primary", "secondary"])
def test_a_start_on_a_full_disk(tmp_path, small_disk, kind):
    with Cluster(tmp_path / "nodes", zones=[HOME_ZONE]) as cluster:
        node = getattr(cluster, kind)
        move_data(node, small_disk)
        cluster.start()
        cluster.wait_in_step()
        node.stop()
        fill(small_disk)
        node.start()
        assert node.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR
        assert node.status()["store"]["state"] == "failed"
        (small_disk / "filler").unlink()
        wait_until(lambda: cluster.primary.json("record", "set", ZONE, "again", "60", "TXT", '"there is space"'),
                   "changes without a restart")
        cluster.wait_in_step()
        cluster.assert_equal()
        wait_until(lambda: node.status()["store"]["state"] == "good", "it says so")


def test_a_secondary_that_may_have_lost_something_is_whole_once_it_is_in_step(pair):
    pair.secondary.stop()
    store = pair.secondary.data / "store"
    (store / "doubtful-000001.log").write_bytes(b"damaged")
    pair.secondary.start()
    wait_until(lambda: pair.secondary.status()["store"]["state"] == "good", "the doubt ends")
    assert [file.name for file in store.glob("*-000001.log")] == ["settled-000001.log"]
    pair.primary.ctl("record", "set", ZONE, "again", "60", "TXT", '"whole"')
    pair.wait_in_step()


def spoil_store(node, only_largest=False):
    """Overwrites the middle of every table file, or of the largest."""
    tables = sorted((node.data / "store").glob("*.sst"), key=lambda table: table.stat().st_size)
    assert tables
    for table in tables[-1:] if only_largest else tables:
        octets = bytearray(table.read_bytes())
        octets[len(octets) // 4: len(octets) * 3 // 4] = b"\xff" * (len(octets) * 3 // 4 - len(octets) // 4)
        table.write_bytes(octets)


def restart_for_tables(node):
    """Starting anew flushes what the write-ahead log holds into table files."""
    node.stop()
    node.start()
    node.stop()


@pytest.mark.parametrize("only_largest", [False, True])
def test_an_unreadable_store_is_named_and_the_secondary_refills_itself(pair, only_largest):
    """Damage shows when the store is opened, or, in a table of zones, only when these are read."""
    restart_for_tables(pair.secondary)
    spoil_store(pair.secondary, only_largest)
    pair.secondary.start()
    assert ".sst" in pair.secondary.log() and "store.damaged-" in pair.secondary.log()
    pair.wait_in_step()
    pair.assert_equal()
    assert list(pair.secondary.data.glob("store.damaged-*"))


def test_a_damaged_store_of_a_follower_makes_no_leader_of_it(pair):
    """Also where tandem-primary is started on it: either its role could still be read, or nothing is touched."""
    restart_for_tables(pair.secondary)
    spoil_store(pair.secondary, only_largest=True)
    pair.secondary.kind = "primary"
    pair.secondary.start(wait=False)
    wait_until(lambda: not pair.secondary.running() or "ready" in pair.secondary.log(), "a start or an end")
    if pair.secondary.running():
        assert pair.secondary.status()["role"] == "follower"
        pair.wait_in_step()
        pair.assert_equal()
    else:
        assert ".sst" in pair.secondary.log() and not list(pair.secondary.data.glob("store.damaged-*"))


def test_an_unreadable_store_of_the_primary_is_not_touched(pair):
    restart_for_tables(pair.primary)
    spoil_store(pair.primary)
    pair.primary.start(wait=False)
    assert pair.primary.process.wait(30) == 1
    assert ".sst" in pair.primary.log(), pair.primary.log()
    assert not list(pair.primary.data.glob("store.damaged-*"))
    assert pair.secondary.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_in_use(tmp_path, kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        code, line = run_and_fail("serve", "--data", tmp_path / "d", "--listen", f"127.0.0.1:{port}",
                                  "--zone", HOME_ZONE)
    assert code == 1 and str(port) in line and "use" in line, line


def test_port_53_in_use_names_the_usual_reason(tmp_path):
    try:
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taken.bind(("127.0.0.1", 53))
    except OSError:
        pytest.skip("port 53 is taken or not ours")
    with taken:
        code, line = run_and_fail("serve", "--data", tmp_path / "d", "--listen", "127.0.0.1:53", "--zone", HOME_ZONE)
    assert code == 1 and "systemd-resolved" in line, line


@pytest.fixture
def open_folder():
    """A folder with the program that any user can reach; pytest's own are for the user that runs it."""
    with tempfile.TemporaryDirectory(prefix="tandem-open-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        shutil.copy(program("tandem-primary"), folder)
        yield pathlib.Path(folder)


NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


@as_root
def test_missing_permission_for_a_low_port(open_folder):
    folder = open_folder / "d"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    code, line = run_and_fail("serve", "--data", folder, "--listen", "127.0.0.1:53",
                              binary=open_folder / "tandem-primary", **NOBODY)
    assert code == 1 and "permission" in line.lower() and "CAP_NET_BIND_SERVICE" in line, line


@as_root
def test_missing_permission_for_the_data_folder(open_folder):
    folder = open_folder / "closed" / "d"
    folder.parent.mkdir(mode=0o700)
    code, line = run_and_fail("serve", "--data", folder, "--listen", "127.0.0.1:0",
                              binary=open_folder / "tandem-primary", **NOBODY)
    assert code == 1 and str(folder) in line, line


def test_a_wrong_key_is_named_on_both_sides(tmp_path):
    with Cluster(tmp_path, zones=[HOME_ZONE]) as cluster:
        stranger = Node(tmp_path / "stranger")
        place = cluster.secondary.args.index("--peer-key")
        cluster.secondary.args[place + 1] = stranger.key()
        cluster.start()
        wait_until(lambda: cluster.primary.key() in cluster.secondary.log(), "the refused key in the log")
        assert cluster.secondary.ask(ZONE, "SOA").rcode() == dns.rcode.REFUSED, "nobody else gets a frame"
        assert not any(peer["connected"] for peer in cluster.primary.status()["peers"])
        dial = cluster.primary.status()["dialling"][0]
        assert not dial["connected"] and dial["last_error"]


def shift_clock(node, days):
    node.stop()
    node.env["TANDEM_TIME_OFFSET"] = str(days * 86400)


@pytest.mark.parametrize("kind", ["primary", "secondary"])
def test_a_clock_that_was_never_set(pair, kind):
    node = getattr(pair, kind)
    shift_clock(node, -400 - 365 * 30)
    node.start(wait=False)
    assert node.process.wait(30) == 1
    line = node.log().strip().splitlines()[-1]
    assert "never set" in line and "NTP" in line, line


def test_a_clock_behind_the_last_change(pair):
    """The leader leaves it to a human which of the two times is wrong; a follower goes on answering."""
    pair.primary.ctl("record", "set", ZONE, "before", "60", "TXT", '"x"')
    pair.wait_in_step()
    shift_clock(pair.primary, -10)
    pair.primary.start(wait=False)
    assert pair.primary.process.wait(30) == 1
    line = pair.primary.log().strip().splitlines()[-1]
    assert "clock" in line and "NTP" in line and "--accept-clock" in line, line
    shift_clock(pair.secondary, -10)
    pair.secondary.start()
    assert "NTP" in pair.secondary.log()
    assert pair.secondary.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR
    pair.primary.args.append("--accept-clock")
    pair.primary.start()
    pair.primary.ctl("record", "set", ZONE, "after", "60", "TXT", '"x"')
    pair.wait_in_step()


def test_a_clock_some_hours_behind_is_let_pass(pair):
    """A machine whose clock runs in local time until NTP has set it."""
    pair.primary.stop()
    pair.primary.env["TANDEM_TIME_OFFSET"] = str(-9 * 3600)
    pair.primary.start()


@pytest.mark.parametrize("serves_on", [False, True])
def test_expiry(tmp_path, serves_on):
    """SOA EXPIRE without contact: SERVFAIL with EDE 24; told to serve on: answers with EDE 3."""
    with Cluster(tmp_path, zones=[]) as cluster:
        cluster.start()
        zone_file = tmp_path / "short.zone"
        zone_file.write_text("@ 60 IN SOA ns1 hostmaster 1 900 300 2 60\n@ 60 IN NS ns1\nns1 60 IN A 192.0.2.1\n")
        cluster.primary.ctl("zone", "create", "short.example", "--file", zone_file, "--serve-after-expire",
                            "yes" if serves_on else "no")
        cluster.wait_in_step()
        cluster.primary.kill()

        def expired():
            return extended_error(cluster.secondary.ask("short.example", "SOA", use_edns=0))

        assert wait_until(expired, "the zone expires") == (3 if serves_on else 24)
        answer = cluster.secondary.ask("short.example", "SOA", use_edns=0)
        assert answer.rcode() == (dns.rcode.NOERROR if serves_on else dns.rcode.SERVFAIL)
        cluster.primary.start()
        wait_until(lambda: not expired(), "contact ends it")
        assert cluster.secondary.ask("short.example", "SOA").rcode() == dns.rcode.NOERROR


def extended_error(answer):
    return next((option.code for option in answer.options if option.otype == dns.edns.OptionType.EDE), None)
