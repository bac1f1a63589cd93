"""What is read without an engine is not older than what an engine would have seen."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.cli.opened import opened
from desktop_aml.domain.environments import THIS_PYTHON, BuildState, EnvironmentKind
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.run_folder import snapshot
from desktop_aml.store import environments
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace, engine_client
from tests.conftest import DrivenEngine, wait_until

RUN = "unseen_1_a"


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Thread]]:
    """Let headless engines be threads of this process."""
    started: list[threading.Thread] = []
    stop = threading.Event()

    def start(client: engine_client.EngineClient) -> None:
        host = Workspace.open(client.folder.root).host_engine(kind="headless", until_idle=True)
        started.append(threading.Thread(target=host.run_forever, args=(stop,)))
        started[-1].start()

    monkeypatch.setattr(engine_client.EngineClient, "_start_headless", start)
    yield started
    stop.set()
    for engine in started:
        engine.join()


@pytest.fixture
def running(folder: WorkspaceFolder, write_script: Callable[..., Path], marked_processes: object) -> AttemptFiles:
    """Return the files of a run that goes on while there is no engine."""
    driven = DrivenEngine(folder)
    script = write_script("import time\nwhile True:\n    time.sleep(0.05)\n")
    snapshot.take(script.parent, folder.run(RUN), folder.blobs)
    driven.ask(SubmitRun(run_id=RUN, script=script.name, experiment="unseen", environment=THIS_PYTHON))
    files = AttemptFiles(folder.run(RUN) / "attempts" / "1")
    driven.until(lambda: driven.state(RUN) is RunState.RUNNING and files.script_was_started(), "the script to run")
    driven.close()
    return files


def state_read(folder: WorkspaceFolder) -> RunState:
    with opened(folder.root) as workspace:
        return workspace.runs.get(RUN).summary.state


def test_a_run_that_is_gone_is_not_read_as_running(
    folder: WorkspaceFolder, running: AttemptFiles, engines: list[threading.Thread]
) -> None:
    claim = running.claim()
    assert claim is not None
    assert claim.owner is not None
    claim.owner.send(signal.SIGKILL)
    owner = claim.owner
    wait_until(lambda: not owner.is_alive(), "the end of the supervisor")
    assert state_read(folder) is RunState.FAILED


def test_a_run_that_goes_on_keeps_no_reader_waiting(
    folder: WorkspaceFolder, running: AttemptFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(engine_client.EngineClient, "_start_headless", started.append)
    workspace = Workspace(folder)
    workspace.leave_work()
    workspace.take_up()
    assert workspace.runs.get(RUN).summary.state is RunState.RUNNING
    assert started == []
    workspace.close()


def test_a_build_of_a_dead_engine_is_not_under_way(folder: WorkspaceFolder) -> None:
    with Database(folder.database, read_only=False) as db:
        environments.register(db, "one", EnvironmentKind.PIP, "numpy", "", 0.0)
        environments.set_state(db, "one", 1, BuildState.BUILDING)
    workspace = Workspace(folder)
    assert workspace.environments.summary("one").state is BuildState.NOT_BUILT
    assert {one.state for one in workspace.environments.list() if one.name == "one"} == {BuildState.NOT_BUILT}
    workspace.close()


@pytest.mark.parametrize("handle", ["external:/no/such/place", "of a later version", "local:x::"])
def test_a_run_that_others_watch_or_nobody_can_does_not_keep_the_rest_from_being_read(
    folder: WorkspaceFolder, running: AttemptFiles, engines: list[threading.Thread], handle: str
) -> None:
    with sqlite3.connect(folder.database) as db:
        db.execute("UPDATE run_detail SET handle = ? WHERE run_id = ?", (handle, RUN))
    db.close()
    with opened(folder.root) as workspace:
        assert len(workspace.runs.list()) == 1
