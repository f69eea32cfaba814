"""TSIG keys as administrators make them: by tsig-keygen, in a file that servers and clients read."""
import dataclasses
import pathlib
import re
import subprocess


@dataclasses.dataclass
class Key:
    name: str
    algorithm: str
    secret: str
    path: pathlib.Path  # BIND's form: for nsupdate, certbot's examples and --key-file

    @property
    def line(self):
        """One line, as Knot's tools take it by -y and in the file of -k."""
        return f"{self.algorithm}:{self.name}:{self.secret}"


def make_key(folder, name, algorithm="hmac-sha256"):
    made = subprocess.run(["tsig-keygen", "-a", algorithm, name], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    path = pathlib.Path(folder) / f"{name}.key"
    path.write_text(made)
    return Key(name, algorithm, re.search(r'secret "(.*)"', made).group(1), path)
