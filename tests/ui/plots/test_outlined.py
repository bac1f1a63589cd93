"""Long curves are shown by their outline until their points were read, and look the same afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.metrics import CurveColumns, Point
from desktop_aml.store.points.arrays import outline_of
from desktop_aml.ui.plots.data import CurveData, MetricBook
from desktop_aml.ui.plots.export import save_csv
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.plots.outlined import LONG, OutlinedCurve, made_ready

COUNT = 300_000


def columns(values: np.ndarray, start: int = 0) -> CurveColumns:
    steps = np.arange(start, start + len(values), dtype=np.float64)
    return CurveColumns("loss", start, steps * 10, 1000.0 + steps, values, {}, has_steps=True)


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    found = np.random.default_rng(3).normal(size=COUNT).cumsum()
    found[123_456], found[200_000] = 1e6, np.nan
    return found


def test_an_outline_looks_as_the_whole_curve_does(values: np.ndarray):
    whole = CurveData("loss")
    whole.take(columns(values))
    outlined = OutlinedCurve("loss", outline_of(columns(values), 1000))
    assert outlined.total() == len(whole) == COUNT
    assert len(outlined) < 4000
    for axis in ("step", "time", "index"):
        ours, theirs = outlined.outline(axis, 5.0), whole.outline(axis, 5.0)
        assert np.nanmax(ours[1]) == np.nanmax(theirs[1]) == 1e6
        assert np.nanmin(ours[1]) == np.nanmin(theirs[1])
        assert ours[0][np.nanargmax(ours[1])] == theirs[0][np.nanargmax(theirs[1])]
        assert ours[0][-1] == theirs[0][-1]
    assert outlined.value(len(outlined) - 1) == whole.value(COUNT - 1)


def test_an_outline_is_not_smoothed_and_not_saved_as_the_values(values: np.ndarray, tmp_path: Path):
    outlined = OutlinedCurve("loss", outline_of(columns(values), 1000))
    plain, smooth = outlined.outline("step"), outlined.outline("step", weight=0.9)
    assert np.array_equal(plain[1], smooth[1], equal_nan=True)
    with pytest.raises(StorageError, match="still being read"):
        save_csv(outlined, tmp_path / "loss.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_a_part_of_a_long_curve_keeps_its_extremes_and_gaps(values: np.ndarray, log: bool, weight: float):
    shown = values + 1e5 if log else values
    whole = CurveData("loss")
    whole.take(columns(shown))
    first, last = 50_003, 250_001
    x, y = whole.outline("step", log=log, view=(first * 10.0, last * 10.0), weight=weight)
    inside, around = (whole.numbers(weight)[first - more : last + 1 + more] for more in (0, 64))
    if log:
        inside, around = np.log10(inside), np.log10(around)
    assert np.nanmax(inside) <= np.nanmax(y) <= np.nanmax(around)
    assert np.nanmin(around) <= np.nanmin(y) <= np.nanmin(inside)
    assert len(x) < 4000
    assert 2_000_000.0 in x[np.isnan(y)]
    assert (np.diff(x[np.isfinite(y)]) > 0).all()
    assert (first - 64) * 10 <= x.min() <= (first + 64) * 10
    assert (last - 64) * 10 <= x.max() <= (last + 64) * 10


def test_what_events_brought_meanwhile_is_added_to_a_curve_that_was_made_ready():
    book = MetricBook()
    book.extend([("loss", [Point(LONG + 6, 7.0, None, 2.0), Point(LONG + 5, 6.0, None, 2.0)])])
    book.take([made_ready(columns(np.zeros(LONG + 5)))])
    curve = book.curves["loss"]
    assert len(curve) == LONG + 7
    assert curve.numbers()[-2:].tolist() == [6.0, 7.0]
    assert not book.is_waiting()
    assert float(curve.outline("index")[1].max()) == 7.0


def test_a_curve_that_was_made_ready_takes_no_point_twice():
    book = MetricBook()
    book.extend([("loss", [Point(0, 9.0, None, 1.0)])])
    book.take([made_ready(columns(np.zeros(LONG + 1)))])
    assert len(book.curves["loss"]) == LONG + 1
    assert book.curves["loss"].value(0) == 9.0
    assert isinstance(made_ready(columns(np.zeros(LONG))), CurveColumns)


def test_arrays_that_were_read_are_never_written_to():
    read = np.zeros(1000)
    curve = CurveData("loss")
    curve.take(columns(read))
    curve.extend([Point(1000, 5.0, None, 1.0), Point(1001, 6.0, None, 1.0)])
    assert not read.any()
    assert curve.numbers()[-2:].tolist() == [5.0, 6.0]


def test_all_points_of_a_curve_are_not_drawn_over_the_outline_that_looks_the_same(
    values: np.ndarray, qtbot: QtBot
) -> None:
    plot = MetricPlot(OutlinedCurve("loss", outline_of(columns(values), 1000)))
    qtbot.addWidget(plot)
    plot.build()
    drawn: list[int] = []
    plot._line.sigPlotChanged.connect(lambda _: drawn.append(1))
    whole = made_ready(columns(values))
    assert isinstance(whole, CurveData)
    plot.curve = whole
    plot.refresh(unless_same=True)
    assert drawn == []
    assert plot.has_drawn_all()
    plot.set_smoothing(0.5)
    plot.refresh(unless_same=True)
    plot.set_smoothing(0)
    plot.refresh(unless_same=True)
    assert len(drawn) == 2
