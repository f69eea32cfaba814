"""Other servers on either side of a catalog (RFC 9432): as its consumers, and as its producers."""
import pathlib
import signal
import sqlite3
import subprocess

import dns.rcode

from cluster import ask
from peers import Peer, bind_place, knot_place

CATALOG = "catalog.invalid."
OTHER = "other.invalid."  # to which a zone may move


class Consumer(Peer):
    """Follows both catalogs of the server at `primary`, with a key, and has nothing else. `group`: how it treats a
    member of the group "open" in another way, where it can: others may transfer that."""

    knows_groups = False
    knows_moves = True
    signs_for_members = True

    def __init__(self, folder, primary, secret):
        super().__init__(folder, [])
        self.primary = primary
        self.secret = secret

    def serves(self, zone):
        return ask(self.port, zone, "SOA", timeout=1.0).rcode() == dns.rcode.NOERROR

    def refuses(self, zone):
        return ask(self.port, zone, "SOA", timeout=1.0).rcode() == dns.rcode.REFUSED

    def serial(self, zone):
        answer = ask(self.port, zone, "SOA", timeout=1.0).answer
        return answer[0][0].serial if answer else None


class KnotConsumer(Consumer):
    name = "knot"
    knows_groups = True
    knows_moves = False  # 3.2 does not read "coo"

    def configure(self):
        return ["knotd", "-c", self.write(f"""{knot_place(self)}key:
  - id: up
    algorithm: hmac-sha256
    secret: {self.secret}
remote:
  - id: tandem
    address: 127.0.0.1@{self.primary}
    key: up
acl:
  - id: told
    address: 127.0.0.1
    key: up
    action: notify
  - id: anybody
    address: 127.0.0.1
    action: transfer
template:
  - id: default
    storage: "{self.folder}"
    zonefile-sync: -1
  - id: member
    storage: "{self.folder}"
    master: tandem
    acl: told
    zonefile-sync: -1
  - id: open
    storage: "{self.folder}"
    master: tandem
    acl: [told, anybody]
    zonefile-sync: -1
zone:
""" + "".join(f"""  - domain: "{catalog}"
    master: tandem
    acl: told
    catalog-role: interpret
    catalog-template: [member, open]
""" for catalog in (CATALOG, OTHER)))]


class BindConsumer(Consumer):
    name = "bind"

    def configure(self):
        return ["named", "-g", "-n", "1", "-c", self.write(f"""
key up {{ algorithm hmac-sha256; secret "{self.secret}"; }};
options {{
    {bind_place(self)}
    empty-zones-enable no;
    notify no;
    allow-notify {{ 127.0.0.1; }};
    catalog-zones {{
""" + "".join(f"""        zone "{catalog}" default-primaries {{ 127.0.0.1 port {self.primary} key up; }}
            zone-directory "{self.folder}" min-update-interval 1;
""" for catalog in (CATALOG, OTHER)) + """    };
};
controls { };
""" + "".join(f"""zone "{catalog}" {{
    type secondary;
    primaries {{ 127.0.0.1 port {self.primary} key up; }};
    file "{self.folder}/{catalog}db";
}};
""" for catalog in (CATALOG, OTHER)))]


class PowerDnsConsumer(Consumer):
    name = "pdns"
    signs_for_members = False  # 4.7 gives them no key

    def configure(self):
        database = self.folder / "db"
        schema = pathlib.Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql").read_text()
        with sqlite3.connect(database) as connection:
            connection.executescript(schema)
        (self.folder / "pdns.conf").write_text(f"""
launch=gsqlite3
gsqlite3-database={database}
gsqlite3-dnssec=yes
gsqlite3-pragma-synchronous=0
local-address=127.0.0.1
local-port={self.port}
socket-dir={self.folder}
secondary=yes
xfr-cycle-interval=1
allow-notify-from=127.0.0.1
query-cache-ttl=0
cache-ttl=0
zone-cache-refresh-interval=0
negquery-cache-ttl=0
receiver-threads=1
distributor-threads=1
retrieval-threads=1
loglevel=6
""")
        self.run_pdnsutil("import-tsig-key", "up", "hmac-sha256", self.secret)
        for catalog in (CATALOG, OTHER):
            self.run_pdnsutil("create-slave-zone", catalog, f"127.0.0.1:{self.primary}")
            self.run_pdnsutil("set-kind", catalog, "consumer")
            self.run_pdnsutil("activate-tsig-key", catalog, "up", "secondary")
        return ["pdns_server", f"--config-dir={self.folder}", "--daemon=no", "--guardian=no", "--disable-syslog=yes",
                "--log-timestamp=no"]

    def run_pdnsutil(self, *words):
        subprocess.run(["pdnsutil", f"--config-dir={self.folder}", *words], check=True, timeout=60, capture_output=True)


CONSUMERS = [KnotConsumer, BindConsumer, PowerDnsConsumer]


class KnotProducer(Peer):
    """Makes a catalog of its zones and tells the server at `secondary`; zones come by its configuration."""

    name = "knot"

    def __init__(self, folder, secondary):
        super().__init__(folder, [])
        self.secondary = secondary
        self.groups = {}  # of each zone: None for none
        self.secret = None  # of the key `up`, which whoever transfers has to have then

    def configure(self):
        zones = ""
        for zone, group in self.groups.items():
            (self.folder / f"{zone}.zone").write_text(
                f"@ 60 SOA ns1 hostmaster {len(zone)} 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
            zones += (f'  - domain: "{zone}"\n    file: "{self.folder}/{zone}.zone"\n    notify: tandem\n'
                      f'    acl: all\n    catalog-role: member\n    catalog-zone: "{CATALOG}"\n')
            if group is not None:
                zones += f"    catalog-group: {group}\n"
        key = f"key:\n  - id: up\n    algorithm: hmac-sha256\n    secret: {self.secret}\n" if self.secret else ""
        return ["knotd", "-c", self.write(f"""{knot_place(self)}{key}remote:
  - id: tandem
    address: 127.0.0.1@{self.secondary}
acl:
  - id: all
    address: 127.0.0.1
    action: transfer
{"    key: up" if self.secret else ""}
zone:
  - domain: "{CATALOG}"
    notify: tandem
    acl: all
    catalog-role: generate
    zonefile-sync: -1
{zones}""")]

    def serves_all(self):  # the catalog it shows only to who may transfer it, by TCP
        return all(ask(self.port, zone, "SOA", timeout=1.0).answer for zone in self.groups)

    def reload(self):
        self.configure()
        self.process.send_signal(signal.SIGHUP)


class BindProducer(Peer):
    """Has a catalog that people write, and takes updates of it."""

    name = "bind"

    def __init__(self, folder, secondary):
        super().__init__(folder, [])
        self.secondary = secondary

    def configure(self):
        for zone in ("one.example", "two.example"):
            (self.folder / zone).write_text(
                "@ 60 SOA ns1 hostmaster 1 900 300 604800 600\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n")
        (self.folder / "catalog").write_text(
            "@ 0 SOA invalid. invalid. 1 3600 600 2147483646 0\n@ 0 NS invalid.\nversion 0 TXT 2\n"
            "first.zones 0 PTR one.example.\n")
        return ["named", "-g", "-n", "1", "-c", self.write(f"""
options {{
    {bind_place(self)}
    notify-delay 0;
    notify explicit;
    also-notify {{ 127.0.0.1 port {self.secondary}; }};
    allow-transfer {{ 127.0.0.1; }};
}};
controls {{ }};
zone "{CATALOG}" {{ type primary; file "{self.folder}/catalog"; allow-update {{ 127.0.0.1; }}; }};
zone "one.example" {{ type primary; file "{self.folder}/one.example"; }};
zone "two.example" {{ type primary; file "{self.folder}/two.example"; }};
""")]

    def serves_all(self):
        return all(ask(self.port, zone, "SOA", timeout=1.0).answer for zone in (CATALOG, "one.example", "two.example"))
