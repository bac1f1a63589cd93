"""One run spread over the cluster that it is on, from a stock script; and Azure ML code whose cluster is one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace, sdk_path
from tests.clusters import lend
from tests.conftest import wait_until

SEARCH = """
import json, os, sys
import joblib
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

def searched(**more):
    found = GridSearchCV(SVC(), {"C": [0.1, 1, 10], "kernel": ["linear", "rbf"]}, cv=3, **more).fit(
        *load_iris(return_X_y=True)
    )
    return found.best_params_, [float(score) for score in found.cv_results_["mean_test_score"]]

if len(sys.argv) > 1:
    from dask.distributed import Client

    with Client() as client:
        with joblib.parallel_config(backend="dask"):
            print(json.dumps([client.scheduler.address == os.environ["DASK_SCHEDULER_ADDRESS"], searched()]))
else:
    print(json.dumps([True, searched()]))
"""

AZURE = """
from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget

ws = Workspace.from_config()
wanted = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", min_nodes=0, max_nodes=4)
cluster = ComputeTarget.create(ws, "cpu-cluster", wanted)
cluster.wait_for_completion(show_output=True)
run = Experiment(ws, "there").submit(
    ScriptRunConfig(source_directory="code", script="train.py", compute_target=cluster)
)
run.wait_for_completion()
status = AmlCompute(ws, "cpu-cluster").get_status().serialize()
nodes = status["currentNodeCount"], status["scaleSettings"]["maxNodeCount"]
print("TOLD", cluster.type, run.get_details()["target"], *nodes)
"""


@pytest.fixture
def workspace(tmp_path: Path, shared_cluster: Path, marked_processes: object) -> Iterator[Workspace]:
    """A workspace with an engine, and a cluster whose name is the one in old scripts."""
    with Workspace.create(tmp_path / "workspace", "test") as made:
        made.start_engine(answer=answers_of(made))
        lend(made, "cpu-cluster", shared_cluster)
        yield made


def test_a_grid_search_over_the_cluster_gives_what_it_gives_here(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    script = write_script(SEARCH)
    there = workspace.runs.submit(script, target="cpu-cluster", arguments=["spread"])
    here = workspace.runs.submit(script)
    wait_until(lambda: all(workspace.runs.get(one).summary.state.is_terminal() for one in (there, here)), "both ends")
    logs = [(Path(workspace.runs.get(one).run_directory) / "logs" / "std_log.txt").read_text() for one in (there, here)]
    assert workspace.runs.get(there).summary.state is RunState.COMPLETED, logs[0]
    assert json.loads(logs[0]) == json.loads(logs[1])


def test_azure_code_gets_the_cluster_that_has_the_name(workspace: Workspace) -> None:
    code = workspace.path / "code"
    code.mkdir()
    (code / "train.py").write_text("import os; print(os.environ['DASK_SCHEDULER_ADDRESS'])")
    (workspace.path / "submit.py").write_text(AZURE)
    done = subprocess.run(
        [sys.executable, "submit.py"],
        cwd=workspace.path,
        env={**os.environ, "PYTHONPATH": str(sdk_path()), "DESKTOP_AML_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # The run went there, there are nodes, and the numbers are those that the owner of the name chose.
    assert re.search(r"TOLD AmlCompute cpu-cluster [12] 2\n", done.stdout), (done.stdout, done.stderr)
