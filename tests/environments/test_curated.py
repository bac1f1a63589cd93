"""Curated environments: used without being registered, kept from being changed, cloned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_aml.domain.environments import BuildState, EnvironmentKind
from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.requests import BuildEnvironment, Done, Refusal, RegisterEnvironment
from desktop_aml.environments import curated
from desktop_aml.environments.resolve import interpreters
from desktop_aml.environments.spec import parsing as spec
from desktop_aml.workspace import Workspace
from tests.conftest import DrivenEngine


@pytest.fixture
def workspace(tmp_path, marked_processes: object) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "workspace", "test")
    made.start_engine(lambda _: None)
    yield made
    made.close()


@pytest.mark.parametrize("name", list(curated.catalogue()))
def test_every_curated_environment_is_a_sound_specification(name: str) -> None:
    one = curated.catalogue()[name]
    assert not [found for found in spec.check(one.text, one.kind) if found.severity == "error"]
    assert f"name: {name}\n" in one.text
    assert one.description
    pin = spec.parse(one.text, one.kind).python
    assert pin is not None
    known = tuple(interpreters.Interpreter(f"/python3.{minor}", (3, minor, 9)) for minor in range(13, 5, -1))
    interpreters.choose(pin, known)


def test_the_first_use_saves_the_text_as_version_1(driven: DrivenEngine) -> None:
    assert driven.ask(BuildEnvironment(name="AzureML-Tutorial")) == Done(name="AzureML-Tutorial", version=1)
    assert driven.ask(BuildEnvironment(name="sklearn-1.5", version=1)) == Done(name="sklearn-1.5", version=1)


def test_the_name_of_a_curated_environment_is_not_given_to_another_text(driven: DrivenEngine) -> None:
    reply = driven.ask(RegisterEnvironment(name="sklearn-1.5", kind=EnvironmentKind.PIP, text="numpy"))
    assert isinstance(reply, Refusal)
    assert "clone sklearn-1.5" in reply.hint


def test_a_name_of_azure_without_a_counterpart_is_explained(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no counterpart here"):
        workspace.environments.get("AzureML-PyTorch-1.6-GPU")


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("AzureML-sklearn-1.5", "sklearn-1.5"),
        ("AZUREML-TUTORIAL", "AzureML-Tutorial"),
        ("AzureML-sklearn-1.1-ubuntu20.04-py38-cpu", "sklearn-1.1"),
        ("AzureML-Scikit-learn-0.24.2", "sklearn-0.24"),
        ("azureml-scikit-learn0.22-py36", "sklearn-0.22"),
    ],
)
def test_azures_name_is_found_in_any_case_and_by_the_version_that_it_tells(name: str, recipe: str) -> None:
    found, own = curated.get(name), curated.get(recipe)
    assert found is not None
    assert own is not None
    assert curated.is_curated(name)
    assert found.text == curated.with_name(own.text, name)


@pytest.mark.parametrize("name", ["AzureML-sklearn-1.55", "AzureML-sklearn-9.9", "Sklearn-1.5", "AzureML-sklearn"])
def test_a_name_that_tells_no_version_of_ours_is_none(name: str) -> None:
    assert curated.get(name) is None


def test_the_name_that_is_found_is_kept_from_another_text_too(driven: DrivenEngine) -> None:
    assert driven.ask(BuildEnvironment(name="AzureML-sklearn-1.5")) == Done(name="AzureML-sklearn-1.5", version=1)
    reply = driven.ask(RegisterEnvironment(name="AzureML-sklearn-1.0", kind=EnvironmentKind.PIP, text="numpy"))
    assert isinstance(reply, Refusal)


def test_unused_ones_are_listed_after_the_workspaces_own_and_can_be_read(workspace: Workspace) -> None:
    workspace.environments.register("mine", "numpy", EnvironmentKind.PIP)
    first, *others = workspace.environments.list()
    assert (first.name, first.curated) == ("mine", False)
    assert {one.name for one in others} == set(curated.catalogue())
    assert all(one.curated and one.state is BuildState.NOT_BUILT for one in others)
    assert "sklearn-pandas" in workspace.environments.get("AzureML-Tutorial").text
    assert workspace.environments.lock("AzureML-Tutorial") is None
    assert workspace.environments.summary("AzureML-Tutorial").curated
    assert [one.version for one in workspace.environments.versions("AzureML-Tutorial")] == [1]


def test_a_clone_is_the_users_own(workspace: Workspace) -> None:
    made = workspace.environments.clone("sklearn-1.5", "mine")
    assert (made.label, made.description) == ("mine:1", "Cloned from sklearn-1.5:1")
    assert "name: mine\n" in made.text
    assert workspace.environments.register("mine", made.text + "  - seaborn\n").version == 2
    with pytest.raises(Conflict):
        workspace.environments.clone("sklearn-1.5", "mine")
    with pytest.raises(Conflict):
        workspace.environments.clone("mine", "sklearn-1.0")
