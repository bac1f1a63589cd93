"""The way of a run through the state table: claimed, prepared, started, watched, ended.

Every move is one transaction; what happens outside (starting, stopping, collecting) happens after the transaction
that announces it, and is found again by `recover` when the engine dies in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from desktop_aml.domain.errors import CONCERNS_ALL, Conflict
from desktop_aml.domain.events import PreparationProgressed
from desktop_aml.domain.runs import LOCAL, RunEvent, RunOutcome, RunState
from desktop_aml.engine.core.builds import Builds
from desktop_aml.engine.core.context import Desk
from desktop_aml.engine.runs import jobs as run_jobs
from desktop_aml.engine.runs import limits as pools
from desktop_aml.engine.runs import queue
from desktop_aml.engine.runs.faults import RunFaults
from desktop_aml.engine.runs.files_read import FilesRead
from desktop_aml.engine.runs.finalization import RunEnding
from desktop_aml.engine.runs.ingest import JournalReader, Stretch
from desktop_aml.engine.runs.polling import Polling
from desktop_aml.engine.runs.preparing import RunPreparing
from desktop_aml.engine.runs.retrying import RunRetrying
from desktop_aml.engine.runs.transitions import RunMoves
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.base import Executor, as_scaling
from desktop_aml.run_folder import script_variables
from desktop_aml.run_folder.properties import start_properties
from desktop_aml.store import pools as waiting_runs
from desktop_aml.store import runs
from desktop_aml.store.run_table import facts
from desktop_aml.store.sweeps import table as sweeps
from desktop_aml.system import clock

_log = logging.getLogger(__name__)

_STOP_AGAIN_S = 5.0
_CLAIMED_AT_ONCE = 20
_BEGINS_WITHIN_S = 1.0
"""How long after its start a script is expected to begin at any moment."""


@dataclass(slots=True)
class _Watched:
    """A run whose script may be alive."""

    handle: str
    executor: Executor
    stop_sent_at: float | None = None
    ending: bool = False
    has_place: bool = True
    has_bad_notes: bool = False
    has_begun: bool = False
    since: float = field(default_factory=clock.monotonic)
    waits_for: str = ""


class RunFlow:
    """Moves the runs of one workspace.

    Parameters
    ----------
    executors : mapping of str to Executor
        Where runs can execute, by target.
    limit : int
        How many runs may execute at once.
    grace_s : float
        Seconds between the polite and the forced stop of a script.
    """

    def __init__(
        self, desk: Desk, builds: Builds, executors: Mapping[str, Executor], *, limit: int, grace_s: float
    ) -> None:
        self._desk = desk
        self._executors = executors
        self.limit = limit
        self._journals = JournalReader(desk.db)
        self._files_read = FilesRead(desk)
        self._watched: dict[str, _Watched] = {}
        self.polling = Polling()
        self._moves = RunMoves(desk, self._journals)
        self._preparing = RunPreparing(
            desk, self._moves, builds, executors, grace_s=grace_s, started=self._started, give_up=self._give_up
        )
        self._faults = RunFaults(desk.folder.root, self._give_up)
        self._retrying = RunRetrying(desk, self._moves, self._journals)
        self._ending = RunEnding(
            desk, self._moves, ingest=self.ingest_one, wait_for_data=self._files_read.wait, done=self._done
        )

    def is_idle(self) -> bool:
        """Whether no run is under way."""
        return self._preparing.is_idle() and not self._watched

    def awaits_beginning(self) -> bool:
        """Whether a script was started just now and is not known to have begun, which nobody tells of."""
        begun = clock.monotonic() - _BEGINS_WITHIN_S
        return any(one.since > begun and not (one.has_begun or one.ending) for one in self._watched.values())

    def knows_its_data(self) -> bool:
        """Whether all that runs read is hashed."""
        return self._files_read.is_idle()

    def active_runs(self) -> list[str]:
        """Return the runs whose script may be alive."""
        return list(self._watched)

    def due(self) -> list[str]:
        """Return those of them to look at now."""
        everyone, watched = self.polling.is_due(), self._watched.items()
        return [run_id for run_id, one in watched if everyone or not (one.has_begun and one.executor.runs_scripts)]

    def marks(self) -> dict[str, str]:
        """Return the runs whose script may be alive, by the mark that its processes bear."""
        scripts = {run_id: one.handle for run_id, one in self._watched.items() if one.executor.runs_scripts}
        return {Handle.parse(handle).nonce: run_id for run_id, handle in scripts.items()}

    # Recovery: the ordinary poll of a stored handle.

    def recover(self) -> None:
        """Take up every run that an earlier engine left under way."""
        active = [state for state in RunState if state.is_active()]
        for run_id, state in runs.in_states(self._desk.db, active):
            with self._faults.boundary(run_id):
                self._take_up(run_id, state)
        for executor in [one for target, one in self._executors.items() if runs.has_target(self._desk.db, target)]:
            executor.tidy()

    def _take_up(self, run_id: str, state: RunState) -> None:
        handle = self._own_handle(run_id)
        if state is RunState.FINALIZING:
            self._watch(run_id, handle).ending = True
            self._ending.finalize(run_id, self._ending.stored_outcome(run_id))
        elif handle:
            self._watch(run_id, handle)
        elif state is RunState.PREPARING:
            self._moves.lose(run_id, "The engine ended while the run was being prepared.")
        elif state is RunState.RUNNING:
            words = "The record of where the script runs leads elsewhere, so its end is not known."
            self._moves.move(run_id, RunEvent.LOST, error=words)
            self._moves.finished(run_id)
        else:
            self._moves.stopped(run_id, "Canceled while it was being prepared.")
            self._moves.finished(run_id)

    def _own_handle(self, run_id: str) -> str:
        """Return the stored handle of a run's attempt; nothing for one that leads to another folder than the run's."""
        handle, _, _ = runs.attempt_of(self._desk.db, run_id)
        _, _, directory = handle.partition(":/")
        is_own = Path(f"/{directory}").resolve() == self._desk.folder.run(run_id).resolve()
        return handle if is_own else ""

    def _watch(self, run_id: str, handle: str) -> _Watched:
        executor = self._executors[facts.target(self._desk.db, run_id)]
        return self._watched.setdefault(run_id, _Watched(handle, executor))

    # Claiming.

    def claim_next(self) -> None:
        """Begin to prepare queued runs, as many as may execute at once; those done elsewhere need no place."""
        if not waiting_runs.waiting(self._desk.db, 1):
            return
        for run_id in waiting_runs.queued(self._desk.db, self._elsewhere(), limit=_CLAIMED_AT_ONCE):
            self._claim(run_id)
        if queue.is_paused(self._desk.folder):
            return
        scripts = {target: executor for target, executor in self._executors.items() if executor.runs_scripts}
        here = [target for target, executor in scripts.items() if as_scaling(executor) is None]
        self._claim_for(here, [scripts[target] for target in here], lambda: self.limit)
        for target, executor in scripts.items():
            scaling = as_scaling(executor)
            if scaling is not None:
                self._claim_for([target], [executor], scaling.places)

    def may_claim(self) -> bool:
        """Whether a queued run may begin by itself: those of a paused queue wait for people, not for an engine."""
        targets = self._elsewhere() if queue.is_paused(self._desk.folder) else list(self._executors)
        return bool(waiting_runs.queued(self._desk.db, targets, limit=1))

    def _elsewhere(self) -> list[str]:
        """Return the targets whose runs are carried out elsewhere: they take no place."""
        return [target for target, executor in self._executors.items() if not executor.runs_scripts]

    def _claim_for(self, targets: Sequence[str], places: Sequence[Executor], limit: Callable[[], int]) -> None:
        """Begin to prepare the queued runs for some targets that share their places."""
        if not waiting_runs.queued(self._desk.db, targets, 1):
            return
        taken = sum(one.executor in places and one.has_place for one in self._watched.values())
        free = limit() - taken - sum(executor in places for executor in self._preparing.executors())
        for run_id in pools.startable(self._desk, targets, free=free, taken=taken):
            self._claim(run_id)

    def _claim(self, run_id: str) -> None:
        if self._faults.may_try(run_id):
            with self._faults.boundary(run_id):
                try:
                    self._preparing.claim(run_id)
                except CONCERNS_ALL:
                    raise
                except Exception as error:  # noqa: BLE001 - half claimed, it would not be looked at again
                    self._give_up(run_id, error)

    def _started(self, run_id: str, handle: str, executor: Executor) -> None:
        self._watched[run_id] = _Watched(handle, executor)

    # Cancelling.

    def cancel(self, run_id: str, note: str = "") -> None:
        """Ask for the end of a run, for the reason in `note`. Call inside a commit.

        Raises
        ------
        Conflict
            When it has ended already.
        """
        self._end_early(run_id, RunEvent.CANCEL, "canceled", note=note)

    def fail(self, run_id: str, message: str) -> None:
        """Ask for the end of a run, as one that failed. Call inside a commit.

        Raises
        ------
        Conflict
            When it has ended already.
        """
        self._end_early(run_id, RunEvent.FAIL, "ended as failed", message or "The run was ended with fail().")

    def _end_early(self, run_id: str, event: RunEvent, act: str, error: str = "", note: str = "") -> None:
        state = self._moves.state(run_id)
        if state is RunState.CANCEL_REQUESTED:
            return
        if state is RunState.FINALIZING or state.is_terminal():
            raise Conflict(f"The run “{run_id}” cannot be {act}: it is {state}.")
        self._moves.move(run_id, event, error=error, note=note)
        if state is RunState.QUEUED:
            self._desk.afterwards(lambda: self._moves.finished(run_id))
        self._preparing.cancel(run_id)
        self.polling.soon()

    def put_preparations_back(self) -> None:
        """Stop preparing and hashing, because the engine ends; the next engine does it."""
        self._files_read.stop()
        self._preparing.put_all_back()

    # Watching.

    def ingest(self) -> bool:
        """Store what running scripts logged and read since the last call; return whether there was anything."""
        stretches: list[Stretch] = []
        has_read = False
        for run_id in list(self._watched):
            with self._faults.boundary(run_id):
                has_read |= self._take_read(run_id)
                stretches += self._journals.read(run_id, self._desk.folder.run(run_id))
        self._files_read.hash_next()
        return self._store(stretches) or has_read

    def ingest_one(self, run_id: str) -> bool:
        """Store what one script logged since the last look, a part of it at a time; return whether there was any."""
        has_read = self._take_read(run_id)
        return self._store(self._journals.read(run_id, self._desk.folder.run(run_id))) or has_read

    def _take_read(self, run_id: str) -> bool:
        """Store what a script read; notes that cannot be stored are not worth its run."""
        watched = self._watched.get(run_id)
        if watched is None or watched.has_bad_notes:
            return False
        try:
            return self._files_read.take(run_id)
        except CONCERNS_ALL:
            raise
        except Exception:  # noqa: BLE001 - the script may write anything there
            _log.exception("What the run %s read from elsewhere is noted no more.", run_id)
            watched.has_bad_notes = True
            return False

    def _store(self, stretches: list[Stretch]) -> bool:
        if not stretches:
            return False
        with self._desk.commit():
            for event in self._journals.store(stretches):
                self._desk.announce(event)
        self._journals.stored(stretches)
        return True

    def look_after(self, run_id: str) -> None:
        """See what became of a script that may be alive."""
        watched = self._watched.get(run_id)
        if watched is None or watched.ending or not self._faults.may_try(run_id):
            return
        with self._faults.boundary(run_id):
            self._look_after(run_id, watched)
            self._faults.forget(run_id)

    def _look_after(self, run_id: str, watched: _Watched) -> None:
        outcome = watched.executor.poll(watched.handle)
        state = self._moves.state(run_id)
        if state is RunState.PREPARING:
            state = self._begin(run_id, watched, outcome)
        watched.has_begun = state is not RunState.PREPARING or as_scaling(watched.executor) is not None
        if state is RunState.CANCEL_REQUESTED and outcome is None:
            self._stop(watched)
        elif outcome is not None and state is not RunState.QUEUED:
            self._take_end(run_id, watched, outcome)

    def _take_end(self, run_id: str, watched: _Watched, outcome: RunOutcome) -> None:
        if self.ingest_one(run_id):
            # All that it logged is stored first, a part of it in each turn: the others are looked at in between.
            self.polling.soon()
            self._desk.woken.set()
        elif self._retrying.retry(run_id, outcome, partial(self._ending.why, run_id, outcome)):
            self._let_go(run_id, watched)
        else:
            self._files_read.hash_next()  # at once: what it read may change, and its end waits for hashing under way
            self._ending.ended(run_id, outcome)
            watched.ending = True
            # The next trial needs nothing of this one. Who submits a run after another may want what that one left.
            watched.has_place = sweeps.sweep_of(self._desk.db, run_id) is None

    def _begin(self, run_id: str, watched: _Watched, outcome: RunOutcome | None) -> RunState:
        """Move a run that was started on once its script was taken up, or back when it never was."""
        if outcome is not None and outcome.was_lost_before_start():
            self._let_go(run_id, watched)
            self._moves.lose(run_id, outcome.message)
        elif outcome is not None or watched.executor.has_begun(watched.handle):
            with self._desk.commit():
                self._moves.move(run_id, RunEvent.STARTED)
                if watched.executor.runs_scripts:
                    files = Handle.parse(watched.handle).files()
                    how = start_properties(files.how_started(), files.how_limited())
                    runs.set_labels(self._desk.db, run_id, "property", how)
            self._forget_secrets(run_id, watched)
        else:
            self._tell_wait(run_id, watched)
        return self._moves.state(run_id)

    def _let_go(self, run_id: str, watched: _Watched) -> None:
        del self._watched[run_id]
        self._files_read.forget(run_id)
        watched.executor.release(watched.handle)

    def _tell_wait(self, run_id: str, watched: _Watched) -> None:
        """Say what a run waits for that was handed over and has not begun, when that has changed."""
        scaling = as_scaling(watched.executor)
        words = scaling.waits_for(watched.handle) if scaling is not None else None
        if words is not None and words.message != watched.waits_for:
            watched.waits_for = words.message
            run_jobs.note(self._desk.folder.run(run_id), words)
            self._desk.emit(PreparationProgressed(run_id, words.stage, words.message, words.fraction))

    def _forget_secrets(self, run_id: str, watched: _Watched) -> None:
        # What runs no script itself may need them still, as a sweep does for its trials; they go with its end.
        if watched.executor.runs_scripts:
            if self._retrying.may_need_another(run_id):
                return
            script_variables.forget_secrets(self._desk.folder.run(run_id))
            handle = Handle.parse(watched.handle)
            handle.files().forget_variables(lasts=handle.executor != LOCAL)

    def _stop(self, watched: _Watched) -> None:
        now = self._desk.now()
        if watched.stop_sent_at is None or now - watched.stop_sent_at > _STOP_AGAIN_S:
            watched.stop_sent_at = now
            watched.executor.stop(watched.handle)

    def _done(self, run_id: str) -> None:
        watched = self._watched.pop(run_id, None)
        self._files_read.forget(run_id)
        self._faults.forget(run_id)
        with self._faults.boundary(run_id):
            self._moves.finished(run_id)
        if watched is not None and watched.handle:
            with self._faults.boundary(run_id):
                watched.executor.release(watched.handle)
        self._faults.forget(run_id)

    def _give_up(self, run_id: str, error: Exception) -> None:
        """End a run with which it is no use to go on."""
        _log.error("The run %s is given up.", run_id, exc_info=error)
        self._preparing.drop(run_id)
        watched = self._watched.get(run_id)
        if watched is not None:
            try:
                watched.executor.stop(watched.handle, force=True)
            except Exception:  # noqa: BLE001 - it ends all the same
                _log.exception("What is left of the run %s cannot be stopped.", run_id)
        self._ending.give_up(run_id, error)
        self._done(run_id)

    def close(self) -> None:
        """Let go of the executors; what they run goes on."""
        for executor in self._executors.values():
            executor.close()
