"""Points of metrics as arrays, and the few of them that a plot needs.

Imports numpy: only modules that are loaded after the first paint may import this one. Draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from desktop_aml.domain.metrics import CurveColumns, Point, PointColumns, Scalar, number_of
from desktop_aml.domain.summaries.extremes import Floats, Indices, bucket_size
from desktop_aml.ui.plots.log_scale import drawable
from desktop_aml.ui.plots.logged import columns_of
from desktop_aml.ui.plots.outlines import MAX_BUCKETS, Envelope, joined, outline_of
from desktop_aml.ui.plots.smoothing import smoothed

AXES: Final = ("step", "time", "index")

_LOOKED_THROUGH: Final = 100_000
"""Of so many points in sight an outline is made by looking at each: one or two milliseconds."""

_FINE_BUCKETS: Final = 16_000
"""Where more are in sight, an outline is made of the extremes of so many buckets of the whole curve."""


class _Column:
    """An array that grows at its end."""

    def __init__(self) -> None:
        self._values: Floats = np.empty(256, dtype=np.float64)
        self._count = 0

    def extend(self, values: Sequence[float] | Floats) -> None:
        end = self._count + len(values)
        if not self._count and isinstance(values, np.ndarray):
            # Nobody changes what was read: it is kept as it is. What is added makes a longer array of its own.
            self._values, self._count = values, end
            return
        if end > len(self._values):
            grown: Floats = np.empty(max(end, 2 * len(self._values)), dtype=np.float64)
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        self._values[self._count : end] = values
        self._count = end

    def array(self) -> Floats:
        return self._values[: self._count]


class _Smooth:
    """The smoothed values of one curve, for the weight that was asked for last."""

    def __init__(self) -> None:
        self._weight = 0.0
        self._values: Floats = np.empty(0)
        self.envelopes: dict[tuple[bool, int], Envelope] = {}

    def of(self, values: Floats, weight: float) -> Floats:
        if weight != self._weight:
            # What was smoothed stays as it is while points are added: each holds only what came before it.
            self._weight, self.envelopes = weight, {}
        elif len(self._values) == len(values):
            return self._values
        self._values = smoothed(values, weight)
        return self._values


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
        self._envelopes: dict[tuple[bool, int], Envelope] = {}
        self._bounds: tuple[int, tuple[float, float] | None] = (0, None)
        self._smooth = _Smooth()

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
        if isinstance(points, PointColumns) and points.first <= count:
            self.take(columns_of(self.name, points))
            return not self._early
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

    def total(self) -> int:
        """Return how many points the curve has, also where not all of them were read."""
        return len(self)

    def is_whole(self) -> bool:
        """Whether its points were read, and not only those that show how it runs."""
        return True

    def columns(self) -> CurveColumns:
        """Return all points as arrays. Do not change them."""
        columns = self._steps.array(), self._times.array(), self._values.array()
        return CurveColumns(self.name, 0, *columns, self._exact, self._has_steps)

    def take(self, columns: CurveColumns) -> None:
        """Take points that were read as arrays; those that are known are left out, as in `extend`."""
        first = len(self)
        new = slice(first - columns.start, None)
        if columns.start > first or not len(columns.values[new]):
            return
        values = columns.values[new]
        exact = {index: value for index, value in columns.exact.items() if index >= first}
        self._exact.update(exact)
        text_count = sum(not isinstance(value, bool | int | float) for value in exact.values())
        self.number_count += len(values) - text_count
        is_finite = np.isfinite(values)
        self.gap_count += int(np.count_nonzero(~is_finite)) - text_count
        self.below_log_count += int(np.count_nonzero(values[is_finite] <= 0))
        self._has_steps = self._has_steps or columns.has_steps
        self._values.extend(values)
        self._steps.extend(columns.steps[new])
        self._times.extend(columns.times[new])
        self._look_at_order(first)
        self._early = {index: point for index, point in self._early.items() if index >= len(self)}
        self.extend(())

    def is_waiting(self) -> bool:
        """Whether points came whose predecessors have not."""
        return bool(self._early)

    def early(self) -> list[Point]:
        """Return those points."""
        return list(self._early.values())

    def _append(self, points: list[Point]) -> None:
        first = len(self)
        numbers: list[float] = []
        for index, point in enumerate(points, first):
            number = number_of(point.value)
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
        self._look_at_order(first)

    def _look_at_order(self, first: int) -> None:
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

    def numbers(self, weight: float = 0.0) -> Floats:
        """Return all values as floats, NaN where there is no number, smoothed by `weight`. Do not change it."""
        return self._smooth.of(self._values.array(), weight) if weight else self._values.array()

    def drawable_count(self, *, log: bool) -> int:
        """Return how many numbers can be drawn."""
        return self.number_count - self.gap_count - (self.below_log_count if log else 0)

    def bounds(self) -> tuple[float, float] | None:
        """Return the least and the greatest finite value."""
        if self._bounds[0] != len(self):
            values = self.numbers()
            finite = values[np.isfinite(values)]
            self._bounds = len(self), (float(finite.min()), float(finite.max())) if len(finite) else None
        return self._bounds[1]

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
        return self.indexes(np.arange(len(self), dtype=np.int64))

    def heights(self, *, log: bool) -> Floats:
        """Return the y of every point: NaN where nothing can be drawn, the decimal logarithm if `log`."""
        return drawable(self.numbers(), log=log)

    def outline(
        self,
        axis: str,
        origin: float = 0.0,
        *,
        log: bool = False,
        view: tuple[float, float] | None = None,
        weight: float = 0.0,
    ) -> tuple[Floats, Floats]:
        """Return x and y of a line that looks like all points, of bounded length.

        Where there are so many gaps that the line would be dashes, it goes on over the short ones.

        Parameters
        ----------
        view : tuple of float, optional
            The range of x that is looked at; points outside it may be left out.
        weight : float
            How much of what came before is in each value, see `smoothed`; 0 for the values themselves.
        """
        values = self.numbers(weight)
        if view is not None and self._is_rising[axis]:
            x = self.positions(axis, origin)
            start = max(int(np.searchsorted(x, view[0], "left")) - 1, 0)
            stop = min(int(np.searchsorted(x, view[1], "right")) + 1, len(self))
            if stop - start < len(self):
                if stop - start <= _LOOKED_THROUGH:
                    return joined(*outline_of(x[start:stop], drawable(values[start:stop], log=log)))
                kept = self._kept(values, log, bool(weight), _FINE_BUCKETS)
                assert kept is not None
                places = np.where(kept < 0, -kept - 1, kept)
                # With the buckets at both ends, which are in sight in part: they are less than a pixel wide.
                size = bucket_size(len(self), _FINE_BUCKETS)
                seen = kept[(places > start - size) & (places < stop + size)]
                return joined(*outline_of(*self._drawn(axis, origin, values, seen, log)))
        kept = self._kept(values, log, bool(weight), MAX_BUCKETS)
        if kept is None:
            return joined(self.positions(axis, origin), drawable(values, log=log))
        return joined(*self._drawn(axis, origin, values, kept, log))

    def make_outlines(self) -> None:
        """Work out now what `outline` needs of all points, where that is much: it can be done off the GUI thread."""
        for buckets in (MAX_BUCKETS, *([_FINE_BUCKETS] if len(self) > _LOOKED_THROUGH else [])):
            self._kept(self.numbers(), False, False, buckets)
        self.bounds()

    def _kept(self, values: Floats, log: bool, is_smooth: bool, buckets: int) -> Indices | None:
        envelopes = self._smooth.envelopes if is_smooth else self._envelopes
        return envelopes.setdefault((log, buckets), Envelope(buckets)).update(values, log=log)

    def _drawn(self, axis: str, origin: float, values: Floats, kept: Indices, log: bool) -> tuple[Floats, Floats]:
        """Return x and y of the points that an envelope kept."""
        chosen = np.where(kept < 0, -kept - 1, kept)
        y = drawable(values[chosen], log=log)
        y[kept < 0] = np.nan
        column = {"step": self._steps, "time": self._times}.get(axis)
        x = self.indexes(chosen) if column is None else column.array()[chosen]
        return (x - origin if axis == "time" else x), y

    def indexes(self, chosen: Indices) -> Floats:
        """Return which of all points those at some places are."""
        return chosen.astype(np.float64)

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

    def neighbour(self, axis: str, index: int | None, step: int) -> int:
        """Return the index of the next point to the right for a `step` of 1, to the left for -1.

        Points at the same place are passed over. None begins at the end that one walks away from.
        """
        last = len(self) - 1
        if index is None:
            return 0 if step > 0 else last
        if not self._is_rising[axis]:
            return min(last, max(0, index + step))
        positions = self.positions(axis)
        if step > 0:
            return min(last, int(np.searchsorted(positions, positions[index], "right")))
        return max(0, int(np.searchsorted(positions, positions[index], "left")) - 1)


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

    def take(self, read: Iterable[CurveColumns | CurveData]) -> None:
        """Take curves that were read: as arrays, or from the first point on and made ready for plots."""
        for one in read:
            known = self.curves.get(one.name)
            if known is None:
                known = self.curves[one.name] = CurveData(one.name)
            if isinstance(one, CurveColumns):
                known.take(one)
            elif len(known):
                known.take(one.columns())
            else:
                one.extend(known.early())
                self.curves[one.name] = one

    def await_curves(self, names: Iterable[str]) -> None:
        """Have a curve for each of `names`, empty until its points come."""
        for name in names:
            self.curves.setdefault(name, CurveData(name))

    def is_waiting(self) -> bool:
        """Whether points came whose predecessors have not."""
        return any(curve.is_waiting() for curve in self.curves.values())

    def origin(self) -> float:
        """Return when the first point of all was logged."""
        firsts = [curve.at(0) for curve in self.curves.values() if len(curve)]
        return min(firsts, default=0.0)


def curve_of_values(name: str, values: Sequence[Scalar], at: float) -> CurveData:
    """Return a list that was logged as one record as a curve over its index."""
    data = CurveData(name)
    data.extend(Point(index, value, None, at) for index, value in enumerate(values))
    return data


def exact_rows(curve: CurveData) -> Iterator[tuple[int, object, str, Scalar]]:
    """Yield index, step, Unix time in seconds and value of every point, with all their digits."""
    has_steps = curve.has_steps()
    for index in range(len(curve)):
        yield index, curve.step(index) if has_steps else "", repr(curve.at(index)), curve.value(index)
