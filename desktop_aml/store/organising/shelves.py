"""The conditions on the row of ``run`` for each shelf. It imports little: every list of runs begins with it."""

from __future__ import annotations

from typing import Final

from desktop_aml.domain.organising.shelf import Shelf

_ON_SHELF: Final = {
    Shelf.ARCHIVE: "run.deleted_at IS NULL AND run.archived_at IS NOT NULL",
    Shelf.TRASH: "run.deleted_at IS NOT NULL",
    Shelf.EVERYTHING: "1",
}
_AWAY: Final = {"archived": "archived_at", "deleted": "deleted_at"}


def on_shelf(shelf: Shelf, asked: frozenset[str] = frozenset()) -> str:
    """Return the condition that a run is on a shelf, but for what a search asks itself."""
    if shelf is not Shelf.ACTIVE:
        return _ON_SHELF[shelf] if not asked & set(_AWAY) else "1"
    # Few are elsewhere: to leave those out keeps the indexes that orders are read from.
    away = [column for word, column in _AWAY.items() if word not in asked]
    return " AND ".join(f"run.n NOT IN (SELECT n FROM run WHERE {column} IS NOT NULL)" for column in away) or "1"  # noqa: S608
