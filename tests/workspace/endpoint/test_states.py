"""The state of an endpoint that is read is the one that it is in, and an engine brings up what should serve."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import pytest

from desktop_aml.domain.events import EndpointChanged
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.requests import DeleteEndpoint, DeployModel, Refusal, RegisterModel, StartEndpoint, StopEndpoint
from desktop_aml.serving import config, front_process
from desktop_aml.store import registry
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.engine_client import EngineClient
from tests.conftest import DrivenEngine, wait_until
from tests.serving.inline import constant

NAME = "service"


class Served:
    """A workspace with an endpoint that is healthy, and no engine."""

    def __init__(self, folder: WorkspaceFolder, model: Path) -> None:
        self.folder = folder
        driven = DrivenEngine(folder)
        driven.ask(RegisterModel(name="m", file=str(model)))
        driven.ask(DeployModel(name=NAME, model_name="m"))
        driven.until(lambda: self.endpoint().state is EndpointState.HEALTHY, "a healthy endpoint")
        driven.close()

    @property
    def place(self) -> Path:
        return self.folder.endpoint(NAME)

    @property
    def front(self) -> config.FrontState:
        found = front_process.read_state(self.place)
        assert found is not None
        return found

    def endpoint(self, folder: WorkspaceFolder | None = None) -> Endpoint:
        workspace = Workspace(folder or self.folder)
        workspace.leave_work()
        try:
            return workspace.endpoints.get(NAME)
        finally:
            workspace.close()

    def kill(self) -> None:
        pid = self.front.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.front.lost, "the end of the front")

    def until(self, state: EndpointState) -> Endpoint:
        """Let a new engine look after the endpoint until it is in a state."""
        driven = DrivenEngine(self.folder)
        driven.until(lambda: self.endpoint().state is state, f"the endpoint to be {state}")
        driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")
        driven.close()
        return self.endpoint()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    joblib.dump(constant(0), tmp_path / "m.joblib")
    return tmp_path / "m.joblib"


@pytest.fixture
def served(folder: WorkspaceFolder, model: Path, marked_processes: object) -> Iterator[Served]:
    made = Served(folder, model)
    yield made
    front_process.stop_front(made.place)


def test_an_endpoint_whose_process_is_gone_is_not_healthy_and_is_brought_up_by_an_engine(served: Served) -> None:
    served.kill()
    gone = served.endpoint()
    assert gone.state is EndpointState.UNHEALTHY
    assert (gone.scoring_uri, gone.swagger_uri) == ("", "")
    assert "gone" in gone.error
    assert served.until(EndpointState.HEALTHY).scoring_uri == served.front.scoring_uri != ""


def test_what_the_front_says_is_read_without_an_engine(served: Served) -> None:
    told = config.read_struct(served.place / config.STATE_FILE, config.FrontState)
    assert told is not None
    fields = {name: getattr(told, name) for name in told.__struct_fields__}
    worse = config.FrontState(**(fields | {"state": EndpointState.UNHEALTHY, "error": "The model has crashed."}))
    config.write_state(served.place, worse)
    assert (served.endpoint().state, served.endpoint().error) == (EndpointState.UNHEALTHY, "The model has crashed.")


def test_scoring_brings_up_an_endpoint_whose_process_is_gone(served: Served) -> None:
    served.kill()
    workspace = Workspace(served.folder)
    workspace.start_engine()
    try:
        assert workspace.endpoints.score(NAME, {"data": [[1]], "method": "predict"}) == [0]
    finally:
        workspace.close()


def test_closing_a_workspace_leaves_an_engine_to_an_endpoint_that_is_gone(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(EngineClient, "_start_headless", lambda self: started.append(self.folder.root.name))
    Workspace(served.folder).close()
    assert started == []
    served.kill()
    Workspace(served.folder).close()
    assert started == [served.folder.root.name]


def test_a_copy_of_a_workspace_does_not_take_the_others_process_for_its_own(served: Served, tmp_path: Path) -> None:
    copy = WorkspaceFolder(tmp_path / "copy")
    shutil.copytree(served.folder.root, copy.root)
    assert served.endpoint(copy).state is EndpointState.UNHEALTHY
    front_process.stop_front(copy.endpoint(NAME))
    assert served.endpoint().state is EndpointState.HEALTHY
    try:
        front_process.spawn_front(copy.endpoint(NAME))
        wait_until(lambda: served.endpoint(copy).state is EndpointState.HEALTHY, "the copy to serve")
        assert served.endpoint(copy).port != served.endpoint().port
        assert config.read_config(copy.endpoint(NAME)).nonce != config.read_config(served.place).nonce
    finally:
        front_process.stop_front(copy.endpoint(NAME))


def test_what_an_engine_did_not_come_to_stop_is_stopped_by_the_next(served: Served) -> None:
    driven = DrivenEngine(served.folder)
    stored = registry.get_endpoint(driven.engine._db, NAME)
    registry.put_endpoint(driven.engine._db, stored, wanted="stopped")
    driven.close()
    assert served.endpoint().state is EndpointState.HEALTHY
    served.until(EndpointState.STOPPED)
    assert served.front.state is EndpointState.STOPPED


@pytest.mark.parametrize("text", [b"", b"\x00\xff", b'{"pid": []}'])
def test_a_damaged_file_of_an_endpoint_stops_no_engine(served: Served, text: bytes) -> None:
    front_process.stop_front(served.place)
    (served.place / config.STATE_FILE).write_bytes(text)
    assert served.endpoint().state is EndpointState.UNHEALTHY
    assert served.until(EndpointState.HEALTHY).scoring_uri


@pytest.fixture
def half_deployed(folder: WorkspaceFolder, model: Path) -> Callable[..., None]:
    """Return what begins a deployment, after which the engine dies."""

    def begin(**words: object) -> None:
        driven = DrivenEngine(folder)
        # A dead engine gives no results to anybody: what was made ready is never taken.
        driven.engine._endpoints._prepared = lambda *_: None  # type: ignore[method-assign]
        driven.ask(RegisterModel(name="m", file=str(model)))
        driven.ask(DeployModel(name=NAME, model_name="m", **words))
        driven.close()

    return begin


def test_a_deployment_that_an_engine_did_not_finish_is_finished_by_the_next(
    folder: WorkspaceFolder, half_deployed: Callable[..., None], marked_processes: object
) -> None:
    half_deployed(keys=("first", "second"), auth_enabled=True)
    driven = DrivenEngine(folder)
    place = folder.endpoint(NAME)
    written = place / config.CONFIG_FILE
    driven.until(written.exists, "the deployment to be finished")
    assert config.read_config(place).keys == ("first", "second")
    assert not (place / "deploying.json").exists()
    driven.ask(DeleteEndpoint(name=NAME))
    driven.until(lambda: not place.exists(), "the endpoint to be removed")
    driven.close()


def test_a_deletion_that_an_engine_did_not_finish_is_finished_by_the_next(served: Served) -> None:
    driven = DrivenEngine(served.folder)
    driven.ask(DeleteEndpoint(name=NAME))
    # A dead engine hears of no end of its work. Another one died while a folder went.
    driven.close()
    left = served.place.with_name(".removed-0123")
    (left / "app").mkdir(parents=True)
    driven = DrivenEngine(served.folder)
    driven.until(lambda: not registry.endpoints(driven.engine._db), "the endpoint to be deleted")
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")
    driven.close()
    wait_until(lambda: list(served.place.parent.iterdir()) == [], "nothing to be left of it")


def test_an_endpoint_that_is_being_deleted_is_neither_started_nor_deployed(served: Served) -> None:
    driven = DrivenEngine(served.folder)
    requests = (
        DeleteEndpoint(name=NAME),
        DeployModel(name=NAME, model_name="m", overwrite=True),
        StartEndpoint(name=NAME),
    )
    # All three are there before the engine begins with the first.
    asked = [driven.engine.ask(request) for request in requests]
    driven.until(lambda: all(one.done() for one in asked), "the answers")
    for one in asked[1:]:
        refused = one.result()
        assert isinstance(refused, Refusal)
        assert "is being deleted" in refused.message
    driven.until(lambda: not registry.endpoints(driven.engine._db), "the endpoint to be deleted")
    driven.close()


def test_an_endpoint_that_is_started_while_it_stops_is_never_said_to_have_stopped(served: Served) -> None:
    driven = DrivenEngine(served.folder)
    # Both are there before the engine begins with the first.
    asked = [driven.engine.ask(request) for request in (StopEndpoint(name=NAME), StartEndpoint(name=NAME))]
    driven.until(lambda: all(one.done() for one in asked), "the answers")
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")
    assert served.endpoint().state is EndpointState.HEALTHY
    told = [event.state for event in driven.events if isinstance(event, EndpointChanged)]
    assert EndpointState.STOPPED not in told
    driven.close()


def test_a_deployment_that_cannot_be_finished_has_failed(
    folder: WorkspaceFolder, half_deployed: Callable[..., None], marked_processes: object
) -> None:
    half_deployed()
    # No engine before this one: it could bring the endpoint up while the model is still there.
    with Database(folder.database, read_only=False) as db:
        db.run("DELETE FROM model")
    driven = DrivenEngine(folder)
    db = driven.engine._db
    driven.until(lambda: registry.get_endpoint(db, NAME).state is EndpointState.FAILED, "the deployment to fail")
    assert "m" in registry.get_endpoint(db, NAME).error
    driven.close()
