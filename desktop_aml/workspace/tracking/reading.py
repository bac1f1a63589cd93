"""Reading runs as they are now: what the database has, and what the journals hold beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.journal import OUTSIDE, JournalBatch, decode
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.names import storable, title
from desktop_aml.domain.runs import EXTERNAL, RunState
from desktop_aml.executors.external import ended_as
from desktop_aml.inside_run.site.desktop_aml_run.slots import SUFFIX
from desktop_aml.run_folder.journals import slot_files
from desktop_aml.store import metrics
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.summaries import captured
from desktop_aml.store.tracking import points, stored
from desktop_aml.store.tracking.stored import StoredRun
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.tracking.values import TrackedMetric, TrackedRun, as_number

_STRETCH_BYTES: Final = 4 << 20


class RunReader:
    """Reads runs of one workspace.

    Parameters
    ----------
    db : Database
        A connection of its own: what belongs together is read in one transaction of it.
    """

    def __init__(self, folder: WorkspaceFolder, db: Database) -> None:
        self._folder = folder
        self._db = db

    def run(self, run_id: str) -> TrackedRun:
        """Return a run.

        Raises
        ------
        NotFound
            When there is none of exactly this id.
        """
        found = self.many([run_id])
        if not found:
            raise NotFound(f"Run with id={run_id[:300]} not found")
        return found[0]

    def many(self, run_ids: Sequence[str]) -> list[TrackedRun]:
        """Return those of the runs that there are, in this order."""
        with self._db.reading():
            found = [(_tracked(one), one.positions) for one in stored.runs_of(self._db, run_ids)]
        for run, positions in found:
            for batch in self._tails(run.run_id, positions):
                _add(run, batch)
            if run.target == EXTERNAL and not run.state.is_terminal():
                outcome = ended_as(self._folder.run(run.run_id))
                if outcome is not None:
                    run.state = RunState.COMPLETED if outcome.succeeded() else RunState.FAILED
                    run.ended_at = outcome.ended_at
        return [run for run, _ in found]

    def history(self, run_id: str, key: str) -> list[TrackedMetric]:
        """Return every point of a metric, in the order in which they were logged."""
        with self._db.reading():
            rows = [] if key in captured.sources(self._db, run_id) else points.history(self._db, run_id, key)
            positions = metrics.journal_positions(self._db, run_id)
        found = [TrackedMetric(key, value, round(at * 1000), step) for value, at, step in rows]
        for batch in self._tails(run_id, positions):
            found += [point for point in _points(batch) if point.key == key]
        return found

    def last_values(self, run_id: str) -> dict[str, Scalar]:
        """Return the last value of each metric of a run as it was written, whether the engine has it yet or not."""
        with self._db.reading():
            found = metrics.last_values(self._db, run_id)
            positions = metrics.journal_positions(self._db, run_id)
        for batch in self._tails(run_id, positions):
            found.update((name, value) for name, _, _, value in batch.points)
        return found

    def is_behind(self, run_id: str) -> bool:
        """Whether the journals of a run hold whole records that the database has not."""
        positions = metrics.journal_positions(self._db, run_id)
        return any(batch.consumed for batch in self._tails(run_id, positions))

    def _tails(self, run_id: str, positions: dict[str, int]) -> Iterator[JournalBatch]:
        for path in sorted((self._folder.run(run_id) / "journal").glob("*.jsonl")):
            if path.name != OUTSIDE:
                yield from _tail(path, positions.get(storable(path.name), 0))
        for path in sorted((self._folder.run(run_id) / "journal").glob(f"*{SUFFIX}")):
            yield from slot_files.tail(path, positions.get(storable(path.name), 0))


def _tracked(one: StoredRun) -> TrackedRun:
    summary = one.summary
    return TrackedRun(
        run_id=summary.id,
        name=summary.display_name,
        experiment=summary.experiment,
        state=summary.state,
        target=summary.target,
        created_at=summary.created_at,
        started_at=summary.started_at,
        ended_at=summary.ended_at,
        parent=summary.parent,
        description=one.description,
        tags=one.tags,
        parameters=one.parameters,
        metrics={
            name: TrackedMetric(name, value, round(at * 1000), step) for name, (value, at, step) in one.metrics.items()
        },
        documents=one.documents,
    )


def _tail(path: Path, start: int) -> Iterator[JournalBatch]:
    try:
        with open_regular(path) as journal:
            journal.seek(start)
            rest = b""
            while data := journal.read(_STRETCH_BYTES):
                batch = decode(rest + data)
                rest = (rest + data)[batch.consumed :]
                yield batch
    except OSError:
        return  # the script may have put anything there; the engine tells of it


def _points(batch: JournalBatch) -> Iterator[TrackedMetric]:
    for name, step, at, value in batch.points:
        number = as_number(value)
        if number is not None:
            yield TrackedMetric(name, number, round(at * 1000), step or 0)


def _add(run: TrackedRun, batch: JournalBatch) -> None:
    for point in _points(batch):
        known = run.metrics.get(point.key)
        if known is None or point.rank() >= known.rank():
            run.metrics[point.key] = point
    for key, value in batch.tags.items():
        if value is None:
            run.tags.pop(key, None)
        else:
            run.tags[key] = value
    run.parameters.update(batch.parameters)
    run.documents.update(batch.documents)
    if batch.experiment is not None:
        run.experiment = batch.experiment
    if batch.display_name is not None:
        run.name = title(batch.display_name)
