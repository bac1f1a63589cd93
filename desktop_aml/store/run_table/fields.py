"""What the runs of a table differ in, and the values of those fields for a page of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from desktop_aml.domain.run_fields import DESCRIBING, FieldKind, RunField, RunFields, gathered
from desktop_aml.store.database import Database

_RUNS_LOOKED_AT: Final = 200
"""Fields are found among so many of the newest runs: a table of 100,000 is not read for them."""

# Python writes NaN and Infinity, which SQLite's JSON does not read: they sort as nothing and as the greatest number.
_READABLE_SUMMARY: Final = (
    "iif(json_valid(summary), summary, replace(replace(summary, 'NaN', 'null'), 'Infinity', '9e999'))"
)
_METRIC_VALUE: Final = (
    f"(SELECT json_extract(value, '$[1]') FROM json_each({_READABLE_SUMMARY})"  # noqa: S608  fixed texts only
    " WHERE json_extract(value, '$[0]') = ?)"
)
# A number sorts as one and before every text, as SQLite orders them. A parameter that was both given and logged counts
# as it was given; so does what a page shows.
_PARAMETER_VALUE: Final = (
    "(SELECT iif(kind IN ('text', 'bool'), text, number) FROM parameter"
    " WHERE run_id = run.id AND name = ? ORDER BY source LIMIT 1)"
)
_TAG_VALUE: Final = "(SELECT value FROM label WHERE run_id = run.id AND kind = 'tag' AND key = ?)"
_VALUES: Final = {
    FieldKind.METRIC: _METRIC_VALUE,
    FieldKind.PARAMETER: _PARAMETER_VALUE,
    FieldKind.TAG: _TAG_VALUE,
}

FOUND_IN_VALUES: Final = (
    "id IN (SELECT run_id FROM parameter WHERE instr(lower(name || '=' || text), ?) > 0"
    " UNION ALL SELECT run_id FROM label WHERE kind = 'tag' AND instr(lower(key || '=' || value), ?) > 0)"
)
"""Whether a text in small letters is part of a parameter or tag, written as ``name=value``; takes it twice."""


def order(kind: FieldKind, name: str, *, descending: bool) -> tuple[str, list[object]]:
    """Return what orders runs by a field, and its values; runs without it stand last in both directions."""
    direction = "DESC" if descending else "ASC"
    return f"{_VALUES[kind]} {direction} NULLS LAST, n {direction}", [name]


def of_newest(db: Database, experiment: str | None) -> RunFields:
    """Return the fields of the newest runs of an experiment, or of the workspace."""
    where, values = ("", ()) if experiment is None else (" WHERE experiment = ?", (experiment,))
    sql = f"SELECT id, {', '.join(DESCRIBING)}, summary FROM run{where} ORDER BY n DESC LIMIT ?"  # noqa: S608
    runs = db.all(sql, (*values, _RUNS_LOOKED_AT))
    ids = [run["id"] for run in runs]
    metrics = gathered(FieldKind.METRIC, _logged([run["summary"] for run in runs]))
    constant = [name for name in DESCRIBING if len(runs) > 1 and len({run[name] for run in runs}) == 1]
    return RunFields((*_parameters(db, ids), *metrics, *_tags(db, ids)), frozenset(constant))


def parameters_of(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the parameters of runs by name, as texts."""
    sql = (
        f"SELECT run_id, name, text FROM parameter WHERE run_id IN ({_marks(run_ids)})"  # noqa: S608
        " ORDER BY run_id, source"
    )
    return _by_run(db, sql, run_ids)


def tags_of(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the tags of runs by key."""
    sql = f"SELECT run_id, key, value FROM label WHERE kind = 'tag' AND run_id IN ({_marks(run_ids)})"  # noqa: S608
    return _by_run(db, sql, run_ids)


def _by_run(db: Database, sql: str, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {run_id: {} for run_id in run_ids}
    for run_id, name, text in db.all(sql, tuple(run_ids)):
        # What was given comes before what was logged, and counts.
        found[run_id].setdefault(name, text)
    return found


def _logged(summaries: Sequence[str]) -> Iterator[tuple[str, object, bool]]:
    for text in summaries:
        yield from ((name, value, True) for name, value in json.loads(text) if not isinstance(value, str))


def _parameters(db: Database, run_ids: Sequence[str]) -> tuple[RunField, ...]:
    rows = db.all(
        "SELECT name, min(text) AS text, min(kind NOT IN ('text', 'bool')) AS is_number FROM parameter"  # noqa: S608
        f" WHERE run_id IN ({_marks(run_ids)}) GROUP BY run_id, name ORDER BY min(place)",
        tuple(run_ids),
    )
    return gathered(FieldKind.PARAMETER, ((row["name"], row["text"], bool(row["is_number"])) for row in rows))


def _tags(db: Database, run_ids: Sequence[str]) -> tuple[RunField, ...]:
    sql = f"SELECT key, value FROM label WHERE kind = 'tag' AND run_id IN ({_marks(run_ids)}) ORDER BY key"  # noqa: S608
    return gathered(FieldKind.TAG, ((row["key"], row["value"], False) for row in db.all(sql, tuple(run_ids))))


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
