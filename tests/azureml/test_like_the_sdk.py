"""What a script can see of the SDK without a workspace is as in Azure's own: found out by running both side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("ActivityFailedException", "AzureMLException"),
        ("AuthenticationException", "UserErrorException"),
        ("ComputeTargetException", "AzureMLException"),
        ("DatasetTimestampMissingError", "AzureMLException"),
        ("ExperimentExecutionException", "AzureMLException"),
        ("ModelNotFoundException", "AzureMLException"),
        ("ModelPathNotFoundException", "AzureMLException"),
        ("ProjectSystemException", "AzureMLException"),
        ("RunConfigurationException", "AzureMLException"),
        ("RunEnvironmentException", "AzureMLException"),
        ("SnapshotException", "AzureMLException"),
        ("TrainingException", "AzureMLException"),
        ("UserErrorException", "AzureMLException"),
        ("WebserviceException", "AzureMLException"),
        ("WorkspaceException", "AzureMLException"),
    ],
)
def test_an_error_is_caught_by_what_catches_it_in_azure(azure: Any, name: str, base: str) -> None:
    from azureml import exceptions

    assert [one.__name__ for one in getattr(exceptions, name).__bases__] == [base]


def test_the_text_of_an_error_has_a_code_only_where_azure_has_one(azure: Any) -> None:
    from azureml.exceptions import (
        ActivityFailedException,
        AuthenticationException,
        ComputeTargetException,
        UserErrorException,
        WebserviceException,
    )

    plain = ComputeTargetException("boom")
    assert str(plain) == (
        "ComputeTargetException:\n\tMessage: boom\n\tInnerException None\n\tErrorResponse \n"
        '{\n    "error": {\n        "message": "boom"\n    }\n}'
    )
    assert repr(plain) == str(plain)
    assert '"code": "UserError",\n        "message": "boom"' in str(UserErrorException("boom"))
    assert '"inner_error": {\n            "code": "Authentication"' in str(AuthenticationException("who"))
    assert ActivityFailedException("why").message == "Activity Failed:\nwhy"
    assert WebserviceException("gone", status_code=404).status_code == 404
    assert "InnerException out" in str(UserErrorException("boom", inner_exception=ValueError("out")))


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        ("run.log('a', 1)", "Attempted to log scalar metric a:\n1\n"),
        ("run.log_row('r', a=1)", "Attempted to log row metric r:\n{'a': 1}\n"),
        ("run.log_residuals('r', {'a': 1})", "Attempted to log residual metric r:\n{'a': 1}\n"),
        ("run.tag('k')", "Attempted to add tag k with value None\n"),
        ("run.set_tags({'a': 'b'})", "Attempted to set tags {'a': 'b'}\n"),
        ("run.add_properties({'a': 'b'})", "Attempted to add properties {'a': 'b'}\n"),
        ("run.upload_file('n', 'p')", "Attempted to track file n at p\n"),
        ("run.upload_folder('n', path='p')", "Attempted to track folder n at p\n"),
        ("run.fail('x', 'Code')", "Run failed with error code Code:\nx\n"),
        ("run.complete()", ""),
    ],
)
def test_a_script_outside_a_run_prints_what_it_prints_in_azure(
    azure: Any, capsys: pytest.CaptureFixture[str], call: str, printed: str
) -> None:
    from azureml.core import Run

    eval(call, {"run": Run.get_context()})
    assert capsys.readouterr().out == printed


def test_a_script_run_configuration_keeps_what_it_was_given(azure: Any) -> None:
    from azureml.core import RunConfiguration, ScriptRunConfig
    from azureml.core.runconfig import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration

    plain = ScriptRunConfig(".", script="train.py")
    assert (plain.source_directory, plain.arguments, plain.command) == (".", None, None)
    from_settings = ScriptRunConfig(".", run_config=RunConfiguration(script="other.py", arguments=["--a", 1]))
    assert (from_settings.script, from_settings.arguments) == ("other.py", ["--a", 1])
    plain.run_config.target = None
    assert plain.run_config.target == "local"
    kinds = (MpiConfiguration(), TensorflowConfiguration(), PyTorchConfiguration())
    found = [ScriptRunConfig(".", "t.py", distributed_job_config=kind).run_config.communicator for kind in kinds]
    assert found == ["IntelMpi", "ParameterServer", "nccl"]


def test_a_run_configuration_is_shown_as_its_definition(azure: Any) -> None:
    import json

    from azureml.core import RunConfiguration

    shown = json.loads(repr(RunConfiguration(script="train.py")))
    assert (shown["script"], shown["target"], shown["nodeCount"]) == ("train.py", "local", 1)
    assert shown["environment"]["docker"]["baseImageRegistry"]["registryIdentity"] is None
    assert "password" not in shown["environment"]["docker"]["baseImageRegistry"]


def test_a_specification_without_python_gets_the_version_that_azure_takes(azure: Any, project: Path) -> None:
    from azureml.core import Environment

    (project / "open.yml").write_text("dependencies:\n- scikit-learn\n")
    conda = Environment.from_conda_specification("x", "open.yml").python.conda_dependencies
    assert conda.get_python_version() == "3.10.18"
    assert "python" not in conda._for_desktop_aml().replace("No version of Python", "")


def test_a_package_index_is_an_address_or_the_option(azure: Any) -> None:
    from azureml.core.conda_dependencies import CondaDependencies

    for given in ("http://localhost/simple", "--index-url http://localhost/simple"):
        conda = CondaDependencies()
        conda.set_pip_index_url(given)
        assert list(conda.pip_options) == ["--index-url http://localhost/simple"]


def test_a_scoring_script_that_is_not_python_is_refused_at_once(azure: Any, project: Path) -> None:
    from azureml.core.model import InferenceConfig
    from azureml.exceptions import UserErrorException, WebserviceException

    (project / "score.py").write_text("def init():\n    pass\ndef run(:\n")
    with pytest.raises(UserErrorException, match="line 3"):
        InferenceConfig("score.py")
    (project / "score.py").write_text("def init():\n    pass\n")
    with pytest.raises(WebserviceException, match="ruby"):
        InferenceConfig("score.py", runtime="ruby")


def test_a_version_of_a_model_that_is_not_here_is_a_web_service_error(azure: Any, project: Path) -> None:
    from azureml.core.model import Model
    from azureml.exceptions import ModelNotFoundException, WebserviceException

    kept = project / "azureml-models" / "m"
    for version in ("2", "10"):
        (kept / version).mkdir(parents=True)
        (kept / version / "model.pkl").touch()
    assert Model.get_model_path("m") == "azureml-models/m/10/model.pkl"
    assert Model.get_model_path("m", version=2) == "azureml-models/m/2/model.pkl"
    with pytest.raises(WebserviceException):
        Model.get_model_path("m", version=3)
    with pytest.raises(ModelNotFoundException):
        Model.get_model_path("other")
