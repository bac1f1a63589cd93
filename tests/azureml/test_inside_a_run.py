"""The same classes inside a run: what they ask goes through the run's folder to the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until

SCRIPT = """
import os
from azureml.core import Environment, Experiment, Model, Run, ScriptRunConfig, Workspace

run = Run.get_context()
ws = run.experiment.workspace
print("workspace", ws.name, ws.get_details()["path"])
assert Workspace.from_config() == ws
with open("outputs/weights.txt", "w") as stream:
    stream.write("7")
model = Model.register(ws, "outputs/weights.txt", "made-inside")
print("model", model.id, open(Model.get_model_path("made-inside")).read())
print("curated", Environment.get(ws, "AzureML-Tutorial").version)
print("experiments", sorted(ws.experiments))
with open("child.py", "w") as stream:
    stream.write("from azureml.core import Run; Run.get_context().log('depth', 2)")
child = run.submit_child(ScriptRunConfig(".", "child.py"))
child.wait_for_completion()
print("child", child.get_status(), child.get_metrics(), child.parent.id == run.id)
"""


def test_a_script_works_with_the_workspace_of_its_run(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    script = write_script(SCRIPT)
    (script.parent / "config.json").write_text(
        '{"subscription_id": "s", "resource_group": "r", "workspace_name": "of-azure"}'
    )
    run_id = workspace.runs.submit(script, experiment="outer")
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    said = workspace.runs.files.read_log(run_id).data.decode()
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED, said
    assert f"workspace test {workspace.path}" in said
    assert "model made-inside:1 7" in said
    assert "curated 1" in said
    assert "experiments ['outer']" in said
    assert "child Completed {'depth': 2} True" in said
    assert [model.label for model in workspace.models.list()] == ["made-inside:1"]


FAMILY = """
import os, sys
from azureml.core import Run, ScriptRunConfig
run = Run.get_context()
run.log("root", os.environ["AZUREML_ROOT_RUN_ID"])
generation = int(sys.argv[1])
if generation:
    run.submit_child(ScriptRunConfig(".", "train.py", arguments=[generation - 1])).wait_for_completion()
"""


def test_a_grandchild_knows_the_run_that_all_began_with(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    first = workspace.runs.submit(write_script(FAMILY), experiment="family", arguments=["2"])
    wait_until(lambda: workspace.runs.get(first).summary.state.is_terminal(), "the end of the family")
    family = workspace.runs.list()
    assert [run.state for run in family] == [RunState.COMPLETED] * 3
    assert [workspace.runs.metrics(run.id).as_azure() for run in family] == [{"root": first}] * 3
