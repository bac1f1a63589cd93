"""The rows in which it is kept what lists say of runs: made, and read, each run that has none of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from desktop_aml.domain.runs import RunState
from desktop_aml.store.database import Database
from desktop_aml.store.facts import derived
from desktop_aml.store.facts.derived import RunFacts
from desktop_aml.store.facts.packed import Unpacking, packed

_GOES_ON: Final = tuple(state for state in RunState if state.is_active())
_DUE: Final = (
    "SELECT run.n, run.id FROM run_facts CROSS JOIN run USING (n) WHERE run_facts.packed IS NULL"  # noqa: S608
    f" AND run.state NOT IN ({', '.join('?' * len(_GOES_ON))}) ORDER BY run_facts.n LIMIT ?"
)
_KEEP: Final = "UPDATE run_facts SET names = ?, packed = ? WHERE n = ?"

Row = tuple[str, str | None, str | None]
"""Id of a run, and its columns `names` and `packed` of ``run_facts``, where it has any."""


def keep(db: Database, limit: int) -> int:
    """Keep what lists say of up to `limit` runs where that is due, and return of how many. Call inside a transaction.

    Those that go on are left out: what they log would take it away again at once.
    """
    due = _due(db, limit)
    facts = derived.of_runs(db, [run_id for _, run_id in due])
    db.run_many(_KEEP, [(*packed(facts[run_id]), n) for n, run_id in due])
    return len(due)


def is_due(db: Database) -> bool:
    """Return whether `keep` would do anything."""
    return bool(_due(db, 1))


def _due(db: Database, limit: int) -> list[tuple[int, str]]:
    return [(n, run_id) for n, run_id in db.tuples(_DUE, (*_GOES_ON, limit))]


def of_rows(db: Database, rows: Sequence[Row]) -> dict[str, RunFacts]:
    """Return what lists say of the runs of these rows, by id. Call within `Database.reading`, as the rows are read."""
    unpacking = Unpacking(len(rows))
    found: dict[str, RunFacts] = {}
    for run_id, names, values in rows:
        if names is not None and values is not None:
            try:
                found[run_id] = unpacking.unpacked(names, values)
            except (ValueError, TypeError):
                continue  # another program wrote it; the tables say what is so
    if len(found) < len(rows):
        found.update(derived.of_runs(db, [row[0] for row in rows if row[0] not in found]))
    return found


def of_runs(db: Database, run_ids: Iterable[str]) -> dict[str, RunFacts]:
    """Return what lists say of runs, by id."""
    ids = tuple(run_ids)
    sql = f"SELECT id, names, packed FROM run LEFT JOIN run_facts USING (n) WHERE id IN ({','.join('?' * len(ids))})"  # noqa: S608
    with db.reading():
        return of_rows(db, list(db.tuples(sql, ids)))
