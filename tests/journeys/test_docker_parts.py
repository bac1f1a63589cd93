"""What else goes into containers: notebooks, scoring scripts, data from elsewhere, and the older way to ask for one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from tests.journeys.test_docker_data import SUBMIT, shop  # noqa: F401 - a fixture
from tests.journeys.test_docker_kills import use_base_image
from tests.journeys.test_notebook import TRAIN, log_of, notebook, output_of
from tests.journeys.test_sdk_journey import run_script

TINY = "dependencies:\n  - python=3.11\n"


@pytest.fixture
def docked(tmp_path: Path, docker_host: str, marked_processes: object) -> Iterator[Workspace]:
    use_base_image()
    made = Workspace.create(tmp_path / "workspace")
    made.start_engine(answer=answers_of(made))
    made.environments.register("tiny", TINY)
    yield made
    for endpoint in made.endpoints.list():
        made.endpoints.delete(endpoint.name)
        made.endpoints.wait_for_state(endpoint.name, None)
    made.close()


@pytest.mark.parametrize("environment", ["this-python", "tiny"])
def test_a_notebook_runs_in_a_container_and_leaves_its_outputs(docked, ended, tmp_path, environment: str) -> None:
    source = notebook(tmp_path / "source" / "train.ipynb", *TRAIN)
    run_id = docked.runs.submit(source, arguments=["--alpha", "0.5"], environment=environment, target="docker")
    run = ended(docked, run_id)
    assert run.summary.state is RunState.COMPLETED, (run, log_of(docked, run))
    assert "trained with 0.5" in log_of(docked, run)
    assert ("alpha", 0.5) in [tuple(pair) for pair in run.summary.summary]
    texts = [one["outputs"][0]["data"]["text/plain"] for one in output_of(docked, run, "train.ipynb")[-2:]]
    assert ["".join(text) for text in texts] == ["42", "[]"]


def test_a_scoring_script_serves_in_a_container_with_its_model_and_its_other_files(docked, tmp_path) -> None:
    (tmp_path / "model.txt").write_text("3")
    docked.models.register("three", file=tmp_path / "model.txt")
    source = tmp_path / "source"
    source.mkdir()
    (source / "words.py").write_text("FACTOR = 10\n")
    (source / "score.py").write_text(
        "import os\nfrom words import FACTOR\n"
        "def init():\n    global value\n"
        "    with open(os.path.join(os.environ['AZUREML_MODEL_DIR'], 'model.txt')) as file:\n"
        "        value = int(file.read())\n"
        "def run(data):\n    return [FACTOR * value, os.path.isdir('/opt/environment')]\n"
    )
    docked.endpoints.deploy(
        "three",
        name="boxed",
        entry_script="score.py",
        source_directory=source,
        environment="tiny",
        target="docker",
    )
    endpoint = docked.endpoints.wait("boxed")
    assert endpoint.state is EndpointState.HEALTHY, (endpoint.error, endpoint.details)
    assert docked.endpoints.score("boxed", {}) == [30, True]
    (source / "words.py").write_text("FACTOR = 100\n")
    docked.endpoints.reload("boxed")
    docked.endpoints.wait("boxed")
    assert docked.endpoints.score("boxed", {}) == [300, True]


def test_an_environment_that_is_made_for_docker_is_refused_for_an_endpoint_of_this_computer(docked, tmp_path) -> None:
    (tmp_path / "score.py").write_text("def init(): pass\ndef run(data): return 1\n")
    docked.environments.register("drawn", "FROM python:3.11-slim\n")
    with pytest.raises(InvalidInput, match="made for Docker"):
        docked.endpoints.deploy(name="boxed", entry_script=tmp_path / "score.py", environment="drawn")
    assert docked.endpoints.list() == ()


def test_an_interpreter_of_this_computer_is_refused_for_a_container_before_there_is_a_run(docked, tmp_path) -> None:
    docked.environments.register("own", sys.executable)
    (tmp_path / "train.py").write_text("pass")
    with pytest.raises(InvalidInput, match="cannot be used in a container"):
        docked.runs.submit(tmp_path / "train.py", environment="own", target="docker")
    assert docked.runs.list() == ()


# Azure ML code.

ENABLED = """
from azureml.core import Environment, Experiment, RunConfiguration, ScriptRunConfig, Workspace

ws = Workspace.from_config()
config = RunConfiguration()
config.environment = Environment.get(ws, "tiny")
config.environment.docker.enabled = True
run = Experiment(ws, "older").submit(ScriptRunConfig(".", "inside.py", run_config=config))
run.wait_for_completion(show_output=True)
"""


def last_run(folder: Path) -> tuple[str, str]:
    """Return target and control log of the newest run."""
    workspace = Workspace.open(folder)
    run = workspace.runs.get(workspace.runs.find("latest"))
    workspace.close()
    assert run.summary.state is RunState.COMPLETED, run
    return run.summary.target, (Path(run.run_directory) / "logs" / "control_log.txt").read_text()


def test_docker_enabled_of_the_environment_asks_for_a_container(shop: Path) -> None:  # noqa: F811
    (shop / "project" / "inside.py").write_text("import os; print('inside', os.path.isdir('/opt/environment'))")
    (shop / "project" / "submit.py").write_text(ENABLED)
    assert "inside True" in run_script(sys.executable, shop, "submit.py")
    assert last_run(shop)[0] == "docker"


def test_without_an_engine_docker_enabled_runs_here_and_the_log_says_so(
    shop: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{shop}/none.sock")
    (shop / "project" / "inside.py").write_text("import os; print('inside', os.path.isdir('/opt/environment'))")
    (shop / "project" / "submit.py").write_text(ENABLED)
    assert "inside False" in run_script(sys.executable, shop, "submit.py")
    target, log = last_run(shop)
    assert target == "local"
    assert "The run, which asks for a container, executes without one." in log


ELSEWHERE = """
numbers = Dataset.File.from_files({folder!r})
single = Dataset.File.from_files({folder!r} + "/numbers.txt")
"""


def test_data_outside_the_workspace_is_there_in_a_container_and_cannot_be_changed(
    shop: Path,  # noqa: F811
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    data = tmp_path / "my data, all"
    data.mkdir()
    (data / "numbers.txt").write_text("20\n1\n")
    lines = [line for line in SUBMIT.splitlines() if not line.startswith(("store.upload", "numbers =", "single ="))]
    at = next(number for number, line in enumerate(lines) if line.startswith("doubled ="))
    lines.insert(at, ELSEWHERE.format(folder=str(data)))
    (shop / "project" / "submit.py").write_text("\n".join(lines))
    reading = (shop / "project" / "double.py").read_text()
    (shop / "project" / "double.py").write_text(
        reading + "\ntry:\n    open(path, 'a')\nexcept OSError:\n    run.log('read_only', 1)\n"
    )
    said = run_script(sys.executable, shop, "submit.py")
    metrics = next(line for line in said.splitlines() if line.startswith("metrics"))
    assert "'total': 21" in metrics
    assert "'files': 1" in metrics
    assert "'contained': 1" in metrics
    # An engine that does not see these files gets a copy, which nobody fetches back.
    assert ("'read_only': 1" in metrics) == ("docker_host" in request.node.name)
    assert (data / "numbers.txt").read_text() == "20\n1\n"


DIRECT = """
from azureml.core import Dataset, Environment, Experiment, ScriptRunConfig, Workspace
from azureml.core.runconfig import DockerConfiguration

ws = Workspace.from_config()
table = Dataset.File.from_files({file!r})
config = ScriptRunConfig(
    ".", "read.py", ["--table", table.as_named_input("table")],
    environment=Environment.get(ws, "tiny"), docker_runtime_config=DockerConfiguration(use_docker=True),
)
Experiment(ws, "reading").submit(config).wait_for_completion(show_output=True)
"""


def test_a_container_is_given_the_file_of_a_dataset_and_nothing_beside_it(shop: Path, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "secret.txt").write_text("not given to the run")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (shop / "project" / "read.py").write_text(
        "import os\nfrom azureml.core import Run\n"
        "(path,) = Run.get_context().input_datasets['table'].download('here')\n"
        f"print('read', open(path).read().split(), sorted(os.listdir({str(tmp_path)!r})))\n"
    )
    (shop / "project" / "submit.py").write_text(DIRECT.format(file=str(tmp_path / "table.csv")))
    assert "read ['a,b', '1,2'] ['shop', 'table.csv']" in run_script(sys.executable, shop, "submit.py")


SERVE = """
from azureml.core import Environment, Model, Workspace
from azureml.core.model import InferenceConfig
from azureml.core.webservice import LocalWebservice

ws = Workspace.from_config()
environment = Environment.get(ws, "tiny")
environment.docker.enabled = True
config = InferenceConfig(entry_script="score.py", environment=environment)
service = Model.deploy(ws, "boxed", [], config, LocalWebservice.deploy_configuration())
service.wait_for_deployment(True)
print("answer", service.state, service.run("{}"))
service.update(inference_config=config)
service.wait_for_deployment(True)
print("updated", service.run("{}"))
service.reload()
print("again", service.run("{}"))
service.delete()
"""


@pytest.mark.parametrize("shop", ["docker_host"], indirect=True)
def test_an_inference_config_whose_environment_asks_for_docker_serves_in_a_container(shop: Path) -> None:  # noqa: F811
    (shop / "project" / "score.py").write_text(
        "import os\ndef init(): pass\ndef run(data): return os.path.isdir('/opt/environment')\n"
    )
    (shop / "project" / "submit.py").write_text(SERVE)
    said = run_script(sys.executable, shop, "submit.py")
    assert "answer running True" in said
    assert "updated True" in said
    assert "again True" in said


TRACKED = """
import json, os, sys, time, urllib.request


def call(name, **values):
    request = urllib.request.Request(
        os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/" + name,
        json.dumps({"run_id": os.environ["MLFLOW_RUN_ID"], **values}).encode(),
        {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"], "Content-Type": "application/json"},
    )
    return urllib.request.urlopen(request, timeout=60).read()


for step in range(3):
    call("log-metric", key="loss", value=step / 2, step=step, timestamp=int(time.time() * 1000))
call("log-parameter", key="solver", value="lbfgs")
"""


@pytest.fixture
def unconnected(tmp_path: Path, docker_host: str, marked_processes: object) -> Iterator[Workspace]:
    """A workspace whose containers have no network at all."""
    use_base_image(docker_network="none")
    made = Workspace.create(tmp_path / "workspace")
    made.start_engine()
    made.environments.register("tiny", TINY)
    yield made
    made.close()


def test_clients_of_mlflow_in_a_container_without_a_network_reach_the_tracking_server(
    unconnected, ended, tmp_path
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "train.py").write_text(TRACKED)
    run_id = unconnected.runs.submit(tmp_path / "source" / "train.py", environment="tiny", target="docker")
    run = ended(unconnected, run_id)
    assert run.summary.state is RunState.COMPLETED, (run, log_of(unconnected, run))
    assert {one.name: one.text for one in run.parameters}["solver"] == "lbfgs"
    assert [point.value for point in unconnected.runs.metrics(run_id).curves[0].points] == [0.0, 0.5, 1.0]
