"""Who owns a workspace: one engine at a time, handed over when it dies or steps back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentKind
from desktop_aml.domain.events import EngineChanged
from desktop_aml.domain.requests import Done, RegisterEnvironment, SubmitRun
from desktop_aml.domain.runs import MAX_ATTEMPTS, RunState
from desktop_aml.engine.core.owner import OwnerLock, owner_of
from desktop_aml.environments.service import BuilderService
from desktop_aml.executors.external import record_for
from desktop_aml.run_folder import snapshot
from desktop_aml.settings import Settings
from desktop_aml.store import runs
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import outbox
from desktop_aml.store.runs import state_of
from desktop_aml.system.processes import identity_of
from desktop_aml.workspace import Workspace, engine_host
from desktop_aml.workspace.engine_host import EngineHost
from tests.conftest import DrivenEngine, wait_until
from tests.fakes import OwnPython


@pytest.fixture
def hosted(folder: WorkspaceFolder) -> Iterator[object]:
    stop, threads = threading.Event(), []

    def start(kind: str = "headless") -> tuple[EngineHost, list[object]]:
        events: list[object] = []
        host = EngineHost(folder, Settings(), events.append, kind=kind)
        thread = threading.Thread(target=host.run_forever, args=(stop,))
        thread.start()
        threads.append(thread)
        return host, events

    yield start
    stop.set()
    for thread in threads:
        thread.join(20)


def test_the_lock_is_held_once_and_says_by_whom(tmp_path: Path) -> None:
    first, second = OwnerLock(tmp_path / "lock", "window"), OwnerLock(tmp_path / "lock", "headless")
    assert owner_of(tmp_path / "lock") is None
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    assert owner_of(tmp_path / "lock") == {"pid": os.getpid(), "kind": "window"}
    first.release()
    first.release()
    assert owner_of(tmp_path / "lock") is None
    assert second.acquire()
    second.release()


def test_a_second_headless_engine_stands_by_until_the_first_is_gone(folder: WorkspaceFolder, hosted: object) -> None:
    words = [sys.executable, "-m", "desktop_aml", "engine", "--workspace", str(folder.root)]
    other = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    wait_until(lambda: (owner_of(folder.owner_lock) or {}).get("pid") == other.pid, "the other process to own it")
    host, _ = hosted()  # type: ignore[operator]
    assert not host.owns()
    other.kill()
    other.wait()
    wait_until(host.owns, "the standing-by engine to take over")


def test_a_window_asks_a_headless_owner_to_step_back(folder: WorkspaceFolder, hosted: object) -> None:
    headless, events = hosted()  # type: ignore[operator]
    wait_until(headless.owns)
    window, _ = hosted("window")  # type: ignore[operator]
    wait_until(window.owns, "the window to own the workspace")
    assert EngineChanged("stopped") in events


def test_a_window_asks_again_when_another_engine_was_quicker(
    folder: WorkspaceFolder, hosted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    headless, events = hosted()  # type: ignore[operator]
    wait_until(headless.owns)
    acquire = OwnerLock.acquire

    def come_late(lock: OwnerLock) -> bool:
        is_late = lock._kind == "window" and events.count(EngineChanged("stopped")) < 2
        return not is_late and acquire(lock)

    monkeypatch.setattr(OwnerLock, "acquire", come_late)
    monkeypatch.setattr(engine_host, "_ASK_AGAIN_S", 0.05)
    window, _ = hosted("window")  # type: ignore[operator]
    wait_until(window.owns, "the window to own the workspace")


@pytest.fixture
def prepared_for_ever(
    folder: WorkspaceFolder, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> tuple[threading.Semaphore, threading.Event]:
    """A queued run; what tells that a preparation of it has begun, and what lets it end."""
    gate, begun = threading.Event(), threading.Semaphore(0)

    def make_ready(_: object, *words: object, **named: object) -> BuiltEnvironment:
        begun.release()
        return OwnPython(gate=gate).make_ready(*words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(BuilderService, "make_ready", make_ready)
    monkeypatch.setattr(BuilderService, "finish", OwnPython.finish)
    driven, script = DrivenEngine(folder, limit=0), write_script("pass")
    snapshot.take(script.parent, folder.run("r"), folder.blobs)
    driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="numpy"))
    assert driven.ask(SubmitRun(run_id="r", script=script.name, experiment="e", environment="env")) == Done(name="r")
    driven.close()
    return begun, gate


def test_a_hand_over_during_a_preparation_costs_the_run_nothing(
    folder: WorkspaceFolder, prepared_for_ever: tuple[threading.Semaphore, threading.Event]
) -> None:
    begun, gate = prepared_for_ever
    with ExitStack() as at_the_end, Database(folder.database, read_only=True) as db:

        def started(kind: str) -> tuple[EngineHost, Callable[[], None]]:
            host, stop = EngineHost(folder, Settings(), lambda _: None, kind=kind), threading.Event()
            thread = threading.Thread(target=host.run_forever, args=(stop,))

            def end() -> None:
                stop.set()
                thread.join(20)

            thread.start()
            at_the_end.callback(end)
            wait_until(host.owns, f"the {kind} engine to own the workspace")
            return host, end

        for _ in range(MAX_ATTEMPTS):
            headless, end_headless = started("headless")
            assert begun.acquire(timeout=20)
            _, end_window = started("window")
            assert not headless.owns()
            assert begun.acquire(timeout=20)
            assert runs.state_of(db, "r") is RunState.PREPARING
            end_headless()
            end_window()
        started("headless")
        gate.set()
        wait_until(lambda: runs.state_of(db, "r").is_terminal(), "the end of the run")
        summary = runs.get(db, "r").summary
    assert (summary.state, summary.attempt) == (RunState.COMPLETED, 1)


def test_a_headless_engine_never_disturbs_a_window(folder: WorkspaceFolder, hosted: object) -> None:
    window, events = hosted("window")  # type: ignore[operator]
    wait_until(window.owns)
    headless, _ = hosted()  # type: ignore[operator]
    for _ in range(20):
        assert not headless.owns()
        threading.Event().wait(0.01)
    assert EngineChanged("stopped") not in events


@pytest.mark.parametrize("until_idle", [True, False])
@pytest.mark.parametrize("what", ["removed", "moved", "replaced"])
def test_an_engine_whose_workspace_is_taken_away_ends_with_a_word_and_writes_nothing_there(
    folder: WorkspaceFolder, tmp_path: Path, what: str, *, until_idle: bool
) -> None:
    with Workspace.open(folder.root) as workspace:
        workspace.start_engine()
        # A run that a program outside records, and that does not end: an engine has something to do for ever.
        me = identity_of(os.getpid())
        assert me is not None
        assert record_for(workspace.runs.external.start(run_id="notebook", experiment="exp"), me) is not None
        workspace.leave_work()
    events: list[object] = []
    host = EngineHost(folder, Settings(), events.append, until_idle=until_idle)
    thread = threading.Thread(target=host.run_forever, args=(threading.Event(),), daemon=True)
    thread.start()
    wait_until(lambda: EngineChanged("ready") in events)
    with Database(folder.database, read_only=True) as db:
        # While a run begins, its folders are being made.
        wait_until(lambda: state_of(db, "notebook") is RunState.RUNNING and not outbox.count(db))
    folder.root.rename(tmp_path / "elsewhere")
    if what == "removed":
        shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)  # the engine is still there
    elif what == "replaced":
        folder.make("another")
        migrate(folder.database)
    there = sorted(folder.root.rglob("*"))
    thread.join(20)
    assert not thread.is_alive()
    last = [event for event in events if isinstance(event, EngineChanged)][-1]
    assert (last.state, "was removed, moved or replaced" in last.message) == ("fault", True)
    assert sorted(folder.root.rglob("*")) == there


def test_a_run_whose_folder_was_taken_away_before_it_began_fails_and_the_folder_is_not_made_again(
    folder: WorkspaceFolder, hosted: object
) -> None:
    with Workspace.open(folder.root) as workspace:
        workspace.start_engine()
        workspace.runs.queue.pause()
        workspace.runs.external.start(run_id="notebook", experiment="exp")
        workspace.leave_work()
    shutil.rmtree(folder.run("notebook"))
    folder.pause_mark.unlink()
    hosted()  # type: ignore[operator]
    with Database(folder.database, read_only=True) as db:
        wait_until(lambda: state_of(db, "notebook") is RunState.FAILED)
        wait_until(lambda: not outbox.count(db))
    assert not folder.run("notebook").exists()
