"""The steps of a long preparation are seen in a pipe, too, and a short one says nothing there."""

from __future__ import annotations

import io

from desktop_aml.cli.steps import Steps
from tests.cli.terminal.screens import Screen, plain


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_pipe_hears_of_a_long_step_now_and_then() -> None:
    pipe, clock = io.StringIO(), Clock()
    steps = Steps(pipe, clock, every_s=8.0)
    steps.tell("Installing", "Downloading torch (700MiB)", 0.4)
    for _ in range(30):
        clock.now += 1.0
        steps.wait()
    lines = pipe.getvalue().splitlines()
    assert [line.rpartition("(")[2] for line in lines] == ["8 s)", "16 s)", "24 s)"]
    assert all("40% Installing: Downloading torch" in line for line in lines)


def test_a_pipe_hears_of_a_preparation_whose_steps_are_told_to_another_program() -> None:
    pipe, clock = io.StringIO(), Clock()
    steps = Steps(pipe, clock)
    steps.wait()
    clock.now += 9.0
    steps.wait()
    assert pipe.getvalue() == "Preparing (9 s)\n"


def test_a_pipe_hears_nothing_of_a_quick_preparation() -> None:
    pipe, clock = io.StringIO(), Clock()
    steps = Steps(pipe, clock)
    for stage in ("Choosing", "Resolving", "Installing"):
        clock.now += 1.0
        steps.tell(stage, "something", 0.5)
    assert not pipe.getvalue()


def test_each_of_several_preparations_has_its_own_time() -> None:
    pipe, clock = io.StringIO(), Clock()
    steps = Steps(pipe, clock, every_s=8.0)
    for trial in ("s_0", "s_1", "s_2"):
        steps.tell("Copying the source", "", of=trial)
        clock.now += 7.0
    assert not pipe.getvalue()
    clock.now += 2.0
    steps.wait()
    assert pipe.getvalue() == "Copying the source (9 s)\n"


def test_a_person_sees_every_step_in_place() -> None:
    screen = Screen()
    steps = Steps(screen, Clock())
    steps.tell("Resolving", "numpy", 0.1)
    steps.tell("Waiting", "")
    steps.wait()
    assert "10% Resolving: numpy" in plain(screen.getvalue())
    assert "\n" not in screen.getvalue()
