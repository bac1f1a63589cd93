"""MLflow's own clients, the newest of 3 and one of 2, against the tracking server: a test for each promise."""

from __future__ import annotations

import ast
import fcntl
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uv

from desktop_aml.rest.server import TrackingServer
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker

CALLS = Path(__file__).with_name("mlflow_calls.py")
RELEASES = {"3": "mlflow-skinny>=3.17,<4", "2": "mlflow-skinny>=2.22,<3"}
BESIDE = ("scikit-learn", "pandas", "matplotlib", "skops")
PROMISES = [
    one.name for one in ast.parse(CALLS.read_text()).body if isinstance(one, ast.FunctionDef) and "_" in one.name
]


def python_with(release: str, *more: str) -> Path:
    """Return the interpreter of an environment with a release of MLflow and more, made once for this computer."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "desktop-aml-tests" / "mlflow"
    cache.mkdir(parents=True, exist_ok=True)
    name = "-".join((release, *more))
    folder = cache / name
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            command = uv.find_uv_bin()
            subprocess.run([command, "venv", "-q", "--clear", "--python", "3.11", folder], check=True)
            words = [
                command,
                "pip",
                "install",
                "-q",
                "--python",
                folder / "bin/python",
                RELEASES[release],
                *(more or BESIDE),
            ]
            subprocess.run(words, check=True)
            (folder / "done").touch()
    return folder / "bin" / "python"


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
