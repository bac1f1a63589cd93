"""The address of a run's tracking server: whatever becomes of the server, the run goes on."""

from __future__ import annotations

import contextlib
import importlib
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import desktop_aml.inside_run


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher's modules find one another beside it."""
    monkeypatch.syspath_prepend(str(Path(desktop_aml.inside_run.__file__).parent))


def test_a_run_whose_container_shares_no_sockets_is_told_of_no_server(beside: None, tmp_path: Path) -> None:
    wanted = {"probe": str(tmp_path / "reach.sock"), "command": ["/bin/false"], "env_vars": {}, "script": {"A": "b"}}
    told: dict[bytes, bytes] = {}
    assert importlib.import_module("tracking_door").opened(wanted, told) is None
    assert told == {}


def test_a_relay_carries_both_ways_through_a_folder_with_a_very_long_name(beside: None, tmp_path: Path) -> None:
    relay = importlib.import_module("tracking_relay")
    folder = tmp_path / ("a" * 100) / ("b" * 100)
    folder.mkdir(parents=True)
    outside = socket.socket(socket.AF_UNIX)
    with contextlib.chdir(folder):
        outside.bind("tracking.sock")
    outside.listen()
    client, inner = socket.socketpair()
    carrying = threading.Thread(target=relay.carry, args=(inner, str(folder / "tracking.sock")))
    carrying.start()
    with client, outside, outside.accept()[0] as server:
        client.sendall(b"asked")
        client.shutdown(socket.SHUT_WR)
        assert server.makefile("rb").read() == b"asked"
        server.sendall(b"answer" * 50_000)
        server.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").read() == b"answer" * 50_000
    carrying.join(20)
    assert not carrying.is_alive()


def test_who_asks_after_the_outside_is_gone_sees_its_connection_end(beside: None, tmp_path: Path) -> None:
    client, inner = socket.socketpair()
    with client:
        importlib.import_module("tracking_relay").carry(inner, str(tmp_path / "tracking.sock"))
        assert client.recv(1) == b""


_AT_THE_DOOR = """
import os, signal, socket, sys
sys.path.insert(0, sys.argv[1])
import next_signal, tracking_door
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGIO, signal.SIGCHLD])
door = tracking_door.Door([b"/bin/true"], {})
host, _, port = door.address().decode().rpartition("/")[2].partition(":")

def client():
    return socket.create_connection((host, int(port)), timeout=5)

def next_of(number):
    return next_signal.wait([number], next_signal.time.monotonic() + 20) == number
"""


def _at_the_door(code: str) -> str:
    inside = str(Path(desktop_aml.inside_run.__file__).parent)
    words = [sys.executable, "-c", _AT_THE_DOOR + code, inside]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout


def test_no_process_waits_for_clients_and_each_server_is_begun_by_one() -> None:
    assert _at_the_door("""
door.wait()
print(door.pid)
first = client()
assert next_of(signal.SIGIO)
door.knocked()
begun = door.pid
assert next_of(signal.SIGCHLD) and os.waitpid(begun, 0)[0] == begun and door.ended(begun)
# The client is still in the queue, as it is when a server dies.
print(door.pid not in (0, begun))
os.waitpid(door.pid, 0)
door.pid = 0
door.knocked()
print(door.pid != 0)
door.close()
""").split() == ["0", "True", "True"]


def test_a_server_is_not_told_to_the_launcher_again_with_each_connection() -> None:
    assert (
        _at_the_door("""
door.wait()
first = client()
assert next_of(signal.SIGIO)
door.knocked()
second = client()
print(signal.sigpending() & {signal.SIGIO})
door.close()
""").strip()
        == "set()"
    )


def test_where_no_process_can_be_had_the_run_goes_on_without_its_server() -> None:
    assert (
        _at_the_door("""
def refused():
    raise BlockingIOError(11, "Resource temporarily unavailable")

door.wait()
first = client()
os.fork = refused
door.knocked()
try:
    client()
except ConnectionRefusedError:
    print("refused")
door.knocked()
door.close()
""").strip()
        == "refused"
    )
