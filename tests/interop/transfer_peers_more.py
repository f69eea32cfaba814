"""PowerDNS and YADIFA, as transfer_peers.py has the others."""
import pathlib
import sqlite3

import dns.rcode

from cluster import wait_until
from transfer_peers import DAY, TransferPeer

SCHEMA = pathlib.Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql")


class PowerDns(TransferPeer):
    """Zones are in SQLite. Gives whole zones only; takes changes."""

    name = "powerdns"
    gives_changes = False
    cannot_give = ["TYPE65280", "HIP", "CDS", "CDNSKEY"]
    cannot_take = ["CDS", "CDNSKEY"]  # it makes its own
    whole = r"AXFR-in zone: 'ZONE', .* zone committed"

    def configure(self):
        (self.folder / "pdns.conf").write_text(f"""
launch=gsqlite3
gsqlite3-database={self.folder}/zones.sqlite3
gsqlite3-pragma-synchronous=0
local-address=127.0.0.1
local-port={self.port}
socket-dir={self.folder}
primary=yes
secondary=yes
dnsupdate=yes
allow-dnsupdate-from=127.0.0.1
allow-axfr-ips=
only-notify=
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
zone-metadata-cache-ttl=0
xfr-cycle-interval={DAY}
receiver-threads=1
distributor-threads=1
retrieval-threads=1
loglevel=6
disable-syslog=yes
""")
        with sqlite3.connect(self.folder / "zones.sqlite3") as database:
            database.executescript(SCHEMA.read_text())
            for key in self.keys:
                database.execute("INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, ?, ?)",
                                 (key.name.rstrip("."), key.algorithm, key.secret))
        for course in self.gives:
            self.run("pdnsutil", f"--config-dir={self.folder}", "load-zone", course.zone, str(self.file(course)))
        with sqlite3.connect(self.folder / "zones.sqlite3") as database:
            for course in self.gives:
                database.execute("UPDATE domains SET type = 'MASTER' WHERE name = ?", (course.zone.rstrip("."),))
            for course in self.takes:
                database.execute("INSERT INTO domains (name, type, master) VALUES (?, 'SLAVE', ?)",
                                 (course.zone.rstrip("."), f"127.0.0.1:{course.giver.port}"))
            for course in self.gives + self.takes:
                for kind, value in self.metadata(course):
                    database.execute("INSERT INTO domainmetadata (domain_id, kind, content) "
                                     "SELECT id, ?, ? FROM domains WHERE name = ?",
                                     (kind, value, course.zone.rstrip(".")))
        database.close()
        return ["pdns_server", f"--config-dir={self.folder}"]

    def metadata(self, course):
        dump = ("TSIG-ALLOW-AXFR", self.dump.name.rstrip("."))
        key = course.key.name.rstrip(".") if course.key else None
        if course.taker is self:
            return ([dump] + ([("AXFR-MASTER-TSIG", key)] if key else []) +
                    ([("IXFR", "1")] if course.method != "axfr" else []))
        told = [("ALSO-NOTIFY", f"127.0.0.1:{course.taker.port}"), ("NOTIFY-DNSUPDATE", "1")]
        return ([("TSIG-ALLOW-AXFR", key) if key else ("ALLOW-AXFR-FROM", "127.0.0.1"), dump,
                 ("SOA-EDIT-DNSUPDATE", "INCREASE")] + (told if course.is_told else []))


class Yadifa(TransferPeer):
    """Asks for changes only, whatever it is told."""

    name = "yadifa"
    takes_whole = False
    whole = r"slave: ZONE\.: got AXFR from master"
    cannot_give = [r"odd\.dot", "SOA", "TYPE65280", "DNAME"]  # it compresses the target of DNAME (RFC 6672 s2.5)
    least_at_once = 25  # it sends one NOTIFY after the other, and takes more than a second for each
    cannot_take = [r"odd\.dot"]

    def configure(self):
        (self.folder / "keys").mkdir()
        (self.folder / "xfr").mkdir()
        text = f"""
<main>
    daemonize off
    data-path "{self.folder}"
    keys-path "{self.folder}/keys"
    xfr-path "{self.folder}/xfr"
    log-path "{self.folder}"
    pid-file "{self.folder}/pid"
    port {self.port}
    listen 127.0.0.1 port {self.port}
    statistics off
    allow-query any
    max-tcp-queries 100
    cpu-count-override 2
    xfr-connect-timeout 5
    queries-log-type 0
</main>
<channels>
    all STDERR
</channels>
<loggers>
    system warning,err,crit,alert,emerg all
    database info,notice,warning,err,crit,alert,emerg all
    server info,notice,warning,err,crit,alert,emerg all
    zone info,notice,warning,err,crit,alert,emerg all
</loggers>
"""
        for key in self.keys:
            text += f"<key>\n    name {key.name}\n    algorithm {key.algorithm}\n    secret {key.secret}\n</key>\n"
        text += f"<acl>\n    local 127.0.0.1\n    dump key {self.dump.name}\n"
        for key in self.keys:
            text += f"    with-{key.name.rstrip('.')} key {key.name}\n"
        text += "</acl>\n"
        for course in self.gives:
            text += (f"<zone>\n    type primary\n    domain {course.zone}\n    file {self.file(course).name}\n"
                     f"    allow-update local\n    allow-transfer {self.who(course)},dump\n    notify-auto no\n")
            text += f"    notify 127.0.0.1 port {course.taker.port}{self.with_key(course)}\n" if course.is_told else ""
            text += "</zone>\n"
        for course in self.takes:
            text += (f"<zone>\n    type secondary\n    domain {course.zone}\n    file {course.zone}zone\n"
                     f"    primary 127.0.0.1 port {course.giver.port}{self.with_key(course)}\n"
                     f"    allow-notify {self.who(course)}\n    allow-transfer dump\n</zone>\n")
        return ["yadifad", "-c", self.write(text)]

    def update(self, message):
        """It refuses what its journal has no room for, and makes room then."""
        answers = []

        def is_taken():
            answers.append(super(Yadifa, self).update(message))
            return answers[-1].rcode() != dns.rcode.SERVFAIL

        wait_until(is_taken, f"{self.name} takes {message}")
        return answers[-1]

    @staticmethod
    def with_key(course):
        return f" key {course.key.name}" if course.key else ""

    @staticmethod
    def who(course):
        return f"with-{course.key.name.rstrip('.')}" if course.key else "local"
