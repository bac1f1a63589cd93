"""The moves of a run in the state table: each one transaction, told once it is durable."""

from __future__ import annotations

from desktop_aml.domain.events import RunMoved
from desktop_aml.domain.runs import RunEvent, RunOutcome, RunState
from desktop_aml.engine.core.context import Desk
from desktop_aml.engine.registry import output_datasets
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.run_folder import collect, nested_runs, script_variables
from desktop_aml.store import runs
from desktop_aml.store.record import outbox
from desktop_aml.store.record.kinds import RecordKind
from desktop_aml.store.run_table import facts


class RunMoves:
    """What every part of a run's way moves it with.

    Parameters
    ----------
    journals : JournalReader
        What reads the journals; it forgets a run that is over.
    """

    def __init__(self, desk: Desk, journals: JournalReader) -> None:
        self._desk = desk
        self._journals = journals

    def state(self, run_id: str) -> RunState:
        """Return the state that the store holds."""
        return runs.state_of(self._desk.db, run_id)

    def move(
        self,
        run_id: str,
        event: RunEvent,
        *,
        note: str = "",
        outcome: RunOutcome | None = None,
        error: str = "",
        hint: str = "",
        details: str = "",
    ) -> None:
        """Move a run as the state table says.

        Raises
        ------
        Conflict
            When the table knows no such move.
        """
        with self._desk.commit():
            change = runs.move(
                self._desk.db,
                run_id,
                event,
                at=self._desk.now(),
                note=note,
                outcome=outcome,
                error=error,
                hint=hint,
                details=details,
            )
            if change.state is RunState.COMPLETED and output_datasets.wanted(self._desk.db, run_id):
                outbox.put(self._desk.db, RecordKind.OUTPUT_DATASETS, run_id)
            self._desk.announce(RunMoved(run_id, change.state, change.at, change.sequence, change.note))

    def stopped(self, run_id: str, note: str, outcome: RunOutcome | None = None) -> None:
        """End a run that was stopped on request: Canceled, or Failed when the request called it so."""
        why = facts.error(self._desk.db, run_id)
        if why:
            reported = collect.reported_failure(self._desk.folder.run(run_id))
            details = reported.stack_trace if reported else ""
            self.move(run_id, RunEvent.FAIL, outcome=outcome, error=why, details=details)
        else:
            self.move(run_id, RunEvent.SUCCEEDED, outcome=outcome, note=note)

    def asked_because(self, run_id: str) -> str:
        """Return why the end of a run was asked for; empty where nobody said."""
        asked = [one for one in runs.history(self._desk.db, run_id) if one.state is RunState.CANCEL_REQUESTED]
        return asked[-1].note if asked else ""

    def lose(self, run_id: str, why: str) -> None:
        """Queue a run of which nothing ran once more, or fail it when that happened too often."""
        self.move(run_id, RunEvent.LOST, note=why, error=f"The run could not be started: {why}")
        if self.state(run_id).is_terminal():
            self.finished(run_id)

    def finished(self, run_id: str) -> None:
        """Leave the folder of a run that is over as it is to stay."""
        self._journals.forget(run_id)
        script_variables.forget_secrets(self._desk.folder.run(run_id))
        db = self._desk.db
        nested_runs.settle(self._desk.folder, run_id, lambda one: runs.is_over(db, one))
        self._desk.woken.set()
