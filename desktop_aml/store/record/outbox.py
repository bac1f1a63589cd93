"""The outbox: what has still to follow a change of the record.

Triggers of the database write it, in the transaction of the change itself, so no act can forget to (see
``migrations.py``). An entry goes once its manifest is durable or its work is done: whatever ends the engine in between,
the next one finds it.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_aml.domain.values import dataclass
from desktop_aml.store.database import Database


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry. `id` rises with every change, so that a change made meanwhile is not taken for the one carried out."""

    id: int
    kind: str
    key: str


def put(db: Database, kind: str, key: str) -> None:
    """Mark a thing by hand: for work that is no change of a table. Call inside the transaction that makes it due."""
    db.run("DELETE FROM outbox WHERE kind = ? AND key = ?", (kind, key))
    db.run("INSERT INTO outbox (kind, key) VALUES (?, ?)", (kind, key))


def waiting(db: Database, kinds: Sequence[str], limit: int, after: int = 0) -> list[Mark]:
    """Return up to `limit` entries of these kinds whose id is greater than `after`, oldest first."""
    marks = ", ".join("?" * len(kinds))
    rows = db.all(
        f"SELECT id, kind, key FROM outbox WHERE id > ? AND kind IN ({marks}) ORDER BY id LIMIT ?",  # noqa: S608
        (after, *kinds, limit),
    )
    return [Mark(row["id"], row["kind"], row["key"]) for row in rows]


def mark_of(db: Database, kind: str, key: str) -> Mark | None:
    """Return the entry of a thing; None where the folders say all there is."""
    row = db.one("SELECT id FROM outbox WHERE kind = ? AND key = ?", (kind, key))
    return Mark(row["id"], kind, key) if row else None


def clear(db: Database, done: Sequence[Mark]) -> None:
    """Remove entries that were carried out; one that was marked again meanwhile has another id, and stays."""
    db.run_many("DELETE FROM outbox WHERE id = ?", [(mark.id,) for mark in done])


def settle(db: Database, kind: str, key: str) -> None:
    """Remove the entry of a thing of which the folders say all there is."""
    db.run("DELETE FROM outbox WHERE kind = ? AND key = ?", (kind, key))


def clear_all(db: Database) -> None:
    """Remove every entry."""
    db.run("DELETE FROM outbox")


def count(db: Database) -> int:
    """Return how many entries there are."""
    row = db.one("SELECT count(*) AS n FROM outbox")
    return int(row["n"]) if row else 0
