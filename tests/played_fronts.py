"""Fronts of endpoints without processes: they come up and stop at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import config
from desktop_aml.system.processes import identity_of


def play_fronts(monkeypatch: Any) -> None:
    """Have fronts of endpoints come up and stop at once, without processes."""
    own = identity_of(os.getpid())
    assert own is not None

    def spawn(place: Path) -> None:
        told = config.read_config(place)
        config.write_state(
            place,
            config.FrontState(
                nonce=told.nonce,
                state=EndpointState.HEALTHY,
                since=1.0,
                port=5001,
                scoring_uri="http://x",
                pid=own.pid,
                start_time=own.start_time,
                boot_id=own.boot_id,
            ),
        )

    def stop(place: Path, _: float = 0.0) -> None:
        if (place / config.CONFIG_FILE).exists():
            config.write_state(place, config.FrontState(nonce="", state=EndpointState.STOPPED, since=1.0))

    def end(*_: object) -> bool:
        raise AssertionError("The front is this very process.")

    monkeypatch.setattr("desktop_aml.serving.front_process._spawn", spawn)
    monkeypatch.setattr("desktop_aml.serving.front_process._stop", stop)
    monkeypatch.setattr("desktop_aml.serving.front_process._end", end)
