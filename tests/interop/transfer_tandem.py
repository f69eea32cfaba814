"""Tandem, as transfer_peers.py has the others; and certificates of a CA that all of them trust."""
import base64
import collections
import hashlib
import pathlib
import re
import subprocess

from cluster import Node, free_port, wait_until
from transfer_peers import TransferPeer


class Certificates:
    """A CA and certificates for the name `tandem.test` and others."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", "/CN=ca.test", "-keyout", "ca.key", "-out", "ca.pem")

    def openssl(self, *words):
        return subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=60).stdout

    def make(self, host):
        """(certificate, key, pin) of one server."""
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
                     "-keyout", f"{host}.key", "-out", f"{host}.csr")
        (self.folder / "names").write_text(f"subjectAltName=DNS:{host}\n")
        self.openssl("x509", "-req", "-in", f"{host}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "30", "-extfile", "names", "-out", f"{host}.pem")
        public = self.openssl("pkey", "-in", f"{host}.key", "-pubout", "-outform", "DER")
        pin = "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode()
        return self.folder / f"{host}.pem", self.folder / f"{host}.key", pin


class Tandem(TransferPeer):
    """One tandem-primary. It gives zones to those of `secondaries`, and takes those of [pull]."""

    name = "tandem"
    takes_by_order = True
    keeps_letters = True

    def __init__(self, folder, dump, certificates):
        super().__init__(folder, dump, certificates)
        self.node = Node(self.folder, "primary")
        self.port = self.node.port
        self.log_file = self.node.log_file

    def start(self):
        config = self.folder / "node.toml"
        config.write_text(self.config())
        self.node.args = ["--config", str(config), "--allow-transfer", f"key:{self.dump.name}",
                          "--allow-update", "127.0.0.1", "--http", "127.0.0.1:0",
                          "--listen-tls", f"127.0.0.1:{self.tls_port}"]
        for key in self.keys:
            self.node.args += ["--key", f"{key.algorithm}:{key.name}:{key.secret}"]
        for course in self.gives:
            self.node.args += ["--zone", f"{course.zone}={self.file(course)}"]
        self.node.start()
        self.process = self.node.process
        wait_until(lambda: all(self.serial(course.zone) for course in self.gives), "Tandem serves its own zones")
        return self

    def stop(self):
        return self.node.stop()

    def config(self):
        groups = collections.defaultdict(list)
        for course in self.gives:
            words = f"notify:127.0.0.1:{course.taker.port}" if course.is_told else "transfer:127.0.0.1"
            words += f" key:{course.key.name}" if course.key else ""
            words += " tls" if course.tls else ""
            groups[words].append(f"zone:{course.zone}")
        secondaries = [" ".join([words, *zones]) for words, zones in groups.items()]
        pulls = [f"{course.zone}={self.primary(course)}" for course in self.takes]
        listed = {name: "[" + ", ".join(f'"{each}"' for each in some) + "]"
                  for name, some in (("secondaries", secondaries), ("zones", pulls))}
        certificate, key, _ = self.certificate
        return (f"secondaries = {listed['secondaries']}\n[pull]\nzones = {listed['zones']}\n"
                f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
                "[transfer]\nat_once = 1000\nat_once_per_peer = 1000\n")

    @staticmethod
    def primary(course):
        return (f"127.0.0.1:{course.port}" + (f",key:{course.key.name}" if course.key else "") +
                (f",pin:{course.giver.certificate[2]}" if course.tls else ""))

    def allow_large(self, zone):
        self.node.ctl("zone", "options", zone, "--rrset-records-max", "1000")

    def take(self, course):
        self.node.ctl("xfr", "retransfer", course.zone)

    def changes_sent(self, course):
        """How many times its log says that it gave what changed in the zone."""
        return self.logged(rf'zone transfer sent kind="IXFR" zone={re.escape(course.zone)} ')

    def ways(self):
        """How each zone that is taken came last: "axfr" or "ixfr"."""
        return {state["zone"]: state["by"] for state in self.node.json("xfr", "status")["pulled"]}
