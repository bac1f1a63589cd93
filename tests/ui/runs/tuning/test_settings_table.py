"""Settings of a sweep are told apart on its page, and the page reads nothing while nobody looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.events import RunUpdated
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.ui.runs.sweep_tab import SweepTab
from desktop_aml.ui.session.bridge import Bridge

VALUES = {1.0: (0.90, 0.91, 0.92), 2.0: (0.90, 0.93, 0.905), 3.0: (0.5, 0.51, 0.52)}


def sweep() -> Sweep:
    space = space_of({"--C": parse("choice(1.0, 2.0, 3.0)"), "--seed": parse("choice(1, 2, 3)")})
    trials = tuple(
        Trial(3 * n + seed, f"s_{n}_{seed}", (("--C", c), ("--seed", seed)), best=value, state=RunState.COMPLETED)
        for n, (c, several) in enumerate(VALUES.items())
        for seed, value in enumerate(several)
    )
    spec = SweepSpec(space, "Accuracy", Goal.MAXIMIZE, trials=9, search=Search.GRID)
    return Sweep("s", spec, Wanted.RUNNING, RunState.COMPLETED, "s", "e", "t.py", 1.0, 1.0, 2.0, trials)


class Sweeps:
    def __init__(self) -> None:
        self.read = 0

    def get(self, _: str) -> Sweep:
        self.read += 1
        return sweep()


class OneSweep:
    def __init__(self) -> None:
        self.sweeps = Sweeps()


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def tab(qtbot: QtBot, bridge: Bridge) -> SweepTab:
    made = SweepTab(OneSweep(), bridge, "s")  # type: ignore[arg-type]
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: made.settings is not None, timeout=30_000)
    return made


def test_several_seeds_are_one_row_that_says_how_it_stands(tab: SweepTab) -> None:
    assert tab.settings is not None
    rows = [tab.settings.topLevelItem(n) for n in range(tab.settings.topLevelItemCount())]
    shown = [[row.text(column) for column in range(5)] for row in rows if row is not None]
    assert [row[0] for row in shown] == ["C 2.0", "C 1.0", "C 3.0"]
    assert [row[3] for row in shown] == ["3", "3", "3"]
    assert shown[0][4] == "Best"
    assert shown[1][4].startswith("Not distinguishable")
    assert shown[2][4] == "Worse"
    assert "Tukey and Kramer" in tab.settings.toolTip()


def test_the_best_model_is_one_of_the_setting_with_the_best_mean(tab: SweepTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.register_wanted) as caught:
        tab.register_button.click()
    assert caught.args == ["s_1_1"]


def test_a_page_that_nobody_sees_reads_nothing_until_it_is_shown(tab: SweepTab, bridge: Bridge, qtbot: QtBot) -> None:
    sweeps = tab._workspace.sweeps
    before = sweeps.read
    bridge.event_happened.emit(RunUpdated("s"))
    assert not tab._timer.isActive()
    assert sweeps.read == before
    tab.show()
    qtbot.waitUntil(lambda: sweeps.read == before + 1, timeout=30_000)
    bridge.event_happened.emit(RunUpdated("s"))
    assert tab._timer.isActive()
