"""Each row of the link's table that needs no promotion: what a follower gets, by where it stands against its leader."""
import os
import shutil

import dns.rcode
import pytest

from cluster import Cluster, CommandFailed, free_port, wait_until
from conftest import HOME_ZONE

ZONE = "infoedu.co.kr"


def set_text(node, name, *values):
    return node.json("record", "set", ZONE, name, "60", "TXT", *(f'"{value}"' for value in values))


def text_at(node, name):
    return [text.strip('"') for text in node.answers(f"{name}.{ZONE}", "TXT")]


def put_back(node, copy):
    """What a restored disk or VM does: the store as it was when `copy` was made."""
    shutil.rmtree(node.data / "store")
    shutil.copytree(copy, node.data / "store")


@pytest.fixture
def rolled_back(pair, tmp_path):
    """A pair whose primary was put back to an earlier state, while the secondary has two changes more."""
    set_text(pair.primary, "early", "kept")
    pair.wait_in_step()
    pair.primary.stop()
    shutil.copytree(pair.primary.data / "store", tmp_path / "copy")
    pair.primary.start()
    set_text(pair.primary, "late", "one")
    set_text(pair.primary, "late", "two")
    pair.wait_in_step()
    pair.primary.kill()
    put_back(pair.primary, tmp_path / "copy")
    return pair


def wait_diverged(cluster):
    wait_until(lambda: any("history" in alarm["what"] for alarm in cluster.primary.status()["alarms"]), "the alarm")
    assert not cluster.primary.status()["writable"]
    with pytest.raises(CommandFailed) as refused:
        set_text(cluster.primary, "refused", "x")
    assert "link keep" in refused.value.stderr


def test_a_primary_put_back_stops_and_takes_the_peers_history_when_told(rolled_back):
    cluster = rolled_back
    cluster.primary.start()
    wait_diverged(cluster)
    assert text_at(cluster.secondary, "late") == ["two"], "the secondary goes on answering what it has"
    cluster.primary.ctl("link", "keep", "peer")
    wait_until(lambda: text_at(cluster.primary, "late") == ["two"], "the peer's history")
    cluster.wait_in_step()
    cluster.assert_equal()
    set_text(cluster.primary, "after", "writable")
    wait_until(lambda: text_at(cluster.secondary, "after") == ["writable"], "changes flow again")
    assert not cluster.primary.status()["alarms"]


def test_a_primary_put_back_keeps_its_own_history_when_told(rolled_back):
    cluster = rolled_back
    cluster.secondary.stop()
    cluster.primary.start()
    set_text(cluster.primary, "fork", "other")
    cluster.secondary.start()
    wait_diverged(cluster)
    cluster.primary.ctl("link", "keep", "this")
    cluster.wait_in_step()
    cluster.assert_equal()
    assert text_at(cluster.secondary, "fork") == ["other"] and text_at(cluster.secondary, "late") == []
    assert cluster.secondary.status()["orphans"] == 2, "what lost is kept"
    set_text(cluster.primary, "after", "writable")
    wait_until(lambda: text_at(cluster.secondary, "after") == ["writable"], "changes flow again")


def test_a_choice_counts_once(rolled_back, tmp_path):
    """What the operator chose for one fork is not a choice for the next."""
    cluster = rolled_back
    cluster.primary.start()
    wait_diverged(cluster)
    cluster.primary.ctl("link", "keep", "this")
    cluster.wait_in_step()
    cluster.secondary.stop()
    shutil.copytree(cluster.secondary.data / "store", tmp_path / "second")
    cluster.secondary.start()
    set_text(cluster.primary, "more", "x")
    cluster.wait_in_step()
    assert cluster.primary.status()["writable"]


def newest_log_file(node):
    return max((node.data / "store").glob("*.log"), key=lambda path: int(path.stem))


def test_a_primary_with_a_torn_log_takes_its_changes_back_from_the_secondary(pair, tmp_path):
    """A power cut that lost the last synced writes: the disk lied, the secondary has them."""
    pair.primary.kill()
    pair.primary.start()  # a fresh write-ahead log
    for number in range(5):
        set_text(pair.primary, "torn", number)
    pair.wait_in_step()
    pair.primary.kill()
    pair.secondary.stop()
    wal = newest_log_file(pair.primary)
    octets = bytearray(wal.read_bytes())
    octets[len(octets) * 3 // 4] ^= 0xFF
    wal.write_bytes(octets)
    pair.primary.args += ["--zone", f"other.example={write_zone(tmp_path)}"]
    pair.primary.start()
    status = pair.primary.status()
    assert not status["writable"] and "link keep this" in status["read_only_reason"]
    assert pair.primary.ask(ZONE, "SOA").rcode() == dns.rcode.NOERROR, "answers at once"
    with pytest.raises(CommandFailed):
        set_text(pair.primary, "torn", "too early")
    pair.secondary.start()
    wait_until(lambda: pair.primary.status()["writable"], "the tail is back")
    assert text_at(pair.primary, "torn") == ["4"]
    wait_until(pair.primary.is_stored, "the zone file that had to wait is taken")
    set_text(pair.primary, "torn", "on")
    pair.primary.stop()
    pair.primary.start()
    assert pair.primary.status()["writable"], "the doubt is over for good"
    pair.wait_in_step()
    pair.assert_equal()


def test_an_emptied_secondary_fills_itself_anew(pair):
    pair.secondary.kill()
    shutil.rmtree(pair.secondary.data / "store")
    set_text(pair.primary, "meanwhile", "x")
    pair.secondary.start()
    pair.wait_in_step()
    pair.assert_equal()


def test_a_follower_of_another_cluster_is_turned_away(pair, tmp_path):
    """Its zones are not overwritten by those of a leader it never belonged to."""
    with Cluster(tmp_path / "other", zones=[f"other.example={write_zone(tmp_path)}"]) as other:
        other.start()
        other.wait_in_step()
        port = free_port()
        other.secondary.stop()
        other.secondary.args += ["--link", f"127.0.0.1:{port}", "--peer-key", pair.primary.key()]
        other.secondary.start()
        pair.primary.stop()
        pair.primary.args += ["--peer", f"127.0.0.1:{port}", "--peer-key", other.secondary.key()]
        pair.primary.start()
        wait_until(lambda: "cluster" in pair.primary.log() + other.secondary.log(), "the refusal in a log")
        other.wait_in_step()
        assert other.secondary.ask("other.example", "SOA").rcode() == dns.rcode.NOERROR
        assert other.secondary.ask(ZONE, "SOA").rcode() == dns.rcode.REFUSED


def write_zone(folder):
    path = folder / "other.zone"
    path.write_text("@ 3600 IN SOA ns1 hostmaster 1 900 300 604800 600\n@ 3600 IN NS ns1\nns1 3600 IN A 192.0.2.1\n")
    return path


@pytest.mark.skipif(not os.environ.get("TANDEM_FULL"), reason="waits a minute for the log to be trimmed")
def test_a_follower_behind_the_trimmed_log_gets_images(tmp_path):
    config = tmp_path / "tandem.toml"
    config.write_text("[log]\nkeep_octets = \"1MiB\"\n")
    with Cluster(tmp_path / "nodes", zones=[HOME_ZONE], primary_args=["--config", str(config)]) as cluster:
        cluster.start()
        cluster.wait_in_step()
        cluster.secondary.stop()
        shutil.copytree(cluster.secondary.data / "store", tmp_path / "copy")
        cluster.secondary.start()
        big = "x" * 250
        for number in range(60):  # 26 KB each
            set_text(cluster.primary, f"t{number}", *(f"{i} {big}" for i in range(100)))
        cluster.wait_in_step()  # what a follower was seen to lack is kept for it
        cluster.secondary.stop()
        wait_until(lambda: cluster.primary.status()["first_sequence"] > 10, "the log is trimmed", limit=150)
        put_back(cluster.secondary, tmp_path / "copy")
        cluster.secondary.start()
        cluster.wait_in_step()
        cluster.assert_equal()
        assert "images installed" in cluster.secondary.log()
