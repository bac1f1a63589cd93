"""The address of a run's tracking server: whatever becomes of the server, the run goes on."""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
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


def test_where_no_process_can_be_had_the_run_goes_on_without_its_server(
    beside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    door = importlib.import_module("tracking_door").Door([b"/bin/false"], {})
    host, _, port = door.address().decode().rpartition("/")[2].partition(":")
    door.pid = 4242
    monkeypatch.setattr(os, "fork", refused)
    assert door.ended(4242)
    with pytest.raises(ConnectionRefusedError), socket.create_connection((host, int(port)), timeout=5):
        pass
    door.close()
