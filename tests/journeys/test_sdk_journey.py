"""The notebook side of Azure ML: one script, run by any Python with one folder on its path and nothing installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml import resources
from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.events import EndpointChanged, Event, ModelRegistered, RunSubmitted
from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace, sdk_path
from tests.conftest import wait_until
from tests.inside_run.conftest import interpreters

SUBMIT = """
import json

from azureml.core import Environment, Experiment, Model, ScriptRunConfig, Workspace
from azureml.core.resource_configuration import ResourceConfiguration

ws = Workspace.from_config()

own = Environment.from_conda_specification(name="iris-env", file_path="environment.yml")
own.register(workspace=ws)
curated = Environment.get(workspace=ws, name="AzureML-Tutorial")
env = Environment.get(workspace=ws, name="sklearn-env")

sklearnconfig = ScriptRunConfig(source_directory=".", script="train.py")
sklearnconfig.run_config.environment = env
sklearnconfig.arguments = ["--kernel", "linear", "--penalty", 1.0, "--epochs", 5, "--pause", 0]

run = Experiment(ws, "train-sklearn").submit(config=sklearnconfig)
run.wait_for_completion(show_output=True)

metrics = run.get_metrics()
print("metrics", sorted(metrics), len(metrics["loss"]), metrics["Kernel type"])

model = run.register_model(
    model_name="sklearn-iris",
    model_path="outputs/model.joblib",
    model_framework=Model.Framework.SCIKITLEARN,
    model_framework_version="1.5",
    resource_configuration=ResourceConfiguration(cpu=1, memory_in_gb=0.5),
)
print("model", model.id, model.run_id == run.id, model.tags, model.resource_configuration.cpu)

service = Model.deploy(ws, "scikit-learn-service", [model])
service.wait_for_deployment(show_output=True)
print("state", service.state)
flowers = {"data": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], "method": "predict"}
print("answer", service.run(json.dumps(flowers)))
print("uri", service.scoring_uri)
service.delete()
"""

DEFECTS = """
import joblib
joblib.dump({"not": "collected"}, "model.joblib")
"""

SUBMIT_DEFECTS = """
from azureml.core import Environment, Experiment, ScriptRunConfig, Workspace
from azureml.exceptions import ModelPathNotFoundException

ws = Workspace.from_config()
config = ScriptRunConfig(".", "lost.py", environment=Environment.get(ws, "sklearn-env"))
run = Experiment(ws, "train-sklearn").submit(config)
run.wait_for_completion()
try:
    run.register_model("lost", "outputs/model.joblib")
except ModelPathNotFoundException as error:
    print(error.message)
"""


@pytest.fixture
def shop(tmp_path: Path, marked_processes: object) -> Path:
    """Return a folder that is a workspace, holds the sample, and has an environment that needs no network."""
    folder = tmp_path / "shop"
    made = Workspace.create(folder, "shop")
    made.start_engine(answer=answers_of(made))
    made.environments.register("sklearn-env", sys.executable, EnvironmentKind.EXISTING)
    made.close()
    shutil.copytree(resources.path("samples", "iris"), folder / "project")
    (folder / "project" / "submit.py").write_text(SUBMIT)
    (folder / "project" / "lost.py").write_text(DEFECTS)
    (folder / "project" / "submit_lost.py").write_text(SUBMIT_DEFECTS)
    return folder


def run_script(python: str, shop: Path, name: str) -> str:
    env_vars = {**os.environ, "PYTHONPATH": str(sdk_path()), "DESKTOP_AML_PYTHON": sys.executable}
    done = subprocess.run(
        [python, name], cwd=shop / "project", env=env_vars, capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def client_pythons() -> list[str]:
    """Return the versions to run the script with: the one at hand, and older ones that this computer has."""
    found = interpreters()
    at_hand = "{}.{}".format(*sys.version_info[:2])
    return [version for version in dict.fromkeys(["3.6", "3.8", at_hand, "3.13"]) if version in found]


@pytest.mark.parametrize("version", client_pythons())
def test_the_whole_journey_of_a_script(
    version: str, shop: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    said = run_script(interpreters()[version], shop, "submit.py")
    lines = said.splitlines()
    assert any(line.startswith("RunId: train-sklearn_") for line in lines)
    assert "Saved outputs/model.joblib" in lines, "what the script prints is streamed"
    assert "metrics ['Accuracy', 'Kernel type', 'Penalty', 'accuracy', 'loss'] 5 linear" in said.replace(
        "'Confusion matrix', ", ""
    )
    assert "model sklearn-iris:1 True {} 1" in said
    assert 'ACI service creation operation finished, operation "Succeeded"' in lines
    assert "state Healthy" in lines
    assert "answer ['setosa', 'virginica']" in lines
    assert any(line.startswith("uri http://127.0.0.1:") for line in lines)

    left = Workspace.open(shop)
    (run,) = left.runs.list()
    model = left.models.get("sklearn-iris")
    assert (run.state, model.run_id, left.endpoints.list()) == (RunState.COMPLETED, run.id, ())
    assert left.environments.get("iris-env").text == (shop / "project" / "environment.yml").read_text()
    left.close()
    wait_until(lambda: marked_processes() == [], "everything that the script started to end")


def test_whoever_owns_the_workspace_sees_it_happen(shop: Path) -> None:
    events: list[Event] = []
    owner = Workspace.open(shop)
    owner.start_engine(events.append, answer=answers_of(owner))
    run_script(sys.executable, shop, "submit.py")
    kinds = {type(event) for event in events}
    assert {RunSubmitted, ModelRegistered, EndpointChanged} <= kinds
    owner.close()


def test_a_model_that_was_written_beside_outputs_is_missed_in_words(shop: Path) -> None:
    said = run_script(sys.executable, shop, "submit_lost.py")
    assert "outputs/model.joblib" in said
    assert "outputs" in said.replace("outputs/model.joblib", "")


def test_a_cluster_that_is_mapped_on_the_command_line_is_listed(shop: Path) -> None:
    def desktop_aml(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "desktop_aml", "compute", *words, "--workspace", str(shop)],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert "desktop-aml compute map" in desktop_aml("list")
    assert "“cpu-cluster” execute in docker" in desktop_aml("map", "cpu-cluster", "docker")
    assert "cpu-cluster" in desktop_aml("list")
    assert '"runs_on": "docker"' in desktop_aml("list", "--json")
    desktop_aml("delete", "cpu-cluster")
    assert desktop_aml("list", "--json") == "[]\n"
