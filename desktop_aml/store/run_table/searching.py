"""Searches over runs as conditions of one statement over ``run``, in which every value is bound."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.filters import finding
from desktop_aml.domain.filters.clauses import Clause, InvalidFilter
from desktop_aml.domain.filters.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    KeyOrdering,
    Loose,
    Node,
    Not,
    Source,
    Span,
    Value,
    Words,
    Written,
    own_keys,
)
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import ATTACHED
from desktop_aml.store.database import Database
from desktop_aml.store.organising.shelves import on_shelf
from desktop_aml.store.run_table import fields, names
from desktop_aml.store.summaries.scalars import sortable
from desktop_aml.store.tracking import search

Condition = tuple[str, list[object]]


class _Listed(str):
    """A condition that is a list of runs, ``run.id IN (SELECT run_id …)``: another such list can narrow it within."""

    __slots__ = ()


_TRIGRAM: Final = 3
_TEXTS: Final = "display_name || char(10) || experiment || char(10) || script"
_INDEXED: Final = "n IN (SELECT rowid FROM run_text WHERE run_text MATCH ?)"
_IN_NOTES: Final = "id IN (SELECT run_id FROM run_detail WHERE instr(lower(description), ?) > 0)"
_LISTED: Final = _Listed("run.id IN (SELECT run_id FROM {})")
_SUMMARIES: Final = {Source.LAST: "last", Source.LEAST: "least", Source.GREATEST: "greatest", Source.FIRST: "first"}
_METRICS: Final = frozenset((*_SUMMARIES, Source.BEST))
_NUMERIC_TEXT: Final = "(value <> '' AND value NOT GLOB '*[^0-9.eE+-]*')"
_OWN: Final = {
    "name": "run.display_name",
    "notes": "(SELECT description FROM run_detail WHERE run_id = run.id)",
    "script": "run.script",
    "environment": "run.environment",
    "target": "run.target",
    "state": "run.state",
    "experiment": "run.experiment",
    "id": "run.id",
    "error": "run.error",
    "user": search.ATTRIBUTES["user_id"],
    "parent": "run.parent",
    "number": "run.number",
    "starred": "run.starred",
    "archived": "(run.archived_at IS NOT NULL)",
    "deleted": "(run.deleted_at IS NOT NULL)",
    "created": "run.created_at",
    "started": "run.started_at",
    "ended": "run.ended_at",
    "duration": "iif(run.ended_at IS NULL, {now} - run.started_at, run.ended_at - run.started_at)",
}
_STATUSES: Final = frozenset({"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"})


def condition(db: Database, node: Node, now: float) -> Condition:
    """Return what a search asks of the row of ``run``, and its values.

    Parameters
    ----------
    now : float
        Unix time in seconds, for the duration of runs that go on.

    Raises
    ------
    InvalidFilter
        When no run has what a name without a prefix says, with the column and the nearest name.
    """
    conditions = _Conditions(db, now)
    conditions.begin_with(node.parts if isinstance(node, AllOf) else (node,))
    return conditions.of(node)


def of_text(db: Database, text: str, now: float, shelf: Shelf = Shelf.ACTIVE) -> Condition:
    """Return what a search asks that was only written, of the runs of a shelf.

    Where it names ``archived`` or ``deleted`` itself, the runs may be on either side of that.

    Raises
    ------
    InvalidFilter
        When it cannot be read, see `condition`.
    """
    node = finding.read(text, now)
    where = on_shelf(shelf, own_keys(node))
    if node is None:
        return where, []
    sql, values = condition(db, node, now)
    return f"({where}) AND {sql}", values


def words(text: str) -> Condition:
    """Return the condition that a text stands somewhere in a run; capitals do not matter."""
    # The trigram index has no answer for one or two letters.
    is_indexed = len(text) >= _TRIGRAM
    first = _INDEXED if is_indexed else f"instr(lower({_TEXTS}), ?) > 0"
    quoted = '"' + text.replace('"', '""') + '"' if is_indexed else text.lower()
    # The words of attached runs are in no index.
    attached = f"(run.target = '{ATTACHED}' AND instr(lower({_TEXTS}), ?) > 0)"
    return f"({first} OR {attached} OR {fields.FOUND_IN_VALUES} OR {_IN_NOTES})", [quoted, *[text.lower()] * 4]


def term(db: Database, order: KeyOrdering, now: float) -> search.Term:
    """Return what orders runs by a key as searches have it; runs without it stand last in both directions.

    Raises
    ------
    InvalidFilter
        When no run has what a name without a prefix says, or nothing tells which value of a metric is the best.
    """
    source, key = order.source, order.key
    if source is Source.ANY:
        known = names.read(db)
        found = known.meant(key)
        if not found:
            raise _unknown(key, known, order.column, order.length)
        source, key = found[0]
    value, values = _sorted_by(db, source, key, order, now)
    return search.Term(f"{value} {'DESC' if order.descending else 'ASC'} NULLS LAST", values)


def _sorted_by(db: Database, source: Source, key: str, order: KeyOrdering, now: float) -> Condition:
    if source is Source.OWN:
        column = search.ATTRIBUTES["status"] if key == "status" else _OWN[key].replace("{now}", str(float(now)))
        return column, []
    if source is Source.TAG:
        number = f"iif({_NUMERIC_TEXT}, CAST(value AS REAL), value)"
        return f"(SELECT {number} FROM label WHERE run_id = run.id AND kind = 'tag' AND key = ?)", [key]  # noqa: S608
    if source in {Source.PARAMETER, Source.ARGUMENT}:
        only = " AND source = 'argument'" if source is Source.ARGUMENT else ""
        value = "iif(kind IN ('text', 'bool'), text, number)"
        table = f"parameter WHERE run_id = run.id AND +name = ?{only} ORDER BY source = 'captured', source LIMIT 1"
        return f"(SELECT {value} FROM {table})", [key]  # noqa: S608  fixed texts
    try:
        column = _SUMMARIES.get(source) or fields.side(db, key)
    except InvalidInput as error:
        raise InvalidFilter(error.message, error.hint, column=order.column, length=order.length) from None
    table = "metric WHERE run_id = run.id AND kind = 'scalar' AND name = ?"
    return f"(SELECT {sortable(column)} FROM {table})", [key]  # noqa: S608  fixed texts


def _unknown(key: str, known: names.Names, column: int, length: int) -> InvalidFilter:
    nearest = known.nearest(key)
    hint = f"Did you mean {nearest}?" if nearest else "Arguments, metrics and tags of runs can be compared."
    return InvalidFilter(f"No run has an argument, metric or tag “{key}”.", hint, column=column, length=length)


class _Conditions:
    """Writes the conditions of one search."""

    def __init__(self, db: Database, now: float) -> None:
        self._db = db
        self._now = now
        self._names: names.Names | None = None
        self._leading: Node | None = None

    def begin_with(self, parts: Sequence[Node]) -> None:
        """Choose what is asked of all runs at once, in one walk over a metric, where no parameter leads to few runs."""
        compared = [(part, self._meant(part)) for part in parts if isinstance(part, Comparison)]
        sources = {source for _, found in compared for source, _ in found}
        # Attached runs come out of views, through which no such walk leads.
        if not self._db.is_united and not sources & {Source.PARAMETER, Source.ARGUMENT, Source.OWN}:
            of_metrics = (part for part, found in compared if all(source in _METRICS for source, _ in found))
            self._leading = next(of_metrics, None)

    def _meant(self, one: Comparison) -> list[tuple[Source, str]]:
        if one.source is not Source.ANY:
            return [(one.source, one.key)]
        if self._names is None:
            self._names = names.read(self._db)
        found = self._names.meant(one.key)
        if not found:
            raise _unknown(one.key, self._names, one.column, one.length)
        return found

    def of(self, node: Node) -> Condition:
        if isinstance(node, Clause):
            return search.condition(node, search.RunSearch(arguments=True))
        if isinstance(node, Words):
            return words(node.text)
        if isinstance(node, Written):
            return self._written(node)
        if isinstance(node, Not):
            sql, values = self.of(node.part)
            # What compares with nothing is neither true nor false to SQLite; turned, it is true.
            return f"NOT coalesce({sql}, 0)", values
        if isinstance(node, AllOf | AnyOf):
            return _joined(" AND " if isinstance(node, AllOf) else " OR ", [self.of(part) for part in node.parts])
        return self._compared(node)

    def _written(self, node: Written) -> Condition:
        # Imported here, as there: few searches ask for it.
        from desktop_aml.store.full_text import index

        ids = json.dumps(index.found(self._db.path.with_name(index.FILE_NAME), node.places, node.text))
        sql, values = "run.id IN (SELECT value FROM json_each(?))", list[object]([ids])
        return _joined(" OR ", [words(node.text), (sql, values)]) if node.anywhere else (sql, values)

    def _compared(self, one: Comparison) -> Condition:
        if one.source is Source.OWN:
            return self._own(one)
        return _joined(" OR ", [self._in_source(one, source, name) for source, name in self._meant(one)])

    def _in_source(self, one: Comparison, source: Source, name: str) -> Condition:
        if source in {Source.PARAMETER, Source.ARGUMENT}:
            only = " AND source = 'argument'" if source is Source.ARGUMENT else ""
            return _exists(
                f"parameter WHERE name = ?{only}", name, one, "text", "number", "kind <> 'bool'", there=_LISTED
            )
        if source is Source.TAG:
            table = "label WHERE run_id = run.id AND kind = 'tag' AND key = ?"
            return _exists(table, name, one, "value", "CAST(value AS REAL)", _NUMERIC_TEXT)
        try:
            column = _SUMMARIES.get(source) or fields.side(self._db, name)
        except InvalidInput as error:
            raise InvalidFilter(error.message, error.hint, column=one.column, length=one.length) from None
        table = "metric WHERE run_id = run.id AND kind = 'scalar' AND name = ?"
        if one.op in {"=", "!="} and [_folded(value) for value in one.values] == ["nan"]:
            return f"EXISTS (SELECT 1 FROM {table} AND {column}_kind {one.op} 'nan')", [name]  # noqa: S608  fixed texts
        # NaN is kept as nothing, and is another value than every number, as to MLflow.
        is_number = f"{column}_kind IN ('n', 'b', 'big', 'nan')"
        text = f"iif({column}_kind = 's', {column}, NULL)"
        if one is not self._leading:
            return _exists(table, name, one, text, sortable(column), is_number)
        table = "metric CROSS JOIN run AS logged ON logged.id = run_id WHERE metric.kind = 'scalar' AND name = ?"
        return _exists(table, name, one, text, sortable(column), is_number, there="n IN (SELECT logged.n FROM {})")

    def _own(self, one: Comparison) -> Condition:
        if one.key == "status":
            return self._status(one)
        column = _OWN[one.key].replace("{now}", str(float(self._now)))
        if one.op == "IS NOT NULL":
            return f"coalesce({column}, '') <> ''", []
        return _any_value(one.op, one.values, lambda op, value: _value(column, op, value))

    def _status(self, one: Comparison) -> Condition:
        """Return the condition on a state: MLflow's words are MLflow's status, all others the state of the run."""

        def compared(op: str, value: Value) -> Condition:
            text = value.text if isinstance(value, Loose) else str(value)
            is_theirs = op not in {"=", "!="} or (text.upper() if isinstance(value, Loose) else text) in _STATUSES
            is_ours = isinstance(value, Loose) and text.upper() not in _STATUSES - {"FAILED", "RUNNING"}
            if is_theirs and not is_ours:
                wanted = text.upper() if isinstance(value, Loose) and op in {"=", "!="} else text
                return _value(search.ATTRIBUTES["status"], op, wanted)
            return _value("run.state", op, value)

        if one.op == "IS NOT NULL":
            return "1", []
        return _any_value(one.op, one.values, compared)


def _exists(
    table: str,
    name: str,
    one: Comparison,
    text: str,
    number: str,
    is_number: str,
    *,
    there: str = "EXISTS (SELECT 1 FROM {})",
) -> Condition:
    """Return the condition that a row of `table` compares as wanted: as a number with a number, else as a text.

    Parameters
    ----------
    there : str
        How it is asked: for each run, or once of all runs, where an index by name would be walked for each.
    """
    made = type(there)
    if one.op == "IS NOT NULL":
        return made(there.format(table)), [name]

    def compared(op: str, value: Value) -> Condition:
        if not isinstance(value, float):
            return _value(text, op, value)
        if op == "!=":
            return f"coalesce({number} <> ? OR NOT {is_number}, 1)", [value]
        if op in {"~", "LIKE", "ILIKE"}:
            return _value(text, op, f"{value:g}")
        return f"({is_number} AND {number} {op} ?)", [value]

    sql, values = _any_value(one.op, one.values, compared)
    return made(there.format(f"{table} AND {sql}")), [name, *values]


def _any_value(op: str, values: Sequence[Value], compared: Callable[[str, Value], Condition]) -> Condition:
    if op == "BETWEEN":
        return _joined(" AND ", [compared(">=", values[0]), compared("<=", values[1])])
    return _joined(" OR ", [compared("=" if op == "IN" else op, value) for value in values])


def _value(column: str, op: str, value: Value) -> Condition:
    if isinstance(value, Span):
        return _time(column, op, value)
    if op == "~":
        return f"instr(lower({column}), ?) > 0", [_folded(value)]
    if op == "LIKE":
        return f"{column} GLOB ?", [search.glob(_text(value))]
    if op == "ILIKE":
        return f"{column} LIKE ?", [_text(value)]
    collation = " COLLATE NOCASE" if isinstance(value, Loose) else ""
    return f"{column} {op} ?{collation}", [value if isinstance(value, float) else _text(value)]


def _time(column: str, op: str, span: Span) -> Condition:
    """Return how a time compares with a span, such as a day: later is after its end, from is from its begin on."""
    if op in {"=", "!="}:
        sql, values = f"({column} >= ? AND {column} < ?)", [span.begin, max(span.end, span.begin + 1)]
        return (sql if op == "=" else f"NOT {sql}"), [*values]
    if op in {">", "<="} and span.end > span.begin:
        return f"{column} {'>=' if op == '>' else '<'} ?", [span.end]
    return f"{column} {op} ?", [span.begin]


def _text(value: Value) -> str:
    return value.text if isinstance(value, Loose) else str(value)


def _folded(value: Value) -> str:
    return _text(value).lower()


def _joined(by: str, conditions: Sequence[Condition]) -> Condition:
    lists = [one for one in conditions if isinstance(one[0], _Listed)] if by == " AND " else []
    if len(lists) > 1:
        # Each within the one before: no list is longer than what is left, and of one alone runs are looked up.
        inner = " AND run_id ".join(sql.removeprefix("run.id ")[:-1] for sql, _ in lists)
        nested = _Listed(f"run.id {inner}{')' * len(lists)}"), [value for _, values in lists for value in values]
        conditions = [nested, *(one for one in conditions if not isinstance(one[0], _Listed))]
    if len(conditions) == 1:
        return conditions[0]
    return f"({by.join(sql for sql, _ in conditions)})", [value for _, values in conditions for value in values]
