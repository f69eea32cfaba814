"""Where the workers run: on the CPUs that the process may use, and no others."""
import os
import pathlib

import pytest

from cluster import Node


def workers(node):
    """The CPUs of each thread that is kept to less than the process is."""
    lists = [line.split()[1] for task in pathlib.Path(f"/proc/{node.process.pid}/task").iterdir()
             for line in (task / "status").read_text().splitlines() if line.startswith("Cpus_allowed_list:")]
    return lists


@pytest.mark.parametrize("which", [0, -1])
def test_one_worker_for_the_only_cpu(tmp_path, which):
    """A process that is kept to one CPU has one worker, on that one."""
    before = os.sched_getaffinity(0)
    cpu = sorted(before)[which]
    node = Node(tmp_path, args=["--threads", "0"])
    os.sched_setaffinity(0, {cpu})
    try:
        node.start()
        assert set(workers(node)) == {str(cpu)}
    finally:
        os.sched_setaffinity(0, before)
        node.kill()


def test_a_worker_for_each_cpu(tmp_path):
    """Each CPU that the process may use has a worker that stays there."""
    node = Node(tmp_path)
    try:
        node.start()
        allowed = sorted(os.sched_getaffinity(0))
        assert set(map(str, allowed)) <= set(workers(node))
    finally:
        node.kill()
