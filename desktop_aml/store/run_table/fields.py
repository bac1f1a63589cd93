"""What the runs of a table differ in, and the values of those fields for a page of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, TypeVar

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.run_fields import DESCRIBING, FieldKind, RunField, RunFields, field_of_key, gathered
from desktop_aml.domain.summaries.goals import Goal, goal_of
from desktop_aml.domain.summaries.machine_use import NAMES
from desktop_aml.domain.summaries.metrics import MetricSummary
from desktop_aml.store.database import Database
from desktop_aml.store.facts import kept
from desktop_aml.store.facts.derived import RunFacts
from desktop_aml.store.summaries.scalars import sortable

_Value = TypeVar("_Value")

_RUNS_LOOKED_AT: Final = 200
"""Fields are found among so many of the newest runs: a table of 100,000 is not read for them."""

# A number sorts as one and before every text, as SQLite orders them. A parameter that was both given and logged counts
# as it was given; so does what a page shows. The plus keeps SQLite from walking the index by name for each run.
_PARAMETER_VALUE: Final = (
    "(SELECT iif(kind IN ('text', 'bool'), text, number) FROM parameter"
    " WHERE run_id = run.id AND +name = ? ORDER BY source = 'captured', source LIMIT 1)"
)
_TAG_VALUE: Final = "(SELECT value FROM label WHERE run_id = run.id AND kind = 'tag' AND key = ?)"
_PROPERTY_VALUE: Final = "(SELECT value FROM label WHERE run_id = run.id AND kind = 'property' AND key = ?)"
_OURS: Final = "desktop_aml."
"""Begins the properties that are kept for the program itself."""

_USE_VALUE: Final = (
    "(SELECT CAST(value AS REAL) FROM label WHERE run_id = run.id AND kind = 'property'"
    " AND key = 'desktop_aml.use.' || ?)"
)
"""By the name."""
_METRIC_VALUE: Final = "(SELECT {0} FROM metric WHERE run_id = run.id AND name = ? AND kind = 'scalar')"
VALUES: Final = {
    FieldKind.PARAMETER: _PARAMETER_VALUE,
    FieldKind.TAG: _TAG_VALUE,
    FieldKind.PROPERTY: _PROPERTY_VALUE,
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
    if kind is FieldKind.AT_STEP:
        # Imported here: most tables have no such column.
        from desktop_aml.store.run_table import at_steps

        value, name = at_steps.sorted_by(name)
        return f"{value} {direction} NULLS LAST, n {direction}", [name]
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
    sql = (
        f"SELECT id, names, packed, {', '.join(DESCRIBING)} FROM run LEFT JOIN run_facts USING (n){where}"  # noqa: S608
        " ORDER BY n DESC LIMIT ?"
    )
    with db.reading():
        rows = list(db.tuples(sql, (*values, _RUNS_LOOKED_AT)))
        facts = [*kept.of_rows(db, [row[:3] for row in rows]).values()]
        noted = properties(db, [row[0] for row in rows])
    columns = zip(DESCRIBING, [*zip(*rows, strict=True)][3:], strict=False)
    constant = [name for name, column in columns if len(rows) > 1 and len(set(column)) == 1]
    metrics = _metrics(facts)
    said = goals(db) if metrics else {}
    known = {one.name: said.get(one.name) or goal_of(one.name) for one in metrics}
    told = {name: goal for name, goal in known.items() if goal is not None}
    fields = (*_parameters(facts), *metrics, *_uses(facts), *_tags(facts), *_properties(noted))
    return RunFields(fields, frozenset(constant), told)


def with_steps(found: RunFields, keys: Sequence[str]) -> RunFields:
    """Return fields with those of `RunQuery.at_steps` added, which nothing but the query knows."""
    asked = [field for field in map(field_of_key, keys) if field is not None and field[0] is FieldKind.AT_STEP]
    if not asked:
        return found
    return replace(found, fields=(*found.fields, *(RunField(*one, is_number=True) for one in asked)))


_Column = tuple[int, str, Sequence[object], bool]
"""Place among the fields of its runs, name, values, and whether each of them is a number."""


def _alike(
    runs: Iterable[tuple[Iterable[str], Iterable[_Value]]],
) -> Iterator[tuple[Sequence[str], list[tuple[_Value, ...]]]]:
    """Yield names that runs have in common, and the columns of their values: nearly all have the same names.

    Parameters
    ----------
    runs : iterable of (names, values)
        Of one run each.
    """
    found: dict[tuple[str, ...], list[Iterable[_Value]]] = {}
    for names, values in runs:
        found.setdefault(tuple(names), []).append(values)
    return ((names, [*zip(*rows, strict=True)]) for names, rows in found.items())


def _gathered(kind: FieldKind, columns: Iterable[_Column]) -> tuple[RunField, ...]:
    return gathered(kind, (column[1:] for column in sorted(columns, key=itemgetter(0))))


def _metrics(facts: Sequence[RunFacts]) -> tuple[RunField, ...]:
    """Return the metrics that have numbers."""
    found: list[_Column] = []
    # The oldest run first: what it logged first comes first.
    for names, columns in _alike((run.metrics, run.metrics.all_fields) for run in reversed(facts)):
        lasts, leasts = (
            columns[MetricSummary._fields.index(one) :: len(MetricSummary._fields)] for one in ("last", "least")
        )
        for place, (name, last, least) in enumerate(zip(names, lasts, leasts, strict=True)):
            numbers = [value for value, lowest in zip(last, least, strict=True) if lowest is not None]
            if numbers:
                found.append((place, name, numbers, True))
    return _gathered(FieldKind.METRIC, found)


def _parameters(facts: Sequence[RunFacts]) -> tuple[RunField, ...]:
    words = {name for run in facts for name in run.parameters.keys() - run.numbers}
    alike = _alike((run.parameters, run.parameters.values()) for run in facts)
    found = (
        (place, name, column, name not in words)
        for names, columns in alike
        for place, (name, column) in enumerate(zip(names, columns, strict=True))
    )
    return _gathered(FieldKind.PARAMETER, found)


def _tags(facts: Sequence[RunFacts]) -> tuple[RunField, ...]:
    alike = _alike((run.tags, run.tags.values()) for run in facts)
    found = sorted((name, column) for names, columns in alike for name, column in zip(names, columns, strict=True))
    return gathered(FieldKind.TAG, ((name, column, False) for name, column in found))


def _properties(noted: Mapping[str, Mapping[str, str]]) -> tuple[RunField, ...]:
    found = [(name, (value,)) for one in noted.values() for name, value in one.items()]
    return gathered(FieldKind.PROPERTY, ((name, column, False) for name, column in sorted(found)))


def properties(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the properties of runs that have any, but for those of the program itself."""
    # The plus keeps SQLite from walking the index by key over the labels of all runs.
    sql = (
        "SELECT run_id, key, value FROM label WHERE kind = 'property' AND substr(+key, 1, ?) != ?"  # noqa: S608  marks only
        f" AND run_id IN ({','.join('?' * len(run_ids))})"
    )
    found: dict[str, dict[str, str]] = {}
    for run_id, key, value in db.tuples(sql, (len(_OURS), _OURS, *run_ids)):
        found.setdefault(run_id, {})[key] = value
    return found


def _uses(facts: Sequence[RunFacts]) -> tuple[RunField, ...]:
    known = {name for run in facts for name in run.use}
    return tuple(RunField(FieldKind.USE, name, is_number=True) for name in NAMES if name in known)
