"""The runs table's view of the database: which run stands at which position, and pages of runs anywhere in it.

Reads only, through connections of its own. A position table is an array of row numbers in memory (8 bytes a run): a
temporary table would be private to the connection that made it, while this one is built on a worker thread and read
on the window's thread. It must not write, and it never loads all runs.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.run_fields import FieldKind, field_of_key
from desktop_aml.domain.runs import RUN_COLUMNS, RunQuery, RunState, RunSummary, ViewSnapshot
from desktop_aml.store.database import Database, storage_errors
from desktop_aml.store.facts import kept
from desktop_aml.store.organising.shelves import on_shelf
from desktop_aml.store.record import readable
from desktop_aml.store.run_table import fields
from desktop_aml.store.runs import SUMMARY_COLUMNS, summary_from

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import Scalar
    from desktop_aml.domain.summaries.groups import RunGroup
    from desktop_aml.store.facts.derived import RunFacts

_SNAPSHOTS_KEPT: Final = 3
_CACHE_KIB: Final = 16 << 10
_AT_ONCE: Final = 900
_SEARCHED_ONE_BY_ONE: Final = 2


class RunView:
    """Positions and pages of the runs that match a query.

    `apply` belongs to one worker at a time; `page` and `position_of` may be called from another thread meanwhile.
    Close it when the table goes.
    """

    def __init__(self, database_path: Path) -> None:
        self._path = database_path
        self._builder = Database(database_path, read_only=True)
        # A search goes over the parameters and metrics of all runs: with the usual 2 MB it reads pages several times.
        self._builder.lend().execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._reader = Database(database_path, read_only=True)
        self._build_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._closed = False
        self._has_properties = False
        self._knows_steps = False
        self._tokens = itertools.count(1)
        self._positions: OrderedDict[int, array[int]] = OrderedDict()
        self._groups: dict[int, tuple[RunGroup, ...]] = {}
        self._steps: dict[int, tuple[str, ...]] = {}

    def apply(self, query: RunQuery) -> ViewSnapshot:
        """Find and order the runs that match `query`.

        Raises
        ------
        InvalidInput
            When the query orders by something that is no column.
        InvalidFilter
            When its search cannot be read.
        StorageError
            When the database cannot be read.
        """
        with self._build_lock, self._read_lock:
            if not self._closed:
                self._builder.unite()
                self._reader.unite()
                self._prepare_for_steps(query)
        conditions, values = self._conditions(query)
        order, order_values = self._order(query)
        groups: tuple[RunGroup, ...] = ()
        with self._build_lock, storage_errors(self._path):
            if self._closed:
                return ViewSnapshot(0, 0)
            if query.group_by:
                from desktop_aml.store.run_table.groups import grouped

                where, ordered = (" AND ".join(conditions), values), (order, order_values)
                found = grouped(self._builder, query.group_by, where, ordered, query.open_groups)
                positions, groups, matching = found
            else:
                sql = f"SELECT n FROM run{_where(conditions)} ORDER BY {order}"  # noqa: S608  fixed texts only
                positions = array("q", [row[0] for row in self._builder.tuples(sql, (*values, *order_values))])
                matching = len(positions)
            by_state = self._count_by_state(query.experiment, query.shelf)
            total = sum(count for _, count in by_state)
            elsewhere = () if total or query.shelf is not Shelf.ACTIVE else self._count_elsewhere(query.experiment)
            newest = fields.with_steps(fields.of_newest(self._builder, query.experiment), query.at_steps)
            self._has_properties = any(one.kind is FieldKind.PROPERTY for one in newest.fields)
            token = next(self._tokens)
            self._positions[token], self._groups[token], self._steps[token] = positions, groups, query.at_steps
            while len(self._positions) > _SNAPSHOTS_KEPT:
                gone, _ = self._positions.popitem(last=False)
                del self._groups[gone], self._steps[gone]
        behind = self._behind(query)
        return ViewSnapshot(len(positions), token, total, matching, by_state, newest, behind, elsewhere)

    def _prepare_for_steps(self, query: RunQuery) -> None:
        sorted_by = field_of_key(query.order_by)
        if self._knows_steps or not (query.at_steps or (sorted_by and sorted_by[0] is FieldKind.AT_STEP)):
            return
        # Imported here, as below: most tables have no such column.
        from desktop_aml.store.run_table import at_steps

        for connection in (self._builder, self._reader):
            at_steps.prepare(connection)
        self._knows_steps = True

    def _behind(self, query: RunQuery) -> int:
        # A word that asks for texts has this mark in it: nearly no search has one.
        if "~" not in query.search:
            return 0
        from desktop_aml.domain.filters import finding
        from desktop_aml.domain.filters.nodes import asks_texts
        from desktop_aml.store.full_text import index

        if not asks_texts(finding.read(query.search, time.time())):
            return 0
        with self._build_lock, storage_errors(self._path):
            return 0 if self._closed else index.behind(self._builder, self._path.with_name(index.FILE_NAME))

    def group_at(self, token: int, position: int) -> RunGroup | None:
        """Return the group whose line stands at a position of a snapshot; None where it is a run."""
        positions, groups = self._positions.get(token, array("q")), self._groups.get(token, ())
        number = positions[position] if 0 <= position < len(positions) else 0
        return groups[-1 - number] if number < 0 and -1 - number < len(groups) else None

    def _conditions(self, query: RunQuery) -> tuple[list[str], list[object]]:
        conditions: list[str] = []
        values: list[object] = []
        if query.experiment is not None:
            conditions.append("experiment = ?")
            values.append(query.experiment)
        if query.states:
            conditions.append(f"state IN ({','.join('?' * len(query.states))})")
            values.extend(query.states)
        if query.parent is not None:
            conditions.append("parent = ?")
            values.append(query.parent)
        if not query.text.strip() and not query.search.strip():
            return [*conditions, on_shelf(query.shelf)], values
        # Imported here: most lists are of no search.
        from desktop_aml.store.run_table import searching

        if text := query.text.strip():
            condition, bound = searching.words(text)
            conditions.append(condition)
            values.extend(bound)
        with self._build_lock, storage_errors(self._path):
            condition, bound = searching.of_text(self._builder, query.search, time.time(), query.shelf)
        return [*conditions, condition], [*values, *bound]

    def _order(self, query: RunQuery) -> tuple[str, list[object]]:
        direction = "DESC" if query.descending else "ASC"
        if field := field_of_key(query.order_by):
            with self._build_lock:
                return fields.order(self._builder, *field, descending=query.descending)
        if query.order_by not in RUN_COLUMNS:
            words = f"Use one of {', '.join(RUN_COLUMNS)}."
            raise InvalidInput(f"Runs cannot be ordered by “{query.order_by}”.", words)
        collation = " COLLATE NOCASE" if query.order_by == "display_name" else ""
        return f"{query.order_by}{collation} {direction}, n {direction}", []

    def page(self, token: int, offset: int, limit: int) -> tuple[RunSummary | None, ...]:
        """Return the runs at `offset` and after as they are now; None where a run was deleted since."""
        wanted = self._positions.get(token, array("q"))[offset : offset + limit]
        marks = ",".join("?" * len(wanted))
        sql = (
            f"SELECT {SUMMARY_COLUMNS}, n, names, packed FROM run LEFT JOIN run_facts USING (n)"  # noqa: S608  marks only
            f" WHERE n IN ({marks})"
        )
        with self._read_lock, storage_errors(self._path):
            if self._closed:
                return (None,) * len(wanted)
            with self._reader.reading():
                rows = self._reader.run(sql, wanted.tolist()).fetchall()
                facts = kept.of_rows(self._reader, [(row[0], *row[-2:]) for row in rows])
                ids = [row[0] for row in rows] if self._has_properties else []
                noted = fields.properties(self._reader, ids) if ids else {}
                logged = self._at_steps([row[0] for row in rows], self._steps.get(token, ()))
        found = dict(readable.those(partial(_numbered, facts, noted, logged), rows))
        return tuple([found.get(number) for number in wanted])

    def _at_steps(self, run_ids: Sequence[str], keys: Sequence[str]) -> dict[str, dict[str, Scalar]]:
        if not keys:
            return {}
        from desktop_aml.store.run_table import at_steps

        return at_steps.of_runs(self._reader, run_ids, keys)

    def ids(self, token: int, first: int, last: int) -> list[str]:
        """Return the ids of the runs from one position to another, in their order; those deleted since are left out."""
        wanted = self._positions.get(token, array("q"))[first : last + 1]
        found: dict[int, str] = {}
        with self._read_lock, storage_errors(self._path):
            for start in range(0, 0 if self._closed else len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE].tolist()
                sql = f"SELECT n, id FROM run WHERE n IN ({','.join('?' * len(part))})"  # noqa: S608  marks only
                found.update((row[0], row[1]) for row in self._reader.run(sql, part))
        return [found[n] for n in wanted if n in found]

    def position_of(self, token: int, run_id: str) -> int | None:
        """Return where a run stands in a snapshot, or None when it is not in it."""
        return self.positions_of(token, (run_id,)).get(run_id)

    def positions_of(self, token: int, run_ids: Sequence[str]) -> dict[str, int]:
        """Return where runs stand in a snapshot; those that are not in it are left out."""
        marks = ",".join("?" * len(run_ids))
        sql = f"SELECT n, id FROM run WHERE id IN ({marks})"  # noqa: S608  question marks only
        with self._read_lock, storage_errors(self._path):
            if self._closed:
                return {}
            ids = {row[0]: row[1] for row in self._reader.run(sql, tuple(run_ids))}
        positions = self._positions.get(token, array("q"))
        if len(ids) <= _SEARCHED_ONE_BY_ONE:
            return {run_id: positions.index(n) for n, run_id in ids.items() if n in positions}
        return {ids[n]: position for position, n in enumerate(positions) if n in ids}

    def rows_added_on_top(self, old_token: int, token: int) -> int | None:
        """Return how many runs `token` has before those of `old_token`; None when more than that differs."""
        old, new = self._positions.get(old_token), self._positions.get(token)
        if old is None or new is None or len(new) < len(old):
            return None
        added = len(new) - len(old)
        return added if new[added:] == old else None

    def close(self) -> None:
        """Close both connections, after work under way; from then on everything is empty."""
        self._closed = True
        with self._build_lock:
            self._builder.close()
        with self._read_lock:
            self._reader.close()

    def _count_by_state(self, experiment: str | None, shelf: Shelf) -> tuple[tuple[RunState, int], ...]:
        where, values = ("1", ()) if experiment is None else ("experiment = ?", (experiment,))
        sql = "SELECT state, count(*) FROM run WHERE {} AND {} GROUP BY state"
        if shelf is not Shelf.ACTIVE:
            counts = {
                state: int(count) for state, count in self._builder.run(sql.format(where, on_shelf(shelf)), values)
            }
        else:
            counts = {state: int(count) for state, count in self._builder.run(sql.format(where, "1"), values)}
            # Of what is elsewhere there is little, in indexes of its own: it is counted off from all.
            few = sql.replace("BY state", "BY +state")
            for away in (Shelf.ARCHIVE, Shelf.TRASH):
                for state, count in self._builder.run(few.format(where, on_shelf(away)), values):
                    counts[state] -= count
        return tuple((state, counts[state]) for state in RunState if counts.get(state))

    def _count_elsewhere(self, experiment: str | None) -> tuple[tuple[Shelf, int], ...]:
        shelves = (Shelf.ARCHIVE, Shelf.TRASH)
        return tuple((shelf, sum(count for _, count in self._count_by_state(experiment, shelf))) for shelf in shelves)


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _numbered(
    facts: Mapping[str, RunFacts],
    noted: Mapping[str, Mapping[str, str]],
    logged: Mapping[str, Mapping[str, Scalar]],
    row: sqlite3.Row,
) -> tuple[int, RunSummary]:
    run = summary_from(row, facts=facts[row[0]][:4])
    if row[0] in noted or row[0] in logged:
        run = replace(run, properties=noted.get(row[0], {}), at_steps=logged.get(row[0], {}))
    return row[-3], run
