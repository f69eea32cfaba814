"""What `tandemctl zone export` writes: other servers' checkers load it, and find in it what the file held."""
import pathlib
import re
import subprocess

import pytest

from cluster import Node, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = [path for folder in ("conformance/data", "data") for path in sorted((ROOT / "tests" / folder).glob("*.zone"))]
# What a checker cannot read: BIND wants a key in every IPSECKEY, NSD 4.6 and Knot 3.2 know no HIP.
UNKNOWN = {"named-compilezone": r"IPSECKEY\s10 0 0 \.", "nsd-checkzone": r"\sHIP\s", "kzonecheck": r"\sHIP\s"}


def origin_of(path):
    found = re.search(r"^\$ORIGIN (\S+)", path.read_text(), re.MULTILINE)
    return found.group(1) if found else "."


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("node"))
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def exported(request, node, tmp_path_factory):
    """(origin, the file, what was exported after it was imported)."""
    origin = origin_of(request.param)
    node.ctl("zone", "import", "--replace", f"{origin}={request.param}")
    wait_until(lambda: node.serial(origin) is not None, "served")
    path = tmp_path_factory.mktemp("export") / "exported.zone"
    path.write_text(node.ctl("zone", "export", origin))
    return origin, request.param, path


def understood(checker, path):
    """The file without the records that this checker cannot read."""
    lines = path.read_text().splitlines(keepends=True)
    copy = path.with_name(f"for-{checker}.zone")
    copy.write_text("".join(line for line in lines if not re.search(UNKNOWN[checker], line)))
    return copy


def run(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout[-2000:]}{result.stderr[-2000:]}"


def compiled(origin, path):
    """The records of a file, as BIND reads them; the hash that is an NSEC3's owner may be in either letter case."""
    target = path.with_name(path.name + ".full")
    run("named-compilezone", "-q", "-i", "none", "-k", "ignore", "-F", "text", "-s", "full", "-o", target, origin, path)
    records = [line.split() for line in target.read_text().splitlines() if not line.startswith(";")]
    return {" ".join([words[0].lower() if words[3] == "NSEC3" else words[0], *words[1:]]) for words in records}


def test_bind_finds_in_it_what_the_file_held(exported, tmp_path):
    """named-checkzone is named-compilezone without the output: it loads, and the records are the file's."""
    origin, file, path = exported
    copy = tmp_path / "original.zone"
    copy.write_text(file.read_text())
    assert (compiled(origin, understood("named-compilezone", path))
            == compiled(origin, understood("named-compilezone", copy)))


def test_nsd_loads_it(exported):
    origin, _, path = exported
    run("nsd-checkzone", origin, understood("nsd-checkzone", path))


def test_knot_loads_it(exported):
    """Knot's own opinions on what a zone should have (glue, signatures in force) are not asked for."""
    origin, _, path = exported
    run("kzonecheck", "-o", origin, "-d", "off", understood("kzonecheck", path))


def test_it_is_the_same_the_second_time(exported, node):
    """Import what was exported, export it again: not an octet differs."""
    origin, _, path = exported
    node.ctl("zone", "import", "--replace", f"{origin}={path}")
    assert node.ctl("zone", "export", origin) == path.read_text()
