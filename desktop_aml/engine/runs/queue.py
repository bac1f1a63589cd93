"""The order of the queue, and whether runs are taken from it at all, as people say it."""

from __future__ import annotations

from desktop_aml.domain.errors import Conflict, InvalidInput
from desktop_aml.domain.events import RunUpdated
from desktop_aml.domain.organising.queue import GREATEST_PRIORITY, ChangeQueue
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core.context import Desk
from desktop_aml.store import pools, runs
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import write_durably


def is_paused(folder: WorkspaceFolder) -> bool:
    """Whether queued runs wait until somebody has the queue go on."""
    return folder.pause_mark.exists()


class RunQueue:
    """Changes the queue of one workspace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def change(self, request: ChangeQueue) -> None:
        """Pause the queue, have it go on, or give a queued run another place. Call inside a commit.

        Raises
        ------
        Conflict
            When a run that was named does not wait.
        InvalidInput
            When a priority is none.
        """
        if request.is_paused is not None:
            mark = self._desk.folder.pause_mark
            if request.is_paused:
                write_durably(mark, b"")
            else:
                mark.unlink(missing_ok=True)
            self._desk.woken.set()
        if not request.run_id:
            return
        for run_id in filter(None, (request.run_id, request.before)):
            if runs.state_of(self._desk.db, run_id) is not RunState.QUEUED:
                raise Conflict(f"The run “{run_id}” does not wait in the queue.", "See: desktop-aml run queue")
        if request.priority is not None:
            if abs(request.priority) > GREATEST_PRIORITY:
                raise InvalidInput(
                    f"{request.priority} is no priority.", f"Use -{GREATEST_PRIORITY} to {GREATEST_PRIORITY}."
                )
            pools.set_priority(self._desk.db, request.run_id, request.priority)
        # Whoever asked may have seen a first one that has begun since.
        before = pools.waiting(self._desk.db, 1)[0] if request.is_first else request.before
        if before is not None and before != request.run_id:
            pools.move_before(self._desk.db, request.run_id, before)
        self._desk.announce(RunUpdated(request.run_id))
