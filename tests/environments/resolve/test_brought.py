"""What packages of Azure ML brought comes along, where it can be had, and changes nothing else."""

from __future__ import annotations

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.environments.spec.azureml_brings import brought_by
from desktop_aml.environments.spec.parsing import check, parse
from desktop_aml.run_folder.hints.failures import not_added
from tests.environments.bench import Bench


def names(*requirements: str) -> set[str]:
    return {text.split(";")[0].partition("[")[0].rstrip("<>=!~.,0123456789 ") for text in brought_by(requirements)}


@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        ("azureml-mlflow", {"mlflow-skinny"}, {"azure-storage-blob", "azureml-core", "msrest"}),
        ("azureml-mlflow==1.8.0", {"mlflow", "requests"}, set()),
        ("azureml-dataset-runtime[pandas,fuse]", {"pandas", "pyarrow", "numpy"}, {"fusepy", "scipy"}),
        ("azureml-dataset-runtime[scipy]", {"scipy"}, set()),
        ("azureml-defaults==1.8.0", {"flask", "requests", "ruamel.yaml"}, {"adal"}),
        ("azureml-defaults", {"requests", "pyarrow", "numpy", "pyyaml"}, {"azure-mgmt-storage"}),
        ("azureml-core~=1.30.0", {"requests", "jmespath"}, {"azureml-dataprep"}),
        ("azureml-sdk", {"requests", "pyarrow", "numpy"}, {"pandas", "pip"}),
        ("azureml-dataprep[pandas]==1.8.3", {"pandas", "pyarrow"}, set()),
        ("azureml-interpret==1.38.0", {"numpy"}, set()),
        ("azureml-core==99.0", {"requests"}, set()),
        ("azureml-core==0.1", {"requests"}, set()),
        ("azureml-there-never-was-such", set(), {"requests"}),
    ],
)
def test_a_version_brings_what_its_own_metadata_asked_for(asked: str, there: set[str], not_there: set[str]):
    found = names(asked)
    assert there <= found
    assert not not_there & found


def test_what_the_user_names_is_the_users_alone():
    text = "dependencies:\n- pandas=1.5\n- pip:\n  - azureml-dataset-runtime[pandas]\n  - pyarrow==9.0\n"
    spec = parse(text, EnvironmentKind.CONDA)
    assert [one.text for one in spec.requirements] == ["pandas==1.5.*", "pyarrow==9.0"]
    assert not {"pandas", "pyarrow"} & {one.name for one in spec.brought}
    assert {one.line for one in spec.brought} == {4}
    assert any("What it brought comes along" in note.message for note in check(text, EnvironmentKind.CONDA))


def test_what_was_brought_is_installed_within_its_bounds(bench: Bench):
    for version in ("1.9", "2.31.0", "3.0"):
        bench.index.add_wheel("requests", version)
    built = bench.make("azureml-core~=1.61.0\napp\n")
    assert built.lock.version_of("requests") == "2.31.0"
    assert built.lock.version_of("lib") == "2.0"


def test_bounds_that_nothing_satisfies_any_more_are_given_up_but_not_the_package(bench: Bench):
    bench.index.add_wheel("requests", "9.0")
    built = bench.make("azureml-core~=1.61.0\napp\n")
    assert built.lock.version_of("requests") == "9.0"


def test_what_cannot_be_had_is_left_out_and_said(bench: Bench):
    bench.index.add_source("requests", "2.31.0", "raise RuntimeError('nothing is built here')\n")
    built = bench.make("azureml-core==1.30.0\napp\n")
    assert not built.lock.version_of("requests")
    assert built.lock.version_of("app") == "1.0"
    assert any("Left out" in note for note in built.lock.notes)
    assert "was left out" in not_added("ModuleNotFoundError: No module named 'requests'", built.lock.notes)
    assert not not_added("ModuleNotFoundError: No module named 'xgboost'", built.lock.notes)


def test_it_changes_no_version_that_the_specification_came_to_without_it(bench: Bench):
    bench.index.add_wheel("requests", "2.31.0", ("lib<2",))
    bench.index.add_wheel("requests", "2.30.0")
    built = bench.make("azureml-core==1.30.0\napp\n")
    assert built.lock.version_of("lib") == "2.0"
    assert built.lock.version_of("requests") == "2.30.0"


def test_an_old_mlflow_is_not_taken_for_the_sake_of_a_package_that_nobody_named(bench: Bench):
    for name in ("cryptography", "jsonpickle", "python_dateutil", "setuptools"):
        bench.index.add_wheel(name, "2.8")
    bench.index.add_wheel("mlflow_skinny", "1.28.0")
    bench.index.add_wheel("mlflow_skinny", "3.5.0", ("lib<2",))
    built = bench.make("azureml-mlflow==1.55.0\napp\n")
    assert built.lock.version_of("mlflow-skinny") == "3.5.0"
    assert any("mlflow-skinny 3.5.0 comes along, with which goes lib 1.0." in note for note in built.lock.notes)
    named = bench.make("azureml-mlflow==1.55.0\napp\nlib==2.0\n")
    assert named.lock.version_of("mlflow-skinny") == "1.28.0"


def test_an_environment_of_azure_packages_alone_can_be_built(bench: Bench):
    bench.index.add_wheel("requests", "2.31.0")
    built = bench.make("azureml-core==1.30.0\n")
    assert built.lock.version_of("requests") == "2.31.0"
    assert bench.make("azureml-core==1.30.0\n") == built


def test_without_the_network_an_environment_that_was_resolved_before_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    before = bench.make("app\n")
    index = bench.index.uri
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    said: list[str] = []
    text = "azureml-core==1.30.0\napp\n"
    built = bench.make(text, report=lambda step: said.append(step.message))
    assert built.lock.packages == before.lock.packages
    told = next(note for note in built.lock.notes if "Without network" in note)
    assert told in said
    assert told in bench.log.read_text("utf-8")
    assert "Connect" in not_added("ModuleNotFoundError: No module named 'requests'", built.lock.notes)

    bench.index.add_wheel("requests", "2.31.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    assert bench.make(text).lock.version_of("requests") == "2.31.0"
