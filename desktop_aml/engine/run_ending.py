"""How a run ends: what its script left is explained, collected and kept, and its last state follows from that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.runs import EXTERNAL, RunEvent, RunOutcome, RunState
from desktop_aml.engine import collect, working_copies
from desktop_aml.engine.desk import Desk, Failed
from desktop_aml.engine.run_moves import RunMoves
from desktop_aml.store import environments, run_losses, runs


class RunEnding:
    """Brings runs whose script has ended to their last state.

    Parameters
    ----------
    ingest : callable
        Stores what scripts logged; returns whether there was anything.
    wait_for_data : callable
        Waits, not for long, until what the run read is hashed; called on a worker.
    done : callable
        Told a run once it is over.
    """

    def __init__(
        self,
        desk: Desk,
        moves: RunMoves,
        *,
        ingest: Callable[[], bool],
        wait_for_data: Callable[[], None],
        done: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._moves = moves
        self._ingest = ingest
        self._wait_for_data = wait_for_data
        self._done = done

    def stored_outcome(self, run_id: str) -> RunOutcome:
        """Return the outcome that an earlier engine stored; that of a lost run where it stored none."""
        lost = RunOutcome(reason="lost", message="The end of the script was not recorded.")
        return runs.get(self._desk.db, run_id).outcome or lost

    def ended(self, run_id: str, outcome: RunOutcome) -> None:
        """Take up the end of a script."""
        while self._ingest():
            pass
        state = self._moves.state(run_id)
        if state is RunState.RUNNING and not outcome.was_lost():
            event = RunEvent.SUCCEEDED if outcome.succeeded() else RunEvent.ERRORED
            failure = collect.Failure("") if outcome.succeeded() else self._explained(run_id, outcome)
            self._moves.move(
                run_id, event, outcome=outcome, error=failure.message, hint=failure.hint, details=failure.details
            )
        self.finalize(run_id, outcome)

    def _explained(self, run_id: str, outcome: RunOutcome) -> collect.Failure:
        detail = runs.get(self._desk.db, run_id)
        is_image = False
        if detail.environment_version:
            with suppress(NotFound):
                kind = environments.get(self._desk.db, detail.summary.environment, detail.environment_version).kind
                is_image = kind.needs_docker
        return collect.explain(
            outcome,
            self._desk.folder.run(run_id),
            source_directory=detail.source_directory,
            is_image=is_image,
        )

    def finalize(self, run_id: str, outcome: RunOutcome) -> None:
        """Collect what a script left behind, clear where it worked, then end its run.

        Each step may be repeated: an engine that dies in between leaves the run in the state that brings it here again,
        and what was collected is known then.
        """
        folder = self._desk.folder.run(run_id)
        known = {artifact.path for artifact in runs.artifacts(self._desk.db, run_id)}

        def work() -> collect.Collected:
            found = collect.collect(folder, self._desk.blobs, known=known)
            self._wait_for_data()
            return found

        self._desk.later(work, lambda result: self._collected(run_id, outcome, result))

    def _collected(self, run_id: str, outcome: RunOutcome, result: collect.Collected | Failed) -> None:
        while self._ingest():
            pass
        db = self._desk.db
        if isinstance(result, Failed):
            words = f"The outputs of the run could not be kept: {result.error.message}"
            self._over(run_id, outcome, collect.Failure(words, result.error.hint, result.error.details))
            return
        with self._desk.commit():
            runs.add_artifacts(db, run_id, result.artifacts)
            run_losses.set_left_out(db, run_id, result.left_out)
        result.recorded()
        if runs.get(db, run_id).summary.target == EXTERNAL:
            # Its folder belongs to the program that records the run.
            self._over(run_id, outcome)
            return
        folder, blobs = self._desk.folder.run(run_id), self._desk.blobs
        kept = {artifact.path: artifact.sha256 for artifact in runs.artifacts(db, run_id)}
        self._desk.later(
            lambda: working_copies.clear(folder, blobs, kept, result.looks), lambda _: self._over(run_id, outcome)
        )

    def _over(self, run_id: str, outcome: RunOutcome, failed: collect.Failure | None = None) -> None:
        with self._desk.commit():
            self._end(run_id, outcome, failed)
        self._done(run_id)

    def _end(self, run_id: str, outcome: RunOutcome, failed: collect.Failure | None = None) -> None:
        state = self._moves.state(run_id)
        if state is RunState.RUNNING:
            # Only a lost run comes here in this state: the table ends it at once.
            failure = self._explained(run_id, outcome)
            self._moves.move(
                run_id, RunEvent.LOST, outcome=outcome, error=failure.message, hint=failure.hint, note=failure.message
            )
        elif state is RunState.CANCEL_REQUESTED:
            self._moves.stopped(run_id, "Canceled on request.", outcome)
        elif failed is not None:
            self._moves.move(
                run_id,
                RunEvent.ERRORED,
                error=failed.message,
                hint=failed.hint,
                details=failed.details,
                outcome=outcome,
            )
        else:
            self._moves.move(run_id, RunEvent.SUCCEEDED if outcome.succeeded() else RunEvent.ERRORED)
