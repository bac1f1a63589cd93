"""Code of the corpus that asks for an AmlCompute runs on the cluster that its name is mapped to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunQuery
from desktop_aml.workspace import Workspace, sdk_path
from tests.azureml_corpus.cases import CASES, Case
from tests.azureml_corpus.checking import check_client
from tests.azureml_corpus.conftest import OFFLINE, run
from tests.clusters import lend


@pytest.mark.parametrize("case", [case for case in CASES if case.name == "amlcompute"], ids=["amlcompute"])
def test_code_for_an_amlcompute_runs_on_the_cluster_that_its_name_is_mapped_to(
    case: Case, project: Path, named_workspace: Callable[[], Workspace], shared_cluster: Path
) -> None:
    ours = {"PYTHONPATH": str(sdk_path()), "DESKTOP_AML_PYTHON": sys.executable, **OFFLINE}
    run([sys.executable, "-c", "from azureml.core import Workspace; Workspace.from_config()"], project, **ours)
    workspace = named_workspace()
    lend(workspace, "pool", shared_cluster)
    workspace.computes.map("cpu-cluster", "pool")
    said = run([sys.executable, case.script], project, **ours)
    assert "Found an existing cluster, use it." in said
    assert [words for words in case.says if words not in said] == [], said[-3000:]
    check_client(workspace, case)
    assert [one.target for one in workspace.runs.list(RunQuery(parent=""))] == ["pool"]
