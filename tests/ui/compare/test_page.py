"""Runs side by side in the window, over a real workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from desktop_aml.domain.events import RunMoved
from desktop_aml.domain.runs import RunState
from desktop_aml.store import metrics
from desktop_aml.store.database import Database
from desktop_aml.store.organising import attempts
from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.runs.list_page import RunsPage
from desktop_aml.ui.session.bridge import RUN_SEPARATOR
from tests.ui.runs.test_page import Site

DEADLINE_MS = 60_000
TRAIN = """
import sys
from azureml.core.run import Run
run = Run.get_context()
for step in range(5):
    run.log("loss", float(sys.argv[2]) / (step + 1), step=step)
run.log("seed", 42)
"""


class Comparing(Site):
    """Two runs of a script that was changed between them."""

    def __init__(self, qtbot: QtBot, path: Path) -> None:
        super().__init__(qtbot, path / "workspace")
        (path / "train.py").write_text(TRAIN)
        self.ids = [self.ran(path, "1.0")]
        (path / "train.py").write_text(TRAIN + "print('more')\n")
        self.ids.append(self.ran(path, "2.0"))
        self.wanted: list[tuple[str, str]] = []
        self.bridge.destination_wanted.connect(lambda place: self.wanted.append((place.kind, place.key)))

    def ran(self, path: Path, rate: str) -> str:
        run_id = self.workspace.runs.submit(path / "train.py", arguments=("--rate", rate))
        self.qtbot.waitUntil(lambda: self.workspace.runs.get(run_id).summary.state.is_terminal(), timeout=DEADLINE_MS)
        return run_id

    def compared(self) -> ComparePage:
        page = ComparePage(self.workspace, self.bridge, RUN_SEPARATOR.join(self.ids))
        self.qtbot.addWidget(page)
        page.resize(900, 640)
        page.show()
        self.qtbot.waitUntil(lambda: bool(values(page)), timeout=DEADLINE_MS)
        return page


@pytest.fixture
def site(qtbot: QtBot, tmp_path: Path, marked_processes: object) -> Iterator[Comparing]:
    made = Comparing(qtbot, tmp_path)
    yield made
    made.close()


def values(page: ComparePage) -> dict[str, list[str]]:
    """Return the rows that the table shows, by their names."""
    tops = [page.table.topLevelItem(number) for number in range(page.table.topLevelItemCount())]
    items: list[QTreeWidgetItem] = [top.child(number) for top in tops if top for number in range(top.childCount())]
    return {item.text(0): [item.text(1), item.text(2)] for item in items}


def test_values_that_differ_are_shown_and_the_others_on_demand(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    assert values(page)["rate"] == ["1.0", "2.0"]
    assert values(page)["loss"] == ["★ 0.2", "0.4"]
    assert "seed" not in values(page)
    assert [axis.title for axis in page.relations.parallel.axes] == ["rate", "loss"]
    page.differences.click()
    assert values(page)["seed"] == ["42", "42"]
    page.table.copy()
    assert "Metrics\tloss\t0.2\t0.4" in QGuiApplication.clipboard().text()


def test_a_plot_has_a_line_for_each_run_and_the_code_its_lines(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    page.tabs.setCurrentWidget(page.plots)
    qtbot.waitUntil(lambda: "loss" in page.plots.charts, timeout=DEADLINE_MS)
    assert page.plots.names() == ["loss"], "a single value has no line"
    drawn = [one.curve.numbers()[:2].tolist() for one in page.plots.charts["loss"].shown()]
    assert drawn == [[1.0, 0.5], [2.0, 1.0]]
    page.plots.filter.setText("nothing")
    assert page.plots.charts == {}
    page.tabs.setCurrentWidget(page.code)
    qtbot.waitUntil(lambda: "+print('more')" in page.code.lines.toPlainText(), timeout=DEADLINE_MS)
    page.tabs.setCurrentWidget(page.packages)
    qtbot.waitUntil(lambda: "same packages" in page.packages.note.label.text(), timeout=DEADLINE_MS)


def test_a_run_that_is_tried_again_is_drawn_by_the_attempt_that_counts(site: Comparing, qtbot: QtBot) -> None:
    page, run_id = site.compared(), site.ids[0]
    name = next(iter(page._curves.books[run_id].curves))
    with Database(site.workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        attempts.forget_logged(db, run_id)
        metrics.add_points(db, run_id, [(name, 0, 1.0, 99.0)])
    site.bridge.event_happened.emit(RunMoved(run_id, RunState.QUEUED, 1.0, 9))

    def drawn() -> list[float]:
        book = page._curves.books.get(run_id)
        return book.curves[name].numbers().tolist() if book is not None else []

    qtbot.waitUntil(lambda: drawn() == [99.0], timeout=DEADLINE_MS)


def test_a_run_that_is_deleted_meanwhile_is_said(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    site.workspace.runs.delete(site.ids[0])
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.failed, timeout=DEADLINE_MS)


def test_selected_runs_are_compared_from_the_list(site: Comparing, qtbot: QtBot) -> None:
    page = RunsPage(site.workspace, site.bridge)
    qtbot.addWidget(page)
    page.resize(900, 400)
    page.show()
    qtbot.waitUntil(lambda: page.table.rowCount() == 2, timeout=DEADLINE_MS)
    assert not page.compare_button.isEnabled()
    qtbot.waitUntil(lambda: page.table.run_at(0) is not None and page.table.run_at(1) is not None)
    page.list.selectAll()
    qtbot.mouseClick(page.compare_button, Qt.MouseButton.LeftButton)
    kind, key = site.wanted[-1]
    assert (kind, set(key.split(RUN_SEPARATOR))) == ("compare", set(site.ids))


def test_under_the_pointer_every_run_says_its_value_the_greatest_first(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    page.tabs.setCurrentWidget(page.plots)
    qtbot.waitUntil(lambda: "loss" in page.plots.charts, timeout=DEADLINE_MS)
    chart = page.plots.charts["loss"]
    assert chart.words.text() == "loss"
    qtbot.waitUntil(chart.isVisible)
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    names = [site.workspace.runs.get(one).summary.display_name for one in site.ids]
    assert chart.readout.isVisible()
    assert [(one.name, one.value) for one in chart.readout.readings] == [(names[1], 1.0), (names[0], 0.5)]
    assert chart.accessibleDescription() == f"loss  ·  step 1; {names[1]} 1; {names[0]} 0.5"
    chart.choose(None)
    assert not chart.readout.isVisible()


def test_the_legend_hides_and_shows_runs_with_mouse_and_keys(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    page.tabs.setCurrentWidget(page.plots)
    qtbot.waitUntil(lambda: "loss" in page.plots.charts, timeout=DEADLINE_MS)
    legend, chart = page.plots.legend, page.plots.charts["loss"]
    place = legend.visualItemRect(legend.item(0)).center()
    qtbot.mouseClick(legend.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [one.run_id for one in chart.shown()] == site.ids[1:]
    assert legend.item(0).font().strikeOut()
    QTest.keyClick(legend, Qt.Key.Key_Space)
    assert len(chart.shown()) == 2
    QTest.keyClick(legend, Qt.Key.Key_Return)
    assert [one.run_id for one in chart.shown()] == site.ids[:1]
    QTest.keyClick(legend, Qt.Key.Key_Return)
    assert len(chart.shown()) == 2
    legend.toggle(site.ids[0])
    legend.toggle(site.ids[1])
    assert chart.canvas.note.text() == "Every run is hidden"


def test_a_baseline_says_how_far_the_others_are(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    assert page.baseline.set_value(site.ids[0])
    assert values(page)["loss"] == ["★ 0.2", "0.4 (+0.2)"]
    assert values(page)["rate"] == ["1.0", "2.0"]
    assert page.baseline.set_value("")
    assert values(page)["loss"] == ["★ 0.2", "0.4"]


def test_the_tab_names_what_is_compared(site: Comparing, qtbot: QtBot) -> None:
    page = site.compared()
    names = [site.workspace.runs.get(one).summary.display_name for one in site.ids]
    assert page.windowTitle() == f"{names[0]} and {names[1]}"
