"""Lines of the runs table for runs that are named, with all that a line says; how many there may be has no limit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.runs import RunSummary
from desktop_aml.store.database import Database
from desktop_aml.store.facts import kept
from desktop_aml.store.record import readable
from desktop_aml.store.run_table import fields
from desktop_aml.store.runs import SUMMARY_COLUMNS, summary_from

if TYPE_CHECKING:
    from desktop_aml.store.facts.derived import RunFacts

_AT_ONCE: Final = 900
"""SQLite takes so many marks in a statement in every release."""


def of_runs(db: Database, run_ids: Sequence[str]) -> Iterator[RunSummary]:
    """Yield the lines of these runs in their order; what is gone, or cannot be read, has none."""
    for start in range(0, len(run_ids), _AT_ONCE):
        some = run_ids[start : start + _AT_ONCE]
        sql = (
            f"SELECT {SUMMARY_COLUMNS}, names, packed FROM run LEFT JOIN run_facts USING (n)"  # noqa: S608  marks only
            f" WHERE id IN ({','.join('?' * len(some))})"
        )
        with db.reading():
            rows = db.all(sql, some)
            facts = kept.of_rows(db, [(row[0], *row[-2:]) for row in rows])
            noted = fields.properties(db, some)
        found = dict(readable.those(partial(_named, facts, noted), rows))
        yield from (found[run_id] for run_id in some if run_id in found)


def _named(
    facts: Mapping[str, RunFacts], noted: Mapping[str, Mapping[str, str]], row: sqlite3.Row
) -> tuple[str, RunSummary]:
    run = summary_from(row, facts=facts[row[0]][:4])
    return run.id, replace(run, properties=noted[row[0]]) if row[0] in noted else run
