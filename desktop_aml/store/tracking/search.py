"""Searching runs by MLflow's filters: clauses become conditions of one statement, in which every value is bound."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from desktop_aml.domain.filters.clauses import Clause, Ordering
from desktop_aml.store.database import Database
from desktop_aml.store.summaries.captured import NOT_CAPTURED

_DOCUMENT: Final = (
    "(SELECT json_extract(body, '$.{field}') FROM document"
    " WHERE run_id = run.id AND kind = 'mlflow.run' AND key = '{key}')"
)
_CLAIMED: Final = _DOCUMENT.format(field="status", key="claim")
_SEEN: Final = (
    "CASE state WHEN 'Completed' THEN 'FINISHED' WHEN 'Failed' THEN 'FAILED' WHEN 'Canceled' THEN 'KILLED' END"
)
_IS_OVER: Final = "state IN ('Completed', 'Failed', 'Canceled')"

ATTRIBUTES: Final = {
    "run_id": "run.id",
    "run_name": "run.display_name",
    "status": (
        f"CASE WHEN {_IS_OVER} THEN iif(target = 'external' AND state <> 'Canceled'"
        f" AND {_CLAIMED} IN ('FINISHED', 'FAILED', 'KILLED'), {_CLAIMED}, {_SEEN})"
        f" ELSE coalesce({_CLAIMED},"
        " iif(state IN ('Queued', 'Preparing') AND target <> 'external', 'SCHEDULED', 'RUNNING')) END"
    ),
    "start_time": (
        f"coalesce({_DOCUMENT.format(field='start_time', key='start')}, round(coalesce(started_at, created_at) * 1000))"
    ),
    "end_time": (
        f"iif({_IS_OVER} AND (target <> 'external' OR {_DOCUMENT.format(field='end_time', key='claim')} IS NULL),"
        f" round(ended_at * 1000), {_DOCUMENT.format(field='end_time', key='claim')})"
    ),
    "user_id": (
        f"coalesce(nullif({_DOCUMENT.format(field='user_id', key='start')}, ''),"  # noqa: S608  fixed texts only
        " (SELECT value FROM label WHERE run_id = run.id AND kind = 'tag' AND key = 'mlflow.user'))"
    ),
}
_PLACE: Final = "((SELECT value FROM json_each(?) WHERE key = run.experiment) || '/' || run.id || '/artifacts')"
_DATASETS: Final = {
    "name": "json_extract(body, '$.dataset.name')",
    "digest": "json_extract(body, '$.dataset.digest')",
    "context": (
        "(SELECT json_extract(one.value, '$.value') FROM json_each(body, '$.tags') AS one"
        " WHERE json_extract(one.value, '$.key') = 'mlflow.data.context')"
    ),
}
_METRICS: Final = (
    "SELECT {what} FROM metric"
    " WHERE metric.run_id = run.id AND metric.kind = 'scalar' AND metric.name = ? AND metric.newest_kind <> ''"
)
_IS_DELETED: Final = "run.deleted_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Term:
    """A term of an order that was written already, with its values."""

    sql: str
    values: Sequence[object]


@dataclass(frozen=True, slots=True)
class RunSearch:
    """Which runs are wanted.

    Parameters
    ----------
    experiments : sequence of str
        Names; none for all.
    deleted : bool or None
        Only those in MLflow's trash or only those that are not; None for both.
    arguments : bool
        Whether the arguments of a script count as parameters, too, and what was captured of it as logged.
    also : tuple of str and sequence
        What else must hold of the row of ``run``, with its values.
    places : mapping of str to str
        Where the files of an experiment's runs are for a client, by its name: what ``artifact_uri`` begins with.
    """

    clauses: Sequence[Clause] = ()
    order: Sequence[Ordering | Term] = ()
    experiments: Sequence[str] | None = None
    deleted: bool | None = False
    arguments: bool = False
    also: tuple[str, Sequence[object]] = ("1", ())
    places: Mapping[str, str] = field(default_factory=dict)


def find(db: Database, search: RunSearch, *, offset: int, limit: int) -> list[str]:
    """Return the ids of the runs that a search asks for, in its order; MLflow's own order behind it."""
    conditions, values = [search.also[0]], [*search.also[1]]
    if search.experiments is not None:
        conditions.append(f"experiment IN ({','.join('?' * len(search.experiments))})")
        values += search.experiments
    if search.deleted is not None:
        conditions.append(_IS_DELETED if search.deleted else f"NOT ({_IS_DELETED})")
    for clause in search.clauses:
        asked, bound = condition(clause, search)
        conditions.append(asked)
        values += bound
    terms: list[str] = []
    for one in search.order:
        term, bound = (one.sql, [*one.values]) if isinstance(one, Term) else _term(one, search)
        terms.append(term)
        values += bound
    if not any(isinstance(one, Ordering) and one.key == "start_time" for one in search.order):
        terms.append(f"{ATTRIBUTES['start_time']} DESC")
    sql = (
        f"SELECT run.id FROM run WHERE {' AND '.join(conditions)}"  # noqa: S608  fixed texts and marks
        f" ORDER BY {', '.join(terms)}, run.id LIMIT ? OFFSET ?"
    )
    return [row[0] for row in db.all(sql, (*values, limit, offset))]


def condition(clause: Clause, search: RunSearch) -> tuple[str, list[object]]:
    """Return what a clause asks of the row of ``run``, and its values."""
    if clause.entity == "attribute":
        read, values = _attribute(clause.key, search)
        comparison, bound = _compared(read, clause)
        return comparison, [*values, *bound]
    source, key = _source(clause.entity, search)
    if clause.op in {"IS NULL", "IS NOT NULL"}:
        return f"{'NOT ' if clause.op == 'IS NULL' else ''}EXISTS ({source})", [*key, clause.key]
    by_number = "number" if isinstance(clause.value, float) else "text"
    column = {"metric": "newest", "param": by_number, "tag": "value"}.get(clause.entity)
    if column is None:
        comparison, bound = _compared(_DATASETS[clause.key], clause)
        return f"EXISTS ({source} AND {comparison})", [*key, *bound]
    comparison, bound = _compared(column, clause)
    if clause.entity == "metric" and clause.op == "!=":
        # NaN, which is kept as nothing, is another value than every number.
        comparison = f"({comparison} OR newest IS NULL)"
    return f"EXISTS ({source} AND {comparison})", [*key, clause.key, *bound]


def _attribute(key: str, search: RunSearch) -> tuple[str, list[object]]:
    return (_PLACE, [json.dumps(dict(search.places))]) if key == "artifact_uri" else (ATTRIBUTES[key], [])


def _source(entity: str, search: RunSearch) -> tuple[str, list[object]]:
    if entity == "metric":
        return _metrics("1", search), []
    if entity == "param":
        source = "" if search.arguments else " AND source = 'logged'"
        # The plus keeps SQLite from walking the index by name for each run.
        return f"SELECT 1 FROM parameter WHERE run_id = run.id{source} AND +name = ?", []  # noqa: S608  fixed texts
    if entity == "tag":
        return "SELECT 1 FROM label WHERE run_id = run.id AND kind = 'tag' AND key = ?", []
    return "SELECT 1 FROM document WHERE run_id = run.id AND kind = 'mlflow.input'", []


def _metrics(what: str, search: RunSearch) -> str:
    return _METRICS.format(what=what) + ("" if search.arguments else f" AND {NOT_CAPTURED}")


def _compared(column: str, clause: Clause) -> tuple[str, list[object]]:
    if clause.op in {"IN", "NOT IN"}:
        wanted = clause.value if isinstance(clause.value, tuple) else ()
        return f"{column} {clause.op} ({','.join('?' * len(wanted))})", [*wanted]
    if clause.op == "LIKE":
        # SQLite's LIKE takes capitals for small letters; its GLOB does not.
        return f"{column} GLOB ?", [glob(str(clause.value))]
    if clause.op == "ILIKE":
        return f"{column} LIKE ?", [clause.value]
    return f"{column} {clause.op} ?", [clause.value]


def glob(pattern: str) -> str:
    """Return the pattern of SQLite's GLOB that means what MLflow means with a pattern of LIKE."""
    special = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(special.get(letter, letter) for letter in pattern)


def _term(one: Ordering, search: RunSearch) -> tuple[str, list[object]]:
    direction = "DESC" if one.descending else "ASC"
    if one.entity == "metric":
        # First numbers, then what is no number, then runs without the metric: in both directions.
        kind, value = _metrics("newest_kind = 'nan'", search), _metrics("newest", search)
        return f"coalesce(({kind}), 2), ({value}) {direction}", [one.key, one.key]
    if one.entity == "attribute":
        column, bound = _attribute(one.key, search)
        return f"{column} {direction} NULLS LAST", bound
    if one.entity == "param":
        source = "" if search.arguments else " AND source = 'logged'"
        text = "coalesce(number, text)" if search.arguments else "text"
        column = f"(SELECT {text} FROM parameter WHERE run_id = run.id{source} AND +name = ? LIMIT 1)"  # noqa: S608
    else:
        column = "(SELECT value FROM label WHERE run_id = run.id AND kind = 'tag' AND key = ?)"
    return f"{column} {direction} NULLS LAST", [one.key]
