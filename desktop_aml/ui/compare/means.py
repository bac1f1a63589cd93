"""The mean of several curves, and how far they lie apart. Imports numpy; draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from desktop_aml.domain.metrics import CurveColumns
from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.plots.data import CurveData

_MOST_PLACES: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """How far curves lie apart: one deviation below and above their mean, where there are at least two."""

    x: Floats
    low: Floats
    high: Floats


def mean_of(curves: Sequence[tuple[CurveData, float]], axis: str, weight: float = 0.0) -> tuple[CurveData, Band]:
    """Return the mean of curves over an axis, as a curve whose steps are the places, and its band.

    A curve counts from its first to its last place; between two of its points it goes straight.

    Parameters
    ----------
    curves : sequence of (CurveData, float)
        With the origin of each on the time axis, Unix time in seconds.
    weight : float
        How smooth each of them is before.
    """
    lines = [line for curve, origin in curves if len((line := _line(curve, axis, origin, weight))[0])]
    name = curves[0][0].name if curves else ""
    found = CurveData(name)
    if not lines:
        return found, Band(np.empty(0), np.empty(0), np.empty(0))
    places = _places([x for x, _ in lines])
    table = np.array([np.interp(places, x, y, left=np.nan, right=np.nan) for x, y in lines])
    counts = np.count_nonzero(~np.isnan(table), axis=0)
    # Divided by a power of two, which changes no digit: sums near the ends of what a float holds would overflow.
    power = int(np.frexp(np.nanmax(np.abs(table)))[1])
    table = np.ldexp(table, -power)
    means = np.nansum(table, axis=0) / np.maximum(counts, 1)
    means[counts == 0] = np.nan
    squares = np.nansum((table - means) ** 2, axis=0)
    has_two = counts > 1
    deviations = np.sqrt(squares[has_two] / (counts[has_two] - 1))
    centre = means[has_two]
    found.take(CurveColumns(name, 0, places, places, np.ldexp(means, power), {}, has_steps=True))
    edges = [np.ldexp(edge, power) for edge in (centre - deviations, centre + deviations)]
    return found, Band(places[has_two], edges[0], edges[1])


def _line(curve: CurveData, axis: str, origin: float, weight: float) -> tuple[Floats, Floats]:
    x, y = curve.positions(axis, origin), curve.numbers(weight)
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    # Steps that go back, as after a restart: interpolation needs them in order.
    order = np.argsort(x, kind="stable") if np.any(np.diff(x) < 0) else slice(None)
    return x[order], y[order]


def _places(every: Sequence[Floats]) -> Floats:
    first, last = min(float(x[0]) for x in every), max(float(x[-1]) for x in every)
    if sum(map(len, every)) <= 100 * _MOST_PLACES:
        whole: Floats = np.unique(np.concatenate(every))
        if len(whole) <= _MOST_PLACES:
            return whole
    return np.linspace(first, last, _MOST_PLACES)
