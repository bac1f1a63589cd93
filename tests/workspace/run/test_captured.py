"""A plain script leaves its arguments, estimators, scores and printed results; who does not want that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.runs import RunState
from desktop_aml.sdk.body import CallBody
from desktop_aml.sdk.runs import metrics as azure_metrics
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.rebuilding import rebuild
from tests.conftest import wait_until

PLAIN = """
import sys
from sklearn.svm import SVC
model = SVC(C=float(sys.argv[2])).fit([[0], [1]], [0, 1])
print("Training accuracy: %.2f" % model.score([[0], [1]], [0, 1]))
"""


def to_end(workspace: Workspace, run_id: str) -> str:
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED, workspace.runs.files.read_log(run_id).data
    return run_id


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "source" / "train.py"
    path.parent.mkdir()
    path.write_text(PLAIN)
    return path


def test_a_plain_script_leaves_what_it_did_marked_with_where_it_comes_from(workspace: Workspace, script: Path) -> None:
    run_id = to_end(workspace, workspace.runs.submit(script, arguments=("--C", "2.5")))
    found = workspace.runs.metrics(run_id)
    values = {curve.name: (curve.points[-1].value, curve.source) for curve in found.curves}
    assert values == {"SVC.score": (1.0, "captured"), "Training accuracy": (1.0, "log")}
    parameters = {(one.name, one.value, one.source) for one in workspace.runs.get(run_id).parameters}
    assert parameters == {("C", 2.5, "argument"), ("SVC.C", 2.5, "captured")}
    facts = workspace.runs.captured(run_id)
    assert [(one.name, one.words()) for one in facts.estimators] == [("SVC", "C=2.5")]
    assert facts.model == "outputs/captured/SVC.joblib"
    here = ["-w", str(workspace.path)]
    shown = CliRunner().invoke(cli, ["run", "show", run_id, *here]).output
    for words in ("(captured)", "(read from the log)", "Fitted SVC", "Model offered"):
        assert words in shown
    asked = json.loads(CliRunner().invoke(cli, ["run", "show", run_id, "--json", *here]).output)
    assert asked["metric_sources"] == {"SVC.score": "captured", "Training accuracy": "log"}
    assert asked["captured"]["scores"][0]["estimator"] == "SVC"
    assert azure_metrics(workspace, CallBody({"run_id": run_id})) == {}, "Azure ML code finds what the script logged"
    registered = CliRunner().invoke(
        cli, ["model", "register", "--run", run_id, "--path", facts.model, "--name", "m", *here]
    )
    assert registered.exit_code == 0, registered.output
    assert (
        "SVC.score" in CliRunner().invoke(cli, ["run", "list", "--filter", "metrics.`SVC.score` > 0.5", *here]).output
    )


def test_a_database_made_anew_says_the_same(workspace: Workspace, script: Path) -> None:
    run_id = to_end(workspace, workspace.runs.submit(script, arguments=("--C", "1")))
    before = (workspace.runs.metrics(run_id), workspace.runs.captured(run_id), workspace.runs.get(run_id).parameters)
    path = workspace.path
    workspace.close()
    rebuild(path)
    again = Workspace.open(path)
    try:
        after = (again.runs.metrics(run_id), again.runs.captured(run_id), again.runs.get(run_id).parameters)
    finally:
        again.leave_work()
        again.close()
    assert after == before


def test_a_run_or_a_workspace_that_does_not_want_it_is_left_alone(workspace: Workspace, script: Path) -> None:
    script.write_text('import os\nprint("accuracy: 0.5", os.environ.get("DESKTOP_AML_CAPTURE"))\nprint("loss: 3")')
    here = ["-w", str(workspace.path)]

    def names(run_id: str) -> list[str]:
        return [curve.name for curve in workspace.runs.metrics(to_end(workspace, run_id)).curves]

    assert names(workspace.runs.submit(script)) == ["loss"]
    assert names(workspace.runs.submit(script, capture=False)) == []
    assert CliRunner().invoke(cli, ["workspace", "capture", "off", *here]).exit_code == 0
    assert names(workspace.runs.submit(script)) == []
    assert names(workspace.runs.rerun(workspace.runs.submit(script, capture=True))) == ["loss"]
    assert CliRunner().invoke(cli, ["workspace", "capture", "on", *here]).exit_code == 0
    assert names(workspace.runs.submit(script)) == ["loss"]


def test_the_log_of_a_script_that_logs_itself_is_not_read(workspace: Workspace, script: Path) -> None:
    script.write_text('from azureml.core import Run\nRun.get_context().log("loss", 1)\nprint("accuracy: 3")')
    run_id = to_end(workspace, workspace.runs.submit(script))
    assert [curve.name for curve in workspace.runs.metrics(run_id).curves] == ["loss"]


def test_what_the_script_logged_itself_comes_before_what_was_captured(workspace: Workspace, script: Path) -> None:
    script.write_text(
        "from azureml.core import Run\nfrom sklearn.metrics import accuracy_score\n"
        'Run.get_context().log("mine", accuracy_score([1, 0], [1, 1]))\n'
    )
    run_id = to_end(workspace, workspace.runs.submit(script))
    assert [curve.name for curve in workspace.runs.curves.list(run_id)] == ["mine", "accuracy_score"]
