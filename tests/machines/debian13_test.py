"""The release, installed by `cmake --install`, on a Debian 13 made by debootstrap: starts, answers, has its tool. About
a minute, most of it the download. Part of `./check --machines` and `--full`."""
import os
import shutil
import subprocess

import pytest

import cluster
from cluster import DATA, RELEASE, ask, free_port, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not os.environ.get("TANDEM_MACHINES"),
                                reason="./check --machines, as root")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    root = tmp_path_factory.mktemp("machine") / "root"
    subprocess.run(["debootstrap", "--variant=minbase", "trixie", str(root), "http://deb.debian.org/debian"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--install", str(RELEASE), "--prefix", "/usr", "--strip"], check=True,
                   env=dict(os.environ, DESTDIR=str(root)), stdout=subprocess.DEVNULL)
    yield root
    shutil.rmtree(root)


def inside(machine, *words, **options):
    return subprocess.run(["chroot", str(machine), *words], capture_output=True, text=True, timeout=60, **options)


@pytest.mark.parametrize("program", ["tandem-primary", "tandem-secondary", "tandemctl"])
def test_programs_start(machine, program):
    result = inside(machine, f"/usr/bin/{program}", "--version")
    assert result.returncode == 0 and result.stdout.startswith(program), result.stderr


def test_it_answers(machine):
    shutil.copy(DATA / "infoedu.co.kr.zone", machine / "root" / "home.zone")
    port = free_port()
    server = subprocess.Popen(["chroot", str(machine), "/usr/bin/tandem-primary", "serve", "--data", "/root/data",
                               "--listen", f"127.0.0.1:{port}", "--zone", "infoedu.co.kr=/root/home.zone"],
                              stderr=subprocess.PIPE)
    try:
        wait_until(lambda: ask(port, "infoedu.co.kr", "SOA").answer, "an answer from Debian 13's C library")
        wait_until(lambda: "serving" in inside(machine, "/usr/bin/tandemctl", "--data", "/root/data", "status").stdout,
                   "tandemctl's status")
    finally:
        server.terminate()
        assert server.wait(cluster.PATIENCE) == 0
