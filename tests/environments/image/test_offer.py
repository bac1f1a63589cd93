"""What keeps an environment from becoming an image is known before a run that may do without a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind, PythonPinPolicy
from desktop_aml.environments.image import offer as image_offer
from desktop_aml.environments.resolve.builder_choice import Choices
from desktop_aml.environments.spec import parsing as specs
from tests.docker_engine import BASE_IMAGE

CONDA = EnvironmentKind.CONDA
PINNED = "dependencies:\n  - python=3.11\n  - numpy\n"
NO_REGISTRY = "127.0.0.1:9/python:{version}"


def obstacle(builds: Path, text: str, base_image: str, kind: EnvironmentKind = CONDA) -> str:
    return image_offer.obstacle(kind, text, builds, base_image, PythonPinPolicy.SAME_MINOR)


def test_nothing_is_in_the_way_of_a_base_image_that_is_here(docker_host: str, tmp_path: Path) -> None:
    assert obstacle(tmp_path, PINNED, BASE_IMAGE) == ""
    assert obstacle(tmp_path, PINNED.replace("=3.11", ""), BASE_IMAGE) == ""


def test_a_base_image_that_is_nowhere_is_named_with_the_reason(docker_host: str, tmp_path: Path) -> None:
    found = obstacle(tmp_path, PINNED, NO_REGISTRY)
    assert found.startswith("The base image 127.0.0.1:9/python:3.11 is not on the Docker engine and cannot be fetched")
    assert "127.0.0.1:9" in found.partition("fetched")[2]


@pytest.mark.parametrize("text", ["dependencies: [", "dependencies:\n  - python=banana\n"])
def test_an_error_in_the_specification_is_left_to_the_build(docker_host: str, tmp_path: Path, text: str) -> None:
    assert obstacle(tmp_path, text, NO_REGISTRY) == ""


def test_what_has_no_base_image_is_judged_without_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-docker.sock")
    assert obstacle(tmp_path, "FROM scratch\n", NO_REGISTRY, EnvironmentKind.DOCKERFILE) == ""
    assert obstacle(tmp_path, "an/image:1", NO_REGISTRY, EnvironmentKind.IMAGE) == ""
    assert "cannot be used in a container" in obstacle(tmp_path, "/usr/bin/python3", "", EnvironmentKind.EXISTING)


def test_an_environment_from_channels_needs_no_base_image_with_its_python(docker_host: str, tmp_path: Path) -> None:
    text = "channels:\n  - conda-forge\ndependencies:\n  - python=3.8\n"
    assert "desktop-aml/base:3.8" in obstacle(tmp_path, text, BASE_IMAGE), "PyPI may have to stand in"
    Choices(tmp_path / "choices").prefer(specs.parse(text, CONDA), "conda")
    assert obstacle(tmp_path, text, BASE_IMAGE) == ""
