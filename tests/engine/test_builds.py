"""Environments in the engine: versions, builds, cancelling them, and what their events say."""

from __future__ import annotations

import threading

from desktop_aml.domain.environments import BuildState, EnvironmentKind
from desktop_aml.domain.events import BuildProgressed, EnvironmentRegistered
from desktop_aml.domain.requests import BuildEnvironment, CancelBuild, Done, Refusal, RegisterEnvironment
from desktop_aml.store import environments
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
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
