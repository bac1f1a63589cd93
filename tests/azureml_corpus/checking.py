"""What must have come of a case."""

from __future__ import annotations

import json

from desktop_aml.domain.runs import RunQuery
from desktop_aml.sdk import calls
from desktop_aml.workspace import Workspace
from tests.azureml_corpus.cases import Case, fits


def check_run(workspace: Workspace, case: Case, said: str) -> None:
    """Compare what a submitted case left with what it says that it leaves."""
    run_id = workspace.runs.list(RunQuery(parent=""))[0].id
    detail = workspace.runs.get(run_id)
    assert detail.summary.state == "Completed", said
    metrics = json.loads(json.dumps(calls.answer(workspace, "runs.metrics", {"run_id": run_id})))
    assert set(metrics) == set(case.metrics)
    assert {name: value for name, value in metrics.items() if not fits(case.metrics[name], value)} == {}
    assert set(case.files) <= {file.path for file in workspace.runs.files.list(run_id)}
    assert {key: detail.tags.get(key) for key in case.tags} == case.tags
    assert [model.name for model in workspace.models.list()] == case.models
    assert [words for words in case.says if words not in said] == []
    children = workspace.runs.list(RunQuery(parent=run_id))
    assert [str(one.state) for one in children] == ["Completed"] * case.children


def check_client(workspace: Workspace, case: Case) -> None:
    """Compare what a client left with what the case says that it leaves."""
    states: dict[str, list[str]] = {}
    for one in workspace.runs.list(RunQuery(parent="")):
        states.setdefault(one.experiment, []).append(str(one.state))
    assert {name: states.get(name) for name in case.runs} == case.runs
    assert [model.name for model in workspace.models.list()] == case.models
    assert workspace.endpoints.list() == ()
