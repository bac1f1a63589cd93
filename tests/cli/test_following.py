"""The steps that a command tells are those of the run that it follows."""

from __future__ import annotations

import io

import pytest

from desktop_aml.cli.following import PreparationTeller
from desktop_aml.cli.steps import Steps
from desktop_aml.domain.events import ModelRegistered, PreparationProgressed


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def tell(screen: Screen) -> PreparationTeller:
    return PreparationTeller(Steps(screen))


def step(run_id: str, message: str) -> PreparationProgressed:
    return PreparationProgressed(run_id, "Installing", message)


def test_what_other_runs_wait_for_is_not_told(tell: PreparationTeller, screen: Screen) -> None:
    tell.begin("iris_1")
    for event in (step("child_of_it", "torch"), step("iris_11", "scipy"), ModelRegistered("m", 1)):
        tell(event)
    assert not screen.getvalue()
    tell(step("iris_1", "numpy"))
    assert screen.getvalue().endswith("Installing: numpy")


def test_what_happened_before_the_runs_name_was_known_is_told(tell: PreparationTeller, screen: Screen) -> None:
    tell(step("another", "torch"))
    tell(step("iris_1", "numpy"))
    assert not screen.getvalue()
    tell.begin("iris_1")
    assert "numpy" in screen.getvalue()
    assert "torch" not in screen.getvalue()


def test_the_trials_of_a_sweep_are_told(tell: PreparationTeller, screen: Screen) -> None:
    tell.begin("HD_a")
    tell(step("HD_a_12", "numpy"))
    tell(step("HD_b_12", "torch"))
    assert "numpy" in screen.getvalue()
    assert "torch" not in screen.getvalue()
