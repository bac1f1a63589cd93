"""`ScriptRunConfig`, `RunConfiguration` and compute targets: what scripts set, keep in files and look up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def script(project: Path) -> str:
    (project / "train.py").write_text("print('trained')\n")
    return "train.py"


def test_what_is_not_given_is_as_in_azure(azure: Any, script: str) -> None:
    from azureml.core import ScriptRunConfig

    src = ScriptRunConfig(source_directory=".", script=script)
    assert (src.run_config.target, src.run_config.environment.name) == ("local", "default-environment")
    assert src.run_config.max_run_duration_seconds == 2592000
    assert (src.run_config.framework, src.run_config.communicator, src.run_config.node_count) == ("Python", "None", 1)
    assert src.run_config.history.directories_to_watch == ["logs"]
    assert (src.run_config.docker.use_docker, src.run_config.docker.shm_size) == (False, "2g")


def test_attributes_may_be_changed_after_it_was_made(azure: Any, script: str) -> None:
    from azureml.core import Environment, ScriptRunConfig
    from azureml.core.compute import AmlCompute, ComputeTarget

    cluster = ComputeTarget.create(azure, "cpu-cluster", AmlCompute.provisioning_configuration(vm_size="D2"))
    src = ScriptRunConfig(".", script, ["--x", 1])
    src.run_config.environment = Environment("mine")
    src.run_config.target = cluster
    src.run_config.environment.docker.enabled = True
    src.run_config.auto_prepare_environment = True
    assert src.run_config.target == "cpu-cluster"
    with pytest.raises(AttributeError, match="no attribute 'enviroment'"):
        src.run_config.enviroment = None


def test_a_run_config_wins_over_what_else_is_given(azure: Any, script: str, notes: Callable[[], str]) -> None:
    from azureml.core import Environment, ScriptRunConfig
    from azureml.core.runconfig import RunConfiguration

    given = RunConfiguration(script="other.py", arguments=["--old"])
    src = ScriptRunConfig(".", script, ["--new"], run_config=given, environment=Environment("e"), compute_target="c")
    assert src.run_config is given
    assert (src.script, src.arguments) == (script, ["--new"])
    said = notes()
    assert "ignores compute_target" in said
    assert "ignores environment" in said
    assert ScriptRunConfig(".", run_config=given).script == "other.py"


def test_the_old_docker_section_becomes_the_docker_configuration(azure: Any, script: str) -> None:
    from azureml.core import Environment, ScriptRunConfig

    env = Environment("e")
    env.docker.enabled, env.docker.shm_size = True, "4g"
    docker = ScriptRunConfig(".", script, environment=env).run_config.docker
    assert (docker.use_docker, docker.shm_size) == (True, "4g")


def test_what_cannot_be_meant_is_refused(azure: Any, script: str) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.core.runconfig import MpiConfiguration
    from azureml.exceptions import ExperimentExecutionException, RunConfigurationException, UserErrorException

    with pytest.raises(RunConfigurationException, match="DockerConfiguration"):
        ScriptRunConfig(".", script, docker_runtime_config=True)
    with pytest.raises(RunConfigurationException, match="MpiConfiguration"):
        ScriptRunConfig(".", script, distributed_job_config="mpi")
    with pytest.raises(UserErrorException, match="must be an Environment"):
        ScriptRunConfig(".", script, environment="AzureML-Tutorial")
    with pytest.raises(UserErrorException, match="either command"):
        ScriptRunConfig(".", script, command=["python", "x.py"])
    with pytest.raises(ExperimentExecutionException, match="script path doesn't exist"):
        ScriptRunConfig(".", "absent.py")._script_and_arguments()
    for what in ({"script": script}, {"command": f"python {script} && true"}):
        with pytest.raises(ExperimentExecutionException, match=r"There is no folder '.*sources'"):
            ScriptRunConfig("sources", **what)._script_and_arguments()
    assert (
        ScriptRunConfig(".", script, distributed_job_config=MpiConfiguration(node_count=2)).run_config.node_count == 2
    )


@pytest.mark.parametrize(
    "command", [["python", "train.py", "--lr", 0.1], "python train.py --lr 0.1", ["python3 train.py --lr 0.1"]]
)
def test_a_command_that_runs_a_script_is_that_script(azure: Any, script: str, command: Any) -> None:
    from azureml.core import ScriptRunConfig

    found, words, is_line = ScriptRunConfig(".", command=command)._script_and_arguments()
    assert (found, [str(word) for word in words], is_line) == ("train.py", ["--lr", "0.1"], False)


@pytest.mark.parametrize(
    "command",
    [
        "pip --version && python train.py --lr 0.1",
        ["pip", "--version", "&&", "python", "train.py"],
        "python -u train.py",
        "python -m train --lr 0.1",
        "python train.py --data $HOME/rows.csv > log.txt",
        "bash -c 'python train.py'",
    ],
)
def test_a_longer_command_is_a_line_for_the_shell(azure: Any, script: str, command: Any) -> None:
    from azureml.core import ScriptRunConfig

    found, words, is_line = ScriptRunConfig(".", command=command)._script_and_arguments()
    assert (found, is_line) == ("train.py", True)
    assert " ".join(words) == (command if isinstance(command, str) else " ".join(command))


@pytest.mark.parametrize("command", ["bash run.sh", "python elsewhere.py && ls", "python 'train.py"])
def test_a_command_without_a_script_of_the_folder_is_refused(azure: Any, script: str, command: str) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="command"):
        ScriptRunConfig(".", command=command)._script_and_arguments()


def test_the_names_of_a_workspace_are_where_public_code_looks_for_them(azure: Any) -> None:
    found = (azure._workspace_name, azure._subscription_id, azure._resource_group)
    assert found == (azure.name, azure.subscription_id, azure.resource_group)


def test_a_configuration_is_kept_in_files_and_read_back(azure: Any, project: Path) -> None:
    from azureml.core.runconfig import CondaDependencies, RunConfiguration

    given = RunConfiguration(
        script="train.py", arguments=["--x", "1"], conda_dependencies=CondaDependencies.create(pip_packages=["pandas"])
    )
    given.target, given.environment_variables = "cpu-cluster", {"A": "yes"}
    given.docker.use_docker = True
    given.save(name="mine")
    assert (project / ".azureml" / "mine.runconfig").is_file()
    assert "useDocker: true" in (project / ".azureml" / "mine.runconfig").read_text()
    for found in (RunConfiguration.load(".", "mine"), RunConfiguration.load(".azureml/mine.runconfig")):
        assert (found.script, found.arguments, found.target) == ("train.py", ["--x", "1"], "cpu-cluster")
        assert found.environment_variables == {"A": "yes"}
        assert found.docker.use_docker
        assert list(found.environment.python.conda_dependencies.pip_packages) == ["pandas"]
    given.save(name="apart", separate_environment_yaml=True)
    assert RunConfiguration.load(".", "apart").environment.environment_variables == {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
    RunConfiguration.delete(".", "mine")
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="no run configuration 'mine'"):
        RunConfiguration.load(".", "mine")
    with pytest.raises(UserErrorException, match=r"no file or folder '.*typo'"):
        RunConfiguration.load("typo", "mine")


def test_all_names_that_scripts_import_are_there(azure: Any) -> None:
    from azureml.core import Environment
    from azureml.core.runconfig import (
        DEFAULT_CPU_IMAGE,
        DEFAULT_GPU_IMAGE,
        Data,
        DataPath,
        DataReferenceConfiguration,
        EnvironmentDefinition,
        PyTorchConfiguration,
        TensorflowConfiguration,
    )

    assert EnvironmentDefinition is Environment
    assert DEFAULT_CPU_IMAGE != DEFAULT_GPU_IMAGE
    assert Data().overwrite is False
    assert (DataPath("d", "p").relative_path, DataReferenceConfiguration("d").mode) == ("p", "mount")
    assert (PyTorchConfiguration().node_count, TensorflowConfiguration().worker_count) == (1, 1)


# Compute targets.


def test_an_unknown_target_raises_what_scripts_catch_and_then_create(
    azure: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from azureml.core.compute import AmlCompute, ComputeTarget
    from azureml.core.compute_target import ComputeTargetException

    try:
        ComputeTarget(workspace=azure, name="cpu-cluster")
        pytest.fail("It should not be there yet.")
    except ComputeTargetException:
        config = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", min_nodes=1, max_nodes=4)
        made = ComputeTarget.create(azure, "cpu-cluster", config)
    made.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)
    said = capsys.readouterr()
    assert "AmlCompute wait for completion finished" in said.out
    assert "'cpu-cluster' is a name on this computer" in said.err

    found = ComputeTarget(azure, "cpu-cluster")
    assert isinstance(found, AmlCompute)
    assert isinstance(azure.compute_targets["cpu-cluster"], AmlCompute)
    assert (found.type, found.vm_size, found.provisioning_state) == ("AmlCompute", "STANDARD_D2_V2", "Succeeded")
    assert found.get_status().serialize()["scaleSettings"]["maxNodeCount"] == 4
    assert found.scale_settings.maximum_node_count == 4
    found.update(max_nodes=2)
    assert AmlCompute(azure, "cpu-cluster").scale_settings.maximum_node_count == 2
    found.delete()
    assert "cpu-cluster" not in azure.compute_targets


def test_other_kinds_of_targets_are_names_too(azure: Any) -> None:
    from azureml.core.compute import AksCompute, AmlCompute, ComputeInstance, ComputeTarget, RemoteCompute
    from azureml.exceptions import ComputeTargetException

    ComputeTarget.create(azure, "notebook", ComputeInstance.provisioning_configuration(vm_size="D3"))
    ComputeTarget.create(azure, "aks", AksCompute.provisioning_configuration(agent_count=3))
    assert isinstance(ComputeTarget(azure, "notebook"), ComputeInstance)
    assert azure.compute_targets["aks"].agent_count == 3
    with pytest.raises(ComputeTargetException, match="of type AKS"):
        ComputeTarget.create(azure, "aks", ComputeInstance.provisioning_configuration())
    with pytest.raises(NotImplementedError, match="RemoteCompute"):
        RemoteCompute.attach_configuration(address="x")
    with pytest.raises(ComputeTargetException, match="min_nodes is 3 and max_nodes 1"):
        ComputeTarget.create(azure, "odd", AmlCompute.provisioning_configuration(min_nodes=3, max_nodes=1))
