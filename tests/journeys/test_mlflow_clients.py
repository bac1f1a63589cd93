"""MLflow's own clients, the newest of 3 and one of 2, against the tracking server: a test for each promise."""

from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.rest.server import TrackingServer
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker
from tests.mlflow_pythons import python_with

CALLS = Path(__file__).with_name("mlflow_calls.py")
PROMISES = [
    one.name for one in ast.parse(CALLS.read_text()).body if isinstance(one, ast.FunctionDef) and "_" in one.name
]


@pytest.fixture(scope="module", params=["3", "2"])
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return what became of each promise, with the client of one release."""
    python, folder = python_with(request.param), tmp_path_factory.mktemp("clients")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKTOP_AML_HOME", str(folder / "home"))
        workspace = Workspace.create(folder / "workspace", "test")
        workspace.start_engine()
        tracker = Tracker(workspace)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        server = TrackingServer(listener, tracker, "secret")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("MLFLOW_", "AZUREML_"))}
        told = {
            "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{server.port}",
            "MLFLOW_TRACKING_TOKEN": "secret",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "GIT_PYTHON_REFRESH": "quiet",
        }
        try:
            done = subprocess.run(
                [python, CALLS], env={**kept, **told}, cwd=folder, capture_output=True, text=True, timeout=170
            )
            yield json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"": done.stderr}
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            tracker.close()
            workspace.close()


@pytest.mark.parametrize("promise", PROMISES)
def test_an_unmodified_client_finds(outcome: dict[str, str], promise: str) -> None:
    assert outcome.get(promise, outcome.get("", "not called")) == ""
