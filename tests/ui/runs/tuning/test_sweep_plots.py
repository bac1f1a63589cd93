"""What the page of a sweep draws beside its table, each page when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QTabWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.domain.sweeps.stopping import Verdict
from desktop_aml.ui.runs.tuning.sweep_plots import SweepPlots
from desktop_aml.ui.session.bridge import Bridge

STOPPED = Verdict("median()", 2, 0.1, 0.2, 3)


def sweep_of(count: int) -> Sweep:
    space = space_of(
        {"--lr": parse("loguniform(0.01, 1)"), "--kind": parse("a, b"), "--depth": parse("integers(1, 9)")}
    )
    trials = tuple(
        Trial(
            n,
            f"s_{n}",
            (("--lr", 0.01 * (n + 1)), ("--kind", "ab"[n % 2]), ("--depth", 1 + n % 9)),
            best=0.1 * n,
            state=RunState.COMPLETED,
            stopped=STOPPED if n == 0 else None,
        )
        for n in range(count)
    )
    spec = SweepSpec(space, "Accuracy", Goal.MAXIMIZE, trials=9)
    return Sweep("s", spec, Wanted.RUNNING, RunState.RUNNING, "s", "e", "t.py", 1.0, 1.0, None, trials)


class Sweeps:
    def __init__(self) -> None:
        self.asked: list[object] = []

    def curves(self, run_id: str, numbers: Sequence[int]) -> dict[int, tuple[float, ...]]:
        self.asked.append(tuple(numbers))
        return {0: (0.1, 0.2), 1: (0.3, float("nan"), 0.4), 3: (0.9,)}

    def importances(self, run_id: str) -> tuple[tuple[str, float], ...]:
        self.asked.append("importances")
        return (("--lr", 0.75), ("--depth", 0.25))


class OneSweep:
    def __init__(self) -> None:
        self.sweeps = Sweeps()


@pytest.fixture
def tabs(qtbot: QtBot) -> QTabWidget:
    made = QTabWidget()
    made.resize(800, 600)
    qtbot.addWidget(made)
    made.show()
    return made


def made(space: OneSweep, bridge: Bridge, tabs: QTabWidget) -> SweepPlots:
    plots = SweepPlots(space, bridge, "Accuracy", tabs)  # type: ignore[arg-type]
    for part in plots.parts():
        part()
    return plots


def test_each_page_is_drawn_when_it_is_looked_at_and_not_before(tabs: QTabWidget, bridge: Bridge, qtbot: QtBot) -> None:
    space = OneSweep()
    plots = made(space, bridge, tabs)
    sweep = sweep_of(5)
    plots.show_sweep(sweep, sweep.best())
    qtbot.waitUntil(lambda: plots.across.sheet.ids == ("s_0", "s_1", "s_2", "s_3", "s_4"), timeout=30_000)
    assert [axis.title for axis in plots.across.parallel.axes] == ["lr", "kind", "depth", "Accuracy"]
    assert space.sweeps.asked == []
    tabs.setCurrentWidget(plots.importances)
    qtbot.waitUntil(lambda: plots.importances.shares == (("--lr", 0.75), ("--depth", 0.25)), timeout=30_000)
    assert "lr 75%" in plots.importances.accessibleDescription()
    plots.show_sweep(sweep, sweep.best())
    assert space.sweeps.asked == ["importances"]


def test_what_is_missing_for_importances_is_said_with_what_to_do(
    tabs: QTabWidget, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_sweeps: Sweeps, _run_id: str) -> None:
        raise MissingOnComputer("Optuna is not installed.", "Install it.")

    monkeypatch.setattr(Sweeps, "importances", refused)
    plots = made(OneSweep(), bridge, tabs)
    tabs.setCurrentWidget(plots.importances)
    plots.show_sweep(sweep_of(5), None)
    qtbot.waitUntil(lambda: plots.importances.words == "Optuna is not installed. Install it.", timeout=30_000)


def test_learning_curves_mark_those_that_a_rule_stopped(tabs: QTabWidget, bridge: Bridge, qtbot: QtBot) -> None:
    space = OneSweep()
    plots = made(space, bridge, tabs)
    tabs.setCurrentWidget(plots.curves)
    sweep = sweep_of(5)
    plots.show_sweep(sweep, sweep.best())
    qtbot.waitUntil(lambda: "×" in plots.curves.words.text(), timeout=30_000)
    assert space.sweeps.asked == [(4, 3, 2, 1, 0)]
    items = plots.curves.canvas.listDataItems()
    marks = [
        one for one in plots.curves.canvas.items() if isinstance(one, pg.ScatterPlotItem) and one.opts["symbol"] == "x"
    ]
    assert sum(isinstance(one, pg.PlotDataItem) for one in items) == 3
    assert [(point.pos().x(), point.pos().y()) for mark in marks for point in mark.points()] == [(2.0, 0.2)]


def test_two_arguments_that_are_numbers_lie_against_each_other(tabs: QTabWidget, bridge: Bridge, qtbot: QtBot) -> None:
    plots = made(OneSweep(), bridge, tabs)
    tabs.setCurrentWidget(plots.contour)
    few = sweep_of(2)
    plots.show_sweep(few, few.best())
    assert "three trials" in plots.contour.canvas.note.text()
    sweep = sweep_of(5)
    plots.show_sweep(sweep, sweep.best())
    assert [plots.contour.across.itemText(n) for n in range(plots.contour.across.count())] == ["lr", "depth"]
    assert (plots.contour.across.value(), plots.contour.upwards.value()) == ("--lr", "--depth")
    assert plots.contour.words.text().startswith("Accuracy from 0")
    (image,) = (one for one in plots.contour.canvas.items() if isinstance(one, pg.ImageItem))
    assert image.image.shape == (96, 96, 3)
    plots.contour.upwards.set_value("--lr")
    assert "two arguments" in plots.contour.canvas.note.text()
