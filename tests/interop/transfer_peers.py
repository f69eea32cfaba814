"""Servers that give zones to each other and take them: Knot, BIND, NSD (PowerDNS and YADIFA in transfer_peers_more.py).

A `Course` is one zone on its way from one server to another. A server is told of all its courses before it starts, and
then is asked for four things only, whichever it is: change a zone, take a zone now, which serial, which records.
Every server lets the holder of the key `dump.` have every zone; beside that only who a course names.
"""
import dataclasses
import re
import subprocess

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import dns.zone

from changing_zone import ChangingZone, line
from cluster import PATIENCE, ask, free_port, wait_until
from keys import Key
from peers import Peer, bind_place, knot_place, nsd_place

DAY = 86400  # no zone is asked for by its timers while a test runs


@dataclasses.dataclass(eq=False)
class Course:
    zone: str
    giver: object
    taker: object
    method: str  # "axfr": the taker always takes the whole zone; "ixfr" and "notify": what changed
    key: Key = None
    tls: bool = False
    content: ChangingZone = None

    def __post_init__(self):
        self.content = self.content or ChangingZone(self.zone, "matrix", self.giver.changes_letters,
                                                    self.giver.cannot_give + self.taker.cannot_take)
        self.giver.gives.append(self)
        self.taker.takes.append(self)

    @property
    def port(self):
        """Where the giver gives it."""
        return self.giver.tls_port if self.tls else self.giver.port

    @property
    def is_told(self):
        """Whether the giver sends NOTIFY; else the taker is ordered to take the zone."""
        return self.method != "axfr" or not self.taker.takes_by_order


class TransferPeer(Peer):
    takes_by_order = False  # how the taker is made to take whole zones: by an order, or by its configuration
    gives_changes = True    # IXFR
    takes_whole = True      # AXFR, when it has the zone already
    keeps_letters = False   # of names
    changes_letters = False  # for an UPDATE that changes nothing else
    least_at_once = 1       # changes before it tells of them
    cannot_give = []        # names and types that it takes for wrong in an UPDATE
    cannot_take = []        # and in a transfer
    whole = None            # what its log says when a whole zone, ZONE, has come

    def __init__(self, folder, dump, certificates):
        super().__init__(folder, [])
        self.dump = dump
        self.ca = certificates.ca
        self.certificate = certificates.make(f"{self.name}.test")
        self.gives = []
        self.takes = []
        self.tls_port = free_port()
        self.ring = dns.tsigkeyring.from_text({dump.name: (dump.algorithm, dump.secret)})

    @property
    def keys(self):
        """Every key that the server has to know."""
        keys = [self.dump, *(course.key for course in self.gives + self.takes)]
        return {key.name: key for key in keys if key}.values()

    def start(self):
        self.zones = [(course.zone, None) for course in self.gives]
        return super().start()

    def serves_all(self):
        if self.takes:
            ask(self.port, self.takes[0].zone, "SOA", timeout=1.0)  # whatever the answer is: it has begun
        return super().serves_all()

    def file(self, course):
        """The master file that the giver begins with."""
        path = self.folder / f"{course.zone}zone"
        path.write_text(course.content.text(1))
        return path

    def serial(self, zone):
        for rrset in ask(self.port, zone, "SOA", timeout=2.0).answer:
            if rrset.rdtype == dns.rdatatype.SOA:
                return rrset[0].serial
        return None

    def change(self, course):
        """The next change of the zone, by UPDATE. Returns the serial which that makes."""
        before = self.serial(course.zone)
        change = course.content.change()
        update = course.content.message(change, before)
        answer = self.update(update)
        assert answer.rcode() == dns.rcode.NOERROR, f"{self.name}: {answer}\n{update}"
        course.content.apply(change)
        return wait_until(lambda: self.newer(course.zone, before), f"{self.name} took\n{update}", PATIENCE)

    def update(self, message):
        return dns.query.tcp(message, "127.0.0.1", port=self.port, timeout=PATIENCE)

    def newer(self, zone, before):
        serial = self.serial(zone)
        return serial if serial != before else None

    def allow_large(self, zone):
        """Lets the zone have sets of any size. Requires: it is there."""

    def take(self, course):
        """Takes the whole zone now. Requires: takes_by_order."""
        raise NotImplementedError(self.name)

    def records(self, zone):
        """Every record as dnspython has it, by AXFR: (owner, ttl, rdata)."""
        there = dns.zone.Zone(zone, relativize=False)
        query = dns.message.make_query(zone, "AXFR")
        query.use_tsig(self.ring, self.dump.name, algorithm=self.dump.algorithm)
        dns.query.inbound_xfr("127.0.0.1", there, query, port=self.port, timeout=PATIENCE, lifetime=PATIENCE)
        return list(there.iterate_rdatas())

    def taken_whole(self, course):
        """How often its log says that the zone came as a whole; None: it does not say."""
        zone = re.escape(course.zone.rstrip("."))
        return None if self.whole is None else self.logged(self.whole.replace("ZONE", zone))

    def logged(self, pattern):
        return len(re.findall(pattern, self.log_file.read_text(errors="replace")))

    def run(self, *words, stdin=None):
        result = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, input=stdin)
        assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
        return result.stdout


def folded(records):
    return sorted(line(owner, ttl, rdata, True) for owner, ttl, rdata in records)


def exact(records):
    return sorted(line(owner, ttl, rdata, False) for owner, ttl, rdata in records)


class Knot(TransferPeer):
    name = "knot"
    takes_by_order = True
    whole = r"\[ZONE\.\] AXFR, incoming, .* finished"

    def remote(self, course):
        other = course.taker if course.giver is self else course.giver
        return f"{other.name}-{course.key.name.rstrip('.') if course.key else 'none'}"

    def configure(self):
        text = knot_place(self, "    udp-workers: 1\n    tcp-workers: 2\n    background-workers: 2\n")
        text += f'control:\n    listen: "{self.folder}/sock"\nkey:\n'
        for key in self.keys:
            text += f"  - id: {key.name}\n    algorithm: {key.algorithm}\n    secret: {key.secret}\n"
        text += "remote:\n"
        courses = {self.remote(course): course for course in self.gives + self.takes}
        for remote, course in courses.items():
            other = course.taker if course.giver is self else course.giver
            text += f"  - id: {remote}\n    address: 127.0.0.1@{other.port}\n" + self.key_line(course)
        text += f"acl:\n  - id: dump\n    action: transfer\n    key: {self.dump.name}\n"
        text += "  - id: update\n    address: 127.0.0.1\n    action: update\n"
        for remote, course in courses.items():
            text += f"  - id: {remote}\n    address: 127.0.0.1\n    action: [transfer, notify]\n"
            text += self.key_line(course)
        text += "zone:\n"
        for course in self.gives:
            text += (f"  - domain: {course.zone}\n    file: {self.file(course)}\n    zonefile-sync: -1\n"
                     f"    serial-policy: increment\n    acl: [dump, update, {self.remote(course)}]\n")
            text += f"    notify: {self.remote(course)}\n" if course.is_told else ""
        for course in self.takes:
            text += (f"  - domain: {course.zone}\n    master: {self.remote(course)}\n    zonefile-sync: -1\n"
                     f"    acl: [dump, {self.remote(course)}]\n")
        return ["knotd", "-c", self.write(text)]

    @staticmethod
    def key_line(course):
        return f"    key: {course.key.name}\n" if course.key else ""

    def take(self, course):
        self.run("knotc", "-s", str(self.folder / "sock"), "zone-retransfer", course.zone)


class Bind(TransferPeer):
    name = "bind"
    keeps_letters = True
    changes_letters = True
    whole = r"'ZONE/IN' from .*: got nonincremental response"

    def configure(self):
        certificate, key_file, _ = self.certificate
        text = f"""
options {{
    {bind_place(self)}
    listen-on port {self.tls_port} tls here {{ 127.0.0.1; }};
    empty-zones-enable no;
    notify no;
    notify-delay 0;
    notify-rate 10000;
    startup-notify-rate 10000;
    serial-query-rate 10000;
    transfers-in 100;
    transfers-out 100;
    transfers-per-ns 100;
    max-records-per-type 0;
    max-types-per-name 0;
    max-ixfr-ratio unlimited;
    check-names primary ignore;
    check-names secondary ignore;
    check-integrity no;
    check-mx ignore;
    check-spf ignore;
}};
tls here {{ cert-file "{certificate}"; key-file "{key_file}"; protocols {{ TLSv1.3; }}; }};
tls there {{ ca-file "{self.ca}"; remote-hostname "tandem.test"; protocols {{ TLSv1.3; }}; }};
controls {{ }};
logging {{
    channel all {{ stderr; severity info; }};
    channel ways {{ stderr; severity debug 3; }};
    category default {{ all; }};
    category xfer-in {{ ways; }};
}};
"""
        for key in self.keys:
            text += f'key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};\n'
        for course in self.gives:
            text += (f'zone "{course.zone}" {{ type primary; file "{self.file(course)}";\n'
                     f'    allow-update {{ 127.0.0.1; }};\n'
                     f"    allow-transfer {{ key {self.dump.name}; {self.who(course)}; }};\n")
            if course.is_told:
                told = f"127.0.0.1 port {course.taker.port}{self.with_key(course)}"
                text += f"    notify explicit; also-notify {{ {told}; }};\n"
            text += "};\n"
        for course in self.takes:
            text += (f'zone "{course.zone}" {{ type secondary; file "{self.folder}/{course.zone}db";\n'
                     f"    primaries {{ 127.0.0.1 port {course.port}{self.with_key(course)}"
                     f"{' tls there' if course.tls else ''}; }};\n"
                     f"    request-ixfr {'no' if course.method == 'axfr' else 'yes'};\n"
                     f"    allow-notify {{ {self.who(course)}; }};\n"
                     f"    allow-transfer {{ key {self.dump.name}; }};\n}};\n")
        return ["named", "-f", "-d", "3", "-n", "2", "-c", self.write(text)]

    @staticmethod
    def with_key(course):
        return f' key "{course.key.name}"' if course.key else ""

    @staticmethod
    def who(course):
        return f'key "{course.key.name}"' if course.key else "127.0.0.1"


class Origin(Knot):
    """The Knot that NSD has zones from which it gives to others."""

    name = "origin"


class Nsd(TransferPeer):
    """Makes no changes of its own, so what it gives comes from an Origin, and it hands on what changed as it came.

    It has no UPDATE, and the changes that NSD 4.6 finds between two master files (create-ixfr) are wrong: they lack
    deletions of names and repeat records that were there.
    """

    name = "nsd"

    def __init__(self, folder, dump, certificates):
        super().__init__(folder, dump, certificates)
        self.origins = {}  # zone -> its course from the origin

    def relay(self, course, origin):
        """Requires: `course` is given by this server."""
        first = Course(course.zone, origin, self, "ixfr", content=course.content)
        self.takes.remove(first)
        self.origins[course.zone] = first

    def change(self, course):
        first = self.origins[course.zone]
        return first.giver.change(first)

    def configure(self):
        certificate, key_file, _ = self.certificate
        text = nsd_place(self) + f"""    ip-address: 127.0.0.1@{self.tls_port}
    tls-port: {self.tls_port}
    tls-service-key: "{key_file}"
    tls-service-pem: "{certificate}"
    tls-cert-bundle: "{self.ca}"
    xfrdfile: "{self.folder}/xfrd.state"
    xfrdir: "{self.folder}"
    rrl-ratelimit: 0
    verbosity: 3
    xfrd-reload-timeout: 0
remote-control:
    control-enable: no
tls-auth:
    name: there
    auth-domain-name: tandem.test
"""
        for key in self.keys:
            text += f'key:\n    name: "{key.name}"\n    algorithm: {key.algorithm}\n    secret: "{key.secret}"\n'
        for course in self.gives:
            key = course.key.name if course.key else "NOKEY"
            text += self.taken_zone(self.origins[course.zone]) + f"    provide-xfr: 127.0.0.1 {key}\n"
            text += f"    notify: 127.0.0.1@{course.taker.port} {key}\n" if course.is_told else ""
            text += "    store-ixfr: yes\n    ixfr-number: 100\n    ixfr-size: 0\n" if course.method != "axfr" else ""
        return ["nsd", "-d", "-c", self.write(text + "".join(map(self.taken_zone, self.takes)))]

    def taken_zone(self, course):
        key = course.key.name if course.key else "NOKEY"
        whole = "AXFR " if course.method == "axfr" else ""
        tls = " there" if course.tls else ""
        return (f'zone:\n    name: "{course.zone}"\n    zonefile: "{course.zone}zone"\n'
                f"    request-xfr: {whole}127.0.0.1@{course.port} {key}{tls}\n    allow-notify: 127.0.0.1 {key}\n"
                f"    provide-xfr: 127.0.0.1 {self.dump.name}\n")
