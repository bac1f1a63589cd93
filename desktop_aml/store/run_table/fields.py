"""What the runs of a table differ in, and the values of those fields for a page of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.run_fields import DESCRIBING, FieldKind, RunField, RunFields, gathered
from desktop_aml.domain.summaries.goals import Goal, goal_of
from desktop_aml.domain.summaries.machine_use import NAMES, PROPERTY, of_properties
from desktop_aml.store.database import Database
from desktop_aml.store.summaries.scalars import sortable

_RUNS_LOOKED_AT: Final = 200
"""Fields are found among so many of the newest runs: a table of 100,000 is not read for them."""

# A number sorts as one and before every text, as SQLite orders them. A parameter that was both given and logged counts
# as it was given; so does what a page shows. The plus keeps SQLite from walking the index by name for each run.
_PARAMETER_VALUE: Final = (
    "(SELECT iif(kind IN ('text', 'bool'), text, number) FROM parameter"
    " WHERE run_id = run.id AND +name = ? ORDER BY source = 'captured', source LIMIT 1)"
)
_TAG_VALUE: Final = "(SELECT value FROM label WHERE run_id = run.id AND kind = 'tag' AND key = ?)"
_USE_VALUE: Final = (
    "(SELECT CAST(value AS REAL) FROM label WHERE run_id = run.id AND kind = 'property'"
    " AND key = 'desktop_aml.use.' || ?)"
)
"""By `PROPERTY` and the name."""
_METRIC_VALUE: Final = "(SELECT {0} FROM metric WHERE run_id = run.id AND name = ? AND kind = 'scalar')"
VALUES: Final = {
    FieldKind.PARAMETER: _PARAMETER_VALUE,
    FieldKind.TAG: _TAG_VALUE,
    FieldKind.USE: _USE_VALUE,
    FieldKind.METRIC: _METRIC_VALUE.format(sortable("last")),
    FieldKind.LEAST: _METRIC_VALUE.format(sortable("least")),
    FieldKind.GREATEST: _METRIC_VALUE.format(sortable("greatest")),
    FieldKind.FIRST: _METRIC_VALUE.format(sortable("first")),
}
"""The value of a field for the row of ``run``; it takes the name."""

FOUND_IN_VALUES: Final = (
    "id IN (SELECT run_id FROM parameter WHERE instr(lower(name || '=' || text), ?) > 0"
    " UNION ALL SELECT run_id FROM label WHERE kind = 'tag' AND instr(lower(key || '=' || value), ?) > 0)"
)
"""Whether a text in small letters is part of a parameter or tag, written as ``name=value``; takes it twice."""


def side(db: Database, name: str) -> str:
    """Return the column of the best value of a metric.

    Raises
    ------
    InvalidInput
        When nothing tells whether less or more of it is better.
    """
    goal = goals(db).get(name) or goal_of(name)
    if goal is None:
        raise InvalidInput(
            f"Nothing tells whether less or more of “{name}” is better.",
            f"Say which is meant: min.{name} or max.{name}. A sweep with this metric as its goal tells it, too.",
        )
    return "least" if goal is Goal.MINIMIZE else "greatest"


def order(db: Database, kind: FieldKind, name: str, *, descending: bool) -> tuple[str, list[object]]:
    """Return what orders runs by a field, and its values; runs without it stand last in both directions."""
    direction = "DESC" if descending else "ASC"
    value = _METRIC_VALUE.format(sortable(side(db, name))) if kind is FieldKind.BEST else VALUES[kind]
    return f"{value} {direction} NULLS LAST, n {direction}", [name]


def goals(db: Database) -> dict[str, Goal]:
    """Return whether less or more of a metric is better, where a sweep says so; the newest sweep counts."""
    rows = db.all(
        "SELECT json_extract(body, '$.spec.metric'), json_extract(body, '$.spec.goal') FROM sweep"
        " CROSS JOIN run ON id = run_id ORDER BY n"
    )
    return {name: Goal(goal) for name, goal in rows if name and goal in set(Goal)}


def of_newest(db: Database, experiment: str | None) -> RunFields:
    """Return the fields of the newest runs of an experiment, or of the workspace."""
    where, values = ("", ()) if experiment is None else (" WHERE experiment = ?", (experiment,))
    sql = f"SELECT id, {', '.join(DESCRIBING)} FROM run{where} ORDER BY n DESC LIMIT ?"  # noqa: S608
    runs = db.all(sql, (*values, _RUNS_LOOKED_AT))
    ids = [run["id"] for run in runs]
    metrics = _metrics(db, ids)
    constant = [name for name in DESCRIBING if len(runs) > 1 and len({run[name] for run in runs}) == 1]
    said = goals(db) if metrics else {}
    known = {one.name: said.get(one.name) or goal_of(one.name) for one in metrics}
    told = {name: goal for name, goal in known.items() if goal is not None}
    return RunFields((*_parameters(db, ids), *metrics, *_uses(db, ids), *_tags(db, ids)), frozenset(constant), told)


def parameters_of(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the parameters of runs by name, as texts."""
    sql = (
        f"SELECT run_id, name, text FROM parameter WHERE run_id IN ({_marks(run_ids)})"  # noqa: S608
        " ORDER BY run_id, source = 'captured', source"
    )
    return _by_run(db, sql, run_ids)


def tags_of(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the tags of runs by key."""
    sql = f"SELECT run_id, key, value FROM label WHERE kind = 'tag' AND run_id IN ({_marks(run_ids)})"  # noqa: S608
    return _by_run(db, sql, run_ids)


def uses_of(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return what runs used of the computer, by name."""
    sql = (
        f"SELECT run_id, key, value FROM label WHERE kind = 'property' AND key IN ({_marks(NAMES)})"  # noqa: S608
        f" AND run_id IN ({_marks(run_ids)})"
    )
    found: dict[str, dict[str, str]] = {run_id: {} for run_id in run_ids}
    for run_id, key, value in db.all(sql, (*(f"{PROPERTY}{name}" for name in NAMES), *run_ids)):
        found[run_id][key] = value
    return {run_id: of_properties(properties) for run_id, properties in found.items()}


def _uses(db: Database, run_ids: Sequence[str]) -> tuple[RunField, ...]:
    known = {name for use in uses_of(db, run_ids).values() for name in use}
    return tuple(RunField(FieldKind.USE, name, is_number=True) for name in NAMES if name in known)


def _by_run(db: Database, sql: str, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {run_id: {} for run_id in run_ids}
    for run_id, name, text in db.tuples(sql, tuple(run_ids)):
        # What was given comes before what was logged, and counts.
        found[run_id].setdefault(name, text)
    return found


def _metrics(db: Database, ids: Sequence[str]) -> tuple[RunField, ...]:
    """Return the metrics whose last value is a number, those of the most runs first."""
    rows = db.all(
        "SELECT name, count(DISTINCT last) > 1 AS differs FROM metric"  # noqa: S608
        # The plus keeps SQLite from walking the index by name over the metrics of all runs.
        f" WHERE run_id IN ({_marks(ids)}) AND kind = 'scalar' AND least_kind <> ''"
        " GROUP BY +name ORDER BY count(*) DESC, min(id)",
        tuple(ids),
    )
    return tuple(RunField(FieldKind.METRIC, row["name"], bool(row["differs"]), is_number=True) for row in rows)


def _parameters(db: Database, run_ids: Sequence[str]) -> tuple[RunField, ...]:
    rows = db.all(
        "SELECT name, min(text) AS text, min(kind NOT IN ('text', 'bool')) AS is_number FROM parameter"  # noqa: S608
        f" WHERE run_id IN ({_marks(run_ids)}) GROUP BY run_id, name ORDER BY min(place)",
        tuple(run_ids),
    )
    return gathered(FieldKind.PARAMETER, ((row["name"], row["text"], bool(row["is_number"])) for row in rows))


def _tags(db: Database, run_ids: Sequence[str]) -> tuple[RunField, ...]:
    sql = f"SELECT key, value FROM label WHERE kind = 'tag' AND run_id IN ({_marks(run_ids)}) ORDER BY +key"  # noqa: S608
    return gathered(FieldKind.TAG, ((row["key"], row["value"], False) for row in db.all(sql, tuple(run_ids))))


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
