"""How a run ends: what its script left is explained, collected and kept, and its last state follows from that."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from desktop_aml.domain.errors import CONCERNS_ALL, DiskFull, NotFound
from desktop_aml.domain.names import storable
from desktop_aml.domain.runs import EXTERNAL, Artifact, RunEvent, RunOutcome, RunState
from desktop_aml.domain.summaries import gpu_use, machine_use
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.runs.transitions import RunMoves
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.run_folder import collect, curves, installed_packages, printed_log, script_env, working_copies
from desktop_aml.store import environments, metrics, run_losses, runs
from desktop_aml.store.run_table import facts
from desktop_aml.store.summaries import captured

_log = logging.getLogger(__name__)
_LONGEST_FAULT = 2000


class RunEnding:
    """Brings runs whose script has ended to their last state.

    Parameters
    ----------
    ingest : callable
        Stores a part of what the script of a run logged; returns whether there was anything.
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
        ingest: Callable[[str], bool],
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
        """Take up the end of a script, once all that it logged is stored."""
        state = self._moves.state(run_id)
        if state is RunState.RUNNING and not outcome.was_lost():
            event = RunEvent.SUCCEEDED if outcome.succeeded() else RunEvent.ERRORED
            failure = collect.Failure("") if outcome.succeeded() else self._explained(run_id, outcome)
            self._moves.move(
                run_id, event, outcome=outcome, error=failure.message, hint=failure.hint, details=failure.details
            )
        self.finalize(run_id, outcome)

    def why(self, run_id: str, outcome: RunOutcome) -> str:
        """Return in words why a run did not end well; empty when it did."""
        return "" if outcome.succeeded() else self._explained(run_id, outcome).message.rstrip(".") + "."

    def _explained(self, run_id: str, outcome: RunOutcome) -> collect.Failure:
        detail = runs.get(self._desk.db, run_id)
        is_image = False
        lock = environments.load_lock(self._desk.db, detail.lock_hash) if detail.lock_hash else None
        if detail.environment_version:
            with suppress(NotFound):
                name = detail.summary.environment.partition(":")[0]
                kind = environments.get(self._desk.db, name, detail.environment_version).kind
                is_image = kind.needs_docker
        return collect.explain(
            outcome,
            self._desk.folder.run(run_id),
            source_directory=detail.source_directory,
            is_image=is_image,
            notes=lock.notes if lock is not None else (),
        )

    def finalize(self, run_id: str, outcome: RunOutcome) -> None:
        """Collect what a script left behind, clear where it worked, then end its run.

        Each step may be repeated: an engine that dies in between leaves the run in the state that brings it here again,
        and what was collected is known then.
        """
        folder = self._desk.folder.run(run_id)
        known = {artifact.path for artifact in runs.artifacts(self._desk.db, run_id)}
        is_silent = self._logged_nothing(run_id)

        def work() -> collect.Collected:
            if is_silent:
                printed_log.note_printed(folder)
            found = collect.collect(folder, self._desk.blobs, known=known)
            self._wait_for_data()
            peaks = gpu_use.peaks(curves.of_gpus(folder))
            return replace(found, installed=installed_packages.installed(folder), on_gpus=peaks)

        self._desk.later(work, lambda result: self._collected(run_id, outcome, result))

    def _finalize_late(self, run_id: str, outcome: RunOutcome) -> None:
        with self._boundary(run_id):
            self.finalize(run_id, outcome)

    def _logged_nothing(self, run_id: str) -> bool:
        """Whether the log is to be read for results: the run is captured, and its script logged none itself."""
        _, _, env_vars = runs.attempt_of(self._desk.db, run_id)
        is_external = facts.target(self._desk.db, run_id) == EXTERNAL
        if is_external or env_vars.get(script_env.CAPTURE_VARIABLE) == "off":
            return False
        return not metrics.last_values(self._desk.db, run_id).keys() - captured.sources(self._desk.db, run_id).keys()

    def _collected(self, run_id: str, outcome: RunOutcome, result: collect.Collected | Failed) -> None:
        if isinstance(result, Failed) and isinstance(result.error, DiskFull):
            self._desk.put_off(lambda: self._finalize_late(run_id, outcome), result.error)
        elif isinstance(result, Failed):
            words = f"The outputs of the run could not be kept: {result.error.message}"
            hint = f"{result.error.hint} Then take them again: desktop-aml run collect {run_id}".strip()
            self._over(run_id, outcome, collect.Failure(words, hint, result.error.details))
        else:
            with self._boundary(run_id, result):
                if self._ingest(run_id):
                    self._desk.put(lambda: self._collected(run_id, outcome, result))
                else:
                    self._keep(run_id, outcome, result)

    def _keep(self, run_id: str, outcome: RunOutcome, result: collect.Collected) -> None:
        db = self._desk.db
        words = (_left_out_words(len(result.left_out)), installed_packages.words_about(result.installed))
        note = " ".join(filter(None, words))
        attempt = str(facts.attempt(db, run_id))
        place = self._desk.folder.run(run_id)
        use = AttemptFiles(place / "attempts" / attempt).use() | result.on_gpus
        with self._desk.commit():
            runs.set_labels(db, run_id, "property", machine_use.as_properties(use))
            runs.add_artifacts(db, run_id, result.artifacts)
            run_losses.set_left_out(db, run_id, result.left_out)
            runs.set_labels(db, run_id, "property", installed_packages.as_property(result.installed))
        result.recorded()
        if facts.target(db, run_id) == EXTERNAL:
            # Its folder belongs to the program that records the run.
            self._over(run_id, outcome, None, note)
            return
        folder, blobs = self._desk.folder.run(run_id), self._desk.blobs
        kept = {artifact.path: artifact.sha256 for artifact in runs.artifacts(db, run_id)}

        def clear() -> None:
            working_copies.clear(folder, blobs, kept, result.looks)
            installed_packages.clear(folder)

        self._desk.later(clear, lambda _: self._over(run_id, outcome, None, note))

    def _over(self, run_id: str, outcome: RunOutcome, failed: collect.Failure | None = None, note: str = "") -> None:
        with self._boundary(run_id):
            with self._desk.commit():
                self._end(run_id, outcome, failed, note)
            self._done(run_id)

    @contextmanager
    def _boundary(self, run_id: str, result: collect.Collected | None = None) -> Iterator[None]:
        """End a run in words whose end fails, and keep what can be kept of it; the others go on."""

        def take_in(error: Exception) -> None:
            _log.error("The run %s cannot be finalized.", run_id, exc_info=error)
            self.give_up(run_id, error)
            if result is not None:
                self._keep_each(run_id, result.artifacts)
                result.recorded()
            self._done(run_id)

        with boundary(self._desk.folder.root, take_in):
            yield

    def _keep_each(self, run_id: str, artifacts: Sequence[Artifact]) -> None:
        """Keep what can be kept of the files of a run that could not be finalized."""
        with self._desk.commit():
            for artifact in artifacts:
                try:
                    with self._desk.db.savepoint():
                        runs.add_artifacts(self._desk.db, run_id, (artifact,))
                except CONCERNS_ALL:
                    raise
                except Exception as error:  # noqa: BLE001 - the boundary of one file
                    _log.warning("A file of the run %s is not kept: %r", run_id, error)

    def give_up(self, run_id: str, error: Exception) -> None:
        """End a run with which Desktop AML itself cannot go on, and say so."""
        words = f"Desktop AML met a fault with this run: {type(error).__name__}: {error}"[:_LONGEST_FAULT]
        hint = f"What it logged is kept. Take its outputs again with: desktop-aml run collect {run_id}"
        state = self._moves.state(run_id)
        if state is RunState.CANCEL_REQUESTED:
            self._moves.stopped(run_id, words)
        elif not state.is_terminal():
            event = {RunState.RUNNING: RunEvent.LOST, RunState.QUEUED: RunEvent.FAIL}.get(state, RunEvent.ERRORED)
            self._moves.move(run_id, event, error=storable(words), hint=hint)

    def _end(self, run_id: str, outcome: RunOutcome, failed: collect.Failure | None = None, note: str = "") -> None:
        state = self._moves.state(run_id)
        if state is RunState.RUNNING:
            # Only a lost run comes here in this state: the table ends it at once.
            failure = self._explained(run_id, outcome)
            self._moves.move(
                run_id, RunEvent.LOST, outcome=outcome, error=failure.message, hint=failure.hint, note=failure.message
            )
        elif state is RunState.CANCEL_REQUESTED:
            self._moves.stopped(run_id, self._moves.asked_because(run_id) or "Canceled on request.", outcome)
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
            self._moves.move(run_id, RunEvent.SUCCEEDED if outcome.succeeded() else RunEvent.ERRORED, note=note)


def _left_out_words(count: int) -> str:
    if not count:
        return ""
    return "1 file could not be kept." if count == 1 else f"{count} files could not be kept."
