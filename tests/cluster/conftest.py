"""Cluster tests: a real primary and a real secondary on this machine, joined by their link."""
import os

import pytest

import cable
from cluster import Cluster, DATA

HOME_ZONE = f"infoedu.co.kr={DATA / 'infoedu.co.kr.zone'}"
ROOT_ZONE = f".={DATA / 'root-2018-03-12.zone'}"


def count(gate, full):
    """How many turns: few in the gate, as many as promised in the full check."""
    return full if os.environ.get("TANDEM_FULL") else gate


@pytest.fixture
def pair(tmp_path):
    """Both nodes running and in step, with the home zone."""
    with Cluster(tmp_path, zones=[HOME_ZONE]) as cluster:
        cluster.start()
        cluster.wait_in_step()
        yield cluster


@pytest.fixture
def zone_file(tmp_path):
    """A zone as small as zones can be; for which name, the test says."""
    file = tmp_path / "zone"
    file.write_text("@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
    return file


@pytest.fixture(scope="module")
def client():
    """Calls a function at the other end of a cable."""
    if reason := cable.why_not():
        pytest.skip(reason)
    with cable.laid() as call:
        yield call
