"""`azureml.core.Experiment`: by name, with tags, and what a submission queues."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import wait_until

SCRIPT = """
import os, sys
print("words", sys.argv[1:])
print("variables", os.environ["A"], os.environ["B"], os.environ.get("EXAMPLE_ENV_VAR"))
print("python", sys.executable)
"""


@pytest.fixture
def experiment(azure: Any) -> Any:
    from azureml.core import Experiment

    return Experiment(azure, "train-sklearn")


@pytest.fixture
def submitted(experiment: Any, project: Path, workspace: Any) -> Callable[..., str]:
    """Return what submits a configuration, waits for its end and returns the run's id."""
    from azureml.core._submit import submission as _submission

    (project / "train.py").write_text(SCRIPT)

    def submit(config: Any, tags: Any = None) -> str:
        run_id = _submission.submit(experiment, config, tags)
        wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
        return run_id

    return submit


def mine() -> Any:
    """Return an environment that is this very Python."""
    from azureml.core import Environment

    env = Environment("mine")
    env.python.user_managed_dependencies = True
    env.environment_variables = {"A": "of-environment", "B": "of-environment"}
    return env


def test_naming_one_makes_it(azure: Any, experiment: Any, workspace: Any) -> None:
    from azureml.core import Experiment

    assert (experiment.name, experiment.workspace) == ("train-sklearn", azure)
    assert experiment.id == Experiment(workspace=azure, name="train-sklearn").id != Experiment(azure, "other").id
    assert str(experiment) == "Experiment(Name: train-sklearn,\nWorkspace: test)"
    assert workspace.experiments.names() == ("other", "train-sklearn")


def test_a_submission_takes_the_variables_of_its_code_along(
    experiment: Any, project: Path, workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.core._submit import submission as _submission

    from desktop_aml.run_folder import script_variables

    (project / "train.py").write_text("")
    monkeypatch.setenv("MY_DATA", "/mine")
    run_id = _submission.submit(experiment, ScriptRunConfig(str(project), "train.py"))
    monkeypatch.setenv("MY_DATA", "/other")
    again = workspace.runs.rerun(run_id)
    for one in (run_id, again):
        found = script_variables.brought(workspace.path / "runs" / one)
        assert found is not None
        assert found.inherited["MY_DATA"] == "/mine"


@pytest.mark.parametrize("name", ["", "-x", "a b", "x" * 256, "a/b", None])
def test_a_name_that_breaks_the_rule_is_refused(azure: Any, name: Any) -> None:
    from azureml.core import Experiment
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="cannot be the name of an experiment"):
        Experiment(azure, name)


def test_tags_and_archive_are_kept(azure: Any, experiment: Any) -> None:
    from azureml.core import Experiment

    experiment.tag("team", "blue")
    experiment.set_tags({"kind": "iris", "mark": None})
    experiment.remove_tags(["team"])
    again = Experiment(azure, "train-sklearn")
    assert again.tags == {"kind": "iris", "mark": ""}
    experiment.archive()
    assert Experiment.list(azure) == []
    assert [one.name for one in Experiment.list(azure, view_type="ArchivedOnly")] == ["train-sklearn"]
    experiment.reactivate()
    assert Experiment.list(azure, tags={"kind": "iris"}) == [experiment]
    assert Experiment.list(azure, tags={"kind": "wine"}) == []
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="keeps its name"):
        experiment.reactivate("new")


def test_only_an_empty_experiment_is_deleted(azure: Any, experiment: Any, submitted: Any) -> None:
    from azureml.core import Experiment, ScriptRunConfig
    from azureml.exceptions import UserErrorException

    empty = Experiment(azure, "empty")
    Experiment.delete(azure, empty.id)
    assert "empty" not in azure.experiments
    submitted(ScriptRunConfig(".", "train.py", environment=mine()))
    with pytest.raises(UserErrorException, match="has runs"):
        Experiment.delete(azure, experiment.id)


def test_a_submitted_script_gets_what_the_configuration_says(submitted: Any, workspace: Any) -> None:
    from azureml.core import ScriptRunConfig

    config = ScriptRunConfig(".", "train.py", arguments=["--x", 1, 0.5, True], environment=mine())
    config.run_config.environment_variables = {"B": "of-run"}
    run_id = submitted(config, {"team": "blue", "fold": 3})
    detail = workspace.runs.get(run_id)
    log = workspace.runs.files.read_log(run_id).data.decode()
    assert "words ['--x', '1', '0.5', 'True']" in log
    assert "variables of-environment of-run None" in log
    assert f"python {sys.executable}" in log
    assert run_id.startswith("train-sklearn_")
    assert detail.tags == {"team": "blue", "fold": "3"}
    assert detail.properties["_azureml.ComputeTargetType"] == "local"
    assert (detail.summary.environment, detail.timeout_s) == ("mine:1", 2592000)
    assert detail.properties["desktop_aml.python_pin_policy"] == "same-minor"


def test_an_environment_that_was_not_registered_is_kept_by_submitting(
    submitted: Any, azure: Any, workspace: Any
) -> None:
    from azureml.core import Environment, ScriptRunConfig

    env = mine()
    first = submitted(ScriptRunConfig(".", "train.py", environment=env))
    second = submitted(ScriptRunConfig(".", "train.py", environment=Environment.get(azure, "mine")))
    env.environment_variables["C"] = "new"
    env.python.interpreter_path = sys.executable
    assert [workspace.runs.get(one).summary.environment for one in (first, second)] == ["mine:1", "mine:1"]


def test_without_an_environment_the_python_of_desktop_aml_is_used(
    submitted: Any, workspace: Any, notes: Callable[[], str]
) -> None:
    from azureml.core import ScriptRunConfig

    config = ScriptRunConfig(".", "train.py")
    config.run_config.environment_variables = {"A": "1", "B": "2"}
    run_id = submitted(config)
    assert workspace.runs.get(run_id).summary.environment == "this-python"
    assert "no environment is given" in notes()


def test_a_cluster_is_this_computer_and_the_run_says_so(
    submitted: Any, azure: Any, workspace: Any, notes: Callable[[], str]
) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.core.compute import AmlCompute, ComputeTarget

    cluster = ComputeTarget.create(
        azure, "cpu-cluster", AmlCompute.provisioning_configuration(vm_size="D2", max_nodes=4)
    )
    config = ScriptRunConfig(".", "train.py", compute_target=cluster, environment=mine())
    detail = workspace.runs.get(submitted(config))
    assert detail.summary.target == "local"
    assert detail.properties["desktop_aml.compute_target"] == "cpu-cluster"
    assert detail.properties["_azureml.ComputeTargetType"] == "amlcompute"
    assert "(D2 has no effect): the run executes on this computer" in notes()
    submitted(ScriptRunConfig(".", "train.py", compute_target="never-made", environment=mine()))
    assert "“never-made” means nothing here" in notes()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the Docker library, when nothing answers it
def test_without_docker_a_run_for_a_container_executes_without_one(
    submitted: Any, workspace: Any, notes: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.core.runconfig import DockerConfiguration

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-docker.sock")
    docker = DockerConfiguration(use_docker=True)
    run_id = submitted(ScriptRunConfig(".", "train.py", environment=mine(), docker_runtime_config=docker))
    assert workspace.runs.get(run_id).summary.target == "local"
    assert "asks for a container, executes without one" in notes()


def test_where_no_image_can_be_had_a_run_for_a_container_executes_without_one(
    submitted: Any, workspace: Any, notes: Callable[[], str], docker_host: str
) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.core.runconfig import DockerConfiguration

    docker = DockerConfiguration(use_docker=True)
    run_id = submitted(ScriptRunConfig(".", "train.py", environment=mine(), docker_runtime_config=docker))
    assert workspace.runs.get(run_id).summary.target == "local"
    assert "A Python of this computer cannot be used in a container. The run, which asks for a container" in notes()


def test_a_dataset_among_the_arguments_says_itself_what_the_script_gets(submitted: Any, workspace: Any) -> None:
    from azureml.core import ScriptRunConfig

    class Mounted:
        def _for_run(self, azure_workspace: Any) -> tuple[str, dict[str, str]]:
            return "/data/iris", {"A": azure_workspace.name}

    env = mine()
    env.environment_variables = {"B": "2"}
    run_id = submitted(ScriptRunConfig(".", "train.py", arguments=["--data", Mounted()], environment=env))
    log = workspace.runs.files.read_log(run_id).data.decode()
    assert "words ['--data', '/data/iris']" in log
    assert "variables test 2" in log


@pytest.mark.parametrize("argument", [None, ["--x", 1], {"--x": 1}])
def test_an_argument_that_is_no_word_is_refused(submitted: Any, argument: Any) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="element of its own"):
        submitted(ScriptRunConfig(".", "train.py", arguments=["--data", argument], environment=mine()))


def test_only_a_configuration_can_be_submitted(experiment: Any) -> None:
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="takes a ScriptRunConfig, not str"):
        experiment.submit("train.py")


def test_many_files_are_told_unless_azures_variable_allows_them(
    azure: Any, workspace: Any, project: Path, notes: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from azureml.core import Experiment, ScriptRunConfig

    client = workspace._client
    monkeypatch.setattr(client, "settings", replace(client.settings, snapshot_warning_files=1))
    for name in ("train.py", "other.py"):
        (project / name).write_text("print(1)\n")
    experiment = Experiment(azure, "many")
    experiment.submit(ScriptRunConfig(".", "train.py")).wait_for_completion()
    assert "The snapshot holds 2 files: more than 1, which Azure ML would refuse" in notes()
    monkeypatch.setenv("AML_SNAPSHOT_NO_FILE_LIMIT", "1")
    monkeypatch.setattr("azureml._service._told", set())
    experiment.submit(ScriptRunConfig(".", "train.py")).wait_for_completion()
    assert "The snapshot holds" not in notes()


def test_a_command_line_is_run_by_the_shell_with_the_environments_python(
    submitted: Callable[..., str], workspace: Any
) -> None:
    from azureml.core import ScriptRunConfig

    line = 'echo first && python train.py "$A" > said.txt; cat said.txt; exit 3'
    run_id = submitted(ScriptRunConfig(".", command=line, environment=mine()))
    detail = workspace.runs.get(run_id)
    log = workspace.runs.files.log_path(run_id).read_text()
    assert log.splitlines()[:2] == ["first", "words ['of-environment']"]
    assert (detail.summary.script, detail.outcome.exit_code) == ("train.py", 3)


def test_a_run_again_has_the_variables_and_the_command_line_of_the_first(
    submitted: Callable[..., str], workspace: Any
) -> None:
    from azureml.core import ScriptRunConfig

    first = submitted(ScriptRunConfig(".", command="echo line && python train.py", environment=mine()))
    again = workspace.runs.rerun(first)
    wait_until(lambda: workspace.runs.get(again).summary.state.is_terminal(), "the end of the second run")
    assert workspace.runs.get(again).summary.state == "Completed"
    assert workspace.runs.files.log_path(again).read_text() == workspace.runs.files.log_path(first).read_text() != ""
