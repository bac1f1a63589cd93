"""Clients in the idiom of public Azure ML v1 samples, started by hand: they submit, register and deploy themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from desktop_aml.workspace import Workspace, sdk_path
from tests.azureml_corpus.cases import Case
from tests.azureml_corpus.checking import check_client
from tests.azureml_corpus.conftest import OFFLINE, of, run
from tests.azureml_corpus.interpreters import python_of


@of("client")
def test_a_client_is_started_as_it_is(
    case: Case, version: str, project: Path, named_workspace: Callable[[], Workspace], kept_builds: None
) -> None:
    said = run(
        [python_of(version), case.script],
        project,
        PYTHONPATH=str(sdk_path()),
        DESKTOP_AML_PYTHON=sys.executable,
        MPLCONFIGDIR=str(project.parent),
        **({} if case.builds else OFFLINE),
    )
    assert [words for words in case.says if words not in said] == [], said[-3000:]
    if case.runs or case.models:
        check_client(named_workspace(), case)
