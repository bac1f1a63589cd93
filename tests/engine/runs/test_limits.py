"""Runs for one compute target of Azure ML code: as many at once as it was made for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of, calls
from desktop_aml.settings import Settings
from desktop_aml.store.azure_records import ComputeRecord
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until

WAITS = """
import os, time
while not os.path.exists({gate!r}):
    time.sleep(0.01)
"""


@pytest.mark.parametrize(("max_nodes", "at_once"), [(1, 1), (2, 2)])
def test_only_as_many_runs_as_the_target_was_made_for_execute_at_once(
    workspace: Workspace, write_script: Callable[..., Path], tmp_path: Path, max_nodes: int, at_once: int
) -> None:
    gate = tmp_path / "gate"
    workspace.computes.put("small", ComputeRecord(kind="AmlCompute", created_at=1.0, max_nodes=max_nodes))
    script = write_script(WAITS.format(gate=str(gate)))
    body = {"script": script.name, "source_directory": str(script.parent), "experiment": "pool", "compute": "small"}
    waiting = [calls.answer(workspace, "runs.submit", body)["id"] for _ in range(2)]  # type: ignore[index]

    def states() -> list[RunState]:
        return [workspace.runs.get(run_id).summary.state for run_id in waiting]

    wait_until(lambda: states().count(RunState.RUNNING) == at_once, "the first runs to begin")
    other = workspace.runs.submit(write_script("print('other')", name="other.py"), experiment="other")
    if at_once == 1:
        # What was not submitted to the full target goes on; what was, waits.
        wait_until(lambda: workspace.runs.get(other).summary.state is RunState.COMPLETED, "the other run")
        assert states() == [RunState.RUNNING, RunState.QUEUED]
    gate.touch()
    wait_until(lambda: states() == [RunState.COMPLETED] * 2, "the end of both")
    wait_until(lambda: workspace.runs.get(other).summary.state.is_terminal(), "the end of the other")


PARENT = """
from azureml.core import Run, ScriptRunConfig
run = Run.get_context()
for depth in range(2):
    run.submit_child(ScriptRunConfig(".", "child.py")).wait_for_completion()
"""


def test_a_run_that_waits_for_its_child_does_not_keep_it_from_its_place(
    folder: WorkspaceFolder, write_script: Callable[..., Path], marked_processes: object
) -> None:
    write_script("print('child')", name="child.py")
    workspace = Workspace(folder, Settings(max_concurrent_runs=1))
    workspace.start_engine(answer=answers_of(workspace))
    parent = workspace.runs.submit(write_script(PARENT, name="parent.py"), experiment="family")
    wait_until(lambda: workspace.runs.get(parent).summary.state.is_terminal(), "the parent to see its children end")
    assert [run.state for run in workspace.runs.list()] == [RunState.COMPLETED] * 3
    workspace.close()
