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
