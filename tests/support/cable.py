"""A network of two machines on this one: this process in a namespace of its own, and the other end of a cable."""
import concurrent.futures
import contextlib
import ctypes
import os
import pathlib
import socket
import subprocess
import threading

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
AF_XDP = 44
IP6_MTU = 1280  # less, and the kernel does without IPv6 there (RFC 8200 s5)
SERVER, SERVER6, SERVER_END = "10.53.0.1", "fd53::1", "server0"
CLIENT, CLIENT6, CLIENT_END = "10.53.0.2", "fd53::2", "client0"
OTHER_SERVER, OTHER_SERVER6, OTHER_SERVER_END = "10.53.1.1", "fd53:1::1", "server1"
OTHER_CLIENT, OTHER_CLIENT6, OTHER_CLIENT_END = "10.53.1.2", "fd53:1::2", "client1"


def run(*words, timeout=60):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=timeout).stdout


def why_not():
    """Why there can be no such network with AF_XDP here; empty when there can."""
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    try:
        socket.socket(AF_XDP, socket.SOCK_RAW).close()
    except OSError as error:
        return f"this kernel has no AF_XDP: {error}"
    tried = subprocess.run(["unshare", "--net", "ip", "link", "add", "try0", "type", "veth", "peer", "name", "try1"],
                           capture_output=True, text=True, check=False)
    return f"no cable between network namespaces: {tried.stderr.strip()}" if tried.returncode != 0 else ""


@contextlib.contextmanager
def laid():
    """Gives a function that calls others at the client's end; this process is at the server's from now on."""
    leave_network()
    with concurrent.futures.ThreadPoolExecutor(1, initializer=leave_network) as executor:
        def call(function, *words, **options):
            return executor.submit(function, *words, **options).result()
        _lay(call, [SERVER_END], [CLIENT_END])
        _configure(SERVER_END, SERVER, SERVER6)
        call(_configure, CLIENT_END, CLIENT, CLIENT6)
        yield call


@contextlib.contextmanager
def another(call, *, server=(), client=()):
    """A second cable between the same two; `server` and `client` are words of ip-link(8) for the end there."""
    _lay(call, [OTHER_SERVER_END, *server], [OTHER_CLIENT_END, *client])
    try:
        _configure(OTHER_SERVER_END, OTHER_SERVER, OTHER_SERVER6)
        call(_configure, OTHER_CLIENT_END, OTHER_CLIENT, OTHER_CLIENT6)
        yield OTHER_SERVER_END
    finally:
        run("ip", "link", "delete", OTHER_SERVER_END)


def _lay(call, server, client):
    there = f"/proc/{os.getpid()}/task/{call(threading.get_native_id)}/ns/net"
    run("ip", "link", "add", *server, "type", "veth", "peer", "name", *client)
    run("ip", "link", "set", client[0], "netns", there)


def leave_network():
    """This thread, and what it starts, is in a network namespace of its own from now on, and /sys shows that one."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "sysfs", "sysfs", "/sys")
    run("ip", "link", "set", "lo", "up")


def _configure(interface, address, address6):
    run("ip", "address", "add", f"{address}/24", "dev", interface)
    if int(pathlib.Path(f"/sys/class/net/{interface}/mtu").read_text()) >= IP6_MTU:
        run("ip", "address", "add", f"{address6}/64", "dev", interface, "nodad")
    run("ip", "link", "set", interface, "up")
