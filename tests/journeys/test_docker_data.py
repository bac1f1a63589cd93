"""Data in Docker: what Azure ML code gives a run to read and to write is there in its container."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from tests.journeys.test_docker_kills import use_base_image
from tests.journeys.test_sdk_journey import run_script

SUBMIT = """
from azureml.core import Dataset, Environment, Experiment, ScriptRunConfig, Workspace
from azureml.core.runconfig import DockerConfiguration
from azureml.data import OutputFileDatasetConfig

ws = Workspace.from_config()
store = ws.get_default_datastore()
store.upload_files(["numbers.txt"], target_path="numbers")
numbers = Dataset.File.from_files((store, "numbers"))
single = Dataset.File.from_files((store, "numbers/numbers.txt"))
doubled = OutputFileDatasetConfig("doubled", (store, "doubled"))
config = ScriptRunConfig(
    ".",
    "double.py",
    [
        "--folder", numbers.as_named_input("numbers").as_mount(),
        "--single", single.as_named_input("single").as_download(),
        "--doubled", doubled,
    ],
    environment=Environment.get(ws, "tiny"),
    docker_runtime_config=DockerConfiguration(use_docker=True),
)
run = Experiment(ws, "doubling").submit(config)
run.wait_for_completion(show_output=True)
print("metrics", run.get_metrics())
"""

DOUBLE = """
import glob
import os
import sys

from azureml.core import Run

run = Run.get_context()
path = os.path.join(run.input_datasets["numbers"], "numbers.txt")
with open(path) as file:
    total = sum(map(int, file))
single = run.input_datasets["single"]
found = glob.glob(os.path.join(single, "**"), recursive=True) if os.path.isdir(single) else [single]
run.log("files", len([one for one in found if os.path.isfile(one)]))
run.log("contained", int(os.path.isdir("/opt/environment")))
run.log("total", total)
with open(os.path.join(run.output_datasets["doubled"], "total.txt"), "w") as file:
    file.write(str(total * 2))
"""


@pytest.fixture(params=["docker_host", "tcp_host", "ssh_host"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, marked_processes: object) -> Path:
    request.getfixturevalue(request.param)
    # What a run asks of the workspace goes through its folder: it needs no network.
    use_base_image(docker_network="none", **({"docker_files": "copy"} if request.param == "tcp_host" else {}))
    folder = tmp_path / "shop"
    made = Workspace.create(folder, "shop")
    made.start_engine(answer=answers_of(made))
    made.environments.register("tiny", "dependencies:\n  - python=3.11\n", EnvironmentKind.CONDA)
    made.close()
    (folder / "project").mkdir()
    (folder / "project" / "numbers.txt").write_text("20\n1\n")
    (folder / "project" / "double.py").write_text(DOUBLE)
    (folder / "project" / "submit.py").write_text(SUBMIT)
    return folder


def test_a_run_in_a_container_reads_its_inputs_and_writes_its_output(shop: Path) -> None:
    said = run_script(sys.executable, shop, "submit.py")
    metrics = next(line for line in said.splitlines() if line.startswith("metrics"))
    assert "'total': 21" in metrics
    assert "'files': 1" in metrics
    assert "'contained': 1" in metrics, "the run asked for a container and was given one"
    assert (shop / "datastores" / "workspaceblobstore" / "doubled" / "total.txt").read_text() == "42"


PARENT = """
from azureml.core import Run

run = Run.get_context()
for alpha in (1, 2):
    with run.child_run(name="alpha{}".format(alpha)) as child:
        child.log("alpha", alpha)
print("children", sorted(child.get_metrics()["alpha"] for child in run.get_children()))
"""


@pytest.mark.parametrize("shop", ["docker_host"], indirect=True)
def test_a_script_in_a_container_has_child_runs(shop: Path) -> None:
    (shop / "project" / "double.py").write_text(PARENT)
    said = run_script(sys.executable, shop, "submit.py")
    assert "children [1, 2]" in said
    left = Workspace.open(shop)
    children = [left.runs.get(run.id) for run in left.runs.list() if run.parent]
    left.close()
    assert [(one.summary.state, one.summary.target) for one in children] == [(RunState.COMPLETED, "external")] * 2


@pytest.mark.parametrize("shop", ["tcp_host"], indirect=True)
def test_a_script_in_a_container_elsewhere_is_told_that_it_has_none(shop: Path) -> None:
    (shop / "project" / "double.py").write_text(PARENT)
    (shop / "project" / "submit.py").write_text(SUBMIT.replace("show_output=True", "raise_on_error=False"))
    run_script(sys.executable, shop, "submit.py")
    left = Workspace.open(shop)
    (run,) = left.runs.list()
    said = left.runs.files.read_log(run.id).data.decode()
    left.close()
    assert run.state is RunState.FAILED
    assert "cannot start child runs" in said
