"""Names, the archive and the trash of experiments: each act takes the runs of an experiment with it, all or none."""

from __future__ import annotations

from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.events import RunUpdated
from desktop_aml.domain.names import check_any_experiment_name
from desktop_aml.domain.organising.requests import OrganiseExperiment
from desktop_aml.domain.requests import DeleteRun
from desktop_aml.engine.core.context import Desk
from desktop_aml.engine.runs.changes import RunChanges
from desktop_aml.store import experiments, runs
from desktop_aml.store.organising import runs as shelves


class ExperimentOrganiser:
    """Keeps the experiments of one workspace in order."""

    def __init__(self, desk: Desk, changes: RunChanges) -> None:
        self._desk = desk
        self._changes = changes

    def organise(self, request: OrganiseExperiment) -> None:
        """Change an experiment; one that only front ends knew becomes known. Call inside a commit.

        Raises
        ------
        Conflict
            When another one has the new name, a run that is to be deleted has not ended or has a star, or what is to
            be removed is not in the trash.
        InvalidName
            When an experiment cannot be called so.
        """
        db, now = self._desk.db, self._desk.now()
        experiments.make(db, request.name, now)
        ids = experiments.runs_of(db, request.name)
        if request.archived is not None:
            self._archive(request.name, now, archived=request.archived)
        if request.deleted is not None:
            self._delete(request.name, ids, now, deleted=request.deleted)
        if request.forever:
            self._remove(request.name, ids)
        elif request.new_name is not None and request.new_name != request.name:
            self._rename(request.name, request.new_name, ids)
        for run_id in ids if not request.forever else ():
            self._desk.announce(RunUpdated(run_id))

    def _archive(self, name: str, now: float, *, archived: bool) -> None:
        db = self._desk.db
        since = experiments.told_archived_at(db, name)
        if archived:
            for run_id in shelves.of_experiment(db, name, archived=False):
                shelves.archive(db, run_id, now)
        elif since is not None:
            for run_id in shelves.of_experiment(db, name, archived=True, since=since):
                shelves.archive(db, run_id, None)
        experiments.archive(db, name, now if archived else None, now)

    def _delete(self, name: str, ids: list[str], now: float, *, deleted: bool) -> None:
        db = self._desk.db
        since = experiments.told_deleted_at(db, name)
        if deleted:
            for run_id in ids:
                if not (state := runs.state_of(db, run_id)).is_terminal():
                    raise Conflict(f"The run “{run_id}” of it is {state}.", "Cancel it first, then delete it.")
                if not shelves.is_deleted(db, run_id):
                    self._changes.refuse_starred(run_id)
                    shelves.delete(db, run_id, now)
        elif since is not None:
            for run_id in shelves.of_experiment(db, name, deleted=True, since=since):
                shelves.delete(db, run_id, None)
        experiments.delete(db, name, now if deleted else None, now)

    def _remove(self, name: str, ids: list[str]) -> None:
        db = self._desk.db
        if experiments.told_deleted_at(db, name) is None or not all(shelves.is_deleted(db, one) for one in ids):
            raise Conflict(f"The experiment “{name}” is not in the trash.", "Delete it first.")
        for run_id in ids:
            self._changes.delete(DeleteRun(run_id=run_id))
        experiments.forget(db, name)

    def _rename(self, name: str, new_name: str, ids: list[str]) -> None:
        db = self._desk.db
        if experiments.is_known(db, check_any_experiment_name(new_name)):
            hint = f"Move its runs there: desktop-aml run move --filter 'experiment = \"{name}\"' --to {new_name}"
            raise Conflict(f"There is an experiment “{new_name}” already.", hint)
        for run_id in ids:
            runs.unindex(db, run_id)
        experiments.rename(db, name, new_name)
        for run_id in ids:
            runs.index(db, run_id)
