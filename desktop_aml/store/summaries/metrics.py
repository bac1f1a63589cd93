"""First, last, least and greatest value of each metric of a run, kept beside its points so that no table reads those.

*Last* is the last one written. MLflow means another one, that of the greatest step, then time, then value: *newest*.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import compress, repeat
from operator import eq
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.domain.summaries.metrics import MetricSummary
from desktop_aml.store.database import Database
from desktop_aml.store.summaries.scalars import INT64, loaded, stored

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import PointColumns, Scalar

_LONGEST_TEXT: Final = 100
_KEPT: Final = ("first", "last", "least", "greatest")
_PLAIN: Final = " AND ".join(f"{name}_kind = 'n'" for name in _KEPT)
_SPACED: Final = " || ' ' || ".join(f"{name}_kind" for name in _KEPT)
_KINDS: Final = f"iif({_PLAIN}, NULL, {_SPACED})"
"""The kinds of those values, a space between them; nothing where all are plain numbers, as nearly everywhere."""

_OLD: Final = (
    "SELECT first_kind, least_kind, least, greatest_kind, greatest, newest_kind, newest, newest_step, newest_at"
)
_NUMBER: Final = (float, int)
_Logged = tuple["int | None", float, "Scalar"]
_Newest = tuple[int, float, bool, float]
"""Step, Unix time in seconds, whether it is a number, and the number: what is compared, in this order."""


def extend(db: Database, metric_id: int, added: PointColumns) -> None:
    """Take points that were just added, the last ones of their metric, into its summary."""
    old = db.run(f"{_OLD} FROM metric WHERE id = ?", (metric_id,)).fetchone()
    # Those kept come first, so that of equal ones the earliest stays, however points were parted into calls.
    kept = (loaded(old[1], old[2]), loaded(old[3], old[4])) if old[1] else ()
    # Nearly always all are floats, and none is NaN: then none of them has to be looked at by itself.
    new: Sequence[Any] = added.values
    is_plain = set(map(type, new)) == {float} and not math.isnan(sum(new))
    values: list[Any] = [value for value in kept if isinstance(value, _NUMBER)]
    values += new if is_plain else [value for value in new if isinstance(value, _NUMBER)]
    changed: dict[str, object] = {"count": added.first + len(added)}
    changed["last_kind"], changed["last"] = _short(added.values[-1])
    if not old[0]:
        changed["first_kind"], changed["first"] = _short(added.values[0])
    if values:
        is_comparable = is_plain and values[0] == values[0]
        comparable = values if is_comparable else [value for value in values if value == value] or [math.nan]
        changed["least_kind"], changed["least"] = stored(min(comparable))
        changed["greatest_kind"], changed["greatest"] = stored(max(comparable))
        known = [(old[7], old[8], old[5] == "n", old[6] or 0.0)] if old[5] else []
        step, at, is_number, value = max(known + [_order(*one) for one in _newest_of(added)])
        changed["newest_kind"], changed["newest"] = ("n", value) if is_number else ("nan", None)
        changed["newest_step"], changed["newest_at"] = step, at
    names = ", ".join(f"{name} = ?" for name in changed)
    db.run(f"UPDATE metric SET {names} WHERE id = ?", (*changed.values(), metric_id))  # noqa: S608  names of columns


def of_runs(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, MetricSummary]]:
    """Return the summaries of the metrics of runs by name, in the order in which they were first logged."""
    found: dict[str, dict[str, MetricSummary]] = {run_id: {} for run_id in run_ids}
    rows = db.tuples(
        f"SELECT run_id, name, {_KINDS}, {', '.join(_KEPT)}, count FROM metric"  # noqa: S608  names of columns
        # The plus keeps SQLite from reading the metrics of all runs, as they are in the order wanted.
        f" WHERE run_id IN ({','.join('?' * len(run_ids))}) AND kind = 'scalar' ORDER BY +id",
        tuple(run_ids),
    )
    for run_id, name, kinds, *values in rows:
        if kinds is not None:
            values[:4] = map(loaded, kinds.split(" "), values)
        found[run_id][name] = MetricSummary._make(values)
    return found


def newest(db: Database, run_ids: Sequence[str]) -> Iterator[tuple[str, str, tuple[float, float, int]]]:
    """Return run, name, and value, Unix time in seconds and step of what MLflow calls the latest of each metric."""
    rows = db.all(
        "SELECT run_id, name, newest, newest_at, newest_step FROM metric"  # noqa: S608  question marks only
        f" WHERE run_id IN ({','.join('?' * len(run_ids))}) AND kind = 'scalar' AND newest_kind <> '' ORDER BY +id",
        tuple(run_ids),
    )
    return ((row[0], row[1], (math.nan if row[2] is None else row[2], row[3], row[4])) for row in rows)


def _newest_of(added: PointColumns) -> Sequence[_Logged]:
    """Return the points that the newest number is among: those of the greatest step, and of them the last in time."""
    if set(map(type, added.values)) <= set(_NUMBER) and added.steps.count(None) == len(added):
        return [(None, added.times[place], added.values[place]) for place in _places_of_greatest(added.times)]
    points: Sequence[_Logged] = list(zip(added.steps, added.times, added.values, strict=True))
    if not set(map(type, added.values)) <= set(_NUMBER):
        points = [point for point in points if isinstance(point[2], _NUMBER)]
    steps: Sequence[int] = [point[0] or 0 for point in points]
    step = max(steps, default=0)
    if not -INT64 < step < INT64 - 1:
        # Those beyond what the database holds are all the same step there.
        return points
    there = list(compress(points, map(eq, steps, repeat(step))))
    at = max([point[1] for point in there], default=0.0)
    return [point for point in there if point[1] == at]


def _places_of_greatest(times: Sequence[float]) -> Iterator[int]:
    greatest, place = max(times), -1
    for _ in range(times.count(greatest)):
        place = times.index(greatest, place + 1)
        yield place


def _order(step: int | None, at: float, value: Scalar) -> _Newest:
    number = _as_float(value)
    is_number = number == number
    return max(-INT64, min(INT64 - 1, step or 0)), at, is_number, number if is_number else 0.0


def _as_float(value: Scalar) -> float:
    try:
        return float(value or 0)
    except OverflowError:
        return math.inf if int(value or 0) > 0 else -math.inf


def _short(value: Scalar) -> tuple[str, object]:
    return stored(value[:_LONGEST_TEXT] if isinstance(value, str) else value)
