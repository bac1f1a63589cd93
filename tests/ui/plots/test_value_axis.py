"""The words at an axis are the values, and tell neighbours apart."""

from __future__ import annotations

import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from desktop_aml.domain.metrics import Point
from desktop_aml.ui.plots.canvas import PlotCanvas
from desktop_aml.ui.plots.chart_drawings import Line, LineChart
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.plots.value_axis import ValueAxis, tick_words


def read(words: str) -> float:
    """Return the number that the words at a tick stand for."""
    if words[-1:] in ("k", "M"):
        return float(words[:-1]) * {"k": 1e3, "M": 1e6}[words[-1]]
    plain = words.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    factor, power = re.fullmatch(r"(-?[\d.]*·?)10(-?\d+)", plain).groups() if plain != words else (plain, "0")
    return float(factor.rstrip("·") or 1) * 10 ** int(power) if factor != "-" else -(10.0 ** int(power))


def ticks(low: float, high: float, *, log: bool) -> list[tuple[float, str]]:
    axis = ValueAxis("left")
    axis.setLogMode(False, log)
    levels = axis.tickValues(low, high, 200)
    named = [pair for spacing, at in levels for pair in zip(at, axis.tickStrings(at, 1.0, spacing), strict=True)]
    return [(at, words) for at, words in named if low <= at <= high and words]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.25, "0.25"),
        (1500.0, "1500"),
        (2e-7, "2·10⁻⁷"),
        (1e9, "10⁹"),
        (-1e9, "-10⁹"),
        (1.5e12, "1.5·10¹²"),
        (0.0, "0"),
    ],
)
def test_a_tick_is_short_and_exact(value: float, words: str):
    assert tick_words(value) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((0, 100_000), ["0", "20k", "40k", "60k", "80k", "100k"]),
        ((0, 1_000_000), ["0", "200k", "400k", "600k", "800k", "1000k"]),
        ((0, 50_000_000), ["0", "10M", "20M", "30M", "40M", "50M"]),
        ((0, 5000), ["0", "1000", "2000", "3000", "4000", "5000"]),
        ((100_000, 100_010), ["100000", "100002", "100004", "100006", "100008", "100010"]),
    ],
)
def test_thousands_are_written_short_where_that_tells_ticks_apart(
    qapp: object, span: tuple[float, float], words: list[str]
):
    axis = ValueAxis("bottom")
    spacing = (span[1] - span[0]) / 5
    assert axis.tickStrings([span[0] + spacing * place for place in range(6)], 1.0, spacing) == words


@pytest.mark.parametrize("low", [-6.0, -0.3, 2.1, 2.31, 5.0])
@pytest.mark.parametrize("span", [0.02, 0.3, 1.0, 4.0, 40.0])
def test_a_log_axis_names_values_at_any_zoom(qtbot: QtBot, low: float, span: float):
    found = ticks(low, low + span, log=True)
    assert len(found) >= 2
    for at, words in found:
        assert read(words) == pytest.approx(10**at, rel=1e-6)


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e6))
def test_no_two_ticks_read_alike(qapp: object, low: float, span: float):
    found = ticks(low, low + span, log=False)
    if span > abs(low) * 1e-9:
        assert len({words for _, words in found}) == len({at for at, _ in found})
        for at, words in found:
            assert read(words) == pytest.approx(at, rel=1e-9, abs=span / 500)


EXTREME = st.one_of(
    st.sampled_from([1.7976931348623157e308, -1.7976931348623157e308, 1e308, -1e308, 5e-324, -5e-324, 2e-310, 1e-300]),
    st.sampled_from([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan]),
    st.floats(allow_subnormal=True),
)


def exact(words: str) -> Fraction:
    plain = words.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    if plain == words:
        units = {"k": 1000, "M": 10**6}
        return Fraction(plain.rstrip("kM")) * units.get(plain[-1], 1)
    sign, factor, power = re.fullmatch(r"(-?)(?:([\d.]+)·)?10(-?\d+)", plain).groups()
    return Fraction(f"{sign}{factor or 1}") * Fraction(10) ** int(power)


@pytest.fixture(scope="module")
def canvas(qapp: object) -> PlotCanvas:
    made = PlotCanvas()
    made.resize(400, 200)
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([4766.0])
@example([3.5e6])
@example([1e308, -1e308])
@example([1e308, 5e307])
@example([1.7976931348623157e308])
@example([5e-324, 1e-323])
@example([9.999999999564687e92])
@example([1e104, 0.0])
@example([1e308, 5e-324, math.inf, math.nan, -math.inf])
@given(st.lists(EXTREME, min_size=1, max_size=6))
def test_an_axis_holds_and_names_the_values_however_extreme(canvas: PlotCanvas, values: list[float]):
    numbers = np.array(values)
    numbers = numbers[np.isfinite(numbers)]
    canvas.clear()
    canvas.fit(np.array(values))
    drawn = canvas.fitted(numbers)
    canvas.addItem(pg.PlotCurveItem(np.arange(len(drawn), dtype=float), drawn))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        canvas.getViewBox().enableAutoRange()
        canvas.getViewBox().updateAutoRange()
    low, high = canvas.getViewBox().viewRange()[1]
    assert math.isfinite(high - low)
    if not len(numbers):
        return
    assert low <= drawn.min() <= drawn.max() <= high
    axis = canvas.getAxis("left")
    for spacing, at in axis.tickValues(low, high, 200):
        for tick, words in zip(at, axis.tickStrings(at, 1.0, spacing), strict=True):
            told = exact(words) / Fraction(10) ** axis.power
            assert abs(told - Fraction(tick)) <= Fraction(high - low) / 100


def test_a_plot_of_the_greatest_numbers_shows_them_and_keeps_its_zoom(qtbot: QtBot):
    data = CurveData("huge")
    data.extend([Point(0, 1.0, 0, 0.0), Point(1, 2.0, 1, 1.0)])
    plot = MetricPlot(data)
    qtbot.addWidget(plot)
    plot.build()
    plot.resize(400, 200)
    plot.show()
    box = plot.canvas.getViewBox()
    plot._is_zoomed = True
    box.setYRange(1.0, 2.0, padding=0)
    data.extend([Point(2, 1e308, 2, 2.0), Point(3, -1e308, 3, 3.0)])
    plot.refresh()
    low, high = box.viewRange()[1]
    assert (low * 1e308, high * 1e308) == pytest.approx((1.0, 2.0))
    plot.reset_zoom()
    box.updateAutoRange()
    low, high = box.viewRange()[1]
    assert low <= -1.0 <= 1.0 <= high
    assert high - low < 3
    plot.show_crosshair(2.0)
    assert plot._marker.getData()[1] == pytest.approx([1.0])
    plot.set_log(True)
    box.updateAutoRange()
    assert box.viewRange()[1][1] == pytest.approx(308, abs=40)


def test_lines_of_runs_compared_share_one_axis_however_extreme(qtbot: QtBot):
    chart = LineChart("huge", ("Step", ""))
    qtbot.addWidget(chart)
    chart.show_lines([Line("a", [0.0, 1.0], [1e308, -1e308]), Line("b", [0.0, 1.0], [1.0, math.nan])])
    chart.canvas.getViewBox().updateAutoRange()
    low, high = chart.canvas.getViewBox().viewRange()[1]
    assert low <= -1.0 <= 1.0 <= high
    assert chart.canvas.getAxis("left").power == 308
