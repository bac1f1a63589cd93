"""Environments: what a file is for, and where a kind can be used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_aml.domain.environments import (
    BuildPlace,
    BuildState,
    EnvironmentKind,
    EnvironmentSummary,
    is_project_file,
    place_fault,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pyproject.toml", True),
        ("pylock.toml", True),
        ("pylock.dev.toml", True),
        ("pylock..toml", False),
        ("pylock.a.b.toml", False),
        ("environment.yml", False),
    ],
)
def test_a_project_s_file_is_known_by_its_name(name, expected):
    assert is_project_file(name) is expected


def test_what_says_how_a_container_is_made_needs_docker_and_an_interpreter_of_this_computer_a_process():
    faults = {(kind, place): place_fault(kind, place) for kind in EnvironmentKind for place in BuildPlace}
    refused = {pair for pair, (why, hint) in faults.items() if why and hint}
    assert refused == {
        (EnvironmentKind.DOCKERFILE, BuildPlace.LOCAL),
        (EnvironmentKind.IMAGE, BuildPlace.LOCAL),
        (EnvironmentKind.EXISTING, BuildPlace.IMAGE),
    }
    assert {fault for pair, fault in faults.items() if pair not in refused} == {("", "")}


def test_a_curated_environment_is_in_use_from_its_first_build():
    curated = EnvironmentSummary("sklearn-1.9", 1, EnvironmentKind.CONDA, BuildState.NOT_BUILT, curated=True)
    assert not curated.in_use
    assert replace(curated, state=BuildState.READY).in_use
    assert replace(curated, curated=False).in_use
    assert curated.label == "sklearn-1.9:1"
