"""Handing in a run: what is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.workspace import Workspace


def run_folders(workspace: Workspace) -> set[str]:
    return {path.name for path in (workspace.path / "runs").iterdir()}


def test_a_refused_rerun_leaves_no_folder(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    first = workspace.runs.submit(write_script("pass"))
    with pytest.raises(DesktopAMLError):
        workspace.runs.rerun(first, environment="absent:7")
    assert run_folders(workspace) == {first}


def test_a_rerun_of_what_cannot_be_run_leaves_no_folder(workspace: Workspace) -> None:
    workspace.runs.external.start(run_id="notebook", experiment="exp")
    with pytest.raises(InvalidInput, match="recorded by a program of its own"):
        workspace.runs.rerun("notebook")
    assert run_folders(workspace) == {"notebook"}


def test_arguments_become_parameters_as_the_script_reads_them_also_when_it_runs_again(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    script = write_script("from options import parser\nparser().parse_args()\n")
    script.with_name("options.py").write_text(
        "import argparse\n"
        "def parser():\n"
        "    made = argparse.ArgumentParser()\n"
        "    made.add_argument('data')\n"
        "    made.add_argument('-d', dest='depth', type=int)\n"
        "    made.add_argument('--debug', action='store_true')\n"
        "    return made\n"
    )
    first = workspace.runs.submit(script, arguments=("--debug", "go.csv", "-d", "7"))
    again = workspace.runs.rerun(first)
    for run_id in (first, again):
        given = {one.name: one.value for one in workspace.runs.get(run_id).parameters}
        assert given == {"data": "go.csv", "depth": 7, "debug": True}
    request = next((workspace.path / "runs" / again).glob("request.json")).read_text()
    assert '"depth"' in request, "a database made anew knows it, too"
