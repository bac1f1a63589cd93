"""What a person does with plots: drag, double click, wheel, keys, menu. With a real mouse and real keys."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea
from pytestqt.qtbot import QtBot

from desktop_aml.ui.plots import export
from desktop_aml.ui.plots.canvas import LINE_WIDTH
from desktop_aml.ui.plots.grid import PlotGrid
from desktop_aml.ui.plots.metric_plot import MetricPlot
from tests.ui.plots.test_grid import area, curve  # noqa: F401

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def grid(qtbot: QtBot, area: QScrollArea) -> PlotGrid:  # noqa: F811
    area.resize(900, 900)
    made = area.widget()
    assert isinstance(made, PlotGrid)
    values = [math.sin(place / 20) for place in range(200)]
    made.show_curves({name: curve(name, values) for name in ("train/loss", "train/acc", "val/loss", "lr")})
    qtbot.waitUntil(lambda: all(plot.canvas is not None for plot in made.plots.values()))
    qtbot.waitUntil(lambda: all(shown(plot)[1] > 190 for plot in made.plots.values()))
    QApplication.processEvents()
    return made


def shown(plot: MetricPlot) -> tuple[float, float]:
    left, right = plot.canvas.box.viewRange()[0]
    return left, right


def at(plot: MetricPlot, x: float, y: float) -> QPoint:
    """Return where a share of the width and of the height of the drawn part lies in the canvas."""
    place = plot.canvas.box.sceneBoundingRect()
    return plot.canvas.mapFromScene(QPointF(place.left() + x * place.width(), place.top() + y * place.height()))


def drag(plot: MetricPlot, start: tuple[float, float], end: tuple[float, float], keys=Qt.KeyboardModifier.NoModifier):
    port = plot.canvas.viewport()
    QTest.mousePress(port, LEFT, keys, at(plot, *start))
    for share in (0.3, 0.6, 1.0):
        between = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
        place = QPointF(at(plot, *between))
        move = QMouseEvent(
            QEvent.Type.MouseMove, place, QPointF(port.mapToGlobal(place)), Qt.MouseButton.NoButton, LEFT, keys
        )
        QApplication.sendEvent(port, move)
        # pyqtgraph looks at a hundred moves a second at most.
        QTest.qWait(15)
    QTest.mouseRelease(port, LEFT, keys, at(plot, *end))


def wheel(plot: MetricPlot, turned: int, keys=Qt.KeyboardModifier.NoModifier) -> bool:
    port = plot.canvas.viewport()
    place = QPointF(at(plot, 0.5, 0.5))
    event = QWheelEvent(
        place,
        port.mapToGlobal(place),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)
    return event.isAccepted()


def test_dragging_shows_what_was_enclosed_and_the_same_part_in_every_plot(qtbot: QtBot, grid: PlotGrid):
    first, second = grid.plots["train/loss"], grid.plots["val/loss"]
    left, right = shown(first)
    drag(first, (0.25, 0.2), (0.5, 0.8))
    assert shown(first) == pytest.approx((left + 0.25 * (right - left), left + 0.5 * (right - left)), abs=3)
    assert shown(second) == pytest.approx(shown(first))
    low, high = second.canvas.box.viewRange()[1]
    assert first.canvas.box.viewRange()[1] != [low, high]
    assert first.reset_button.isVisible()
    assert second.reset_button.isVisible()
    QTest.mouseDClick(second.canvas.viewport(), LEFT, pos=at(second, 0.5, 0.5))
    for plot in (first, second):
        qtbot.waitUntil(lambda plot=plot: shown(plot)[0] <= 0 and shown(plot)[1] >= 199)
        assert not plot.reset_button.isVisible()


def test_a_stroke_along_the_axis_shows_all_heights_there(qtbot: QtBot, grid: PlotGrid):
    plot = grid.plots["train/loss"]
    drag(plot, (0.3, 0.5), (0.6, 0.5))
    assert plot.is_zoomed()
    left, right = shown(plot)
    part = np.array([math.sin(place / 20) for place in range(200) if left <= place <= right])
    qtbot.waitUntil(lambda: plot.canvas.box.viewRange()[1][0] <= part.min())
    assert plot.canvas.box.viewRange()[1][1] >= part.max()


def test_a_click_that_slipped_zooms_nothing(grid: PlotGrid):
    plot = grid.plots["lr"]
    before = shown(plot)
    drag(plot, (0.5, 0.5), (0.505, 0.5))
    assert shown(plot) == before
    assert not plot.is_zoomed()


def test_dragging_with_shift_moves(grid: PlotGrid):
    plot = grid.plots["lr"]
    drag(plot, (0.4, 0.3), (0.6, 0.7))
    left, right = shown(plot)
    drag(plot, (0.5, 0.5), (0.25, 0.5), Qt.KeyboardModifier.ShiftModifier)
    assert shown(plot)[1] - shown(plot)[0] == pytest.approx(right - left)
    assert shown(plot)[0] > left


def test_the_wheel_scrolls_the_page_until_a_plot_was_clicked(qtbot: QtBot, grid: PlotGrid):
    plot = grid.plots["lr"]
    before = shown(plot)
    wheel(plot, 120)
    assert shown(plot) == before
    wheel(plot, 120, Qt.KeyboardModifier.ControlModifier)
    assert shown(plot)[1] - shown(plot)[0] < before[1] - before[0]
    plot.show_all()
    qtbot.waitUntil(lambda: shown(plot)[1] >= 199)
    QTest.mouseClick(plot.canvas.viewport(), LEFT, pos=at(plot, 0.5, 0.5))
    assert plot.hasFocus()
    whole = shown(plot)
    assert wheel(plot, 120)
    assert shown(plot)[1] - shown(plot)[0] < whole[1] - whole[0]
    assert shown(grid.plots["val/loss"]) == pytest.approx(shown(plot))


def test_the_keyboard_alone_zooms_walks_enlarges_and_goes_back(qtbot: QtBot, grid: PlotGrid):
    grid.set_room(500)
    plot = grid.plots["lr"]
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.value_label.text().startswith("step 1  ·")
    assert plot.accessibleDescription() == plot.value_label.text()
    assert grid.plots["val/loss"].value_label.text().startswith("step 1  ·")
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.is_zoomed()
    QTest.keyClick(plot, Qt.Key.Key_0)
    assert not plot.is_zoomed()
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert plot.height() == 500
    assert [one.isVisible() for one in grid.plots.values()] == [False, False, False, True]
    assert not any(heading.isVisible() for heading in grid.headings.values())
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert all(one.isVisible() for one in grid.plots.values())
    assert plot.height() < 500
    assert plot.hasFocus()


def test_plots_stand_in_groups_that_fold(qtbot: QtBot, grid: PlotGrid):
    assert list(grid.headings) == ["train", "val"]
    plots = grid.plots
    qtbot.waitUntil(lambda: plots["lr"].y() < grid.headings["train"].y() < plots["train/acc"].y())
    assert plots["train/acc"].y() < grid.headings["val"].y() < plots["val/loss"].y()
    qtbot.mouseClick(grid.headings["train"], LEFT)
    assert [plots[name].isVisible() for name in ("train/loss", "train/acc", "val/loss")] == [False, False, True]
    QTest.keyClick(grid.headings["train"], Qt.Key.Key_Space)
    assert plots["train/acc"].isVisible()


def test_the_filter_leaves_what_it_names_and_says_when_nothing_is_left(grid: PlotGrid):
    grid.set_filter("LOSS")
    assert [name for name, plot in grid.plots.items() if plot.isVisible()] == ["train/loss", "val/loss"]
    grid.set_filter("nowhere")
    assert grid.nothing.isVisible()
    assert "nowhere" in grid.nothing.text()
    grid.set_filter("")
    assert all(plot.isVisible() for plot in grid.plots.values())


def test_a_wide_page_has_three_columns_and_a_plot_alone_the_whole_width(qtbot: QtBot, area: QScrollArea):  # noqa: F811
    area.resize(1500, 800)
    grid = area.widget()
    grid.show_curves({name: curve(name, [1.0, 2.0]) for name in "abcd"})
    a, b, c, d = grid.plots.values()
    qtbot.waitUntil(lambda: a.y() == b.y() == c.y() < d.y())
    grid.show_curves({"a": grid.plots["a"].curve})
    qtbot.waitUntil(lambda: a.width() > 1400)


def test_smoothing_draws_a_calmer_line_before_the_values_and_says_both(qtbot: QtBot, grid: PlotGrid):
    noisy = np.random.default_rng(1).normal(size=200).tolist()
    grid.show_curves({"m": curve("m", noisy)})
    plot = grid.plots["m"]
    qtbot.waitUntil(lambda: plot.canvas is not None)
    assert not plot._raw.isVisible()
    grid.set_smoothing(0.9)
    qtbot.waitUntil(plot._raw.isVisible)
    raw, line = plot._raw.getData()[1], plot._line.getData()[1]
    assert raw.tolist() == noisy
    assert np.std(line[50:]) < np.std(raw[50:]) / 2
    assert plot._raw.opts["pen"].color().alphaF() < plot._line.opts["pen"].color().alphaF()
    grid.plots["m"].hovered.emit(5.0)
    assert "smoothed" in plot.value_label.text()
    grid.set_smoothing(0.0)
    qtbot.waitUntil(lambda: not plot._raw.isVisible())
    assert plot._line.getData()[1].tolist() == noisy


@pytest.mark.parametrize("count", [20, 250, 5000])
def test_every_line_is_as_wide_as_every_other(qtbot: QtBot, area: QScrollArea, count: int):  # noqa: F811
    grid = area.widget()
    grid.show_curves({"m": curve("m", [math.sin(place / 20) for place in range(count)])})
    qtbot.waitUntil(lambda: grid.plots["m"].canvas is not None)
    assert grid.plots["m"]._line.opts["pen"].widthF() == LINE_WIDTH * area.devicePixelRatioF()


def test_a_plot_is_saved_as_a_picture_as_lines_and_as_numbers(tmp_path: Path, grid: PlotGrid):
    plot = grid.plots["train/loss"]
    thick = plot._line.opts["pen"].widthF()
    drawn: list[float] = []
    plot._line.sigPlotChanged.connect(lambda _: drawn.append(plot._line.opts["pen"].widthF()))
    export.save_bytes(export.png_of(export.picture(plot, plot.set_sharpness)), tmp_path / "a.png")
    assert drawn[0] == 2 * thick, "a picture of twice the pixels has lines of twice the pixels"
    assert plot._line.opts["pen"].widthF() == thick
    assert QImage(str(tmp_path / "a.png")).size() == plot.size() * 2
    export.save_bytes(export.svg_of(plot), tmp_path / "a.svg")
    words = (tmp_path / "a.svg").read_text()
    assert QSvgRenderer(str(tmp_path / "a.svg")).isValid()
    assert "train/loss" in words
    assert words.count("<polyline") + words.count("<path") > 3
    assert "<image" not in words
    export.save_csv(plot.curve, tmp_path / "a.csv", 0.5)
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    assert rows[0] == ["index", "step", "time", "train/loss", "smoothed"]
    assert [float(row[3]) for row in rows[1:]] == plot.curve.numbers().tolist()
    assert [float(row[4]) for row in rows[1:]] == plot.curve.numbers(0.5).tolist()


def test_the_menu_of_a_plot_offers_what_its_keys_do(qtbot: QtBot, grid: PlotGrid):
    plot = grid.plots["lr"]
    wanted: list[str] = []
    plot.save_wanted.connect(wanted.append)
    plot.setFocus()
    at = QPoint(5, 5)
    QApplication.sendEvent(plot, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, plot.mapToGlobal(at)))
    menu = plot.findChildren(QMenu)[-1]
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == [
        "Show everything",
        "Enlarge",
        "Copy as image",
        "Save as PNG…",
        "Save as SVG…",
        "Save values as CSV…",
    ]
    for action in menu.actions()[-3:]:
        action.trigger()
    assert wanted == ["png", "svg", "csv"]
