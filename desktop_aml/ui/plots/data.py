"""Points of metrics as arrays, and the few of them that a plot needs.

Imports numpy: only modules that are loaded after the first paint may import this one. Draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_aml.domain.metrics import Point, Scalar

MAX_BUCKETS: Final = 1000
"""A plot is given at most a minimum, a maximum and a gap for each of these."""

AXES: Final = ("step", "time", "index")

_BREAKS: Final = 20
"""More breaks than this in one line cannot be told apart: it would read as a dashed one."""

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]


class _Column:
    """An array that grows at its end."""

    def __init__(self) -> None:
        self._values: Floats = np.empty(256, dtype=np.float64)
        self._count = 0

    def extend(self, values: Sequence[float]) -> None:
        end = self._count + len(values)
        if end > len(self._values):
            grown: Floats = np.empty(max(end, 2 * len(self._values)), dtype=np.float64)
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        self._values[self._count : end] = values
        self._count = end

    def array(self) -> Floats:
        return self._values[: self._count]


class CurveData:
    """The points of one metric, by index; each is taken once, whatever order and however often they come.

    Values that are no numbers, and whole numbers that a float cannot hold, are kept beside the arrays so that a table
    shows them exactly.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.number_count = 0
        self.gap_count = 0
        """Numbers that cannot be drawn: NaN and the infinities."""
        self.below_log_count = 0
        """Finite numbers that a log scale has no place for: zero and less."""
        self._values = _Column()
        self._steps = _Column()
        self._times = _Column()
        self._exact: dict[int, Scalar] = {}
        self._has_steps = False
        self._is_rising = {"step": True, "time": True, "index": True}
        self._early: dict[int, Point] = {}
        self._envelopes: dict[bool, Envelope] = {}

    def __len__(self) -> int:
        return len(self._values.array())

    def extend(self, points: Iterable[Point]) -> bool:
        """Take `points` that are not known yet.

        Returns
        -------
        bool
            Whether nothing is missing: False when points before one of `points` have not come yet. They are awaited.
        """
        count = len(self)
        fresh: list[Point] = []
        for point in points:
            if point.index == count + len(fresh):
                fresh.append(point)
            elif point.index > count + len(fresh):
                self._early[point.index] = point
        while self._early and (early := self._early.pop(count + len(fresh), None)) is not None:
            fresh.append(early)
        if fresh:
            self._append(fresh)
            self._early = {index: point for index, point in self._early.items() if index >= len(self)}
        return not self._early

    def _append(self, points: list[Point]) -> None:
        first = len(self)
        numbers: list[float] = []
        for index, point in enumerate(points, first):
            number = _number(point.value)
            numbers.append(number)
            if isinstance(point.value, bool | int | float):
                self.number_count += 1
                self.gap_count += not math.isfinite(number)
                self.below_log_count += math.isfinite(number) and number <= 0
            if not isinstance(point.value, float):
                self._exact[index] = point.value
            self._has_steps = self._has_steps or point.step is not None
        self._values.extend(numbers)
        self._steps.extend([i if point.step is None else point.step for i, point in enumerate(points, first)])
        self._times.extend([point.at for point in points])
        for axis, column in (("step", self._steps), ("time", self._times)):
            tail = column.array()[max(first - 1, 0) :]
            self._is_rising[axis] = self._is_rising[axis] and bool(np.all(tail[1:] >= tail[:-1]))

    def is_numeric(self) -> bool:
        """Whether there is a number to draw."""
        return self.number_count > 0

    def has_steps(self) -> bool:
        """Whether any point was logged with a step."""
        return self._has_steps

    def value(self, index: int) -> Scalar:
        """Return the value as it was logged."""
        return self._exact[index] if index in self._exact else float(self._values.array()[index])

    def step(self, index: int) -> int:
        """Return the step, or the index where none was given."""
        return int(self._steps.array()[index])

    def at(self, index: int) -> float:
        """Return when the point was logged, Unix time in seconds."""
        return float(self._times.array()[index])

    def numbers(self) -> Floats:
        """Return all values as floats, NaN where there is no number. Do not change it."""
        return self._values.array()

    def drawable_count(self, *, log: bool) -> int:
        """Return how many numbers can be drawn."""
        return self.number_count - self.gap_count - (self.below_log_count if log else 0)

    def bounds(self) -> tuple[float, float] | None:
        """Return the least and the greatest finite value."""
        values = self.numbers()
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if len(finite) else None

    def positions(self, axis: str, origin: float = 0.0) -> Floats:
        """Return the x of every point.

        Parameters
        ----------
        axis : str
            One of `AXES`.
        origin : float
            Unix time in seconds that is 0 on the time axis.
        """
        if axis == "step":
            return self._steps.array()
        if axis == "time":
            return self._times.array() - origin
        return np.arange(len(self), dtype=np.float64)

    def heights(self, *, log: bool) -> Floats:
        """Return the y of every point: NaN where nothing can be drawn, the decimal logarithm if `log`."""
        return _drawable(self.numbers(), log=log)

    def outline(
        self, axis: str, origin: float = 0.0, *, log: bool = False, view: tuple[float, float] | None = None
    ) -> tuple[Floats, Floats]:
        """Return x and y of a line that looks like all points, of bounded length.

        Where there are so many gaps that the line would be dashes, it goes on over the short ones.

        Parameters
        ----------
        view : tuple of float, optional
            The range of x that is looked at; points outside it may be left out.
        """
        if view is not None and self._is_rising[axis]:
            x = self.positions(axis, origin)
            start = max(int(np.searchsorted(x, view[0], "left")) - 1, 0)
            stop = min(int(np.searchsorted(x, view[1], "right")) + 1, len(self))
            if stop - start < len(self):
                return _joined(*_outline_of(x[start:stop], _drawable(self.numbers()[start:stop], log=log)))
        envelope = self._envelopes.setdefault(log, Envelope())
        kept = envelope.update(self.numbers(), log=log)
        if kept is None:
            return _joined(self.positions(axis, origin), self.heights(log=log))
        chosen = np.where(kept < 0, -kept - 1, kept)
        y = _drawable(self.numbers()[chosen], log=log)
        y[kept < 0] = np.nan
        column = {"step": self._steps, "time": self._times}.get(axis)
        x = chosen.astype(np.float64) if column is None else column.array()[chosen]
        return _joined(x - origin if axis == "time" else x, y)

    def nearest(self, axis: str, x: float, origin: float = 0.0) -> int | None:
        """Return the index of the point nearest to `x`, or None when there is none."""
        positions = self.positions(axis, origin)
        if not len(positions):
            return None
        if not self._is_rising[axis]:
            return int(np.argmin(np.abs(positions - x)))
        right = int(np.searchsorted(positions, x))
        if right == 0:
            return 0
        if right == len(positions):
            return right - 1
        return right if positions[right] - x < x - positions[right - 1] else right - 1


def _number(value: Scalar) -> float:
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return math.nan


def _drawable(values: Floats, *, log: bool) -> Floats:
    result = np.where(np.isfinite(values), values, np.nan)
    if log:
        result = np.log10(np.where(result > 0, result, np.nan))
    return result


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
        size = self._bucket_size
        while len(values) > size * self._max_buckets:
            size *= 2
        if size != self._bucket_size:
            self._bucket_size, self._count, self._kept = size, 0, np.empty((0, 3), dtype=np.int64)
        whole = self._count // size
        if len(values) > self._count:
            changed = _drawable(values[whole * size :], log=log)
            self._kept = np.concatenate([self._kept[:whole], _bucket_rows(changed, size, whole * size)])
            self._count = len(values)
        return np.append(_flattened(self._kept), len(values) - 1)


def _bucket_rows(y: Floats, size: int, offset: int) -> Indices:
    """Return, for each bucket of `y`, the indices of its extremes in order of time, and its gap or the second again."""
    missing = -len(y) % size
    padded = np.concatenate([y, np.full(missing, y[-1])]) if missing else y
    table = padded.reshape(-1, size)
    gaps = np.isnan(table)
    starts: Indices = np.arange(len(table), dtype=np.int64) * size + offset
    low = np.where(gaps, np.inf, table).argmin(axis=1)
    high = np.where(gaps, -np.inf, table).argmax(axis=1)
    last = offset + len(y) - 1
    first = np.minimum(starts + np.minimum(low, high), last)
    second = np.minimum(starts + np.maximum(low, high), last)
    gap = np.minimum(starts + gaps.argmax(axis=1), last)
    third = np.where(gaps.any(axis=1), -gap - 1, second)
    return np.stack([first, second, third], axis=1)


def _flattened(rows: Indices) -> Indices:
    flat = rows.ravel()
    again: Indices = np.zeros(rows.shape, dtype=bool)
    again[:, 2] = rows[:, 2] == rows[:, 1]
    return flat[~again.ravel()]


def _outline_of(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a bounded line for a part of a curve that is zoomed into."""
    if len(y) <= 2 * MAX_BUCKETS:
        return x, y
    size = -(-len(y) // MAX_BUCKETS)
    kept: Indices = np.append(_flattened(_bucket_rows(y, size, 0)), len(y) - 1)
    chosen = np.where(kept < 0, -kept - 1, kept)
    heights = y[chosen]
    heights[kept < 0] = np.nan
    return x[chosen], heights


def _joined(x: Floats, y: Floats) -> tuple[Floats, Floats]:
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


class MetricBook:
    """All curves of one run, fed from a first load and from events in any order."""

    def __init__(self) -> None:
        self.curves: dict[str, CurveData] = {}

    def extend(self, curves: Iterable[tuple[str, Iterable[Point]]]) -> tuple[set[str], bool]:
        """Take points and return the names that were given, and whether points are missing before some of them."""
        touched: set[str] = set()
        complete = True
        for name, points in curves:
            data = self.curves.get(name)
            if data is None:
                data = self.curves[name] = CurveData(name)
            complete = data.extend(points) and complete
            touched.add(name)
        return touched, not complete

    def origin(self) -> float:
        """Return when the first point of all was logged."""
        firsts = [curve.at(0) for curve in self.curves.values() if len(curve)]
        return min(firsts, default=0.0)


def curve_of_values(name: str, values: Sequence[Scalar], at: float) -> CurveData:
    """Return a list that was logged as one record as a curve over its index."""
    data = CurveData(name)
    data.extend(Point(index, value, None, at) for index, value in enumerate(values))
    return data
