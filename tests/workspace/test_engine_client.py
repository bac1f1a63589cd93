"""Requests reach an engine, also one that ends as soon as it has nothing to do."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_aml.domain.errors import EngineUnavailable
from desktop_aml.workspace import Workspace, engine_client


def test_an_engine_that_ends_when_idle_carries_out_what_it_was_started_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, engines = Workspace.create(tmp_path / "workspace"), []

    def start(_: Workspace) -> None:
        other = Workspace.open(workspace.path)
        host = other.host_engine(kind="headless", until_idle=True)
        engines.append(threading.Thread(target=host.run_forever, args=(threading.Event(),)))
        engines[-1].start()
        # It has had the time to end before anybody looks.
        engines[-1].join(0.5)

    monkeypatch.setattr(engine_client.EngineClient, "_start_headless", start)
    assert [workspace.environments.register("one", text).version for text in ("numpy", "scipy", "joblib")] == [1, 2, 3]
    for engine in engines:
        engine.join()
    assert list((workspace.path / "requests").iterdir()) == []
    workspace.close()


def test_when_no_engine_can_be_started_nothing_is_kept_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    monkeypatch.setattr(engine_client.EngineClient, "_start_headless", lambda _: None)
    monkeypatch.setattr(engine_client, "_OWNER_TIMEOUT_S", 0.05)
    with pytest.raises(EngineUnavailable, match="No engine could be started"):
        workspace.environments.register("one", "numpy")
    assert list((workspace.path / "requests").iterdir()) == []
    workspace.close()
