"""Instructions in user space for one answer over UDP, receive loop included: two runs of the whole server under
callgrind, a short and a long one; their difference has neither the start nor the end in it."""
import re

import servers
import zones
from measuring import run_tool, table, work_folder
from processes import Program, cluster

SHORT, LONG = 10_000, 60_000
SERVERS = ("tandem", "knot")


def figure_instructions():
    """Instructions in user space for one answer over UDP."""
    with work_folder() as folder:
        zones.write_tld_zone(folder / "tld.zone", 1000)
        cases = [
            ("exact hit", 250, zones.HOME, zones.HOME_FILE, "grafana.infoedu.co.kr A"),
            ("referral with glue", 350, zones.TLD, folder / "tld.zone", "www.dom0000500.tld A"),
            ("NXDOMAIN", 350, zones.HOME, zones.HOME_FILE, "nope.infoedu.co.kr A"),
            ("signed NXDOMAIN, NSEC", 600, ".", zones.sign_root(folder), "nope.example. A do")]
        rows = []
        for number, (what, goal, origin, file, question) in enumerate(cases):
            queries = folder / "queries"
            queries.write_text(f"{question}\n")
            ours, knot = (_per_answer(name, folder / f"{number}-{name}", origin, file, queries) for name in SERVERS)
            rows.append([what, f"{ours:.0f}", goal, "reached" if ours <= goal else "missed", f"{knot:.0f}"])
    yield (f"callgrind, {LONG:,} answers less {SHORT:,} answers, receiving and sending included, the kernel not.\n\n"
           + table(["answer", "tandem", "goal at most", "", "knot"], rows))


def _per_answer(name, folder, origin, file, queries):
    few, many = (_collected(name, folder / str(answers), origin, file, queries, answers) for answers in (SHORT, LONG))
    return (many - few) / (LONG - SHORT)


def _collected(name, folder, origin, file, queries, answers):
    port = cluster.free_port()
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind",
               *servers.ALONE[name](folder, port, origin, file)]
    with Program(command, folder) as program:
        program.wait_for_answer(port, origin)
        program.wait_for_quiet()
        run_tool("bench-udp-load", port, queries, "--answers", answers, "--seconds", 60)
        program.end()
        return int(re.search(r"Collected : (\d+)", (folder / "output").read_text()).group(1))
