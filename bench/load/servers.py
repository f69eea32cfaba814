"""How each server is told to serve one zone, alone or as a pair. Every function gives a command line."""
import pathlib

from processes import cable, cluster, tool


def _write(file, text):
    file = pathlib.Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def echo(octets=0):
    """The echo floor with answers of so many octets; 0: of those that each query has."""
    return lambda _folder, port, _zone, _file: [tool("bench-udp-echo"), port, octets]


def tandem(folder, port, zone, file, threads=1):
    return [cluster.program("tandem-primary"), "serve", "--data", f"{folder}/data", "--listen", f"127.0.0.1:{port}",
            "--threads", str(threads), "--zone", f"{zone}={file}"]


def tandem_again(folder, port, _zone, _file):
    """The node that tandem() left in the folder, told nothing of the zone."""
    return [cluster.program("tandem-primary"), "serve", "--data", f"{folder}/data", "--listen", f"127.0.0.1:{port}",
            "--threads", "1"]


def tandem_zones(folder, port, files):
    """Many zones, from a configuration file."""
    listed = "".join(f'  {{name = "{zone}", file = "{file}"}},\n' for zone, file in files)
    config = _write(folder / "tandem.toml", f"""data = "{folder}/data"
listen = ["127.0.0.1:{port}"]
threads = 1
zones = [
{listed}]
""")
    return [cluster.program("tandem-primary"), "serve", "--config", config]


def knot(folder, port, zone, file, extra="", remotes="", journal="none"):
    return knot_zones(folder, port, [(zone, file)], extra, remotes, journal)


def knot_zones(folder, port, files, extra="", remotes="", journal="none"):
    (folder / "db").mkdir(parents=True, exist_ok=True)
    listed = "".join(f"  - domain: {zone}\n    file: {file}\n{extra}" for zone, file in files)
    conf = _write(folder / "knot.conf", f"""server:
    listen: 127.0.0.1@{port}
    rundir: {folder}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {folder}/db
{remotes}template:
  - id: default
    storage: {folder}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: {journal}
zone:
{listed}""")
    return ["knotd", "-c", conf]


def knot_tcp(folder, port, zone, file):
    """Four TCP workers with a listening socket each."""
    words = knot(folder, port, zone, file)
    conf = folder / "knot.conf"
    conf.write_text(conf.read_text().replace("tcp-workers: 1", "tcp-workers: 4\n    tcp-reuseport: on"))
    return words


def nsd(folder, port, zone, file):
    return nsd_zones(folder, port, [(zone, file)])


def nsd_zones(folder, port, files, extra=""):
    listed = "".join(f"zone:\n    name: {zone}\n    zonefile: {file}\n{extra}" for zone, file in files)
    conf = _write(folder / "nsd.conf", f"""server:
    ip-address: 127.0.0.1@{port}
    server-count: 1
    username: ""
    zonesdir: {folder}
    pidfile: {folder}/nsd.pid
    xfrdfile: {folder}/xfrd.state
    zonelistfile: {folder}/zone.list
    logfile: {folder}/nsd.log
    xfrdir: {folder}
    rrl-ratelimit: 0
    minimal-responses: yes
remote-control:
    control-enable: no
{listed}""")
    return ["nsd", "-d", "-c", conf]


def bind(folder, port, zone, _file, how=None):
    how = how or f'type primary; file "{_file}"; notify no;'
    conf = _write(folder / "named.conf", f"""options {{
    directory "{folder}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; minimal-responses yes; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key";
    notify-rate 1000; startup-notify-rate 1000; serial-query-rate 1000;
}};
controls {{ }};
zone "{zone}" {{ {how} }};
""")
    return ["named", "-g", "-n", "1", "-U", "1", "-c", conf]


# For anybody on this machine who wants the whole zone.

def knot_giving(folder, port, zone, file):
    return knot(folder, port, zone, file, extra="    acl: give\n",
                remotes="acl:\n  - id: give\n    address: 127.0.0.1\n    action: transfer\n")


def nsd_giving(folder, port, zone, file):
    return nsd_zones(folder, port, [(zone, file)], extra="    provide-xfr: 127.0.0.1 NOKEY\n")


def bind_giving(folder, port, zone, file):
    return bind(folder, port, zone, file, f'type primary; file "{file}"; notify no; allow-transfer {{ 127.0.0.1; }};')


# A pair takes updates from 127.0.0.1 at the primary and tells the secondary at once, as far as the server can.

def knot_primary(folder, port, zone, file, secondary_port):
    return knot(folder, port, zone, file, journal="changes",
                extra="    notify: peer\n    acl: [update, transfer]\n",
                remotes=_knot_peer(secondary_port))


def knot_secondary(folder, port, zone, _file, primary_port):
    return knot(folder, port, zone, f"{folder}/none", journal="changes",
                extra="    master: peer\n    acl: transfer\n", remotes=_knot_peer(primary_port))


def _knot_peer(port):
    return f"""remote:
  - id: peer
    address: 127.0.0.1@{port}
acl:
  - id: update
    address: 127.0.0.1
    action: update
  - id: transfer
    address: 127.0.0.1
    action: [transfer, notify]
"""


def bind_primary(folder, port, zone, file, secondary_port):
    copy = _write(folder / "zone.db", pathlib.Path(file).read_text())  # named writes next to it
    return bind(folder, port, zone, copy, f'type primary; file "{copy}"; allow-update {{ 127.0.0.1; }}; '
                f'allow-transfer {{ 127.0.0.1; }}; notify explicit; notify-delay 0; '
                f'also-notify {{ 127.0.0.1 port {secondary_port}; }};')


def bind_secondary(folder, port, zone, _file, primary_port):
    return bind(folder, port, zone, None, f'type secondary; file "copy.db"; masterfile-format raw; '
                f'primaries port {primary_port} {{ 127.0.0.1; }}; allow-notify {{ 127.0.0.1; }};')


def nsd_secondary(folder, port, zone, _file, primary_port):
    words = nsd_zones(folder, port, [(zone, f"{folder}/copy.zone")], extra=f"""
    request-xfr: 127.0.0.1@{primary_port} NOKEY
    allow-notify: 127.0.0.1 NOKEY
""")
    conf = folder / "nsd.conf"
    fresh = 'server-count: 1\n    xfrd-reload-timeout: 0\n    database: ""'  # nothing that an earlier run left
    conf.write_text(conf.read_text().replace("server-count: 1", fresh))
    return words


def tandem_primary(folder, port, zone, file, secondary_port):
    return [*tandem(folder, port, zone, file), "--allow-update", "127.0.0.1", "--allow-transfer", "127.0.0.1",
            "--also-notify", f"127.0.0.1:{secondary_port}"]


def tandem_secondary(folder, port, zone, _file, primary_port):
    return [*tandem_again(folder, port, zone, None), "--pull", f"{zone}=127.0.0.1:{primary_port}"]


# Alone, for updates that are signed with the key `bench`, and unsigned ones of this machine.

BENCH_SECRET = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="  # 32 octets


UPDATE_RULES = ["--key", f"hmac-sha256:bench:{BENCH_SECRET}", "--allow-update", "key:bench", "--allow-update",
                "127.0.0.1"]


def tandem_updated(folder, port, zone, file):
    return [*tandem(folder, port, zone, file), *UPDATE_RULES]


def knot_updated(folder, port, zone, file):
    return knot(folder, port, zone, file, journal="changes", extra="    acl: [signed, local]\n", remotes=f"""key:
  - id: bench
    algorithm: hmac-sha256
    secret: {BENCH_SECRET}
acl:
  - id: signed
    key: bench
    action: update
  - id: local
    address: 127.0.0.1
    action: update
""")


def bind_updated(folder, port, zone, file):
    copy = _write(folder / "zone.db", pathlib.Path(file).read_text())  # named writes next to it
    words = bind(folder, port, zone, copy, f'type primary; file "{copy}"; notify no; '
                 'allow-update { key bench; 127.0.0.1; };')
    conf = folder / "named.conf"
    conf.write_text(f'key "bench" {{ algorithm hmac-sha256; secret "{BENCH_SECRET}"; }};\n' + conf.read_text())
    return words


def tandem_at_cable(*extra):
    return lambda folder, port, zone, file: [*tandem(folder, port, zone, file), "--listen", f"{cable.SERVER}:{port}",
                                             *extra]


def knot_at_cable(xdp):
    def command(folder, port, zone, file):
        words = knot(folder, port, zone, file)
        conf = folder / "knot.conf"
        text = conf.read_text().replace(f"listen: 127.0.0.1@{port}", f"listen: {cable.SERVER}@{port}")
        conf.write_text((f"xdp:\n    listen: {cable.SERVER_END}@{port}\n" if xdp else "") + text)
        return words
    return command


CABLE = {"tandem, XDP": tandem_at_cable("--xdp", cable.SERVER_END), "tandem, sockets": tandem_at_cable(),
         "knot, XDP": knot_at_cable(True), "knot, sockets": knot_at_cable(False)}
ALONE = {"tandem": tandem, "knot": knot, "nsd": nsd, "bind": bind}
PAIRS = {"knot": (knot_primary, knot_secondary), "bind": (bind_primary, bind_secondary)}
FOLLOWING = {"knot": knot_secondary, "bind": bind_secondary, "nsd": nsd_secondary}  # by NOTIFY and IXFR
LEADING = {"knot": knot_primary, "bind": bind_primary}
UPDATED = {"tandem": tandem_updated, "knot": knot_updated, "bind": bind_updated}
