"""`azureml.core.Environment` and `CondaDependencies`: made, kept in a workspace, found again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import wait_until

CONDA = """# What the model needs.
name: sklearn-env
channels:
  - conda-forge
dependencies:
  - python=3.8  # as on the cluster
  - scikit-learn
  - pip:
      - azureml-defaults
      - "joblib>=1.0"
"""


@pytest.fixture
def conda_file(project: Path) -> str:
    (project / "conda.yml").write_text(CONDA)
    return "conda.yml"


def test_a_conda_file_comes_back_byte_for_byte(azure: Any, conda_file: str, workspace: Any) -> None:
    from azureml.core import Environment

    kept = Environment.from_conda_specification("sk", conda_file).register(azure)
    assert (kept.name, kept.version) == ("sk", "1")
    assert workspace.environments.get("sk").text == CONDA
    conda = Environment.get(azure, "sk").python.conda_dependencies
    assert conda.serialize_to_string() == CONDA
    assert list(conda.conda_packages) == ["python=3.8", "scikit-learn"]
    assert list(conda.pip_packages) == ["azureml-defaults", "joblib>=1.0"]
    assert list(conda.conda_channels) == ["conda-forge"]
    assert conda.get_python_version() == "3.8"


def test_a_name_with_blanks_is_registered_found_and_listed(azure: Any, conda_file: str) -> None:
    from azureml.core import Environment

    kept = Environment.from_conda_specification("Telecome_churn env", conda_file).register(azure)
    assert (kept.name, kept.version) == ("Telecome_churn env", "1")
    found = Environment.get(azure, "Telecome_churn env")
    assert found._reference(azure) == "Telecome_churn env:1"
    assert "Telecome_churn env" in Environment.list(azure)


def test_registering_the_same_again_makes_no_new_version(azure: Any, conda_file: str) -> None:
    from azureml.core import Environment

    env = Environment.from_conda_specification("sk", conda_file)
    assert [env.register(azure).version, env.register(azure).version] == ["1", "1"]
    env.environment_variables["THREADS"] = "2"
    assert env.register(azure).version == "2"
    assert Environment.get(azure, "sk").environment_variables["THREADS"] == "2"
    assert "THREADS" not in Environment.get(azure, "sk", version=1).environment_variables


def test_all_of_a_definition_survives_the_workspace(azure: Any) -> None:
    from azureml.core import Environment
    from azureml.core.environment import SparkPackage

    env = Environment("whole")
    env.docker.enabled = True
    env.docker.shm_size = "4g"
    env.docker.base_image = None
    env.docker.base_dockerfile = "FROM debian\nRUN true"
    env.docker.base_image_registry.address = "registry.example"
    env.docker.base_image_registry.password = "hidden"
    env.spark.packages = [SparkPackage("g", "a", "1")]
    env.inferencing_stack_version = "latest"
    env.register(azure)
    found = Environment.get(azure, "whole")
    assert found.docker.enabled
    assert (found.docker.shm_size, found.docker.base_image) == ("4g", None)
    assert found.docker.base_dockerfile == "FROM debian\nRUN true"
    assert found.docker.base_image_registry.address == "registry.example"
    assert found.inferencing_stack_version == "latest"
    assert "hidden" not in repr(found)


def test_packages_that_the_user_manages_mean_the_python_that_runs_the_code(azure: Any, workspace: Any) -> None:
    from azureml.core import Environment

    env = Environment("mine")
    env.python.user_managed_dependencies = True
    env.environment_variables = {"A": "1"}
    env.register(azure)
    assert workspace.environments.get("mine").text == sys.executable
    found = Environment.get(azure, "mine")
    assert found.python.user_managed_dependencies
    assert (found.python.interpreter_path, found.environment_variables) == (sys.executable, {"A": "1"})


def test_an_interpreter_that_is_not_there_is_named(azure: Any) -> None:
    from azureml.core import Environment
    from azureml.exceptions import UserErrorException

    env = Environment("mine")
    env.python.user_managed_dependencies = True
    env.python.interpreter_path = "no-such-python"
    with pytest.raises(UserErrorException, match="no-such-python"):
        env.register(azure)


@pytest.mark.parametrize("path", ["pythn", "python.conda_dependency", "docker.enable", "spark.package", "docker.base"])
def test_a_misspelt_attribute_is_found(azure: Any, path: str) -> None:
    from azureml.core import Environment

    *sections, name = path.split(".")
    section = Environment("e")
    for each in sections:
        section = getattr(section, each)
    with pytest.raises(AttributeError, match=f"no attribute '{name}'. It has: "):
        setattr(section, name, 1)


def test_its_text_is_azures_json(azure: Any) -> None:
    from azureml.core import Environment

    env = Environment("e")
    shown = json.loads(repr(env))
    assert str(env) == "Environment(Name: e,\nVersion: None)"
    assert shown["environmentVariables"] == {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
    assert set(shown["python"]) == {
        "interpreterPath",
        "userManagedDependencies",
        "condaDependencies",
        "baseCondaEnvironment",
    }
    assert shown["docker"]["platform"] == {"os": "Linux", "architecture": "amd64"}


def test_curated_names_of_azure_are_known(azure: Any) -> None:
    from azureml.core import Environment
    from azureml.exceptions import AzureMLException, UserErrorException

    names = Environment.list(azure)
    assert {"AzureML-Tutorial", "AzureML-Minimal", "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu"} <= set(names)
    curated = Environment.get(workspace=azure, name="AzureML-Tutorial")
    assert any("scikit-learn" in package for package in curated.python.conda_dependencies.pip_packages)
    with pytest.raises(UserErrorException, match="clone it"):
        curated.register(azure)
    clone = curated.clone("my-tutorial")
    assert (clone.name, clone.version, clone.register(azure).version) == ("my-tutorial", None, "1")
    with pytest.raises(AzureMLException, match="Error retrieving the environment definition"):
        Environment.get(azure, "AzureML-PyTorch-9")


def test_a_version_is_asked_for_or_the_newest_comes(azure: Any) -> None:
    from azureml.core import Environment
    from azureml.exceptions import AzureMLException, UserErrorException

    env = Environment("e")
    env.register(azure)
    env.python.conda_dependencies.add_pip_package("pandas")
    env.register(azure)
    assert [Environment.get(azure, "e", version=number).version for number in (None, 1, "2")] == ["2", "1", "2"]
    for version, said in (("3", "Error retrieving"), ("Autosave_1", "versions here are numbers")):
        with pytest.raises(AzureMLException, match=said):
            Environment.get(azure, "e", version=version)
    with pytest.raises(UserErrorException, match="either"):
        Environment.get(azure, "e", version="1", label="latest")


def test_requirements_replace_the_pip_packages(azure: Any, project: Path) -> None:
    from azureml.core import Environment

    (project / "base.txt").write_text("numpy<2\n")
    (project / "requirements.txt").write_text("# mine\n-r base.txt\npandas>=1.0  # tables\n\n")
    conda = Environment.from_pip_requirements("r", "requirements.txt", "21.3.1").python.conda_dependencies
    assert list(conda.pip_packages) == ["numpy<2", "pandas>=1.0"]
    assert "pip=21.3.1" in conda.conda_packages


def test_requirements_are_read_whole_as_pip_reads_them(azure: Any, project: Path) -> None:
    from azureml.core import Environment

    (project / "bounds.txt").write_text("numpy<2\n")
    (project / "more.txt").write_bytes("joblib==1.4.2\r\n".encode("utf-16"))
    digest = "--hash=sha256:" + 64 * "a"
    (project / "requirements.txt").write_text(
        f"six==1.16.0 \\\n    {digest} \\\n    {digest}\n-r file:more.txt\n-c bounds.txt\n"
    )
    conda = Environment.from_pip_requirements("r", "requirements.txt").python.conda_dependencies
    assert list(conda.pip_packages) == [f"six==1.16.0 {digest} {digest}", "joblib==1.4.2"]
    assert list(conda.pip_options) == ["--constraint numpy<2"]


def test_files_of_other_kinds_are_refused_in_words(azure: Any, project: Path) -> None:
    from azureml.core import Environment
    from azureml.exceptions import UserErrorException

    (project / "odd.yml").write_text("name: x\npackages: []\n")
    (project / "torn.yml").write_text("name: [x\n")
    for name, said in (("odd.yml", "packages"), ("torn.yml", "line|Line")):
        with pytest.raises(UserErrorException, match=said):
            Environment.from_conda_specification("x", name)
    for make in (Environment.from_conda_specification, Environment.from_pip_requirements):
        with pytest.raises(FileNotFoundError, match=r"absent\.yml"):
            make("x", "absent.yml")
    with pytest.raises(TypeError, match="text"):
        Environment(3)


def test_a_folder_holds_an_environment_for_later(azure: Any, project: Path, conda_file: str) -> None:
    from azureml.core import Environment

    env = Environment.from_dockerfile("d", "FROM debian", conda_specification=conda_file)
    env.save_to_directory("saved")
    assert {path.name for path in (project / "saved").iterdir()} == {
        "azureml_environment.json",
        "conda_dependencies.yml",
        "BaseDockerfile",
    }
    found = Environment.load_from_directory("saved")
    assert found.docker.base_dockerfile == "FROM debian"
    assert found.python.conda_dependencies.serialize_to_string() == CONDA
    with pytest.raises(FileExistsError, match="overwrite"):
        env.save_to_directory("saved")
    env.save_to_directory("saved", overwrite=True)
    with pytest.raises(FileNotFoundError, match="There is no folder 'absent'"):
        Environment.load_from_directory("absent")


def test_images_are_named_in_one_of_three_ways(azure: Any) -> None:
    from azureml.core import Environment
    from azureml.core.environment import DEFAULT_CPU_IMAGE, DockerBuildContext

    assert Environment("e").docker.base_image == DEFAULT_CPU_IMAGE
    assert Environment.from_docker_image("i", "python:3.11").docker.base_image == "python:3.11"
    context = DockerBuildContext.from_local_directory(azure, "folder")
    built = Environment.from_docker_build_context("c", context)
    assert (built.docker.base_image, built.docker.build_context.location) == (None, "folder")


def test_an_image_that_brings_its_packages_stands_for_the_environment(azure: Any, workspace: Any) -> None:
    from azureml.core import Environment

    Environment.from_docker_image("image", "python:3.11-slim").register(azure)
    saved = workspace.environments.get("image")
    assert (saved.kind, saved.text) == ("image", "python:3.11-slim")
    found = Environment.get(azure, "image")
    assert (found.docker.base_image, found.python.user_managed_dependencies) == ("python:3.11-slim", True)
    Environment.from_dockerfile("file", "FROM python:3.11-slim\nRUN true\n").register(azure)
    assert workspace.environments.get("file").kind == "dockerfile"
    assert Environment.get(azure, "file").docker.base_dockerfile == "FROM python:3.11-slim\nRUN true\n"


def test_without_conda_an_environment_of_conda_is_none(
    azure: Any, monkeypatch: pytest.MonkeyPatch, notes: Callable[[], str]
) -> None:
    from azureml.core import Environment

    monkeypatch.setenv("PATH", "")
    assert Environment.from_existing_conda_environment("x", "base") is None
    assert "conda is not on this computer" in notes()


def test_a_build_is_followed_to_its_end(azure: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azureml.core import Environment
    from azureml.exceptions import ActivityFailedException

    env = Environment("mine")
    env.python.user_managed_dependencies = True
    build = env.build(azure)
    build.wait_for_completion(show_output=True)
    assert build.status == "Succeeded"
    assert env.get_image_details(azure)["imageExistsInRegistry"]

    broken = Environment("broken")
    broken.python.conda_dependencies.set_python_version("3.99")
    with pytest.raises(ActivityFailedException, match=r"(?s)broken:1 could not be built.*no Python for .python=3\.99"):
        broken.build_local(azure)


# CondaDependencies alone.


def test_created_packages_replace_the_default_ones(azure: Any) -> None:
    from azureml.core.conda_dependencies import CondaDependencies

    usual = CondaDependencies.create()
    assert list(usual.pip_packages) == ["azureml-defaults~=1.61.0"]
    made = CondaDependencies.create(
        pip_packages=["azureml-sdk[notebooks]", "pandas"],
        conda_packages=["scikit-learn", "pip<20"],
        pin_sdk_version=False,
    )
    assert list(made.pip_packages) == ["azureml-sdk[notebooks]", "pandas"]
    assert list(made.conda_packages) == ["python=3.10.18", "scikit-learn", "pip<20"]
    assert CondaDependencies.create(python_version="3.6.2").get_python_version() == "3.6.2"


def test_a_version_of_python_that_nobody_asked_for_is_left_open(azure: Any, workspace: Any) -> None:
    from azureml.core import Environment
    from azureml.core.conda_dependencies import CondaDependencies

    for name, version in (("open", None), ("pinned", "3.8")):
        env = Environment(name)
        more = {"python_version": version} if version else {}
        env.python.conda_dependencies = CondaDependencies.create(conda_packages=["scikit-learn"], **more)
        env.register(azure)
    assert "python" not in workspace.environments.get("open").text.replace("version of Python", "")
    assert "python=3.8" in workspace.environments.get("pinned").text


def test_it_is_left_open_by_way_of_a_file_too_until_somebody_writes_one_there(
    azure: Any, workspace: Any, tmp_path: Path
) -> None:
    from azureml.core import Environment
    from azureml.core.conda_dependencies import CondaDependencies

    conda = CondaDependencies()
    conda.add_conda_package("scikit-learn")
    file = tmp_path / "myenv.yml"
    file.write_text(conda.serialize_to_string())
    Environment.from_conda_specification("open", str(file)).register(azure)
    assert "python=" not in workspace.environments.get("open").text
    file.write_text(file.read_text().replace("python=3.8.13", "python=3.7"))
    Environment.from_conda_specification("pinned", str(file)).register(azure)
    assert "python=3.7" in workspace.environments.get("pinned").text


def test_packages_are_added_once_and_removed_by_name(azure: Any) -> None:
    from azureml.core.conda_dependencies import CondaDependencies
    from azureml.exceptions import UserErrorException

    conda = CondaDependencies()
    conda.add_pip_package("Pandas==1.0")
    conda.add_pip_package("pandas==2.0")
    conda.add_conda_package("numpy=1.19")
    conda.add_conda_package("numpy")
    conda.add_conda_package("python=3.9")
    conda.add_channel("pytorch")
    conda.add_channel("pytorch")
    conda.remove_channel("anaconda")
    assert list(conda.pip_packages) == ["azureml-defaults", "pandas==2.0"]
    assert list(conda.conda_packages) == ["python=3.9", "numpy"]
    assert list(conda.conda_channels) == ["conda-forge", "pytorch"]
    conda.remove_pip_package("azureml_defaults")
    conda.remove_conda_package("numpy=1.0")
    conda.set_pip_option("--pre")
    conda.set_pip_index_url("https://example.org/simple")
    conda.set_pip_requirements(["scipy"])
    assert (list(conda.pip_packages), list(conda.conda_packages)) == (["scipy"], ["python=3.9"])
    assert sorted(conda.pip_options) == ["--index-url https://example.org/simple", "--pre"]
    with pytest.raises(UserErrorException, match="set_pip_option"):
        conda.add_pip_package("--pre")
    with pytest.raises(UserErrorException, match="list"):
        CondaDependencies.create(pip_packages="pandas")


def test_a_written_specification_reads_back_the_same(azure: Any, project: Path) -> None:
    from azureml.core.conda_dependencies import CondaDependencies

    conda = CondaDependencies.create(
        pip_packages=[
            "a==1.0; python_version < '3.9'",
            "git+https://example.org/x.git@v1#egg=x",
            "--pre",
            "yes",
            "1.0",
        ],
        conda_packages=["conda-forge::lightgbm>=3.2,<4", "numpy=1.19.*"],
        python_version="3.8",
    )
    conda.save("mine.yml")
    assert CondaDependencies("mine.yml").as_dict() == conda.as_dict()
    assert CondaDependencies("mine.yml") == conda
    assert conda.save_to_file("sub/folder") == "conda_dependencies.yml"
    assert (project / "sub" / "folder" / "conda_dependencies.yml").is_file()


def test_requirements_of_one_package_are_joined(azure: Any) -> None:
    from azureml.core.conda_dependencies import CondaDependencies

    merged = CondaDependencies.merge_requirements(["pandas>=1.0", "numpy", "pandas<2", "numpy"])
    assert merged == ["pandas>=1.0,<2", "numpy"]


def test_a_build_in_the_workspace_is_seen_by_others(azure: Any, workspace: Any) -> None:
    from azureml.core import Environment

    env = Environment("mine")
    env.python.user_managed_dependencies = True
    env.register(azure).build(azure)
    wait_until(lambda: str(workspace.environments.summary("mine").state) == "Ready", "the build")
