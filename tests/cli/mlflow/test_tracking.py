"""`desktop-aml tracking` serves a workspace to whoever has the two lines that it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.workspace import Workspace


def started(path: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "desktop_aml", "tracking", "--port", "0", "-w", str(path), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def ask(uri: str, token: str) -> dict:
    request = urllib.request.Request(
        f"{uri}/api/2.0/mlflow/experiments/get?experiment_id=0", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.load(reply)


def test_two_lines_lead_to_the_workspace_until_it_is_asked_to_end(tmp_path: Path, marked_processes: object) -> None:
    Workspace.create(tmp_path / "w", "w").close()
    with started(tmp_path / "w") as process:
        assert process.stdout
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(2)]
        told = dict(line.split("=", 1) for line in lines)
        uri, token = told["MLFLOW_TRACKING_URI"], told["MLFLOW_TRACKING_TOKEN"]
        assert ask(uri, token)["experiment"]["name"] == "Default"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            ask(uri, "another")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_it_ends_with_the_process_that_it_serves(tmp_path: Path, marked_processes: Callable[[], list]) -> None:
    Workspace.create(tmp_path / "w", "w").close()
    with (
        subprocess.Popen(["sleep", "300"]) as served,
        started(tmp_path / "w", "--json", "--while-process", str(served.pid)) as process,
    ):
        assert process.stdout
        text = ""
        while not text.rstrip().endswith("}"):
            text += process.stdout.readline()
        assert set(json.loads(text)) == {"uri", "token"}
        os.kill(served.pid, signal.SIGKILL)
        assert process.wait(30) == 0
