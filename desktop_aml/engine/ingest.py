"""From the journals of running scripts into the database, exactly once.

What was read and how far it was read are stored in one transaction, so an engine that dies in between reads the
same stretch again and stores it for the first time.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from desktop_aml.domain.events import Event, MetricsLogged, RunUpdated
from desktop_aml.domain.journal import JournalBatch, decode
from desktop_aml.domain.names import title
from desktop_aml.store import metrics, runs
from desktop_aml.store.blobs import open_regular
from desktop_aml.store.database import Database

_log = logging.getLogger(__name__)

_STRETCH_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one journal file that was read and decoded, but not stored yet."""

    run_id: str
    file: str
    end: int
    batch: JournalBatch


class JournalReader:
    """Follows the journals of the runs that are going on.

    Parameters
    ----------
    db : Database
        The writing connection.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._positions: dict[str, dict[str, int]] = {}

    def read(self, run_id: str, run_directory: Path) -> list[Stretch]:
        """Return at most one new stretch of each of the run's journals."""
        positions = self._positions.get(run_id)
        if positions is None:
            positions = self._positions[run_id] = metrics.journal_positions(self._db, run_id)
        stretches = []
        for path in sorted((run_directory / "journal").glob("*.jsonl")):
            start = positions.get(path.name, 0)
            data = _read(path, start)
            if not data:
                continue
            batch = decode(data)
            if batch.is_empty() and len(data) == _STRETCH_BYTES:
                # One line longer than a stretch is not one of ours: pass over it.
                batch.consumed = len(data)
                batch.damaged += 1
            if not batch.is_empty():
                stretches.append(Stretch(run_id, path.name, start + batch.consumed, batch))
        return stretches

    def store(self, stretches: list[Stretch]) -> list[Event]:
        """Store stretches with their positions and return what happened. Call inside a transaction."""
        events: list[Event] = []
        for stretch in stretches:
            events += self._store_one(stretch)
            metrics.set_journal_position(self._db, stretch.run_id, stretch.file, stretch.end)
        return events

    def _store_one(self, stretch: Stretch) -> list[Event]:
        batch, run_id, events = stretch.batch, stretch.run_id, list[Event]()
        if batch.points:
            curves = metrics.add_points(self._db, run_id, batch.points)
            events.append(MetricsLogged(run_id, tuple(curves.items())))
        if batch.records:
            metrics.add_records(self._db, run_id, batch.records)
        kept = {key: value for key, value in batch.tags.items() if value is not None}
        removed = [key for key, value in batch.tags.items() if value is None]
        runs.set_labels(self._db, run_id, "tag", kept)
        runs.remove_tags(self._db, run_id, removed)
        runs.set_labels(self._db, run_id, "property", batch.properties)
        if batch.display_name is not None:
            runs.rename(self._db, run_id, title(batch.display_name))
        if batch.records or batch.tags or batch.properties or batch.display_name is not None:
            events.append(RunUpdated(run_id))
        return events

    def stored(self, stretches: list[Stretch]) -> None:
        """Remember positions, once the transaction is committed."""
        for stretch in stretches:
            self._positions.setdefault(stretch.run_id, {})[stretch.file] = stretch.end

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that ended."""
        self._positions.pop(run_id, None)


def _read(path: Path, start: int) -> bytes:
    try:
        with open_regular(path) as journal:
            journal.seek(start)
            return journal.read(_STRETCH_BYTES)
    except OSError as error:
        # The script may put anything in the place of its journal; that must not stop the other runs.
        _note_unreadable(str(path), str(error))
        return b""


@lru_cache(maxsize=256)
def _note_unreadable(path: str, error: str) -> None:
    # Cached, so that what stays wrong is told once and not at every look.
    _log.warning("The journal %s cannot be read: %s", path, error)
