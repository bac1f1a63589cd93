"""Requests reach an engine, also one that ends as soon as it has nothing to do."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildState, BuiltEnvironment
from desktop_aml.domain.errors import EngineUnavailable
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.environments.service import BuilderService
from desktop_aml.workspace import Workspace, engine_client
from tests.conftest import wait_until
from tests.fakes import OwnPython


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


def test_an_engine_that_ends_with_an_error_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, started = Workspace.create(tmp_path / "workspace"), []
    popen = subprocess.Popen

    def start(_: list[str], **more: object) -> object:
        started.append(popen([sys.executable, "-c", "raise SystemExit(1)"], **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    # Nobody waits as long as that for an owner.
    monkeypatch.setattr(engine_client, "_OWNER_TIMEOUT_S", 1000.0)
    with pytest.raises(EngineUnavailable, match="No engine could be started"):
        workspace.environments.register("one", "numpy")
    assert len(started) == 2
    assert list((workspace.path / "requests").iterdir()) == []
    workspace.close()


def test_an_engine_that_goes_on_starting_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, started = Workspace.create(tmp_path / "workspace"), []
    popen = subprocess.Popen

    def start(command: list[str], **more: object) -> object:
        # The first ends with an error, the second is an engine.
        started.append(popen(command if started else [sys.executable, "-c", "raise SystemExit(1)"], **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    assert workspace.environments.register("one", "numpy").version == 1
    assert len(started) == 2
    workspace.close()
    started[1].returncode = None
    assert started[1].wait(30) == 0


def test_a_build_goes_on_when_the_program_that_asked_for_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate, engines = threading.Semaphore(0), threading.Event(), []

    def make_ready(_: object, *words: object, **named: object) -> BuiltEnvironment:
        begun.release()
        return OwnPython(gate=gate).make_ready(*words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(BuilderService, "make_ready", make_ready)
    monkeypatch.setattr(engine_client.EngineClient, "_start_headless", lambda client: engines.append(client))
    workspace = Workspace.create(tmp_path / "workspace")
    workspace.start_engine()
    wait_until(lambda: owner_of(workspace.path / "engine.lock"), "the engine to own the workspace")
    workspace.environments.register("one", "numpy")
    workspace.environments.build("one")
    assert begun.acquire(timeout=20)
    workspace.close()
    assert len(engines) == 1
    gate.set()
    other = Workspace.open(workspace.path)
    other.host_engine(kind="headless", until_idle=True).run_forever(threading.Event())
    assert other.environments.summary("one").state is BuildState.READY
    other.close()
