"""The zones and query lists that are measured: the home lab's zone of tests/data, a million hosts, a quarter of a
million delegations. Each is the same every time."""
import dataclasses
import pathlib
import random
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = "infoedu.co.kr"
ROOT_FILE = ROOT / "tests" / "data" / "root-2018-03-12.zone"
HOME_FILE = ROOT / "tests" / "data" / "infoedu.co.kr.zone"
HOST = "example.com"
HOSTS = 1_000_000
TLD = "tld"
DELEGATIONS = 250_000
LISTED = 400_000  # queries in a list: more names than any cache holds

HOME_QUESTIONS = [f"{name}.{HOME} {kind}" for name, kind in [
    ("xgen", "A"), ("grafana", "A"), ("jenkins", "A"), ("argocd", "A"), ("dongtan", "A"), ("ns1", "A"), ("ns2", "A"),
    ("xgen", "AAAA"), ("grafana", "AAAA"), ("nope", "A"), ("missing.deep", "A")]]
HOME_QUESTIONS += [f"{HOME} {kind}" for kind in ("A", "NS", "SOA", "MX")]


@dataclasses.dataclass
class Zone:
    """A zone on the disk and a list of questions for it."""
    name: str
    what: str
    origin: str
    file: pathlib.Path
    queries: pathlib.Path
    has_large_answers: bool = False  # far larger than the queries: signatures


HOST_HAS = f"{HOSTS:,} A records"
TLD_HAS = f"{DELEGATIONS:,} delegations with two name servers and their glue"


def make(name, folder):
    """Writes what `name` needs into the folder."""
    queries = folder / f"{name}.queries"
    if name == "home":
        write_home_queries(queries)
        return Zone(name, "Home zone", HOME, HOME_FILE, queries)
    if name in ("signed", "denied"):
        what = {"signed": write_signed_queries, "denied": write_denied_queries}[name](queries)
        return Zone(name, f"The root zone of 2018, signed here (ECDSA P-256), DO: {what}", ".", sign_root(folder),
                    queries, True)
    file = folder / f"{name}.zone"
    if name == "host":
        write_host_zone(file)
        write_host_queries(queries)
        return Zone(name, f"{HOST_HAS}, a tenth of the questions for names that are not there", HOST, file, queries)
    write_tld_zone(file)
    write_tld_queries(queries)
    return Zone(name, f"{TLD_HAS}, a tenth of the questions for others", TLD, file, queries)


def make_files(kind, folder):
    """(what it is, [(origin, file)], the name that is there when all is loaded) of `host`, `tld` or `many`."""
    if kind == "many":
        return make_many(folder)
    file = folder / f"{kind}.zone"
    if kind == "host":
        write_host_zone(file)
        return HOST_HAS, [(HOST, file)], HOST
    write_tld_zone(file)
    return TLD_HAS, [(TLD, file)], TLD


def make_many(folder, count=100_000):
    files = []
    for i in range(count):
        file = folder / f"{i % 100:02d}" / f"zone{i:06d}"
        file.parent.mkdir(exist_ok=True)
        file.write_text("$TTL 3600\n@ IN SOA ns1 hostmaster 1 900 300 604800 900\n@ IN NS ns1\n"
                        f"ns1 IN A 192.0.2.1\n@ IN A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\nwww IN CNAME @\n")
        files.append((f"zone{i:06d}.example", file))
    return f"{count:,} zones of five records", files, files[-1][0]


def write_home_queries(file):
    """Every question equally often, in an order without a pattern; the same list every time."""
    chosen = random.Random(7)
    pathlib.Path(file).write_text("".join(chosen.choice(HOME_QUESTIONS) + "\n" for _ in range(20_000)))


def sign_root(folder):
    """The root zone with signatures of a key made here: in the file of tests/data there are none."""
    out = folder / "root.signed"
    if not out.exists():
        key = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "."], cwd=folder, check=True,
                             capture_output=True, text=True).stdout.strip()
        subprocess.run(["ldns-signzone", "-o", ".", "-f", str(out), str(ROOT_FILE), key], cwd=folder, check=True,
                       capture_output=True)
    return out


def write_signed_queries(file):
    owners = {line.split()[0] for line in ROOT_FILE.read_text().splitlines() if line.split()[3:4] == ["DS"]}
    chosen = random.Random(7)
    signed = [f"{owner} DS do\n" for owner in sorted(owners)]
    file.write_text("".join(chosen.choice(signed) for _ in range(20_000)))
    return "DS sets that are there"


def write_denied_queries(file):
    chosen = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    file.write_text("".join(f"www.{''.join(chosen.choices(letters, k=9))}. A do\n" for _ in range(LISTED)))
    return "names that are not there"


def host_address(number, version):
    """The address of a host, which is another one in each version of the zone."""
    return f"{10 + version}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def write_host_zone(file, hosts=HOSTS, serial=1, changed_each=None):
    """The zone of a million hosts. `changed_each`: every so manieth has the address of version `serial - 1`, the
    others that of version 0."""
    versions = [serial - 1 if changed_each and i % changed_each == 0 else 0 for i in range(hosts)]
    with open(file, "w", encoding="ascii") as out:
        out.write(f"$ORIGIN {HOST}.\n$TTL 3600\n@ IN SOA ns1 hostmaster {serial} 900 300 604800 900\n"
                  "@ IN NS ns1\n@ IN NS ns2\nns1 IN A 127.0.0.1\nns2 IN A 127.0.0.1\n")
        out.writelines(f"host{i:07d} IN A {host_address(i, version)}\n" for i, version in enumerate(versions))


def write_host_queries(file):
    chosen = random.Random(7)
    pathlib.Path(file).write_text("".join(f"host{chosen.randrange(HOSTS * 10 // 9):07d}.{HOST} "
                                          f"{chosen.choice(['A', 'A', 'A', 'AAAA'])}\n" for _ in range(LISTED)))


def write_tld_zone(file, delegations=DELEGATIONS):
    with open(file, "w", encoding="ascii") as out:
        out.write(f"$ORIGIN {TLD}.\n$TTL 86400\n@ IN SOA a.nic hostmaster.nic 1 900 300 604800 900\n"
                  "@ IN NS a.nic\n@ IN NS b.nic\na.nic IN A 127.0.0.1\nb.nic IN A 127.0.0.1\n")
        for i in range(delegations):
            name, low = f"dom{i:07d}", f"{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
            out.write(f"{name} IN NS ns1.{name}\n{name} IN NS ns2.{name}\n"
                      f"ns1.{name} IN A 10.{low}\nns2.{name} IN A 11.{low}\n")


def write_tld_queries(file):
    chosen = random.Random(7)
    pathlib.Path(file).write_text("".join(f"www.dom{chosen.randrange(DELEGATIONS * 10 // 9):07d}.{TLD} A\n"
                                          for _ in range(LISTED)))
