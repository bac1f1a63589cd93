"""Read-only SQL over views that are documented: what a query may name, and what guards it.

A statement is held to those views by SQLite's authorizer: it can name no table behind them, attach nothing, set nothing
and write nothing; it is ended when it takes too long, or makes too much.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from itertools import islice
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.store.attached.union import selected
from desktop_aml.store.database import Database
from desktop_aml.store.sql import packed_points

_LARGEST_VALUE, _LONGEST_QUERY, _STEPS = 10_000_000, 100_000, 10_000
_LARGEST_ANSWER: Final = 200_000_000
"""Letters and bytes of all texts of an answer together: it is held in memory."""

_REFUSED: Final = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
_EACH: Final = frozenset({"json_each", "json_tree"})
_VALUE: Final = "iif({0}_kind = 'nan', NULL, iif({0}_kind = 'big', CAST({0} AS REAL), {0}))"

VIEWS: Final = MappingProxyType(
    {
        "experiments": "SELECT name, created_at, archived_at, deleted_at FROM {experiment}",
        "runs": (
            "SELECT run.id, run.display_name AS name, run.experiment, run.number, run.state, run.script, run.target,"
            " run.environment, run.created_at, run.started_at, run.ended_at, run.duration, run.parent, run.error,"
            " (SELECT description FROM {run_detail} WHERE run_id = run.id) AS notes,"
            " run.starred, run.archived_at, run.deleted_at FROM {run} AS run"
        ),
        "metrics": (
            "SELECT run_id, name, count AS points, "  # noqa: S608  fixed texts
            + ", ".join(
                f"{_VALUE.format(column)} AS {name}"
                for column, name in (("first", "first"), ("last", "last"), ("least", "min"), ("greatest", "max"))
            )
            + " FROM {metric} WHERE kind = 'scalar'"
        ),
        "points": (
            "SELECT metric.run_id, metric.name, point.n, point.step, point.at,"  # noqa: S608  fixed texts
            " iif(point.kind = 'nan', NULL, iif(point.kind = 'big', CAST(point.value AS REAL), point.value)) AS value,"
            " point.kind = 'nan' AS is_nan FROM {metric} AS metric JOIN {point} AS point ON point.metric_id = metric.id"
            f" UNION ALL {packed_points.SELECT}"
        ),
        "params": "SELECT run_id, name, text AS value, number, source FROM {parameter}",
        "tags": "SELECT run_id, key, value FROM {label} WHERE kind = 'tag'",
        "properties": "SELECT run_id, key, value FROM {label} WHERE kind = 'property'",
        "states": "SELECT run_id, state, at, note FROM {history}",
        "files": "SELECT run_id, path, size AS size_bytes, sha256 FROM {artifact}",
        "models": (
            "SELECT name, version, created_at, json_extract(body, '$.run_id') AS run_id,"
            " json_extract(body, '$.framework') AS framework, json_extract(body, '$.description') AS description,"
            " json_extract(body, '$.deleted_at') AS deleted_at FROM {model}"
        ),
        "environments": (
            "SELECT name, version, kind, description, created_at, state, python_version, size AS size_bytes,"
            " deleted_at FROM {environment}"
        ),
        "datasets": (
            "SELECT dataset_version.name, dataset_version.version, dataset_version.created_at,"
            " dataset_version.description, dataset.kind, json_array_length(dataset.files) AS files"
            " FROM {dataset_version} AS dataset_version JOIN {dataset} AS dataset"
            " ON dataset.id = dataset_version.dataset_id"
        ),
        "endpoints": "SELECT name, model_name, model_version, created_at, state FROM {endpoint}",
    }
)
"""What a query may name. Times are Unix times in seconds, durations are seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found.

    Parameters
    ----------
    more : bool
        Whether there are more rows than were asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


def ask(db: Database, sql: str, *, limit: int, timeout_s: float) -> Answer:
    """Answer one SELECT.

    Parameters
    ----------
    db : Database
        A reading connection of its own, which is good for nothing else afterwards.

    Raises
    ------
    InvalidInput
        When it is no SELECT over the views, cannot be understood, takes too long or finds too much.
    """
    if len(sql) > _LONGEST_QUERY:
        raise InvalidInput("The query is too long.", f"It may have {_LONGEST_QUERY:,} letters.")
    if "\0" in sql:
        raise InvalidInput("The query holds a character that is no text.", "Type it again.")
    connection = db.lend()
    connection.execute("PRAGMA temp_store=MEMORY")
    secret = _make_views(db, connection)
    for name in sorted(_EACH):
        # Made when they are first named, which no statement may do.
        connection.execute(f"SELECT 1 FROM {name}('[]')")  # noqa: S608
    connection.execute("PRAGMA query_only=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    until = time.monotonic() + timeout_s
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    connection.set_authorizer(partial(_may, secret))
    try:
        cursor = connection.execute(sql)
        cursor.row_factory = None
        if cursor.description is None:
            raise _refused()
        found = _taken(cursor, limit + 1)
    except (sqlite3.Error, sqlite3.Warning) as error:
        refusal = _in_words(error, timeout_s)
        connection.set_authorizer(None)
        raise _with_what_was_meant(refusal, connection) from error
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)
    columns = tuple(str(one[0]) for one in cursor.description)
    return Answer(columns, tuple(map(tuple, found[:limit])), len(found) > limit)


def _taken(rows: Iterable[tuple[Any, ...]], limit: int) -> list[tuple[Any, ...]]:
    """Return the first rows, as long as what is in them stays within bounds."""
    found, size = list[tuple[Any, ...]](), 0
    for row in islice(rows, limit):
        size += sum(len(cell) for cell in row if isinstance(cell, (str, bytes)))
        if size > _LARGEST_ANSWER:
            words = f"The query finds more than {_LARGEST_ANSWER // 1_000_000} MB."
            raise InvalidInput(
                words, "Ask for fewer columns or rows, or for parts of long texts: substr(value, 1, 100)"
            )
        found.append(row)
    return found


def columns(db: Database) -> dict[str, tuple[str, ...]]:
    """Return the columns of each view. The connection is good for nothing else afterwards."""
    connection = db.lend()
    _make_views(db, connection)
    return _columns(connection)


def _columns(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(str(one[0]) for one in connection.execute(f"SELECT * FROM temp.{name} LIMIT 0").description)  # noqa: S608
        for name in VIEWS
    }


def _make_views(db: Database, connection: sqlite3.Connection) -> str:
    """Make the views, each over views of tables whose names nobody can guess; return what those begin with.

    SQLite tells the authorizer for whom a table is read: the view, or whatever stands in its place in the statement. A
    statement may call anything of its own by the name of a view, but not by one that it does not know.
    """
    packed_points.make_functions(connection)
    secret = f"q{secrets.token_hex(16)}_"
    names = {table: f"{secret}{table}" for table in _TABLES}
    for table, name in names.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {selected(connection, table, united=db.is_united)}")
    for name, select in VIEWS.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {select.format_map(names)}")
    return secret


def _may(secret: str, action: int, one: str | None, two: str | None, schema: str | None, reader: str | None) -> int:
    """Say whether a statement may do something; asked while it is prepared, of every part of it."""
    if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if str(two).lower() in _REFUSED else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ:
        if not two:
            # Rows are counted and nothing of them is read: a table behind a view, or one made up with WITH.
            is_counted = one in _TABLES or (schema is None and not str(one).lower().startswith(("sqlite_", "pragma_")))
            return sqlite3.SQLITE_OK if is_counted or str(one) in _NAMED else sqlite3.SQLITE_DENY
        is_ours = str(reader).startswith(secret) or str(one).startswith(secret) or str(one) in _NAMED
        return sqlite3.SQLITE_OK if is_ours else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY


_NAMED: Final = frozenset(VIEWS) | _EACH
_TABLES: Final = tuple(
    sorted({field for select in VIEWS.values() for _, field, _, _ in Formatter().parse(select) if field})
)


def _refused() -> InvalidInput:
    return InvalidInput(
        "Only one SELECT over the documented views is answered.",
        f"They are: {', '.join(VIEWS)}. Their columns: desktop-aml query --views",
    )


def _in_words(error: Exception, timeout_s: float) -> InvalidInput:
    words = str(error)
    if "interrupted" in words:
        hint = "Narrow it down, or give it more time: --timeout SECONDS"
        return InvalidInput(f"The query took longer than {timeout_s:g} s.", hint)
    if "not authorized" in words or "prohibited" in words or "one statement" in words:
        return _refused()
    return InvalidInput(f"The query cannot be answered: {words}.", "Views and columns: desktop-aml query --views")


def _with_what_was_meant(refusal: InvalidInput, connection: sqlite3.Connection) -> InvalidInput:
    """Return a refusal with the nearest name, where a column or a view is called as none is."""
    what, _, name = refusal.message.rstrip(".").rpartition(": ")
    wanted = name.rpartition(".")[2].lower()
    if what.endswith("no such column"):
        known, otherwise = (
            sorted({column for one in _columns(connection).values() for column in one}),
            # Without quotes a text is a column to SQL.
            f"A text stands in single quotes: '{name}'. ",
        )
    elif what.endswith("no such table"):
        known, otherwise = list(VIEWS), ""
    else:
        return refusal
    near = get_close_matches(wanted, known, n=1)
    return InvalidInput(refusal.message, (f"Did you mean “{near[0]}”? " if near else otherwise) + refusal.hint)
