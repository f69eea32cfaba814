"""Where the workers run: on the CPUs that the process may use, and no others."""
import os
import pathlib

import pytest

from cluster import Node, wait_until


def threads(node):
    """Each thread's CPUs, as the kernel lists them, and its nice value."""
    for task in pathlib.Path(f"/proc/{node.process.pid}/task").iterdir():
        allowed = next(line.split()[1] for line in (task / "status").read_text().splitlines()
                       if line.startswith("Cpus_allowed_list:"))
        yield allowed, os.getpriority(os.PRIO_PROCESS, int(task.name))


def workers(node):
    return [allowed for allowed, _ in threads(node)]


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


def test_what_computes_for_long_gives_way_to_the_workers(tmp_path):
    """The main thread, the writer, two keepers, HTTP and what installs images are nicer than the workers."""
    node = Node(tmp_path)
    try:
        node.start()
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        wait_until(lambda: sum(nice > mine for _, nice in threads(node)) >= 6, "six nicer threads")
        kept = {allowed for allowed, nice in threads(node) if nice == mine}
        assert set(map(str, sorted(os.sched_getaffinity(0)))) <= kept
    finally:
        node.kill()
