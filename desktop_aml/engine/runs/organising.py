"""Stars, the archive, the trash and moves of runs: many at once, all of them or none."""

from __future__ import annotations

from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.events import RunUpdated
from desktop_aml.domain.names import check_any_experiment_name
from desktop_aml.domain.organising.requests import OrganiseRuns
from desktop_aml.domain.requests import DeleteRun, UpdateRun
from desktop_aml.engine.core.context import Desk
from desktop_aml.engine.runs.changes import RunChanges
from desktop_aml.store import experiments, runs
from desktop_aml.store.organising import runs as shelves


class RunOrganiser:
    """Keeps the runs of one workspace in order. Nothing here moves a run through its states."""

    def __init__(self, desk: Desk, changes: RunChanges) -> None:
        self._desk = desk
        self._changes = changes

    def organise(self, request: OrganiseRuns) -> None:
        """Change runs. Call inside a commit.

        Raises
        ------
        NotFound
            When there is no such run.
        Conflict
            When a run that is to be deleted has not ended or has a star, or one to be removed is not in the trash.
        """
        for run_id in dict.fromkeys(request.run_ids):
            if request.forever:
                self._remove(run_id)
                continue
            self._place(run_id, request)
            self._write(run_id, request)
            self._desk.announce(RunUpdated(run_id))

    def _place(self, run_id: str, request: OrganiseRuns) -> None:
        db = self._desk.db
        state = runs.state_of(db, run_id)
        if request.starred is not None:
            shelves.star(db, run_id, starred=request.starred)
        if request.archived is not None:
            shelves.archive(db, run_id, self._desk.now() if request.archived else None)
        if request.deleted:
            if not state.is_terminal():
                raise Conflict(f"The run “{run_id}” is {state}.", "Cancel it first, then delete it.")
            self._changes.refuse_starred(run_id)
        if request.deleted is not None:
            shelves.delete(db, run_id, self._desk.now() if request.deleted else None)
        if request.experiment is not None:
            runs.unindex(db, run_id)
            name = check_any_experiment_name(request.experiment)
            experiments.move_run(db, run_id, name, at=self._desk.now())
            runs.index(db, run_id)

    def _write(self, run_id: str, request: OrganiseRuns) -> None:
        words = (request.display_name, request.description, request.tags or None, request.remove_tags or None)
        if any(word is not None for word in words):
            self._changes.update(
                UpdateRun(
                    run_id=run_id,
                    display_name=request.display_name,
                    description=request.description,
                    tags=request.tags,
                    remove_tags=request.remove_tags,
                )
            )

    def _remove(self, run_id: str) -> None:
        runs.state_of(self._desk.db, run_id)
        if not shelves.is_deleted(self._desk.db, run_id):
            raise Conflict(f"The run “{run_id}” is not in the trash.", "Delete it first.")
        self._changes.delete(DeleteRun(run_id=run_id))
