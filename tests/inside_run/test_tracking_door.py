"""The address of a run's tracking server: whatever becomes of the server, the run goes on."""

from __future__ import annotations

import importlib
import os
import socket
from pathlib import Path

import pytest

import desktop_aml.inside_run


def test_where_no_process_can_be_had_the_run_goes_on_without_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    # The launcher's modules find one another beside it.
    monkeypatch.syspath_prepend(str(Path(desktop_aml.inside_run.__file__).parent))
    door = importlib.import_module("tracking_door").Door([b"/bin/false"], {})
    host, _, port = door.address().decode().rpartition("/")[2].partition(":")
    door.pid = 4242
    monkeypatch.setattr(os, "fork", refused)
    assert door.ended(4242)
    with pytest.raises(ConnectionRefusedError), socket.create_connection((host, int(port)), timeout=5):
        pass
    door.close()
