"""From the journals of running scripts into the database, exactly once.

What was read and how far it was read are stored in one transaction, so an engine that dies in between reads the
same stretch again and stores it for the first time.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from desktop_aml.domain.errors import CONCERNS_ALL
from desktop_aml.domain.events import Event, MetricsLogged, RunUpdated
from desktop_aml.domain.journal import MAX_RECORD_BYTES, OUTSIDE, JournalBatch, decode
from desktop_aml.domain.names import check_any_experiment_name, storable, title
from desktop_aml.domain.parameters import Parameter, ParameterSource
from desktop_aml.domain.values import dataclass
from desktop_aml.inside_run.site.desktop_aml_run.slots import SUFFIX
from desktop_aml.run_folder.journals.slot_files import SlotFiles
from desktop_aml.store import documents, experiments, metrics, parameters, runs
from desktop_aml.store.database import Database
from desktop_aml.store.organising import runs as shelves
from desktop_aml.store.summaries import captured
from desktop_aml.system.files import open_regular

_log = logging.getLogger(__name__)

_STRETCH_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one journal file that was read and decoded, but not stored yet; `data` are its whole lines."""

    run_id: str
    file: str
    end: int
    batch: JournalBatch
    data: bytes


class JournalReader:
    """Follows the journals of the runs that are going on.

    Parameters
    ----------
    db : Database
        The writing connection.
    until : mapping of str to int, optional
        Where to stop in each file; a file that it does not name is passed over. Without it everything is read.
    """

    def __init__(self, db: Database, until: Mapping[str, int] | None = None) -> None:
        self._db = db
        self._until = until
        self._positions: dict[str, dict[str, int]] = {}
        self._searched: dict[tuple[str, str], int] = {}
        self._slots = SlotFiles()

    def read(self, run_id: str, run_directory: Path) -> list[Stretch]:
        """Return at most one new stretch of each of the run's journals."""
        positions = self._positions.get(run_id)
        if positions is None:
            positions = self._positions[run_id] = metrics.journal_positions(self._db, run_id)
        stretches = []
        behind = set[str]()
        for name, size in _journals(run_directory / "journal"):
            file = storable(name)
            start = positions.get(file, 0)
            if size == start:
                continue  # most looks find nothing new, at every journal of each run
            # Numbers that a process could not keep in memory stand in its lines; all that it kept before comes first.
            if _process(name) in behind:
                continue
            try:
                with open_regular(run_directory / "journal" / name) as journal:
                    if name.endswith(SUFFIX):
                        stretch = self._next_slots(run_id, file, journal, start)
                        if stretch is not None and stretch.end - start > _STRETCH_BYTES // 2:
                            behind.add(_process(name))
                    else:
                        stretch = self._next(run_id, file, journal, start, (size or 0) - start)
            except OSError as error:
                # The script may put anything in the place of its journal; that must not stop the other runs.
                _note_unreadable(storable(str(run_directory / "journal" / name)), str(error))
                continue
            if stretch is not None:
                stretches.append(stretch)
        return stretches

    def _next_slots(self, run_id: str, file: str, journal: BinaryIO, start: int) -> Stretch | None:
        end = None if self._until is None else self._until.get(file, 0)
        batch = self._slots.next((run_id, file), journal, start, end)
        return None if batch is None else Stretch(run_id, file, start + batch.consumed, batch, b"")

    def _next(self, run_id: str, file: str, journal: BinaryIO, start: int, known: int) -> Stretch | None:
        journal.seek(start)
        left = min(_STRETCH_BYTES, known) if self._until is None else min(known, self._until.get(file, 0) - start)
        left = min(_STRETCH_BYTES, left)
        data = journal.read(max(0, left))
        if len(data) == _STRETCH_BYTES and b"\n" not in data:
            end = self._end_of_line((run_id, file), journal, start)
            if end is None:
                return None
            if end - start > MAX_RECORD_BYTES:
                return Stretch(run_id, file, end, JournalBatch(consumed=end - start, damaged=1), b"")
            journal.seek(start)
            data = journal.read(end - start)
        batch = decode(data)
        if batch.is_empty():
            return None
        return Stretch(run_id, file, start + batch.consumed, batch, data[: batch.consumed])

    def _end_of_line(self, key: tuple[str, str], journal: BinaryIO, start: int) -> int | None:
        """Return where a line that is longer than a stretch ends; None while it has no end, which is looked for once.

        What is no record of ours may be of any length, so one look goes no further than one record can reach.
        """
        at = max(start, self._searched.get(key, start))
        journal.seek(at)
        for _ in range(MAX_RECORD_BYTES // _STRETCH_BYTES + 1):
            chunk = journal.read(_STRETCH_BYTES)
            found = chunk.find(b"\n")
            if found >= 0:
                self._searched.pop(key, None)
                return at + found + 1
            at += len(chunk)
            if not chunk:
                break
        self._searched[key] = at
        return None

    def store(self, stretches: list[Stretch], *, labels: bool = True) -> list[Event]:
        """Store stretches with their positions and return what happened. Call inside a transaction.

        What cannot be stored is counted as damaged: one run must not keep the others from being stored.

        Parameters
        ----------
        labels : bool
            Whether tags, properties and names are taken, too, or only what was logged.
        """
        events: list[Event] = []
        for stretch in stretches:
            damaged = stretch.batch.damaged
            try:
                with self._db.savepoint():
                    events += self._store_batch(stretch.run_id, stretch.batch, labels=labels)
            except CONCERNS_ALL:
                raise
            except Exception:  # noqa: BLE001 - the boundary of one run; each record is tried by itself
                _log.exception("A part of the journal %s of the run %s cannot be stored.", stretch.file, stretch.run_id)
                damaged += self._store_line_by_line(stretch, events, labels=labels)
            metrics.set_journal_position(self._db, stretch.run_id, stretch.file, stretch.end, damaged=damaged)
            if damaged:
                events.append(RunUpdated(stretch.run_id))
        return events

    def _store_line_by_line(self, stretch: Stretch, events: list[Event], *, labels: bool) -> int:
        """Store what can be stored of a stretch, and return how many of its records cannot."""
        failed = 0
        for record in _one_by_one(stretch):
            try:
                with self._db.savepoint():
                    events += self._store_batch(stretch.run_id, record, labels=labels)
            except CONCERNS_ALL:
                raise
            except Exception as error:  # noqa: BLE001 - the boundary of one record, whatever is wrong with it
                _log.warning("A record of the run %s cannot be stored: %r", stretch.run_id, error)
                failed += 1
        return failed

    def _store_batch(self, run_id: str, batch: JournalBatch, *, labels: bool) -> list[Event]:
        events = list[Event]()
        if captured.make_way(self._db, run_id, self._logged_names(batch)):
            events.append(RunUpdated(run_id))
        if batch.points:
            curves = metrics.add_points(self._db, run_id, batch.points)
            captured.put_own_first(self._db, run_id)
            events.append(MetricsLogged(run_id, tuple(curves.items())))
        if batch.records:
            metrics.add_records(self._db, run_id, batch.records)
        if batch.captured:
            seen = captured.add(self._db, run_id, batch.captured.points, batch.captured.records)
            events.append(MetricsLogged(run_id, tuple(seen.items())))
        if not labels:
            return events
        kept = {key: value for key, value in batch.tags.items() if value is not None}
        removed = [key for key, value in batch.tags.items() if value is None]
        runs.set_labels(self._db, run_id, "tag", kept)
        runs.remove_tags(self._db, run_id, removed)
        runs.set_labels(self._db, run_id, "property", batch.properties)
        parameters.put(self._db, run_id, [Parameter(name, text) for name, text in batch.parameters.items()])
        of_script = batch.captured.parameters.items()
        seen_in_it = [Parameter(name, text, ParameterSource.CAPTURED) for name, text in of_script]
        parameters.put(self._db, run_id, seen_in_it)
        documents.put(self._db, run_id, batch.documents)
        shelves.follow(self._db, run_id, batch.documents, time.time())
        if batch.experiment is not None:
            runs.unindex(self._db, run_id)
            experiments.move_run(self._db, run_id, check_any_experiment_name(batch.experiment), at=time.time())
            runs.index(self._db, run_id)
        if batch.display_name is not None:
            runs.rename(self._db, run_id, title(batch.display_name))
        if batch.tells_of_the_run():
            events.append(RunUpdated(run_id))
        return events

    @staticmethod
    def _logged_names(batch: JournalBatch) -> set[str]:
        return set(batch.points.names) | {record[0] for record in batch.records}

    def stored(self, stretches: list[Stretch]) -> None:
        """Remember positions, once the transaction is committed."""
        for stretch in stretches:
            self._positions.setdefault(stretch.run_id, {})[stretch.file] = stretch.end

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that ended."""
        self._positions.pop(run_id, None)
        for key in [key for key in self._searched if key[0] == run_id]:
            del self._searched[key]
        self._slots.forget(lambda key: key[0] == run_id)


def _one_by_one(stretch: Stretch) -> Iterator[JournalBatch]:
    if stretch.data:
        yield from map(decode, stretch.data.splitlines(keepends=True))
    for point in stretch.batch.points if not stretch.data else ():
        record = JournalBatch()
        record.points.append(point)
        yield record


def _process(name: str) -> str:
    """Return the process that a journal is named for."""
    return name.partition("-")[0]


def _journals(folder: Path) -> list[tuple[str, int | None]]:
    """Return the name of each journal, and its size; None for what is no plain file. Those of numbers come first.

    The sizes are those before any is read: a line that is within them was written after all numbers that are missing
    from what is read of its process's numbers from now on.
    """
    if folder.is_symlink():
        _note_unreadable(storable(str(folder)), "It is a link.")
        return []
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                (entry.name, entry.stat().st_size if entry.is_file(follow_symlinks=False) else None)
                for entry in entries
                if entry.name.endswith((".jsonl", SUFFIX)) and entry.name != OUTSIDE
            )
        return sorted(found, key=lambda one: not one[0].endswith(SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as error:
        _note_unreadable(storable(str(folder)), str(error))
        return []


@lru_cache(maxsize=256)
def _note_unreadable(path: str, error: str) -> None:
    # Cached, so that what stays wrong is told once and not at every look.
    _log.warning("The journal %s cannot be read: %s", path, error)
