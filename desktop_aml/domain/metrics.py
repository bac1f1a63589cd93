"""Values that a run logs: curves of scalars, and records (lists, rows, tables, images)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain, compress, pairwise, repeat
from operator import eq
from typing import TYPE_CHECKING, Any, Final, TypeAlias, overload

from desktop_aml.domain.values import dataclass
from desktop_aml.inside_run.site.desktop_aml_run import metric_shapes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatColumn: TypeAlias = NDArray[np.float64]
    IndexColumn: TypeAlias = NDArray[np.int64]

Scalar = float | int | str | bool | None
_FEW_NAMES: Final = 4


class MetricSource(StrEnum):
    """Where a metric comes from. What a script logged itself wins over what was seen of it, and that over its log."""

    LOGGED = "logged"
    CAPTURED = "captured"
    PRINTED = "log"


def number_of(value: Scalar) -> float:
    """Return a value as it is drawn: NaN for what is no number, infinite for what no float holds."""
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return math.nan


LoggedPoint = tuple[str, int | None, float, Scalar]
"""Name, step, Unix time in seconds and value of a scalar that was logged."""


class LoggedPoints(Sequence[LoggedPoint]):
    """Scalars in the order in which they were logged, as columns: a tuple is made when it is asked for.

    Very many of them are read at a time, and each that was an object would be looked at by the collector of garbage.
    """

    __hash__ = None  # type: ignore[assignment]
    __slots__ = ("names", "steps", "times", "values")

    def __init__(self, points: Iterable[LoggedPoint] = ()) -> None:
        self.names: list[str] = []
        self.steps: list[int | None] = []
        self.times: list[float] = []
        self.values: list[Scalar] = []
        for point in points:
            self.append(point)

    def append(self, point: LoggedPoint) -> None:
        """Add one."""
        name, step, at, value = point
        self.extend((name,), (step,), (at,), (value,))

    def extend(
        self, names: Iterable[str], steps: Iterable[int | None], times: Iterable[float], values: Iterable[Scalar]
    ) -> None:
        """Add columns of one length."""
        self.names.extend(names)
        self.steps.extend(steps)
        self.times.extend(times)
        self.values.extend(values)

    def by_name(self) -> Iterator[tuple[str, tuple[Sequence[int | None], Sequence[float], Sequence[Scalar]]]]:
        """Yield steps, times and values of each name, in the order in which the names first occur."""
        columns = self.steps, self.times, self.values
        in_turn = self._names_in_turn()
        if len(in_turn) == 1:
            yield in_turn[0], columns
            return
        if in_turn:
            for place, name in enumerate(in_turn):
                yield name, _columns(column[place :: len(in_turn)] for column in columns)
            return
        distinct = dict.fromkeys(self.names)
        if len(distinct) <= _FEW_NAMES:
            # To pass over all points once a name is quicker than to look at each by itself, as long as names are few.
            for name in distinct:
                chosen = list(map(eq, self.names, repeat(name)))
                yield name, _columns(compress(column, chosen) for column in columns)
        else:
            places: dict[str, list[int]] = {name: [] for name in distinct}
            for place, name in enumerate(self.names):
                places[name].append(place)
            for name, found in places.items():
                yield name, _columns(map(column.__getitem__, found) for column in columns)

    def _names_in_turn(self) -> list[str]:
        """Return the names where each comes in its turn, as in a loop that logs the same of each step; else nothing."""
        names = self.names
        try:
            turn = names[: names.index(names[0], 1)]
        except (IndexError, ValueError):
            turn = names
        if len(set(turn)) < len(turn) or names != (turn * -(-len(names) // max(1, len(turn))))[: len(names)]:
            return []
        return turn

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[LoggedPoint]:
        return zip(self.names, self.steps, self.times, self.values, strict=True)

    @overload
    def __getitem__(self, at: int) -> LoggedPoint: ...
    @overload
    def __getitem__(self, at: slice) -> list[LoggedPoint]: ...
    def __getitem__(self, at: int | slice) -> LoggedPoint | list[LoggedPoint]:
        if isinstance(at, slice):
            return list(zip(self.names[at], self.steps[at], self.times[at], self.values[at], strict=True))
        return self.names[at], self.steps[at], self.times[at], self.values[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"LoggedPoints({list(self)!r})"


def _columns(columns: Iterable[Iterable[Any]]) -> tuple[list[int | None], list[float], list[Scalar]]:
    steps, times, values = map(list, columns)
    return steps, times, values


@dataclass(frozen=True, slots=True)
class Point:
    """One logged scalar. `index` counts from 0 within its metric; `at` is Unix time in seconds."""

    index: int
    value: Scalar
    step: int | None
    at: float


@dataclass(frozen=True, slots=True)
class PointColumns(Sequence[Point]):
    """Points that follow one another, as columns of one length: each `Point` is made when it is asked for.

    Parameters
    ----------
    first : int
        The index of the first.
    times : sequence of float
        Unix times in seconds.
    """

    first: int
    steps: Sequence[int | None]
    times: Sequence[float]
    values: Sequence[Scalar]

    @classmethod
    def of(cls, points: Iterable[Point]) -> PointColumns:
        """Return points that follow one another as columns."""
        whole = list(points)
        first = whole[0].index if whole else 0
        return cls(first, [one.step for one in whole], [one.at for one in whole], [one.value for one in whole])

    @classmethod
    def joined(cls, parts: Sequence[PointColumns]) -> PointColumns | None:
        """Return what the parts hold one after the other; None where one does not go on where the last one ends."""
        if any(one.first + len(one) != two.first for one, two in pairwise(parts)):
            return None
        columns = ((getattr(part, name) for part in parts) for name in ("steps", "times", "values"))
        return cls(parts[0].first, *(list(chain.from_iterable(column)) for column in columns))

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Point]:
        return map(Point, range(self.first, self.first + len(self)), self.values, self.steps, self.times)

    @overload
    def __getitem__(self, at: int) -> Point: ...
    @overload
    def __getitem__(self, at: slice) -> PointColumns: ...
    def __getitem__(self, at: int | slice) -> Point | PointColumns:
        indexes = range(self.first, self.first + len(self))
        if not isinstance(at, slice):
            return Point(indexes[at], self.values[at], self.steps[at], self.times[at])
        if indexes[at].step != 1:
            raise ValueError("Only points that follow one another are columns: slice without a step.")
        return PointColumns(indexes[at].start, self.steps[at], self.times[at], self.values[at])


@dataclass(frozen=True, slots=True)
class Curve:
    """All scalars logged under one name, in logging order."""

    name: str
    points: tuple[Point, ...]
    source: MetricSource = MetricSource.LOGGED


@dataclass(frozen=True, slots=True)
class Record:
    """One logged list, row, table, image or chart.

    Parameters
    ----------
    kind : str
        ``"list"``, ``"row"``, ``"table"``, ``"image"``, ``"confusion_matrix"``, ``"accuracy_table"``,
        ``"residuals"`` or ``"predictions"``.
    data : object
        JSON value: a list; a dict of column to value (row) or to list (table); a dict with ``path`` for
        images and charts, which are artifacts of the run.
    """

    name: str
    kind: str
    index: int
    at: float
    data: object
    source: MetricSource = MetricSource.LOGGED


@dataclass(frozen=True, slots=True)
class RunMetrics:
    """Everything a run logged."""

    curves: tuple[Curve, ...] = ()
    records: tuple[Record, ...] = ()
    run_id: str = ""

    def logged(self) -> RunMetrics:
        """Return what the script logged itself, without what was captured."""
        own = MetricSource.LOGGED
        return RunMetrics(
            tuple(curve for curve in self.curves if curve.source is own),
            tuple(record for record in self.records if record.source is own),
            self.run_id,
        )

    def sources(self) -> dict[str, MetricSource]:
        """Return the source of each metric that the script did not log itself, by name."""
        every: list[Curve | Record] = [*self.curves, *self.records]
        return {one.name: one.source for one in every if one.source is not MetricSource.LOGGED}

    def as_azure(self) -> dict[str, object]:
        """Return what Azure ML v1's ``get_metrics()`` returns: one value or a list per name."""
        return metric_shapes.shaped(
            self.in_logging_order(), lambda _, path: metric_shapes.artifact_uri(self.run_id, path)
        )

    def in_logging_order(self) -> list[tuple[str, str, object]]:
        """Return every logged value, by the time of the first of its name and kind."""
        found: list[tuple[float, list[tuple[str, str, object]]]] = [
            (curve.points[0].at, [(curve.name, "scalar", point.value) for point in curve.points])
            for curve in self.curves
            if curve.points
        ]
        found += [(record.at, [(record.name, record.kind, record.data)]) for record in self.records]
        found.sort(key=lambda group: group[0])
        return [entry for _, group in found for entry in group]


@dataclass(frozen=True, slots=True)
class CurveSize:
    """A curve by its name, with the number of its points."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class CurveColumns:
    """Points of one curve from the index `start` on, as arrays: who draws very many must not hold an object for each.

    Parameters
    ----------
    steps : array of float
        The index where a point was logged without a step.
    times : array of float
        Unix time in seconds.
    values : array of float
        NaN for what is no number, infinite for whole numbers that no float holds.
    exact : mapping of int to scalar
        By index, the values that a float does not say exactly: texts, truths, whole numbers, nothing.
    has_steps : bool
        Whether any of the points was logged with a step.
    """

    name: str
    start: int
    steps: FloatColumn
    times: FloatColumn
    values: FloatColumn
    exact: Mapping[int, Scalar]
    has_steps: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The few points of a curve that show how it runs: of each bucket of points the least, the greatest, and a gap.

    Parameters
    ----------
    indexes : array of int
        Which points they are, in the order in which a line goes through them.
    steps, times, values : array of float
        Of those points, as in `CurveColumns`; a value is NaN where the line is broken.
    count : int
        How many points the curve has.
    """

    indexes: IndexColumn
    steps: FloatColumn
    times: FloatColumn
    values: FloatColumn
    count: int
