"""Environments in the engine: versions, builds, cancelling them, and what their events say."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildState, EnvironmentKind
from desktop_aml.domain.errors import (
    ChannelsUnreachable,
    DesktopAMLError,
    IndexUnreachable,
    MissingOnComputer,
    PreparationError,
)
from desktop_aml.domain.events import BuildProgressed, EnvironmentRegistered
from desktop_aml.domain.requests import (
    BuildEnvironment,
    CancelBuild,
    CancelRun,
    Done,
    Refusal,
    RegisterEnvironment,
)
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core import spool
from desktop_aml.store import environments
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import submit
from tests.fakes import OwnPython


def register(driven: DrivenEngine, text: str = "numpy", name: str = "env") -> Done:
    reply = driven.ask(RegisterEnvironment(name=name, kind=EnvironmentKind.PIP, text=text))
    assert isinstance(reply, Done)
    return reply


def state(driven: DrivenEngine, version: int = 1) -> BuildState:
    with Database(driven.folder.database, read_only=True) as db:
        return environments.state(db, "env", version)


def test_the_same_text_makes_no_new_version_and_another_one_does(driven: DrivenEngine) -> None:
    assert register(driven) == Done(name="env", version=1)
    assert register(driven) == Done(name="env", version=1, changed=False)
    assert register(driven, "pandas") == Done(name="env", version=2)
    assert [event.version for event in driven.events if isinstance(event, EnvironmentRegistered)] == [1, 2]


def test_a_build_goes_from_not_built_to_ready_and_keeps_its_lock(driven: DrivenEngine) -> None:
    register(driven)
    assert state(driven) is BuildState.NOT_BUILT
    assert driven.ask(BuildEnvironment(name="env")) == Done(name="env", version=1)
    driven.until(lambda: state(driven) is BuildState.READY)
    with Database(driven.folder.database, read_only=True) as db:
        assert environments.lock_of(db, "env") == driven.source.this_python().lock
    stages = [(event.state, event.stage) for event in driven.events if isinstance(event, BuildProgressed)]
    assert stages == [(BuildState.BUILDING, "Waiting"), (BuildState.BUILDING, "Installing"), (BuildState.READY, "")]


def test_the_log_of_a_build_is_for_its_owner_alone(driven: DrivenEngine) -> None:
    before = os.umask(0o022)
    try:
        register(driven)
        driven.ask(BuildEnvironment(name="env"))
        driven.until(lambda: state(driven) is BuildState.READY)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in driven.folder.environment("env", 1).glob("*.log")] == [0o600]


def test_a_failed_build_says_why(folder: WorkspaceFolder) -> None:
    driven = DrivenEngine(folder, OwnPython(fail_with="Line 3: there is no package scikit-lern."))
    register(driven)
    driven.ask(BuildEnvironment(name="env"))
    driven.until(lambda: state(driven) is BuildState.FAILED)
    assert "scikit-lern" in next(
        e.message
        for e in driven.events
        if isinstance(e, BuildProgressed) and e.message and e.state is BuildState.FAILED
    )
    driven.close()


def test_a_build_is_cancelled_and_cannot_be_started_twice(folder: WorkspaceFolder) -> None:
    driven = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(driven)
    driven.ask(BuildEnvironment(name="env"))
    assert isinstance(driven.ask(BuildEnvironment(name="env")), Refusal)
    assert driven.ask(CancelBuild(name="env", version=1)) == Done()
    driven.until(lambda: state(driven) is BuildState.CANCELED)
    assert isinstance(driven.ask(CancelBuild(name="env", version=1)), Refusal)
    driven.close()


def test_a_build_that_an_engine_left_behind_is_not_shown_as_under_way(folder: WorkspaceFolder) -> None:
    first = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(first)
    first.ask(BuildEnvironment(name="env"))
    first.close()
    second = DrivenEngine(folder)
    assert state(second) is BuildState.NOT_BUILT
    second.close()


def test_an_environment_that_is_not_there_is_named(driven: DrivenEngine) -> None:
    for name in ("nothing", "env:7", "env:x"):
        reply = driven.ask(BuildEnvironment(name=name))
        assert isinstance(reply, Refusal)
        assert reply.error == "NotFound"


def shown(driven: DrivenEngine, label: str = "env") -> list[BuildProgressed]:
    return [event for event in driven.events if isinstance(event, BuildProgressed) and event.name == label]


def submitted(driven: DrivenEngine, write_script: Callable[..., Path]) -> str:
    """Submit a run in the environment that is registered as env, and return its id once it is being prepared."""
    run_id, before = f"exp_{len(shown(driven)) + 1}_a", len(shown(driven))
    submit(driven, write_script("print(1)"), run_id, environment="env")
    driven.until(lambda: len(shown(driven)) > before, "the build begins")
    return run_id


@pytest.mark.parametrize(
    ("fault", "at_the_end"),
    [
        (PreparationError("Line 3: there is no package scikit-lern."), BuildState.FAILED),
        (MissingOnComputer("Docker does not answer."), BuildState.NOT_BUILT),
        (ChannelsUnreachable("The channel cannot be reached."), BuildState.NOT_BUILT),
        (IndexUnreachable("The index cannot be reached."), BuildState.NOT_BUILT),
    ],
)
def test_a_build_that_a_run_waited_for_ends_with_its_failure(
    folder: WorkspaceFolder, write_script: Callable[..., Path], fault: DesktopAMLError, at_the_end: BuildState
) -> None:
    driven = DrivenEngine(folder, OwnPython(fail_with=fault))
    register(driven)
    run_id = submitted(driven, write_script)
    assert driven.until_over(run_id) is RunState.FAILED
    last = shown(driven)[-1]
    assert (last.state, last.message, last.asked) == (at_the_end, fault.message, False)
    assert state(driven) is at_the_end
    driven.close()


def test_a_build_that_a_run_waited_for_ends_with_the_runs_cancel(
    folder: WorkspaceFolder, write_script: Callable[..., Path]
) -> None:
    driven = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(driven)
    run_id = submitted(driven, write_script)
    driven.ask(CancelRun(run_id=run_id))
    assert driven.until_over(run_id) is RunState.CANCELED
    assert shown(driven)[-1].state is BuildState.CANCELED
    driven.close()


def test_the_build_of_a_run_is_cancelled_by_its_own_name(
    folder: WorkspaceFolder, write_script: Callable[..., Path]
) -> None:
    driven = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(driven)
    run_id = submitted(driven, write_script)
    assert driven.ask(CancelBuild(name="env", version=1)) == Done()
    driven.until_over(run_id)
    assert shown(driven)[-1].state is BuildState.CANCELED
    driven.close()


def test_an_engine_that_ends_in_good_order_leaves_no_build_under_way(
    folder: WorkspaceFolder, write_script: Callable[..., Path]
) -> None:
    driven = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(driven)
    submitted(driven, write_script)
    driven.close()
    assert shown(driven)[-1].state is not BuildState.BUILDING


def test_the_build_of_two_runs_ends_with_the_last_of_them(
    folder: WorkspaceFolder, write_script: Callable[..., Path]
) -> None:
    gate = threading.Event()
    driven = DrivenEngine(folder, OwnPython(gate=gate), limit=2)
    register(driven)
    first, second = submitted(driven, write_script), submitted(driven, write_script)
    driven.ask(CancelRun(run_id=first))
    driven.until_over(first)
    assert shown(driven)[-1].state is BuildState.BUILDING
    gate.set()
    assert driven.until_over(second) is RunState.COMPLETED
    assert shown(driven)[-1].state is BuildState.READY
    driven.close()


def test_a_build_goes_on_with_the_next_engine_when_its_own_ends_in_order(folder: WorkspaceFolder) -> None:
    first = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(first)
    first.ask(BuildEnvironment(name="env"))
    first.close()
    second = DrivenEngine(folder)
    second.until(lambda: state(second) is BuildState.READY)
    second.close()
    assert spool.waiting(folder.requests) == []


def test_a_build_that_was_stopped_is_not_begun_again_by_the_next_engine(folder: WorkspaceFolder) -> None:
    first = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    register(first)
    first.ask(BuildEnvironment(name="env"))
    first.ask(CancelBuild(name="env", version=1))
    first.close()
    assert spool.waiting(folder.requests) == []
