"""The metrics of a run with very many values: said at once, drawn curve by curve, read on and not read again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop_aml.domain.events import MetricsLogged, RunMoved, RunUpdated
from desktop_aml.domain.metrics import MetricSource, Point
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.organising import attempts
from desktop_aml.store.summaries import captured
from desktop_aml.ui.look import formats
from desktop_aml.ui.runs.metrics import reading
from desktop_aml.ui.runs.metrics_tab import MetricsTab
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.workspace import Workspace

DEADLINE_MS = 30_000


class Logged:
    """A run whose values are put into the database without an engine."""

    def __init__(self, path: Path) -> None:
        self.workspace = Workspace.create(path, "test")
        self.db = Database(path / "desktop_aml.db", read_only=False)
        request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="env")
        with self.db.transaction():
            runs.insert(self.db, request, environment="env", version=None, seed=0, at=1.0)

    def log(self, name: str, count: int, start: int = 0) -> None:
        with self.db.transaction():
            metrics.add_points(self.db, "r", [(name, i, 1000.0 + i, 1 / (i + 1)) for i in range(start, start + count)])


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    made = Logged(tmp_path / "ws")
    yield made
    made.db.close()
    made.workspace.close()


def opened(qtbot: QtBot, logged: Logged, bridge: Bridge) -> MetricsTab:
    tab = MetricsTab(logged.workspace, bridge, "r")
    qtbot.addWidget(tab)
    tab.resize(900, 700)
    tab.show()
    return tab


def test_the_plots_keep_their_place_while_values_come(qtbot: QtBot, logged: Logged, bridge: Bridge):
    logged.log("m", 5)
    tab = opened(qtbot, logged, bridge)
    qtbot.waitUntil(lambda: tab.grid is not None and not tab.reading.is_busy(), timeout=DEADLINE_MS)
    places = []
    for is_shown in (True, False):
        tab.progress.setVisible(is_shown)
        tab.layout().activate()
        places.append(tab.stack.geometry())
    assert places[0] == places[1]


def wait(qtbot: QtBot, tab: MetricsTab) -> None:
    qtbot.waitUntil(lambda: not tab.reading.is_busy(), timeout=DEADLINE_MS)


def test_what_is_read_is_said_and_never_called_nothing(qtbot: QtBot, logged: Logged, bridge: Bridge):
    for number in range(4):
        logged.log(f"m{number}", 60_000)
    tab = opened(qtbot, logged, bridge)
    tab.set_active(False)
    seen = set()
    end = time.monotonic() + DEADLINE_MS / 1000
    while tab.reading.is_busy() and time.monotonic() < end:
        qtbot.wait(1)
        assert not tab.empty.isVisible()
        if tab.loading.is_said() or tab.progress.isVisible():
            seen.add(tab.loading.label.text())
    assert f"Reading {formats.count(240_000)} values" in seen
    assert [len(curve) for curve in tab.curves().values()] == [60_000] * 4
    assert not tab.progress.isVisible()
    assert tab.stack.currentWidget() is tab.area


@pytest.mark.parametrize(
    ("is_active", "words"), [(True, "Nothing was logged yet"), (False, "The script logged nothing.")]
)
def test_a_run_that_logged_nothing_says_so_by_its_state(
    qtbot: QtBot, logged: Logged, bridge: Bridge, is_active: bool, words: str
):
    tab = opened(qtbot, logged, bridge)
    tab.set_active(is_active)
    wait(qtbot, tab)
    qtbot.waitUntil(tab.empty.isVisible)
    assert tab.empty.label.text().startswith(words)


def test_curves_are_read_on_and_not_again(qtbot: QtBot, logged: Logged, bridge: Bridge, monkeypatch):
    logged.log("m", 1000)
    asked: list[tuple[str, int]] = []
    inner = logged.workspace.runs.curves.read

    def read(run: str, name: str, start: int = 0):
        asked.append((name, start))
        return inner(run, name, start)

    monkeypatch.setattr(logged.workspace.runs.curves, "read", read)
    tab = opened(qtbot, logged, bridge)
    wait(qtbot, tab)
    logged.log("m", 500, start=1000)
    logged.log("other", 2)
    bridge.event_happened.emit(RunUpdated("r"))
    qtbot.waitUntil(lambda: len(asked) == 3, timeout=DEADLINE_MS)
    wait(qtbot, tab)
    assert asked == [("m", 0), ("m", 1000), ("other", 0)]
    assert len(tab.curves()["m"]) == 1500
    assert tab.curves()["m"].numbers()[-1] == 1 / 1500


def test_points_that_come_while_the_first_are_read_are_taken_once(qtbot: QtBot, logged: Logged, bridge: Bridge):
    logged.log("m", 50_000)
    tab = opened(qtbot, logged, bridge)
    late = tuple(Point(i, 1 / (i + 1), i, 1000.0 + i) for i in range(50_000, 50_010))
    bridge.event_happened.emit(MetricsLogged("r", (("m", late),)))
    wait(qtbot, tab)
    assert tab.curves()["m"].numbers().tolist() == [1 / (i + 1) for i in range(50_010)]


def test_a_run_that_is_tried_again_shows_what_the_attempt_that_counts_logs(
    qtbot: QtBot, logged: Logged, bridge: Bridge
) -> None:
    logged.log("m", 50)
    logged.log("only before", 2)
    tab = opened(qtbot, logged, bridge)
    wait(qtbot, tab)
    with logged.db.transaction():
        attempts.forget_logged(logged.db, "r")
    bridge.event_happened.emit(RunMoved("r", RunState.QUEUED, 1.0, 9))
    assert tab.curves() == {}
    with logged.db.transaction():
        metrics.add_points(logged.db, "r", [("m", n, 2000.0, 7.0) for n in range(3)])
    bridge.event_happened.emit(MetricsLogged("r", (("m", tuple(Point(n, 7.0, n, 2000.0) for n in range(3))),)))
    qtbot.waitUntil(lambda: "m" in tab.curves(), timeout=DEADLINE_MS)
    wait(qtbot, tab)
    assert {name: curve.numbers().tolist() for name, curve in tab.curves().items()} == {"m": [7.0, 7.0, 7.0]}


def test_the_bar_reaches_every_plot(qtbot: QtBot, logged: Logged, bridge: Bridge):
    for name in ("train/loss", "val/loss", "lr"):
        logged.log(name, 30)
    logged.log("seed", 1)
    tab = opened(qtbot, logged, bridge)
    wait(qtbot, tab)
    qtbot.waitUntil(lambda: tab.grid is not None and len(tab.grid.plots) == 3)
    tab.bar.smoothing_slider.setFocus()
    QTest.keyClick(tab.bar.smoothing_slider, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: {plot.smoothing() for plot in tab.grid.plots.values()} == {0.1})
    assert tab.bar.smoothing_value.text() == "0.10"
    tab.bar.filter.setFocus()
    QTest.keyClicks(tab.bar.filter, "loss")
    assert [name for name, plot in tab.grid.plots.items() if plot.isVisible()] == ["train/loss", "val/loss"]
    assert tab.values.shown() == {}
    tab.bar.filter.clear()
    assert tab.values.shown() == {"seed": "1"}
    tab.grid.enlarge("lr")
    assert not tab.values.isVisible()
    assert tab.grid.plots["lr"].height() > 500
    qtbot.waitUntil(lambda: tab.area.verticalScrollBar().maximum() == 0)
    tab.grid.enlarge("")
    assert tab.values.isVisible()


def test_a_plot_and_the_table_are_saved_and_a_refused_file_is_said(
    qtbot: QtBot, logged: Logged, bridge: Bridge, tmp_path: Path
):
    logged.log("train/loss", 30)
    tab = opened(qtbot, logged, bridge)
    wait(qtbot, tab)
    qtbot.waitUntil(lambda: tab.grid is not None and tab.grid.plots["train/loss"].canvas is not None)
    said: list[Message] = []
    bridge.message_raised.connect(said.append)

    def choose(path: Path) -> None:
        dialog = tab.findChildren(QFileDialog)[-1]
        assert dialog.isVisible()
        dialog.fileSelected.emit(str(path))
        dialog.close()

    for kind in ("png", "svg", "csv"):
        tab.grid.plots["train/loss"].save_wanted.emit(kind)
        assert tab.findChildren(QFileDialog)[-1].selectedFiles()[0].endswith(f"train-loss.{kind}")
        choose(tmp_path / f"a.{kind}")
        qtbot.waitUntil(lambda kind=kind: (tmp_path / f"a.{kind}").exists() and not bridge.is_busy())
    tab.bar.table_button.click()
    tab.bar.save_button.click()
    choose(tmp_path / "table.csv")
    qtbot.waitUntil(lambda: len(said) == 4)
    lines = (tmp_path / "table.csv").read_text().splitlines()
    assert lines[0] == "Metric,Index,Step,Time,Value"
    assert lines[3] == f"train/loss,2,2,1002.0,{1 / 3}"
    assert [one.severity for one in said] == ["success"] * 4
    for kind in ("png", "svg", "csv"):
        tab.grid.plots["train/loss"].save_wanted.emit(kind)
        choose(tmp_path / "missing" / f"a.{kind}")
    qtbot.waitUntil(lambda: len(said) == 7)
    assert [one.severity for one in said[4:]] == ["error"] * 3


def test_what_the_script_did_not_log_itself_says_where_it_comes_from(qtbot: QtBot, logged: Logged, bridge: Bridge):
    seen, read = MetricSource.CAPTURED, MetricSource.PRINTED
    with logged.db.transaction():
        points = [(seen, ("SVC.score", None, 1.0, 0.5)), *((read, ("loss", None, 1.0, float(i))) for i in range(3))]
        captured.add(logged.db, "r", points, [(seen, ("cv_results", "table", 1.0, {"a": [1, 2]}))])
    logged.log("own", 1)
    tab = opened(qtbot, logged, bridge)
    wait(qtbot, tab)
    qtbot.waitUntil(lambda: len(tab.values.marks()) == 2, timeout=DEADLINE_MS)
    assert tab.values.marks() == {"SVC.score": "captured", "own": ""}
    assert tab.sources.text() == "Read from the log: loss  ·  Captured: cv_results"
    assert tab.sources.isVisible()


def test_long_curves_are_drawn_by_their_outline_before_any_of_their_points_is_read(
    qtbot: QtBot, logged: Logged, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "LONG", 2_500)
    for name in ("a", "b"):
        logged.log(name, 3_000)
    seen: list[list[bool]] = []
    tab = opened(qtbot, logged, bridge)
    for one in (tab.reading.outlined, tab.reading.came):
        one.connect(lambda _: seen.append([one.is_whole() for one in tab.curves().values() if len(one)]))
    wait(qtbot, tab)
    # The first is drawn while the others are read.
    assert seen[:2] == [[False], [False, False]]
    assert seen[-1] == [True, True]
    assert [len(one) for one in tab.curves().values()] == [3_000, 3_000]
    assert tab.grid is not None
    qtbot.waitUntil(lambda: all(plot.curve.is_whole() for plot in tab.grid.plots.values()), timeout=DEADLINE_MS)
