"""Settings of a sweep are told apart on its page, and the page reads nothing while nobody looks."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.events import RunUpdated
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.ui.runs.extend_dialog import ExtendDialog
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
        self.asked: list[tuple[object, ...]] = []
        self.model: ModelVersion | None = None

    def get(self, _: str) -> Sweep:
        self.read += 1
        return sweep()

    def repeat(self, run_id: str, trials: tuple[int, ...], *, runs: int) -> None:
        self.asked.append(("repeat", trials, runs))

    def narrow(self, run_id: str) -> None:
        self.asked.append(("narrow",))

    def extend(self, run_id: str, **changes: object) -> None:
        self.asked.append(("extend", changes))

    def register_best(self, run_id: str) -> ModelVersion:
        self.asked.append(("register",))
        if self.model is None:
            raise NotFound("It left no model.")
        return self.model


class OneSweep:
    def __init__(self) -> None:
        self.sweeps = Sweeps()


@pytest.fixture
def tab(qtbot: QtBot, bridge: Bridge) -> SweepTab:
    made = SweepTab(OneSweep(), bridge, "s")  # type: ignore[arg-type]
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: made.settings is not None, timeout=30_000)
    return made


def test_several_seeds_are_one_row_that_says_how_it_stands(tab: SweepTab) -> None:
    assert tab.settings is not None
    rows = [tab.settings.table.topLevelItem(n) for n in range(tab.settings.table.topLevelItemCount())]
    shown = [[row.text(column) for column in range(5)] for row in rows if row is not None]
    assert [row[0] for row in shown] == ["C 2", "C 1", "C 3"]
    assert [row[3] for row in shown] == ["3", "3", "3"]
    assert shown[0][4] == "Best"
    assert shown[1][4].startswith("Not distinguishable")
    assert shown[2][4] == "Worse"
    assert "Tukey and Kramer" in tab.settings.table.toolTip()


def test_where_the_best_left_no_model_it_is_asked_which_file_is_one(tab: SweepTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.register_wanted) as caught:
        tab.register_button.click()
    assert caught.args == ["s_1_1"]


def test_one_click_registers_the_best_model(tab: SweepTab, bridge: Bridge, qtbot: QtBot) -> None:
    tab._workspace.sweeps.model = ModelVersion("iris", 2, 1.0, run_id="s_1_1", path="outputs/m.pkl")
    with qtbot.waitSignal(bridge.message_raised) as told:
        tab.register_button.click()
        # A second click before it is done is none.
        tab.register_button.click()
    assert "iris:2" in told.args[0].text
    assert tab._workspace.sweeps.asked == [("register",)]


def test_one_click_runs_the_best_again_and_another_narrows_the_space(tab: SweepTab, qtbot: QtBot) -> None:
    tab.acts.seeds.setValue(7)
    tab.acts.repeat_button.click()
    qtbot.waitUntil(tab.acts.repeat_button.isEnabled, timeout=30_000)
    tab.acts.narrow_button.click()
    qtbot.waitUntil(tab.acts.narrow_button.isEnabled, timeout=30_000)
    assert tab._workspace.sweeps.asked == [("repeat", (), 7), ("narrow",)]


def test_the_runs_that_would_tell_two_settings_apart_are_one_click_away(tab: SweepTab, qtbot: QtBot) -> None:
    assert tab.settings is not None
    more = tab.standings.rows[1].more_runs
    assert f"About {more} more runs each would tell C 1 from C 2." in tab.settings.words.text()
    # The one that is told from the best already offers none.
    tab.settings.table.choose("s_2_2")
    tab.settings.run_button.click()
    qtbot.waitUntil(lambda: bool(tab._workspace.sweeps.asked), timeout=30_000)
    assert tab._workspace.sweeps.asked == [("repeat", (4, 2), more)]


def test_a_sweep_that_has_ended_is_extended_with_a_wider_space(tab: SweepTab, qtbot: QtBot) -> None:
    assert tab.extend_button.isEnabled()
    assert tab.pause_button.isHidden()
    dialog = ExtendDialog(sweep(), tab)
    dialog.extend_wanted.connect(tab._extend)
    field = dialog.spaces["--C"]
    field.setText("uniform(1, ")
    assert not dialog.extend_button.isEnabled()
    field.setText("choice(1.0, 4.0)")
    dialog.extend_button.click()
    qtbot.waitUntil(lambda: bool(tab._workspace.sweeps.asked), timeout=30_000)
    (act, changes), *_ = tab._workspace.sweeps.asked
    assert (act, changes["trials"], changes["concurrent"]) == ("extend", 19, 1)
    assert [str(one.expression) for one in changes["space"]] == ["choice(1.0, 4.0)", "choice(1, 2, 3)"]


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
