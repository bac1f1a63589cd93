"""The few points of a curve that a plot needs: least, greatest and a gap of each bucket.

Imports numpy: only modules that are loaded after the first paint may import this one. Draws nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from desktop_aml.domain.summaries.extremes import Floats, Indices, bucket_size, each_once, extremes, in_drawing_order
from desktop_aml.ui.plots.log_scale import drawable

MAX_BUCKETS: Final = 1000
"""A plot is given at most a minimum, a maximum and a gap for each of these."""

Drawn = tuple[Floats, Floats, float]
"""The points of a line, and the weight of its smoothing."""

_BREAKS: Final = 20
"""More breaks than this in one line cannot be told apart: it would read as a dashed one."""


class Envelope:
    """Least and greatest point of each bucket of a growing array, kept up to date bucket by bucket.

    Appending costs the work of the buckets that changed. When the buckets become too many their size doubles.
    """

    def __init__(self, max_buckets: int = MAX_BUCKETS) -> None:
        self._max_buckets = max_buckets
        self._bucket_size = 1
        self._count = 0
        self._kept: Indices = np.empty((0, 3), dtype=np.int64)

    def update(self, values: Floats, *, log: bool = False) -> Indices | None:
        """Take `values`, which only grew since the last call, and return the indices to draw.

        Returns
        -------
        array of int, shape (n_kept,), or None
            In drawing order, at most 3 a bucket and one more; ``-index - 1`` marks a gap at `index`. None when
            there are so few values that all can be drawn.
        """
        if len(values) <= 2 * self._max_buckets:
            return None
        size = bucket_size(len(values), self._max_buckets, self._bucket_size)
        if size != self._bucket_size:
            self._bucket_size, self._count, self._kept = size, 0, np.empty((0, 3), dtype=np.int64)
        whole = self._count // size
        if len(values) > self._count:
            changed = drawable(values[whole * size :], log=log)
            self._kept = np.concatenate([self._kept[:whole], _rows(changed, size, whole * size)])
            self._count = len(values)
        return np.append(each_once(self._kept), len(values) - 1)


def _rows(y: Floats, size: int, offset: int) -> Indices:
    return in_drawing_order(extremes(y, size, offset))


def outline_of(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a bounded line for a part of a curve that is zoomed into."""
    if len(y) <= 2 * MAX_BUCKETS:
        return x, y
    size = -(-len(y) // MAX_BUCKETS)
    kept: Indices = np.append(each_once(_rows(y, size, 0)), len(y) - 1)
    chosen = np.where(kept < 0, -kept - 1, kept)
    heights = y[chosen]
    heights[kept < 0] = np.nan
    return x[chosen], heights


def joined(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a line without its short gaps when there are too many gaps to be told apart."""
    gaps = np.isnan(y)
    edges = np.flatnonzero(np.diff(gaps.astype(np.int8), prepend=0, append=0))
    starts, stops = edges[::2], edges[1::2]
    if len(starts) <= _BREAKS:
        return x, y
    short = stops - starts <= max(1, len(y) // _BREAKS)
    dropped = np.concatenate([np.arange(start, stop) for start, stop in zip(starts[short], stops[short], strict=True)])
    return np.delete(x, dropped), np.delete(y, dropped)


def lone_points(y: Floats) -> NDArray[np.bool_]:
    """Return which points no line reaches: those between two gaps."""
    gaps = np.isnan(np.concatenate([[np.nan], y, [np.nan]]))
    return ~gaps[1:-1] & gaps[:-2] & gaps[2:]


def runs_the_same(before: Drawn | None, now: Drawn) -> bool:
    """Whether two lines have the same points, as all points of a long curve and its outline; never if smoothed."""
    if before is None or before[2] or now[2]:
        return False
    return all(np.array_equal(one, other, equal_nan=True) for one, other in zip(before[:2], now[:2], strict=True))
