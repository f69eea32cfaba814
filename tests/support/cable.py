"""A network of two machines on this one: this process in a namespace of its own, and the other end of a cable."""
import concurrent.futures
import contextlib
import ctypes
import os
import socket
import subprocess
import threading

CLONE_NEWNET = 0x40000000
AF_XDP = 44
SERVER, SERVER6, SERVER_END = "10.53.0.1", "fd53::1", "server0"
CLIENT, CLIENT6, CLIENT_END = "10.53.0.2", "fd53::2", "client0"


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
    _leave_network()
    with concurrent.futures.ThreadPoolExecutor(1, initializer=_leave_network) as executor:
        def call(function, *words, **options):
            return executor.submit(function, *words, **options).result()
        there = f"/proc/{os.getpid()}/task/{call(threading.get_native_id)}/ns/net"
        run("ip", "link", "add", SERVER_END, "type", "veth", "peer", "name", CLIENT_END)
        run("ip", "link", "set", CLIENT_END, "netns", there)
        _configure(SERVER_END, SERVER, SERVER6)
        call(_configure, CLIENT_END, CLIENT, CLIENT6)
        yield call


def _leave_network():
    """This thread, and what it starts, is in a network namespace of its own from now on."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    run("ip", "link", "set", "lo", "up")


def _configure(interface, address, address6):
    run("ip", "address", "add", f"{address}/24", "dev", interface)
    run("ip", "address", "add", f"{address6}/64", "dev", interface, "nodad")
    run("ip", "link", "set", interface, "up")
