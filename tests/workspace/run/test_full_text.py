"""Logs and source are searched in the terminal, and indexed by the engine in the background."""

from __future__ import annotations

import json
from pathlib import Path

from desktop_aml.cli import main
from desktop_aml.store.full_text import index
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


def test_the_engine_indexes_a_run_that_ended_and_the_terminal_finds_it(
    workspace: Workspace, tmp_path: Path, capsys, monkeypatch
) -> None:
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text("print('the gradient', 'vanished')\n")
    run_id = workspace.runs.submit(script)
    workspace.runs.wait(run_id, timeout_s=60)
    path = workspace.path / index.FILE_NAME
    wait_until(lambda: index.found(path, ["log"], "gradient vanished") == [run_id])
    monkeypatch.chdir(workspace.path)
    capsys.readouterr()
    for words, found in (("log ~ 'gradient van'", [run_id]), ("source ~ print", [run_id]), ("log ~ print", [])):
        assert main(["run", "list", "--json", "--filter", words]) == 0
        assert [run["id"] for run in json.loads(capsys.readouterr().out)] == found
