"""The zones and query lists that are measured: the home lab's zone of tests/data, and one of a million hosts."""
import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = "infoedu.co.kr"
HOME_FILE = ROOT / "tests" / "data" / "infoedu.co.kr.zone"
HOST = "example.com"
HOSTS = 1_000_000

HOME_QUESTIONS = [f"{name}.{HOME} {kind}" for name, kind in [
    ("xgen", "A"), ("grafana", "A"), ("jenkins", "A"), ("argocd", "A"), ("dongtan", "A"), ("ns1", "A"), ("ns2", "A"),
    ("xgen", "AAAA"), ("grafana", "AAAA"), ("nope", "A"), ("missing.deep", "A")]]
HOME_QUESTIONS += [f"{HOME} {kind}" for kind in ("A", "NS", "SOA", "MX")]


def write_home_queries(file):
    """Every question equally often, in an order without a pattern; the same list every time."""
    chosen = random.Random(7)
    pathlib.Path(file).write_text("".join(chosen.choice(HOME_QUESTIONS) + "\n" for _ in range(20_000)))


def write_host_zone(file, hosts=HOSTS):
    with open(file, "w", encoding="ascii") as out:
        out.write(f"$ORIGIN {HOST}.\n$TTL 3600\n@ IN SOA ns1 hostmaster 1 900 300 604800 900\n"
                  "@ IN NS ns1\n@ IN NS ns2\nns1 IN A 127.0.0.1\nns2 IN A 127.0.0.1\n")
        out.writelines(f"host{i:07d} IN A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n" for i in range(hosts))
