"""TSIG keys in the log: made at the primary, the same at the secondary, nowhere in the clear. About 15 s."""
import base64
import re
import shutil
import subprocess

import dns.message
import dns.query
import dns.tsigkeyring
import pytest

from cluster import PATIENCE, CommandFailed, wait_until
from conftest import count


def secret_of(text):
    return re.search(r'secret:?\s+"?([A-Za-z0-9+/=]+)', text).group(1)


def keys_of(node):
    return {key["name"]: key["algorithm"] for key in node.json("key", "list")["keys"]}


def same_keys(pair, names):
    """Both nodes have these keys and no others, with the same secrets."""
    pair.wait_in_step()
    assert sorted(keys_of(pair.primary)) == sorted(names)
    assert keys_of(pair.primary) == keys_of(pair.secondary)
    for name in names:
        assert pair.primary.ctl("key", "show", name) == pair.secondary.ctl("key", "show", name)


def files_of(node):
    return [path for path in node.folder.rglob("*") if path.is_file()]


def test_a_key_is_the_same_on_both_and_survives_restarts(pair):
    made = pair.primary.ctl("key", "create", "certbot")
    assert made.startswith('key "certbot." {') and "hmac-sha256" in made
    same_keys(pair, ["certbot."])
    assert pair.secondary.ctl("key", "show", "certbot") == made
    for node in (pair.primary, pair.secondary):
        node.stop()
        node.start()
    same_keys(pair, ["certbot."])
    pair.primary.kill()
    assert pair.secondary.ctl("key", "show", "certbot") == made, "from its own store, with no peer"
    pair.primary.start()
    pair.primary.ctl("key", "delete", "certbot")
    same_keys(pair, [])
    for node in (pair.primary, pair.secondary):
        with pytest.raises(CommandFailed) as gone:
            node.ctl("key", "show", "certbot")
        assert "there is no key certbot." in gone.value.stderr


@pytest.mark.skipif(not shutil.which("tsig-keygen") or not shutil.which("keymgr"),
                    reason="no tsig-keygen (bind9) or no keymgr (knot-dnsutils)")
def test_keys_come_from_files_of_bind_and_knot_and_go_into_such(pair, tmp_path):
    for command, name in ((["tsig-keygen", "-a", "hmac-sha512", "of-bind"], "of-bind"),
                          (["keymgr", "-t", "of-knot", "hmac-sha384"], "of-knot")):
        made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        file = tmp_path / name
        file.write_text(made)
        assert pair.primary.json("key", "import", file)["changed"]
        assert not pair.primary.json("key", "import", file)["changed"], "the same again"
        pair.wait_in_step()
        assert secret_of(pair.secondary.ctl("key", "show", name)) == secret_of(made)
        assert secret_of(pair.secondary.ctl("key", "show", name, "--format", "knot")) == secret_of(made)
    other = tmp_path / "other"
    other.write_text("".join(f"hmac-sha256:{name}:c2VjcmV0LW9uZS1vZi0zMi1vY3RldHMh\n" for name in ("of-bind", "new")))
    with pytest.raises(CommandFailed) as refused:
        pair.primary.ctl("key", "import", other)
    assert "another algorithm" in refused.value.stderr and "--replace" in refused.value.stderr
    same_keys(pair, ["of-bind.", "of-knot."])
    pair.primary.ctl("key", "import", "--replace", other)
    same_keys(pair, ["new.", "of-bind.", "of-knot."])
    assert keys_of(pair.secondary)["of-bind."] == "hmac-sha256"


def test_an_emptied_secondary_gets_the_keys_by_images(pair):
    names = [f"key{number}." for number in range(5)]
    for name in names:
        pair.primary.ctl("key", "create", name)
    same_keys(pair, names)
    pair.secondary.stop()
    shutil.rmtree(pair.secondary.data / "store")
    pair.primary.ctl("key", "delete", names.pop())
    pair.secondary.start()
    same_keys(pair, names)
    assert "images installed" in pair.secondary.log()
    assert pair.secondary.status()["alarms"] == []


def test_no_secret_is_in_any_file_in_the_clear(pair):
    secret = secret_of(pair.primary.ctl("key", "create", "quiet"))
    dropped = secret_of(pair.primary.ctl("key", "create", "dropped", "--algorithm", "hmac-sha512"))
    pair.primary.ctl("key", "delete", "dropped")
    pair.wait_in_step()
    for node in (pair.primary, pair.secondary):
        texts = [path.read_bytes() for path in files_of(node)]
        assert any(b"quiet.:hmac-sha256" in text for text in texts), "its label is; so these are the files"
        for clear in (secret, dropped):
            for form in (clear.encode(), base64.b64decode(clear), base64.b64decode(clear).hex().encode()):
                assert not any(form in text for text in texts)
        assert secret not in node.ctl("--json", "log") + node.ctl("--json", "key", "list")


def test_many_keys(pair, tmp_path):
    """A hundred thousand in the full run: each is known on both, at once and after a restart."""
    secrets = {f"k{number}.": base64.b64encode(number.to_bytes(32)).decode()
               for number in range(count(gate=3_000, full=100_000))}
    names = list(secrets)
    for first in range(0, len(names), 1000):
        file = tmp_path / "keys"
        file.write_text("".join(f'key "{name}" {{ algorithm hmac-sha256; secret "{secrets[name]}"; }};\n'
                                for name in names[first:first + 1000]))
        pair.primary.ctl("key", "import", str(file))
    pair.wait_in_step()
    pair.secondary.kill()
    pair.secondary.start()
    for node in (pair.primary, pair.secondary):
        assert len(keys_of(node)) == len(names)
        for name in (names[0], names[-1]):
            query = dns.message.make_query("a.example", "SOA")
            query.use_tsig(dns.tsigkeyring.from_text({name: secrets[name]}), algorithm="hmac-sha256")
            assert dns.query.udp(query, "127.0.0.1", port=node.port, timeout=PATIENCE).had_tsig


def test_keys_change_at_the_leader_only(pair):
    for words in (["create", "a"], ["delete", "a"]):
        with pytest.raises(CommandFailed) as refused:
            pair.secondary.ctl("key", *words)
        assert refused.value.code == 1 and "leader" in refused.value.stderr


def test_a_node_whose_own_key_is_another_says_which_keys_it_cannot_use(pair):
    pair.primary.ctl("key", "create", "sealed")
    pair.wait_in_step()
    pair.secondary.stop()
    for file in pair.secondary.data.glob("node.*"):
        file.unlink()
    pair.secondary.start()
    wait_until(lambda: any("sealed.:hmac-sha256" in alarm["what"] for alarm in pair.secondary.status()["alarms"]),
               "an alarm")
    with pytest.raises(CommandFailed) as unusable:
        pair.secondary.ctl("key", "show", "sealed")
    assert "cannot be used here" in unusable.value.stderr
