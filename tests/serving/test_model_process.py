"""The process of a model has no network but its own loopback, unless it was asked for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from desktop_aml.domain.registry import EndpointState
from desktop_aml.inside_model import network
from tests.serving.inline import Inline

ROW = {"data": [[5.1, 3.5, 1.4, 0.2]]}

LISTENS = """
class Model:
    def predict(self, rows):
        import os, socket
        found = [sorted(os.listdir("/proc/self/net/dev_snmp6")) if os.path.isdir("/proc/self/net/dev_snmp6") else []]
        try:
            socket.create_connection(("127.0.0.1", int(rows[0][0])), timeout=5).close()
            found.append("reached")
        except OSError as error:
            found.append(type(error).__name__)
        own = socket.socket()
        own.bind(("127.0.0.1", 0))
        own.listen()
        socket.create_connection(own.getsockname(), timeout=5).close()
        effective = next(line for line in open("/proc/self/status") if line.startswith("CapEff"))
        return [[*found, os.getuid(), effective.split()[1]]]
"""


def may_leave_the_network() -> bool:
    return subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_leave_the_network(), reason="this system lets nobody leave the network")
def test_a_model_reaches_nothing_but_its_own_loopback(deploy):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = deploy(Inline(LISTENS))
        (_, reached, user, _) = endpoint.post({"data": [[listener.getsockname()[1]]]}).json[0]
    assert reached == "ConnectionRefusedError"
    assert user == os.getuid()
    assert endpoint.state.open_network == ""
    assert "The model has no network" in endpoint.log


def test_a_model_that_may_use_the_network_has_it(deploy):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = deploy(Inline(LISTENS), network=True)
        (_, reached, _, _) = endpoint.post({"data": [[listener.getsockname()[1]]]}).json[0]
    assert reached == "reached"
    assert endpoint.state.open_network == ""


FORBIDDEN = """
import os, sys
os.unshare = None
import ctypes

def unshare(flags):
    ctypes.set_errno(1)
    return -1

class Library:
    def __init__(self, *words, **more):
        self._real = REAL(*words, **more)
    def __getattr__(self, name):
        return unshare if name == "unshare" else getattr(self._real, name)

REAL, ctypes.CDLL = ctypes.CDLL, Library
"""


def test_where_nobody_may_leave_the_network_the_model_serves_and_the_endpoint_says_so(deploy, classifier, tmp_path):
    # An interpreter whose C library forbids it, as some systems do.
    (tmp_path / "forbidden.py").write_text(FORBIDDEN)
    python = tmp_path / "python"
    words = f"import runpy, sys; sys.argv = sys.argv[2:]; exec(open({str(tmp_path / 'forbidden.py')!r}).read());"
    words += " runpy.run_path(sys.argv[0], run_name='__main__')"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -c "{words}" "$@"\n')
    python.chmod(0o755)
    endpoint = deploy(classifier, python=str(python))
    assert endpoint.state.state is EndpointState.HEALTHY
    assert endpoint.state.open_network == "Operation not permitted"
    assert endpoint.post(ROW).status == 200
    assert "could not be taken from the model: Operation not permitted" in endpoint.log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.skipif(not may_leave_the_network(), reason="this system lets nobody leave the network")
def test_an_ordinary_user_leaves_the_network_without_any_rights():
    code = (
        "import os, runpy, socket\n"
        f"shut_off = runpy.run_path({network.__file__!r})['shut_off']\n"
        "print(shut_off(), os.getuid(), os.getgid(), os.stat('/proc/self').st_uid)\n"
        "print([line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapEff', 'CapPrm'))])\n"
        "print(socket.if_nameindex())\n"
        "own = socket.create_server(('127.0.0.1', 0)); socket.create_connection(own.getsockname()).close()\n"
    )
    found = subprocess.run(
        ["setpriv", "--reuid", "4321", "--regid", "4321", "--clear-groups", "/usr/bin/python3", "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines() == [" 4321 4321 4321", str(["0" * 16] * 2), "[(1, 'lo')]"]


@pytest.mark.skipif(not may_leave_the_network(), reason="this system lets nobody leave the network")
def test_a_model_that_needs_the_network_to_load_is_told_how_to_have_it(deploy):
    source = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)\nclass Model: pass"
    endpoint = deploy(Inline(source))
    assert endpoint.state.state is EndpointState.FAILED
    assert "deploy it again with --network" in endpoint.state.error
