"""Parallel coordinates and scatter over one sheet: brushed by hand and by keys, saved, told to those who cannot see."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from benchmarks.parallel_coordinates import many_runs
from desktop_aml.domain.compare.sheet import RunSheet, SheetColumn
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.ui.plots.across.panel import RunPlots
from desktop_aml.ui.plots.across.parallel import ParallelCoordinates
from desktop_aml.ui.session.bridge import Bridge

SHEET = RunSheet(
    tuple("abcd"),
    ("first", "second", "third", "fourth"),
    (
        SheetColumn(FieldKind.PARAMETER, "depth", (1, 2, 3, 4)),
        SheetColumn(FieldKind.PARAMETER, "kernel", ("rbf", "poly", "rbf", "poly")),
        SheetColumn(FieldKind.PARAMETER, "same", (1, 1, 1, 1)),
        SheetColumn(FieldKind.METRIC, "loss", (0.4, 0.3, None, 0.1)),
    ),
)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[RunPlots]:
    bridge = Bridge()
    made = RunPlots(bridge)
    qtbot.addWidget(made)
    made.resize(900, 640)
    made.show()
    made.show_sheet(SHEET)
    yield made
    bridge.close()


def drag(plot: ParallelCoordinates, axis: int, low: float, high: float) -> None:
    places = plot.places()
    start, end = (QPoint(round(places.x(axis)), round(places.y(one))) for one in (low, high))
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(plot, end)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=end)


def titles(panel: RunPlots) -> list[str]:
    return [axis.title for axis in panel.parallel.axes]


def test_what_differs_is_an_axis_and_a_hand_chooses_among_the_runs(panel: RunPlots) -> None:
    assert titles(panel) == ["depth", "kernel", "loss"]
    told: list[tuple[str, ...]] = []
    panel.brushed.connect(told.append)
    drag(panel.parallel, 0, 0.2, 0.8)
    assert panel.chosen_ids() == ("b", "c")
    assert told[-1] == ("b", "c")
    assert panel.count.text() == "2 of 4 runs"
    drag(panel.parallel, 1, -0.05, 0.5)
    assert panel.chosen_ids() == ("b",)
    drag(panel.parallel, 0, 0.5, 0.75)
    low, high = panel.parallel.brushing.spans["parameter:depth"]
    assert (low, high) == pytest.approx((0.4, 1.0), abs=0.07), "what is taken hold of in its middle moves"
    QTest.mouseClick(panel.parallel, Qt.MouseButton.LeftButton, pos=QPoint(round(panel.parallel.places().x(0)), 60))
    assert set(panel.parallel.brushing.spans) == {"parameter:kernel"}, "a click lets go"
    panel.clear_button.click()
    assert panel.chosen_ids() == ()
    assert panel.count.text() == "4 runs"


def test_keys_choose_move_and_let_go_and_every_step_is_told(panel: RunPlots) -> None:
    plot = panel.parallel
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert "axis 2 of 3: kernel" in plot.accessibleDescription()
    QTest.keyClick(plot, Qt.Key.Key_Up)
    assert panel.chosen_ids() == ("b", "d")
    assert plot.accessibleDescription().endswith("poly; 2 of 4 runs") or "poly" in plot.accessibleDescription()
    QTest.keyClick(plot, Qt.Key.Key_Up)
    assert panel.chosen_ids() == ("a", "c")
    QTest.keyClick(plot, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert panel.chosen_ids() == ("a", "b", "c", "d")
    QTest.keyClick(plot, Qt.Key.Key_Delete)
    assert not plot.brushing.spans
    QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert titles(panel) == ["kernel", "depth", "loss"]
    panel.show_sheet(SHEET)
    assert titles(panel) == ["kernel", "depth", "loss"], "an order that was chosen stays"
    QTest.keyClick(plot, Qt.Key.Key_Up)
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert panel.count.text() == "4 runs"


def test_a_title_is_dragged_and_an_axis_that_goes_takes_its_choice_with_it(panel: RunPlots) -> None:
    plot, places = panel.parallel, panel.parallel.places()
    start, end = (places.title(one).center().toPoint() for one in (2, 0))
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(plot, end)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=end)
    assert titles(panel) == ["loss", "depth", "kernel"]
    plot.set_spans({"parameter:depth": (0.0, 0.4)})
    assert len(panel.chosen_ids()) == 2
    next(one for one in panel.axes_menu().actions() if one.text() == "depth").trigger()
    assert titles(panel) == ["loss", "kernel"]
    assert panel.count.text() == "4 runs"


def test_a_line_under_the_pointer_says_its_run_and_opens_it(panel: RunPlots, qtbot: QtBot) -> None:
    plot, places = panel.parallel, panel.parallel.places()
    half = QPoint(round((places.x(0) + places.x(1)) / 2), 0)
    half.setY(round((places.y(1.0) + places.y(0.25)) / 2))
    QTest.mouseMove(plot, half)
    assert panel.words.text().startswith("fourth  ·  depth 4, kernel poly, loss 0.1")
    assert panel.scatter.marked == 3
    with qtbot.waitSignal(panel.open_wanted) as opened:
        QTest.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=half)
    assert opened.args == ["d"]


def test_the_scatter_plot_walks_by_keys_over_what_is_chosen(panel: RunPlots, qtbot: QtBot) -> None:
    scatter = panel.scatter
    assert (panel.x_field.currentText(), panel.y_field.currentText()) == ("depth", "loss")
    for _ in range(3):
        QTest.keyClick(scatter, Qt.Key.Key_Right)
    assert scatter.accessibleDescription() == "fourth: depth 4, loss 0.1", "the third run has no loss, so no point"
    with qtbot.waitSignal(panel.open_wanted) as opened:
        QTest.keyClick(scatter, Qt.Key.Key_Return)
    assert opened.args == ["d"]
    panel.parallel.set_spans({"parameter:depth": (0.0, 0.2)})
    across, down = scatter.spots()
    assert scatter.nearest(float(across[0]), float(down[0])) == 0
    assert scatter.nearest(float(across[3]), float(down[3])) is None, "what is not chosen is not met"


def test_pictures_and_numbers_are_saved(panel: RunPlots, qtbot: QtBot, tmp_path: Path) -> None:
    panel.parallel.set_spans({"parameter:depth": (0.0, 0.4)})
    for plot in (panel.parallel, panel.scatter):
        for kind in ("png", "svg", "csv"):
            path = tmp_path / f"{type(plot).__name__}.{kind}"
            panel.save(plot, kind, path)
            qtbot.waitUntil(path.exists)
            qtbot.waitUntil(lambda: not panel._bridge.is_busy())
        assert QImage(str(tmp_path / f"{type(plot).__name__}.png")).width() == 2 * plot.width()
    svg = (tmp_path / "ParallelCoordinates.svg").read_text()
    assert svg.count("<polyline") >= 4, "lines, not a picture of them"
    with (tmp_path / "ScatterPlot.csv").open() as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["id", "name", "depth", "kernel", "same", "loss"],
        ["a", "first", "1", "rbf", "1", "0.4"],
        ["b", "second", "2", "poly", "1", "0.3"],
    ]


def test_thousands_of_runs_are_drawn_and_brushed_alike(panel: RunPlots) -> None:
    panel.show_sheet(many_runs(2000))
    whole = panel.parallel.grab().toImage()
    panel.parallel.set_spans({"parameter:lr": (0.0, 0.2)})
    brushed = panel.parallel.grab().toImage()
    assert 200 < len(panel.chosen_ids()) < 600
    assert brushed != whole
    panel.clear_button.click()
    assert panel.parallel.grab().toImage() == whole
    assert not panel.scatter.grab().toImage().isNull()


def test_runs_that_do_not_differ_are_said(panel: RunPlots) -> None:
    panel.show_sheet(RunSheet(("a",), ("first",), (SheetColumn(FieldKind.METRIC, "loss", (1.0,)),)))
    assert panel.stack.currentWidget() is panel.empty
    panel.show_sheet(RunSheet())
    assert panel.stack.currentWidget() is panel.empty
