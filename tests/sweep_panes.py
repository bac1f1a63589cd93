"""The page of a sweep and what opens from it, for the contact sheet: a sweep of eighteen trials that were never run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.domain.sweeps.stopping import Verdict
from desktop_aml.ui.runs.around_table.step_dialog import StepDialog
from desktop_aml.ui.runs.extend_dialog import ExtendDialog
from desktop_aml.ui.runs.formulas.dialog import FormulaDialog
from desktop_aml.ui.runs.formulas.kept import KeptFormulas
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.runs.sweep_tab import SweepTab
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.submit.argument_field import ArgumentField

if TYPE_CHECKING:
    from tests.screenshots import Camera

_TRIALS: Final = 18
_STEPS: Final = 20
_BEGUN_S: Final = 600.0
_STOPPED_AT: Final = 7
_PAGES: Final = ("trials", "arguments", "learning curves", "two arguments", "importance")


def sweep_of(ids: Sequence[str], at: float) -> Sweep:
    """Return a sweep whose trials have the ids of other runs, so that each can be opened."""
    space = space_of(
        {"--lr": parse("loguniform(0.001, 1)"), "--kernel": parse("linear, poly, rbf"), "--depth": parse("2, 3, 4, 6")}
    )
    trials = tuple(_trial(number, run_id, at) for number, run_id in enumerate(ids[:_TRIALS]))
    spec = SweepSpec(space, "val/accuracy", Goal.MAXIMIZE, trials=_TRIALS + 6, concurrent=2)
    return Sweep(ids[0], spec, Wanted.RUNNING, RunState.RUNNING, "sweep", "churn", "train.py", at, at, None, trials)


def _trial(number: int, run_id: str, at: float) -> Trial:
    rate, depth = 10 ** (-3 + 3 * (number * 7 % _TRIALS) / _TRIALS), (2, 3, 4, 6)[number * 5 % 4]
    is_stopped = number % 5 == 3
    return Trial(
        number,
        run_id,
        (("--lr", rate), ("--kernel", ("linear", "poly", "rbf")[number % 3]), ("--depth", depth)),
        best=_reached(number),
        state=RunState.RUNNING if number == _TRIALS - 1 else RunState.COMPLETED,
        stopped=Verdict("median()", _STOPPED_AT, _reached(number), 0.8, number) if is_stopped else None,
        started_at=at + 20 * number,
        ended_at=None if number == _TRIALS - 1 else at + 20 * number + 31,
    )


def _reached(number: int) -> float:
    return 0.95 - 0.012 * abs((number * 7 % _TRIALS) - 11) - 0.01 * (number % 3)


@dataclass(frozen=True)
class Sweeps:
    """Answers what the page of a sweep asks for."""

    sweep: Sweep

    def get(self, _wanted: str) -> Sweep:
        return self.sweep

    def curves(self, _wanted: str, numbers: Sequence[int]) -> dict[int, tuple[float, ...]]:
        stopped = {trial.number for trial in self.sweep.trials if trial.stopped is not None}
        return {
            number: tuple(
                _reached(number) - 0.4 * math.exp(-step / (3 + number % 4))
                for step in range(_STOPPED_AT + 1 if number in stopped else _STEPS)
            )
            for number in numbers
        }

    def importances(self, _wanted: str) -> tuple[tuple[str, float], ...]:
        return (("--lr", 0.71), ("--kernel", 0.21), ("--depth", 0.08))


@dataclass(frozen=True)
class SeededSweep:
    """A workspace of one sweep."""

    sweeps: Sweeps


def panes() -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield what is looked at, and what brings it to the front."""
    for number, name in enumerate(_PAGES):
        yield f"sweep {name}", lambda camera, n=number: _show_page(camera, n)  # type: ignore[misc]
    yield "sweep extend dialog", _show_extending
    yield "formula dialog", _show_formula
    yield "metric at a step dialog", _show_step
    yield "vary form", _show_varied


def _sweep(camera: Camera) -> Sweep:
    return sweep_of(camera.seeded.completed, time.time() - _BEGUN_S)


def _show_page(camera: Camera, number: int) -> None:
    sweep = _sweep(camera)
    camera.show("run", sweep.run_id)
    camera.settle()
    page, session = camera.window.tabs.currentWidget(), camera.window.session
    assert isinstance(page, RunPage)
    assert session is not None
    tab = SweepTab(SeededSweep(Sweeps(sweep)), session.bridge, sweep.run_id, page)  # type: ignore[arg-type]
    page.tabs.setCurrentIndex(page.tabs.insertTab(0, tab, "Sweep"))
    camera.settle()
    tab.views.setCurrentIndex(number)


def _show_extending(camera: Camera) -> None:
    camera.dialog = ExtendDialog(_sweep(camera), camera.window)
    camera.dialog.show()


def _show_formula(camera: Camera) -> None:
    camera.dialog = FormulaDialog(KeptFormulas(camera.seeded.folder), ("train/loss", "val/loss"), camera.window)
    camera.dialog.show()


def _show_step(camera: Camera) -> None:
    camera.dialog = dialog = StepDialog(("train/loss", "val/loss"), camera.window)
    dialog.step.setText("half")
    dialog.show()


def _show_varied(camera: Camera) -> None:
    camera.window.go_to(Destination("script", str(camera.seeded.script)))
    camera.settle()
    fields = camera.window.findChildren(ArgumentField)
    for field in [one for one in fields if not one.vary_button.isHidden()][:2]:
        field.vary_button.setChecked(True)
