"""Experiments: the names that runs are gathered under, kept in order, and what Azure ML code wrote about them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import msgspec

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.names import check_any_experiment_name, check_experiment_name
from desktop_aml.domain.organising.requests import OrganiseExperiment
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.store import azure_records, experiments
from desktop_aml.store.azure_records import ExperimentRecord
from desktop_aml.workspace.service import Service
from desktop_aml.workspace.tracking.experiments import Experiments as Tracked

_ALWAYS_THERE: Final = "default"


@dataclass(frozen=True, slots=True)
class ExperimentSummary:
    """One experiment. Times are Unix times in seconds.

    Parameters
    ----------
    run_count : int
        Runs that are not in the trash.
    archived_at, deleted_at : float or None
        Since when it is in the archive or the trash.
    file_bytes : int
        What the files of its runs take, each content once.
    """

    name: str
    run_count: int
    last_run_at: float | None
    archived_at: float | None = None
    deleted_at: float | None = None
    file_bytes: int = 0

    @property
    def shelf(self) -> Shelf:
        """Where it is kept."""
        away = Shelf.ARCHIVE if self.archived_at is not None else Shelf.ACTIVE
        return Shelf.TRASH if self.deleted_at is not None else away


@dataclass(frozen=True, slots=True)
class ExperimentUndo:
    """What brings an experiment back to what it was before an act; hand it to `Experiments.undo`."""

    request: OrganiseExperiment


class Experiments(Service):
    """The experiments of a workspace.

    Examples
    --------
    >>> run = workspace.runs.submit(script, experiment="tuning")
    >>> [(one.name, one.run_count) for one in workspace.experiments.list()]
    [('tuning', 1)]
    """

    def list(self, shelf: Shelf = Shelf.ACTIVE, *, sizes: bool = False) -> tuple[ExperimentSummary, ...]:
        """Return the experiments of a shelf, by name; what their files take only where asked for: that is slow."""
        taken = experiments.file_sizes(self._db) if sizes else {}
        # MLflow's clients and Azure ML code say it, too: of the first the last word counts.
        clients, archived = self._tracked().told(), self._archived()
        known: list[ExperimentSummary] = []
        for row in experiments.standings(self._db):
            told_at, deleted_at = clients.get(row.name, (-1.0, None))
            gone = row.deleted_at if row.told_at > told_at else deleted_at
            since = row.archived_at if row.told_at else archived.get(row.name)
            known.append(
                ExperimentSummary(
                    row.name, row.runs, row.last_at, since, None if row.runs else gone, taken.get(row.name, 0)
                )
            )
        return tuple(one for one in known if shelf in {one.shelf, Shelf.EVERYTHING})

    def names(self) -> tuple[str, ...]:
        """Return every experiment that has runs or was made by Azure ML code, by name; not those in the trash."""
        everywhere = self.list(Shelf.EVERYTHING)
        gone = {one.name for one in everywhere if one.shelf is Shelf.TRASH}
        known = {one.name for one in everywhere} | set(azure_records.experiments(self._folder).names())
        return tuple(sorted(known - gone, key=str.lower))

    def find(self, name: str) -> ExperimentSummary:
        """Return one experiment, on whatever shelf.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        for one in self.list(Shelf.EVERYTHING):
            if one.name == name:
                return one
        tracked = self._tracked().named(name)
        if name in self.names() or tracked is not None:
            gone = tracked.deleted_at if tracked is not None else None
            return ExperimentSummary(name, 0, None, self._archived().get(name), gone)
        raise NotFound(
            f"There is no experiment “{name}” in this workspace.", "List them with: desktop-aml experiment list"
        )

    def run_ids(self, name: str) -> tuple[str, ...]:
        """Return the ids of all runs of an experiment, those in archive and trash among them, oldest first."""
        return tuple(experiments.runs_of(self._db, name))

    def rename(self, name: str, new_name: str) -> ExperimentUndo:
        """Give an experiment another name; its runs keep their numbers, and MLflow's clients its identifier.

        Raises
        ------
        Conflict
            When there is one of the new name.
        """
        self._find_to_change(name, check_any_experiment_name(new_name))
        if new_name in self.names() or self._tracked().named(new_name) is not None:
            raise Conflict(f"There is an experiment “{new_name}” already.", "Move the runs there: desktop-aml run move")
        was = self._tracked().named(name)
        self._client.ask(OrganiseExperiment(name=name, new_name=new_name))
        if was is not None:
            self._tracked().follow(was, new_name)
        records = azure_records.experiments(self._folder)
        if name in records.names() and (record := records.get(name)) is not None:
            records.put(new_name, record)
            records.remove(name)
        return ExperimentUndo(OrganiseExperiment(name=new_name, new_name=name))

    def archive(self, name: str, *, archived: bool = True) -> ExperimentUndo:
        """Put an experiment with its runs into the archive, or take it out with those that went in with it."""
        before = self._find_to_change(name, always_there=True)
        self._client.ask(OrganiseExperiment(name=name, archived=archived))
        return ExperimentUndo(OrganiseExperiment(name=name, archived=before.archived_at is not None))

    def delete(self, name: str) -> ExperimentUndo:
        """Put an experiment with its runs into the trash, where they stay, and take room, until it is emptied.

        Raises
        ------
        Conflict
            When one of its runs has not ended, or has a star.
        """
        before = self._find_to_change(name)
        self._client.ask(OrganiseExperiment(name=name, deleted=True))
        return ExperimentUndo(OrganiseExperiment(name=name, deleted=before.deleted_at is not None))

    def restore(self, name: str) -> ExperimentUndo:
        """Take an experiment out of trash and archive, with the runs that went there with it."""
        before = self._find_to_change(name, always_there=True)
        self._client.ask(
            OrganiseExperiment(
                name=name,
                deleted=False if before.deleted_at is not None else None,
                archived=False if before.archived_at is not None else None,
            )
        )
        was = OrganiseExperiment(
            name=name,
            deleted=True if before.deleted_at is not None else None,
            archived=True if before.archived_at is not None else None,
        )
        return ExperimentUndo(was)

    def remove(self, name: str) -> None:
        """Remove an experiment that is in the trash with all its runs and files; there is no way back.

        Raises
        ------
        Conflict
            When it is not in the trash.
        """
        self._find_to_change(name)
        self._client.ask(OrganiseExperiment(name=name, forever=True))
        self._client.free_room()
        self._tracked().forget(name)
        if name in azure_records.experiments(self._folder).names():
            azure_records.experiments(self._folder).remove(name)

    def undo(self, undo: ExperimentUndo) -> None:
        """Bring an experiment back to what it was."""
        request = undo.request
        if request.new_name is not None:
            self.rename(request.name, request.new_name)
        elif request.deleted is not None or request.archived is not None:
            self._client.ask(request)

    def get(self, name: str) -> ExperimentRecord:
        """Return what is written about an experiment, and make a note of its existence when it is new.

        Returns
        -------
        ExperimentRecord
            Tags, and when it was made and archived, as Unix time in seconds.

        Raises
        ------
        InvalidName
            When the name breaks a rule.
        """
        check_experiment_name(name)
        records = azure_records.experiments(self._folder)
        found = records.get(name)
        if found is None:
            found = ExperimentRecord(created_at=time.time())
            records.put(name, found)
        if experiments.is_known(self._db, name):
            return msgspec.structs.replace(found, archived_at=self.find(name).archived_at)
        return found

    def put(self, name: str, record: ExperimentRecord) -> None:
        """Replace what is written about an experiment."""
        is_archived = self.get(name).archived_at is not None
        azure_records.experiments(self._folder).put(check_experiment_name(name), record)
        if is_archived != (record.archived_at is not None) and experiments.is_known(self._db, name):
            self.archive(name, archived=not is_archived)

    def id_of(self, name: str) -> str:
        """Return the identifier of an experiment."""
        return azure_records.experiment_id(self._folder, name)

    def forget(self, name: str) -> None:
        """Forget what is written about an experiment without runs.

        Raises
        ------
        Conflict
            When it has runs.
        """
        if any(one.name == name and one.run_count for one in self.list(Shelf.EVERYTHING)):
            raise Conflict(f"The experiment “{name}” has runs.", "Delete its runs first.")
        if not azure_records.experiments(self._folder).remove(name):
            raise NotFound(f"There is no experiment “{name}” in this workspace.")

    def _find_to_change(self, name: str, new_name: str = "", *, always_there: bool = False) -> ExperimentSummary:
        if _ALWAYS_THERE in {name, new_name} and not always_there:
            words = f"The experiment “{_ALWAYS_THERE}” holds what names no other: it stays, with its name."
            raise InvalidInput(words, "Delete or move its runs: desktop-aml run delete, desktop-aml run move")
        found = self.find(name)
        if experiments.is_known(self._db, name) and not experiments.is_own(self._db, name):
            words = f"The experiment “{name}” is attached, and only read."
            raise Conflict(words, "Change it with the tool that recorded it, then: desktop-aml attach --refresh")
        return found

    def _tracked(self) -> Tracked:
        return Tracked(self._folder, self._db)

    def _archived(self) -> dict[str, float]:
        """Return since when Azure ML code has had experiments archived that nobody else spoke of."""
        records = azure_records.experiments(self._folder)
        found = {name: record.archived_at for name in records.names() if (record := records.get(name)) is not None}
        return {name: at for name, at in found.items() if at is not None}
