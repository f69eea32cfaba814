#!/usr/bin/env python3
"""Holds the #include lines to the layering table of ARCHITECTURE.md.

A folder includes itself and what stands to its left; siblings do not see each other. Heavy libraries are seen only by
the files named here. usage: check_layers.py [ROOT]
"""
import pathlib
import re
import sys

# Each folder with the folders of ours that it may include, itself apart.
BASE = ["base"]
DNS = BASE + ["dns"]
CRYPTO = DNS + ["crypto"]
ZONE = CRYPTO + ["zone"]
LOG = ZONE + ["log"]
SIDE = LOG + ["sign", "query", "store", "transfer"]
NODE = SIDE + ["net", "replication"]
API = NODE + ["node"]
ROLES = API + ["api"]
ALLOWED = {
    "common/base": [],
    "common/dns": BASE,
    "common/crypto": DNS,
    "common/zone": CRYPTO,
    "common/log": ZONE,
    "common/sign": LOG,
    "common/query": LOG,
    "common/store": LOG,
    "common/transfer": LOG,
    "common/net": SIDE,
    "common/replication": LOG,
    "common/node": NODE,
    "common/api": API,
    "primary": ROLES,
    "secondary": ROLES,
    "program": ROLES + ["primary", "secondary", "program"],
    "ctl": ZONE,
}
# The mains of the two roles start what program/ puts together.
MAINS = {"primary/main.cc", "secondary/main.cc"}
# Libraries that stay in few files: pattern of the include, the files (or folders) that may have it.
LIBRARIES = [
    (r"rocksdb/", ["common/store/rocks_", "common/node/version.cc"]),
    (r"openssl/", ["common/crypto/", "common/net/tls.cc", "common/net/tls_"]),
    (r"(bpf|xdp)/", ["common/net/xdp_"]),
    (r"(grpc|grpcpp|absl|google/protobuf)/", ["common/replication/", "common/log/codec", "common/node/version.cc"]),
    (r"proto/", ["common/replication/", "common/log/codec"]),
    (r"spdlog/", ["common/base/logging.cc"]),
    (r"boost/asio", ["common/net/", "ctl/"]),
    (r"boost/beast", ["common/net/", "ctl/"]),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "common" else parts[0]


def problems_of(root, file):
    path = file.relative_to(root).as_posix()
    own = folder_of(path)
    if own not in ALLOWED:
        yield f"{path}: the folder {own} is not in the layering table"
        return
    for number, line in enumerate(file.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        for pattern, places in LIBRARIES:
            if re.match(pattern, name) and not any(path.startswith(place) for place in places):
                yield f"{path}:{number}: {name} may only be included in {', '.join(places)}"
        if quote != '"' or name.startswith("proto/"):
            continue
        target = folder_of(name)
        short = target.removeprefix("common/")
        if target == own or (path in MAINS and target == "program"):
            continue
        if short not in ALLOWED[own]:
            yield f"{path}:{number}: {own} must not include {name}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    files = [file for folder in ("common", "primary", "secondary", "program", "ctl")
             for file in sorted((root / folder).rglob("*")) if file.suffix in (".h", ".cc")]
    problems = [problem for file in files for problem in problems_of(root, file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
