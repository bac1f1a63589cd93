"""Scripts in the idiom of public Azure ML v1 samples run as they are, submitted."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from desktop_aml.workspace import Workspace
from tests.azureml_corpus.cases import CASES, Case
from tests.azureml_corpus.checking import check_run
from tests.azureml_corpus.conftest import OFFLINE, name_of_python, of, run
from tests.azureml_corpus.interpreters import OWN


@of("submit")
def test_a_script_is_submitted_as_it_is(case: Case, version: str, project: Path, workspace: Workspace) -> None:
    environment = ["--environment", name_of_python(workspace, version)] if version != OWN else []
    if case.downloads:
        shutil.copytree(case.folder / case.downloads, workspace.path / "downloads")
    command = [sys.executable, "-m", "desktop_aml", "submit", case.script, "--workspace", str(workspace.path)]
    said = run([*command, "--experiment", "corpus", *environment, "--", *case.arguments], project, **OFFLINE)
    check_run(workspace, case, said)


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(CASES) >= 25
    assert len([case for case in CASES if case.docker]) >= 5
    assert len([case for case in CASES if case.kind == "notebook"]) >= 3
