"""Endpoints in the engine: what must be done before a front may start."""

from __future__ import annotations

import threading
from pathlib import Path

from desktop_aml.domain.environments import BuiltEnvironment
from desktop_aml.domain.requests import DeleteEndpoint, DeployModel, RegisterModel
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
