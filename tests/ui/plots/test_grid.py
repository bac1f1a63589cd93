"""Plots are made where they are seen, laid out by width, and given a bounded number of points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from desktop_aml.domain.metrics import Point
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.colors import contrast
from desktop_aml.ui.plots.canvas import line_color
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.grid import PlotGrid
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.plots.outlines import MAX_BUCKETS
from desktop_aml.ui.runs.metrics_table import MetricsTable
from tests.ui.plots.test_value_axis import read


def curve(name: str, values: list[float], start: int = 0) -> CurveData:
    data = CurveData(name)
    data.extend(Point(i, value, i, 1000.0 + i) for i, value in enumerate(values, start))
    return data


@pytest.fixture
def area(qtbot: QtBot, qapp: QApplication) -> QScrollArea:
    theme.apply(qapp, "light")
    made = QScrollArea()
    qtbot.addWidget(made)
    made.setWidgetResizable(True)
    made.setWidget(PlotGrid())
    made.resize(900, 560)
    made.show()
    return made


def test_ten_long_curves_hand_over_a_few_thousand_points(qtbot: QtBot, area: QScrollArea):
    rng = np.random.default_rng(1)
    curves = {f"m{i}": curve(f"m{i}", rng.normal(size=100_000).cumsum().tolist()) for i in range(10)}
    grid = area.widget()
    grid.show_curves(curves)
    area.resize(900, 2000)
    qtbot.waitUntil(lambda: all(plot.canvas is not None for plot in grid.plots.values()), timeout=20_000)
    counts = [plot.drawn_points() for plot in grid.plots.values()]
    assert min(counts) > MAX_BUCKETS
    assert max(counts) <= 3 * MAX_BUCKETS + 1
    curves["m3"].extend([Point(100_000, 1e9, 100_000, 0.0)])
    grid.refresh({"m3"})
    assert np.nanmax(grid.plots["m3"]._drawn[1]) == 1e9


def test_plots_out_of_sight_are_made_when_they_come_into_view(qtbot: QtBot, area: QScrollArea):
    grid = area.widget()
    grid.show_curves({f"m{i}": curve(f"m{i}", [1.0, 2.0]) for i in range(20)})
    area.verticalScrollBar().valueChanged.connect(lambda _: grid.draw_seen())
    plots = list(grid.plots.values())
    qtbot.waitUntil(lambda: plots[0].canvas is not None and plots[3].canvas is not None)
    assert plots[19].canvas is None
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: plots[19].canvas is not None)


def test_a_narrow_page_has_one_column(qtbot: QtBot, area: QScrollArea):
    grid = area.widget()
    grid.show_curves({name: curve(name, [1.0, 2.0]) for name in "ab"})
    first, second = grid.plots.values()
    qtbot.waitUntil(lambda: first.y() == second.y() and second.x() > first.x())
    area.resize(500, 560)
    qtbot.waitUntil(lambda: first.x() == second.x() and second.y() > first.y())


def test_the_crosshair_shows_the_nearest_value_on_every_plot(qtbot: QtBot, area: QScrollArea):
    grid = area.widget()
    grid.show_curves({"a": curve("a", [1.0, 0.123456]), "b": curve("b", [5.0, math.nan])})
    qtbot.waitUntil(lambda: all(plot.canvas is not None for plot in grid.plots.values()))
    grid.plots["a"].hovered.emit(0.9)
    assert grid.plots["a"].value_label.text() == "step 1  ·  0.1235"
    assert grid.plots["b"].value_label.text() == "step 1  ·  NaN"
    grid.plots["a"].hovered.emit(None)
    assert grid.plots["a"].value_label.text() == "0.1235"


def test_a_log_scale_draws_logarithms(qtbot: QtBot, area: QScrollArea):
    grid = area.widget()
    grid.show_curves({"a": curve("a", [0.1, 100.0])})
    qtbot.waitUntil(lambda: grid.plots["a"].canvas is not None)
    grid.set_log(True)
    assert grid.plots["a"]._drawn[1].tolist() == [-1.0, 2.0]


def named_ticks(plot: MetricPlot) -> list[tuple[float, float]]:
    """Return the ticks of a plot: the value at which each stands, and the number that one reads there."""
    axis = plot.canvas.getAxis("left")
    levels = axis.tickValues(*plot.canvas.getViewBox().viewRange()[1], 200)
    found = []
    for spacing, ticks in levels:
        words = axis.tickStrings(ticks, 1.0, spacing)
        found += [(10**at if plot._is_log else at, read(word)) for at, word in zip(ticks, words, strict=True) if word]
    return found


@pytest.mark.parametrize("switches", [(True,), (True, False), (True, False, True)])
def test_plots_made_after_a_switch_of_scale_read_like_those_made_before(
    qtbot: QtBot, area: QScrollArea, switches: tuple[bool, ...]
):
    grid = area.widget()
    values = [10.0**power for power in (2, 3, 4, 5, 6)]
    grid.show_curves({f"m{i}": curve(f"m{i}", values) for i in range(12)})
    area.verticalScrollBar().valueChanged.connect(lambda _: grid.draw_seen())
    first, last = grid.plots["m0"], grid.plots["m11"]
    qtbot.waitUntil(lambda: first.canvas is not None)
    assert last.canvas is None
    for on in switches:
        grid.set_log(on)

    def check(plot: MetricPlot) -> None:
        # The first range of a plot is not the one of its curve.
        qtbot.waitUntil(lambda: plot.canvas is not None and plot.canvas.getViewBox().viewRange()[1][1] > 5)
        assert len(named_ticks(plot)) > 5
        for at, said in named_ticks(plot):
            assert said == pytest.approx(at, rel=1e-6, abs=1e-3)

    check(first)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    check(last)
    assert last._drawn[1].tolist() == first._drawn[1].tolist()


def test_a_metric_without_a_place_on_a_log_scale_says_so(qtbot: QtBot, area: QScrollArea):
    grid = area.widget()
    grid.set_log(True)
    curves = {"zeros": [0.0] * 5, "negative": [-1.0, -2.0], "mixed": [0.0, 10.0], "none": [math.nan, math.inf]}
    grid.show_curves({name: curve(name, values) for name, values in curves.items()})
    qtbot.waitUntil(lambda: all(plot.canvas is not None for plot in grid.plots.values()))
    for name in ("zeros", "negative"):
        note = grid.plots[name].canvas.note
        qtbot.waitUntil(note.isVisible)
        assert note.text() == "No value above 0: a log scale has no place for them"
    assert not grid.plots["mixed"].canvas.note.isVisible()
    assert grid.plots["mixed"].value_label.text() == "10  ·  1 not above 0"
    assert grid.plots["none"].canvas.note.text() == "No finite value to draw"
    grid.set_log(False)
    assert not grid.plots["zeros"].canvas.note.isVisible()
    assert grid.plots["mixed"].value_label.text() == "10"
    qtbot.waitUntil(grid.plots["none"].canvas.note.isVisible)


def test_a_plot_whose_first_drawable_value_comes_later_draws_it(qtbot: QtBot, area: QScrollArea):
    grid = area.widget()
    grid.set_log(True)
    growing = curve("m", [0.0, 0.0])
    grid.show_curves({"m": growing})
    qtbot.waitUntil(lambda: grid.plots["m"].canvas is not None)
    growing.extend([Point(2, 100.0, 2, 1002.0)])
    grid.refresh({"m"})
    assert not grid.plots["m"].canvas.note.isVisible()
    assert grid.plots["m"]._dots.getData()[1][-1] == 2.0


def test_lines_stand_out_on_both_surfaces(qtbot: QtBot, qapp: QApplication, area: QScrollArea):
    grid = area.widget()
    grid.show_curves({f"m{i}": curve(f"m{i}", [1.0, 2.0]) for i in range(8)})
    for choice in ("dark", "light"):
        theme.apply(qapp, choice)
        surface = theme.color("surface").getRgb()[:3]
        for plot in grid.plots.values():
            assert contrast(line_color(plot._color_index).getRgb()[:3], surface) >= 3.0


def test_a_million_points_are_a_table_at_once(qtbot: QtBot):
    table = MetricsTable()
    qtbot.addWidget(table)
    curves = [curve(f"m{i}", [0.1 + 0.2] * 100_000) for i in range(3)]
    table.show_curves(curves)
    assert table.points.rowCount() == 300_000
    assert table.points.index(250_000, 0).data() == "m2"
    assert table.points.index(250_000, 1).data() == "50000"
    table.selectRow(250_000)
    table.copy()
    assert QApplication.clipboard().text().split("\n")[1].endswith("\t0.30000000000000004")
