"""What a process without network still reaches, and that it finds no way back; as root, and as anybody else."""

from __future__ import annotations

import json
import os
import socket
import subprocess

import pytest

from desktop_aml.inside_model import network

SYSTEM_PYTHON = "/usr/bin/python3"
PROBES = """
import ctypes, json, os, runpy, socket, subprocess, sys, urllib.request

port, abstract = int(sys.argv[2]), sys.argv[3]
why = runpy.run_path(sys.argv[1])["shut_off"]()
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)

def own_v6():
    own = socket.create_server(("::1", 0), family=socket.AF_INET6)
    socket.create_connection(own.getsockname()[:2], timeout=5).close()

def own_pair():
    one, other = socket.socketpair()
    one.send(b"x")
    assert other.recv(1) == b"x"

def by_proxy():
    os.environ["http_proxy"] = "http://127.0.0.1:%d" % port
    urllib.request.urlopen("http://example.com", timeout=5)

def by_child():
    code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5)"
    subprocess.run([sys.executable, "-I", "-c", code, str(port)], check=True, stderr=subprocess.DEVNULL)

def back_by(handle):
    if libc.setns(handle, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")

def seize():
    if libc.ptrace(0x4206, os.getppid(), 0, 0):  # PTRACE_SEIZE, which stops nobody
        raise OSError(ctypes.get_errno(), "ptrace")

probes = {
    "own IPv6 loopback": own_v6,
    "own pair of sockets": own_pair,
    "loopback of the computer": lambda: socket.create_connection(("127.0.0.1", port), timeout=5),
    "IPv6": lambda: socket.create_connection(("2001:db8::1", 80), timeout=5),
    "UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    "names": lambda: socket.getaddrinfo("example.com", 80),
    "abstract socket": lambda: socket.socket(socket.AF_UNIX).connect("\\0" + abstract),
    "proxy": by_proxy,
    "child": by_child,
    "namespace of the parent": lambda: back_by(os.open("/proc/%d/ns/net" % os.getppid(), os.O_RDONLY)),
    "parent": seize,
}
reached = []
for name, probe in probes.items():
    try:
        probe()
        reached.append(name)
    except (OSError, subprocess.CalledProcessError):
        pass
print(json.dumps([why, reached]))
"""
AS_ANYBODY = ["setpriv", "--reuid", "4321", "--regid", "4321", "--clear-groups"]


def may_leave_the_network() -> bool:
    return subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode == 0


def reached(before: list[str]) -> list[object]:
    name = f"desktop-aml-test-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{name}")
        abstract.listen()
        words = [*before, SYSTEM_PYTHON, "-I", "-c", PROBES, network.__file__, str(listener.getsockname()[1]), name]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return list(json.loads(done.stdout))


@pytest.mark.skipif(not may_leave_the_network(), reason="this system lets nobody leave the network")
@pytest.mark.parametrize("before", [[], AS_ANYBODY], ids=["as this user", "as anybody"])
def test_only_its_own_loopback_is_reached_and_no_way_leads_back(before: list[str]) -> None:
    if before and os.geteuid() != 0:
        pytest.skip("only root can be another user")
    assert reached(before) == ["", ["own IPv6 loopback", "own pair of sockets"]]


@pytest.mark.skipif(not may_leave_the_network(), reason="this system lets nobody make namespaces")
def test_a_system_that_allows_no_namespaces_is_named_by_what_forbids_it() -> None:
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"'
    why, found = reached(["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"])
    assert why == "this system allows no more namespaces (user.max_user_namespaces, user.max_net_namespaces)"
    assert "loopback of the computer" in found
