"""Endpoints in the engine: what must be done before a front may start."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_aml.domain.environments import THIS_PYTHON, BuiltEnvironment, EnvironmentKind
from desktop_aml.domain.errors import NoRoomForEnvironment
from desktop_aml.domain.events import EngineChanged
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.requests import (
    DeleteEndpoint,
    DeployModel,
    Done,
    RegisterEnvironment,
    RegisterModel,
    SubmitRun,
)
from desktop_aml.domain.runs import RunState
from desktop_aml.run_folder import snapshot
from desktop_aml.serving import config
from desktop_aml.store import registry
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
    source = StillCompiling()
    driven = DrivenEngine(folder, source)
    (tmp_path / "m.bin").write_bytes(b"x")
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.bin")))
    driven.ask(DeployModel(name="service", model_name="m"))
    driven.until(source.asked.is_set, "the engine to wait for the bytecode")
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
