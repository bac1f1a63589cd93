"""Endpoints in the engine: what must be done before a front may start."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import THIS_PYTHON, BuildState, BuiltEnvironment, EnvironmentKind
from desktop_aml.domain.errors import NoRoomForEnvironment
from desktop_aml.domain.events import EngineChanged
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.requests import (
    DeleteEndpoint,
    DeployModel,
    Done,
    Refusal,
    RegisterEnvironment,
    RegisterModel,
    SetEndpointKey,
    SubmitRun,
)
from desktop_aml.domain.runs import RunState
from desktop_aml.run_folder import snapshot
from desktop_aml.serving import config, front_process
from desktop_aml.store import environments, registry
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
from tests.fakes import OwnPython


class StillCompiling(OwnPython):
    """A source whose builds are usable, but not yet quick."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.compiled = threading.Event(), threading.Event()

    def finish(self, built: BuiltEnvironment, cancel: threading.Event) -> None:
        self.asked.set()
        self.compiled.wait(60)


def being_deployed(folder: WorkspaceFolder, tmp_path: Path) -> tuple[DrivenEngine, StillCompiling]:
    """An engine that waits for the bytecode of the environment of an endpoint."""
    source = StillCompiling()
    driven = DrivenEngine(folder, source)
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin")))
    driven.ask(DeployModel(name="service", model_name="m"))
    driven.until(source.asked.is_set, "the engine to wait for the bytecode")
    return driven, source


def run_with_outputs(driven: DrivenEngine, folder: Path, files: dict[str, str]) -> str:
    """A run that wrote files, and ended."""
    folder.mkdir()
    (folder / "train.py").write_text(
        f"import os\nfor path, text in {files!r}.items():\n"
        "    os.makedirs(os.path.dirname(path), exist_ok=True)\n    open(path, 'w').write(text)\n"
    )
    run_id = "samples_1_a"
    snapshot.take(folder, driven.folder.run(run_id), driven.folder.blobs)
    asked = SubmitRun(run_id=run_id, script="train.py", experiment="samples", environment=THIS_PYTHON)
    assert driven.ask(asked) == Done(name=run_id)
    assert driven.until_over(run_id) is RunState.COMPLETED
    return run_id


@pytest.mark.parametrize(
    ("path", "sample"),
    [
        ("outputs/m.bin", "outputs/sample_input.json"),
        ("outputs/best/m.bin", "outputs/best/sample_input.json"),
        ("outputs/best/m.bin", "outputs/sample_input.json"),
        ("outputs/model", "outputs/model/input_example.json"),
        ("outputs/m.bin", ""),
    ],
)
def test_rows_that_a_run_kept_beside_its_model_reach_the_endpoint(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object, path: str, sample: str
) -> None:
    driven = DrivenEngine(folder)
    model = path if path.endswith(".bin") else f"{path}/m.bin"
    files = {model: "x", **({sample: "[[1, 2]]"} if sample else {})}
    run_id = run_with_outputs(driven, tmp_path / "source", files)
    driven.ask(RegisterModel(name="m", run_id=run_id, path=path))
    driven.ask(DeployModel(name="service", model_name="m"))
    written = folder.endpoint("service") / config.CONFIG_FILE
    driven.until(written.exists, "the endpoint to be started")
    told = config.read_config(folder.endpoint("service"))
    assert (Path(told.sample_input).read_text() if told.sample_input else "") == ("[[1, 2]]" if sample else "")
    driven.ask(DeleteEndpoint(name="service"))
    driven.close()


def test_an_endpoint_starts_once_the_bytecode_of_its_environment_is_complete(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object
) -> None:
    source = StillCompiling()
    driven = DrivenEngine(folder, source)
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin")))
    driven.ask(DeployModel(name="service", model_name="m"))
    written = folder.endpoint("service") / config.CONFIG_FILE
    try:
        driven.until(source.asked.is_set, "the engine to wait for the bytecode")
        driven.engine.tick()
        assert not written.exists()
    finally:
        source.compiled.set()
    driven.until(written.exists, "the endpoint to be started")
    driven.ask(DeleteEndpoint(name="service"))

    def is_gone() -> bool:
        with Database(folder.database, read_only=True) as db:
            return not registry.endpoints(db)

    driven.until(is_gone, "the endpoint to be removed")
    driven.close()


def test_an_endpoint_deleted_while_it_is_prepared_leaves_nothing(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object
) -> None:
    driven, source = being_deployed(folder, tmp_path)
    driven.ask(DeleteEndpoint(name="service"))
    driven.until(lambda: not registry.endpoints(driven.engine._db), "the endpoint to be removed")
    source.compiled.set()
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")
    driven.close()
    assert list(folder.endpoint("service").parent.iterdir()) == []


def test_an_endpoint_whose_environment_finds_no_room_waits_and_goes_on(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_aml.engine.core.context.RETRY_S", 0.05)
    source = OwnPython(NoRoomForEnvironment("The disk is full."))
    driven = DrivenEngine(folder, source)
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterEnvironment(name="pins", kind=EnvironmentKind.PIP, text="pip\n"))
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin")))
    driven.ask(DeployModel(name="service", model_name="m", environment="pins"))
    driven.until(lambda: any(isinstance(event, EngineChanged) and "full" in event.message for event in driven.events))
    assert registry.get_endpoint(driven.engine._db, "service").state is EndpointState.TRANSITIONING
    source.fail_with = ""
    written = folder.endpoint("service") / config.CONFIG_FILE
    driven.until(written.exists, "the endpoint to be started")
    driven.ask(DeleteEndpoint(name="service"))
    driven.until(lambda: not registry.endpoints(driven.engine._db), "the endpoint to be removed")
    driven.close()


@pytest.fixture
def prepared(folder: WorkspaceFolder, tmp_path: Path, marked_processes: object) -> Iterator[DrivenEngine]:
    """An engine with a model, whose endpoints have no front: what matters here happens before one starts."""
    driven = DrivenEngine(folder)
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin")))
    yield driven
    driven.close()


def endpoint_of(driven: DrivenEngine, name: str = "service") -> Endpoint:
    return registry.get_endpoint(driven.engine._db, name)


def is_failed(driven: DrivenEngine, name: str = "service") -> bool:
    return endpoint_of(driven, name).state is EndpointState.FAILED


def test_a_deployment_that_cannot_be_written_fails_in_words_and_holds_nothing_up(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object
) -> None:
    driven, source = being_deployed(folder, tmp_path)
    written = folder.endpoint("service") / config.CONFIG_FILE
    (written / "in the way").mkdir(parents=True)
    source.compiled.set()
    driven.until(lambda: is_failed(driven), "the endpoint to be said to have failed")
    assert str(written) in endpoint_of(driven).error
    assert isinstance(driven.ask(RegisterEnvironment(name="pins", kind=EnvironmentKind.PIP, text="pip\n")), Done)
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")
    assert not [event for event in driven.events if isinstance(event, EngineChanged) and event.state == "fault"]
    driven.close()


def test_a_deployment_on_a_full_disk_waits_and_goes_on(prepared: DrivenEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_aml.engine.core.context.RETRY_S", 0.05)
    monkeypatch.setattr("desktop_aml.engine.engine.RETRY_S", 0.05)
    real = config.write_durably

    def full(path: Path, data: bytes) -> None:
        if path.name == config.CONFIG_FILE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(config, "write_durably", full)
        prepared.ask(DeployModel(name="service", model_name="m"))
        prepared.until(
            lambda: any(isinstance(event, EngineChanged) and "full" in event.message for event in prepared.events)
        )
        assert endpoint_of(prepared).state is EndpointState.TRANSITIONING
    written = prepared.folder.endpoint("service") / config.CONFIG_FILE
    prepared.until(written.exists, "the endpoint to be started")


def test_a_key_for_an_endpoint_that_was_never_deployed_whole_holds_nothing_up(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object
) -> None:
    driven = DrivenEngine(folder, OwnPython("no such package"))
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterEnvironment(name="pins", kind=EnvironmentKind.PIP, text="pip\n"))
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin")))
    driven.ask(DeployModel(name="service", model_name="m", environment="pins"))
    driven.until(lambda: is_failed(driven), "the endpoint to be said to have failed")
    why = endpoint_of(driven).error
    answer = driven.ask(SetEndpointKey(name="service", key="k", primary=True))
    assert isinstance(answer, Refusal)
    assert "was never deployed" in answer.message
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")
    assert endpoint_of(driven).state is EndpointState.FAILED
    assert endpoint_of(driven).error == why
    driven.close()


def test_a_key_that_cannot_be_written_is_told_by_the_endpoint(
    prepared: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = prepared.folder.endpoint("service") / config.CONFIG_FILE
    prepared.ask(DeployModel(name="service", model_name="m"))
    prepared.until(written.exists, "the endpoint to be started")
    prepared.until(lambda: not prepared.engine._endpoints._lives["service"].busy, "the endpoint to be at rest")

    def refuse(path: Path, data: bytes) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(config, "write_durably", refuse)
        prepared.ask(SetEndpointKey(name="service", key="k", primary=True))
        prepared.until(lambda: is_failed(prepared), "the endpoint to say why it does not serve")
        assert "Permission denied" in endpoint_of(prepared).error
        assert prepared.ask(RegisterEnvironment(name="pins", kind=EnvironmentKind.PIP, text="pip\n"))


def test_one_endpoint_that_cannot_be_looked_at_keeps_no_other_from_starting(
    prepared: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = front_process.read_state

    def read_state(folder: Path) -> object:
        if folder.name == "broken":
            raise RuntimeError("nobody thought of this")
        return real(folder)

    monkeypatch.setattr(front_process, "read_state", read_state)
    for name in ("broken", "service"):
        prepared.ask(DeployModel(name=name, model_name="m"))
    prepared.until(lambda: is_failed(prepared, "broken"), "the broken endpoint to be said to have failed")
    assert "nobody thought of this" in endpoint_of(prepared, "broken").error
    prepared.until(lambda: real(prepared.folder.endpoint("service")) is not None, "the other endpoint to be started")


def test_an_environment_that_only_an_endpoint_needed_is_known_as_built(
    folder: WorkspaceFolder, tmp_path: Path, marked_processes: object
) -> None:
    driven = DrivenEngine(folder)
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="numpy"))
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin"), environment="env"))
    driven.ask(DeployModel(name="service", model_name="m"))
    driven.until((folder.endpoint("service") / config.CONFIG_FILE).exists, "the endpoint to be started")
    with Database(folder.database, read_only=True) as db:
        assert environments.state(db, "env", 1) is BuildState.READY
        assert environments.lock_of(db, "env") == driven.source.this_python().lock
    driven.ask(DeleteEndpoint(name="service"))
    driven.close()
