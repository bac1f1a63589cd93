"""Values of metrics at one step, found where the points lie: no curve is read for them.

A point without a step counts as at its index, as it is drawn. Of several at one step the last one written counts.
Attached runs have no points here, and so no such values.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.run_fields import field_of_key, metric_and_step
from desktop_aml.store.database import Database
from desktop_aml.store.points.packed import SIZE
from desktop_aml.store.summaries.scalars import loaded

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import Scalar

_STEP: Final = Struct("<q")
_NUMBER: Final = Struct("<d")
_PLACES: Final = Struct("<H")
_PACKED: Final = "packed"
"""The kind of a point that lies in a block; its value is then 8 bytes."""

# Where steps are regular the place in a block is reckoned: its long columns are read of the block that holds it alone.
_POINTS: Final = (
    "(SELECT n AS place, kind, value, NULL AS whole FROM point"  # noqa: S608  whole numbers and names of columns
    " WHERE metric_id = {metric} AND coalesce(step, n) = {step}"
    f" UNION ALL SELECT first + at, '{_PACKED}', substr(numbers, 8 * at + 1, 8), whole FROM ("
    "SELECT first, numbers, whole, CASE WHEN steps IS NOT NULL THEN place_of_step(steps, {step})"
    f" WHEN step IS NULL THEN {{step}} - first WHEN stride = 0 THEN iif(step = {{step}}, {SIZE - 1}, -1)"
    " WHEN ({step} - step) % stride = 0 THEN ({step} - step) / stride ELSE -1 END AS at"
    f" FROM point_block WHERE metric_id = {{metric}}) WHERE at BETWEEN 0 AND {SIZE - 1})"
    " ORDER BY place DESC LIMIT 1"
)
_NUMBER_OF: Final = (
    f"CASE kind WHEN '{_PACKED}' THEN packed_number(value) WHEN 'big' THEN CAST(value AS REAL) ELSE value END"
)
_METRIC: Final = "FROM metric WHERE run_id = run.id AND name = ? AND kind = 'scalar'"


def sorted_by(name: str) -> tuple[str, str]:
    """Return what orders the rows of ``run`` by a metric at a step, and the name of the metric, which it takes.

    Parameters
    ----------
    name : str
        As `domain.run_fields.name_at_step` makes it.

    Raises
    ------
    InvalidInput
        When it is no such name.
    """
    metric, step = _asked(name)
    points = _POINTS.format(metric="metric.id", step=step)
    return f"(SELECT (SELECT {_NUMBER_OF} FROM {points}) {_METRIC})", metric  # noqa: S608  fixed texts, whole numbers


def of_runs(db: Database, run_ids: Sequence[str], keys: Sequence[str]) -> dict[str, dict[str, Scalar]]:
    """Return the values of runs by their keys, see `RunQuery.at_steps`; of runs that logged one there.

    Raises
    ------
    InvalidInput
        When one is no such key.
    """
    found: dict[str, dict[str, Scalar]] = {}
    for key in keys:
        field = field_of_key(key)
        metric, step = _asked(field[1] if field else key)
        marks = ",".join("?" * len(run_ids))
        ids = f"SELECT run_id, id FROM metric WHERE run_id IN ({marks}) AND name = ? AND kind = 'scalar'"  # noqa: S608
        sql = f"SELECT place, kind, value, whole FROM {_POINTS.format(metric='?1', step=step)}"  # noqa: S608
        for run_id, metric_id in list(db.tuples(ids, (*run_ids, metric))):
            if (row := db.one(sql, (metric_id,))) is not None:
                found.setdefault(run_id, {})[key] = _value(*row)
    return found


def _asked(name: str) -> tuple[str, int]:
    found = metric_and_step(name)
    if found is None:
        raise InvalidInput(f"“{name}” is no metric at a step.", "Write the step, a colon and the metric: 100:loss")
    return found


def _value(place: int, kind: str, value: float | str | bytes | None, whole: bytes | None) -> Scalar:
    if not isinstance(value, bytes):
        return loaded(kind, value)
    number: float = _NUMBER.unpack(value)[0]
    is_whole = whole is not None and any(one == place % SIZE for (one,) in _PLACES.iter_unpack(whole))
    return int(number) if is_whole else number


def prepare(db: Database) -> None:
    """Let a connection that reads look into blocks; once, before it is asked for values at a step."""
    connection = db.lend()
    connection.create_function("place_of_step", 2, _place_of, deterministic=True)
    connection.create_function("packed_number", 1, lambda value: _NUMBER.unpack(value)[0], deterministic=True)


def _place_of(steps: bytes, step: int) -> int:
    """Return the last place that holds a step; -1 where none does."""
    wanted = _STEP.pack(step)
    at = steps.rfind(wanted)
    while at % _STEP.size and at >= 0:
        at = steps.rfind(wanted, 0, at + _STEP.size - 1)
    return at // _STEP.size if at >= 0 else -1
