"""The way of a run through the state table: claimed, prepared, started, watched, finalized.

Every move is one transaction; what happens outside (starting, stopping, collecting) happens after the transaction
that announces it, and is found again by `recover` when the engine dies in between.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment
from desktop_aml.domain.errors import Conflict, DesktopAMLError
from desktop_aml.domain.events import PreparationProgressed, RunMoved
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import Artifact, RunDetail, RunEvent, RunOutcome, RunState
from desktop_aml.engine import collect, manifests, nested_runs, pools, run_jobs, snapshot
from desktop_aml.engine.builds import Builds, Chosen
from desktop_aml.engine.desk import Desk, Failed
from desktop_aml.engine.ingest import JournalReader
from desktop_aml.environments.extra_packages import NOTEBOOK_PACKAGES
from desktop_aml.executors.base import Executor
from desktop_aml.store import runs

_log = logging.getLogger(__name__)
_STOP_AGAIN_S = 5.0
_CLAIMED_AT_ONCE = 20


@dataclass(slots=True)
class _Watched:
    """A run whose script may be alive."""

    handle: str
    executor: Executor
    stop_sent_at: float | None = None
    ending: bool = False


@dataclass(slots=True)
class _Preparing:
    """A run that is being made ready."""

    takes_place: bool = True
    cancel: threading.Event = field(default_factory=threading.Event)


class RunFlow:
    """Moves the runs of one workspace.

    Parameters
    ----------
    executors : dict of str to Executor
        Where runs can execute, by target.
    limit : int
        How many runs may execute at once.
    grace_s : float
        Seconds between the polite and the forced stop of a script.
    """

    def __init__(
        self, desk: Desk, builds: Builds, executors: dict[str, Executor], *, limit: int, grace_s: float
    ) -> None:
        self._desk = desk
        self._builds = builds
        self._executors = executors
        self.limit = limit
        self._grace_s = grace_s
        self._journals = JournalReader(desk.db)
        self._preparing: dict[str, _Preparing] = {}
        self._watched: dict[str, _Watched] = {}

    def is_idle(self) -> bool:
        """Whether no run is under way."""
        return not self._preparing and not self._watched

    def active_runs(self) -> list[str]:
        """Return the runs whose script may be alive."""
        return list(self._watched)

    # Recovery: the ordinary poll of a stored handle.

    def recover(self) -> None:
        """Take up every run that an earlier engine left under way."""
        active = [state for state in RunState if state.is_active()]
        for run_id, state in runs.in_states(self._desk.db, active):
            handle, _, _ = runs.attempt_of(self._desk.db, run_id)
            if state is RunState.FINALIZING:
                self._watch(run_id, handle)
                self._finalize(run_id, self._stored_outcome(run_id))
            elif handle:
                self._watch(run_id, handle)
            elif state is RunState.PREPARING:
                self._lose(run_id, "The engine ended while the run was being prepared.")
            else:
                self._move(run_id, RunEvent.ERRORED, note="Canceled while it was being prepared.")
        for executor in [one for target, one in self._executors.items() if runs.has_target(self._desk.db, target)]:
            executor.tidy()

    def _lose(self, run_id: str, why: str) -> None:
        """Queue a run of which nothing ran once more, or fail it when that happened too often."""
        self._move(run_id, RunEvent.LOST, note=why, error=f"The run could not be started: {why}")
        if self._state(run_id).is_terminal():
            self._finished(run_id)

    def _watch(self, run_id: str, handle: str) -> _Watched:
        executor = self._executors[runs.get(self._desk.db, run_id).summary.target]
        return self._watched.setdefault(run_id, _Watched(handle, executor))

    # Claiming and preparing.

    def claim_next(self) -> None:
        """Begin to prepare queued runs, as many as may execute at once; those done elsewhere need no place."""
        elsewhere = [target for target, executor in self._executors.items() if not executor.runs_scripts]
        for run_id in runs.queued(self._desk.db, elsewhere, limit=_CLAIMED_AT_ONCE):
            self._claim(run_id)
        taken = sum(one.executor.runs_scripts for one in self._watched.values())
        free = self.limit - taken - sum(one.takes_place for one in self._preparing.values())
        here = [target for target, executor in self._executors.items() if executor.runs_scripts]
        for run_id in pools.startable(self._desk, here, free=free, taken=taken):
            self._claim(run_id)

    def _claim(self, run_id: str) -> None:
        with self._desk.commit():
            runs.set_attempt(self._desk.db, run_id, nonce="", handle="", command=())
            self._move(run_id, RunEvent.CLAIMED)
        detail = runs.get(self._desk.db, run_id)
        preparing = self._preparing[run_id] = _Preparing(self._executors[detail.summary.target].runs_scripts)
        version = f":{detail.environment_version}" if detail.environment_version else ""
        name = detail.summary.environment.partition(":")[0]
        try:
            chosen = self._builds.choose(name + version)
            executor = self._executors[detail.summary.target]
        except DesktopAMLError as error:
            self._prepared(detail, None, Failed(error))
            return
        env_vars = run_jobs.own_variables(self._desk.db, detail)
        self._desk.later(
            lambda: self._make_ready(detail, chosen, executor, env_vars, preparing.cancel),
            lambda result: self._prepared(detail, chosen, result),
        )

    def _make_ready(
        self,
        detail: RunDetail,
        chosen: Chosen,
        executor: Executor,
        env_vars: dict[str, str],
        cancel: threading.Event,
    ) -> tuple[BuiltEnvironment | None, Job]:
        run_id = detail.summary.id
        folder = self._desk.folder.run(run_id)
        (folder / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)

        def report(progress: BuildProgress) -> None:
            run_jobs.note(folder, progress)
            self._desk.emit(PreparationProgressed(run_id, progress.stage, progress.message, progress.fraction))

        manifests.write(folder, detail, ())  # for the script, which asks for its tags and its name
        built = None
        if executor.runs_scripts:
            report(run_jobs.first_step(detail))
            snapshot.lay_out(folder, self._desk.blobs)
            if run_jobs.is_notebook(detail.summary.script):
                chosen = chosen.with_packages(NOTEBOOK_PACKAGES)
            built = self._builds.make_ready(chosen, report, cancel, executor.place)
        job = run_jobs.make(
            detail,
            self._desk.folder,
            built,
            grace_s=self._grace_s,
            extra_env_vars=env_vars,
        )
        executor.prepare(job, report)
        return built, job

    def _prepared(
        self, detail: RunDetail, chosen: Chosen | None, result: tuple[BuiltEnvironment | None, Job] | Failed
    ) -> None:
        run_id = detail.summary.id
        self._preparing.pop(run_id, None)
        if isinstance(result, Failed):
            error = result.error
            with self._desk.commit():
                self._move(
                    run_id,
                    RunEvent.ERRORED,
                    error=error.message,
                    hint=error.hint,
                    details=error.details,
                    outcome=RunOutcome(reason="not_started", message=error.message),
                )
            self._finished(run_id)
            return
        assert chosen is not None
        built, job = result
        executor = self._executors[detail.summary.target]
        handle = executor.handle_for(job)
        with self._desk.commit():
            if built is not None:
                lock_hash = self._builds.record(chosen, built)
                runs.set_lock(self._desk.db, run_id, lock_hash=lock_hash, python_version=built.lock.python_version)
                if built.image:
                    runs.set_labels(self._desk.db, run_id, "property", {"desktop_aml.image": built.image})
            if self._state(run_id) is RunState.CANCEL_REQUESTED:
                self._move(run_id, RunEvent.ERRORED, note="Canceled before the script was started.")
                return
            command = (job.python, job.script, *job.arguments) if built else ()
            runs.set_attempt(self._desk.db, run_id, nonce=job.nonce, handle=handle, command=command)
        self._start(run_id, executor, job, handle)

    def _start(self, run_id: str, executor: Executor, job: Job, handle: str) -> None:
        try:
            executor.start(job)
        except DesktopAMLError as error:
            self._move(run_id, RunEvent.ERRORED, error=error.message, hint=error.hint, details=error.details)
            self._finished(run_id)
            return
        self._watched[run_id] = _Watched(handle, executor)

    # Cancelling.

    def cancel(self, run_id: str) -> None:
        """Ask for the end of a run. Call inside a commit.

        Raises
        ------
        Conflict
            When it has ended already.
        """
        state = self._state(run_id)
        if state is RunState.CANCEL_REQUESTED:
            return
        if state is RunState.FINALIZING or state.is_terminal():
            raise Conflict(f"The run “{run_id}” cannot be canceled: it is {state}.")
        self._move(run_id, RunEvent.CANCEL)
        if state is RunState.QUEUED:
            self._desk.afterwards(lambda: self._finished(run_id))
        preparing = self._preparing.get(run_id)
        if preparing is not None:
            self._desk.afterwards(preparing.cancel.set)

    # Watching.

    def ingest(self) -> bool:
        """Store what running scripts logged since the last call; return whether there was anything."""
        stretches = [
            stretch
            for run_id in self._watched
            for stretch in self._journals.read(run_id, self._desk.folder.run(run_id))
        ]
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
        if watched is None or watched.ending:
            return
        outcome = watched.executor.poll(watched.handle)
        state = self._state(run_id)
        if state is RunState.PREPARING:
            state = self._begin(run_id, watched, outcome)
        if state is RunState.CANCEL_REQUESTED and outcome is None:
            self._stop(watched)
        elif outcome is not None and state is not RunState.QUEUED:
            self._ended(run_id, outcome)

    def _begin(self, run_id: str, watched: _Watched, outcome: RunOutcome | None) -> RunState:
        """Move a run that was started on once its script was taken up, or back when it never was."""
        if outcome is not None and outcome.was_lost_before_start():
            del self._watched[run_id]
            watched.executor.release(watched.handle)
            self._lose(run_id, outcome.message)
        elif outcome is not None or watched.executor.has_begun(watched.handle):
            self._move(run_id, RunEvent.STARTED)
        return self._state(run_id)

    def _stop(self, watched: _Watched) -> None:
        now = self._desk.now()
        if watched.stop_sent_at is None or now - watched.stop_sent_at > _STOP_AGAIN_S:
            watched.stop_sent_at = now
            watched.executor.stop(watched.handle)

    def _ended(self, run_id: str, outcome: RunOutcome) -> None:
        while self.ingest():
            pass
        state = self._state(run_id)
        if state is RunState.RUNNING and not outcome.was_lost():
            event = RunEvent.SUCCEEDED if outcome.succeeded() else RunEvent.ERRORED
            failure = (
                collect.Failure("") if outcome.succeeded() else collect.explain(outcome, self._desk.folder.run(run_id))
            )
            self._move(
                run_id, event, outcome=outcome, error=failure.message, hint=failure.hint, details=failure.details
            )
        self._finalize(run_id, outcome)

    def _stored_outcome(self, run_id: str) -> RunOutcome:
        lost = RunOutcome(reason="lost", message="The end of the script was not recorded.")
        return runs.get(self._desk.db, run_id).outcome or lost

    # Finalizing.

    def _finalize(self, run_id: str, outcome: RunOutcome) -> None:
        self._watched[run_id].ending = True
        folder = self._desk.folder.run(run_id)
        self._desk.later(
            lambda: collect.collect(folder, self._desk.blobs), lambda result: self._collected(run_id, outcome, result)
        )

    def _collected(self, run_id: str, outcome: RunOutcome, result: tuple[Artifact, ...] | Failed) -> None:
        watched = self._watched[run_id]
        while self.ingest():
            pass
        with self._desk.commit():
            if isinstance(result, Failed):
                words = f"The outputs of the run could not be kept: {result.error.message}"
                self._end(run_id, outcome, failed=collect.Failure(words, result.error.hint, result.error.details))
            else:
                runs.replace_artifacts(self._desk.db, run_id, result)
                self._end(run_id, outcome)
        del self._watched[run_id]
        self._finished(run_id)
        watched.executor.release(watched.handle)

    def _end(self, run_id: str, outcome: RunOutcome, failed: collect.Failure | None = None) -> None:
        state = self._state(run_id)
        if state is RunState.RUNNING:
            # Only a lost run comes here in this state: the table ends it at once.
            failure = collect.explain(outcome, self._desk.folder.run(run_id))
            self._move(
                run_id, RunEvent.LOST, outcome=outcome, error=failure.message, hint=failure.hint, note=failure.message
            )
        elif state is RunState.CANCEL_REQUESTED:
            self._move(run_id, RunEvent.SUCCEEDED, outcome=outcome, note="Canceled on request.")
        elif failed is not None:
            self._move(
                run_id,
                RunEvent.ERRORED,
                error=failed.message,
                hint=failed.hint,
                details=failed.details,
                outcome=outcome,
            )
        else:
            self._move(run_id, RunEvent.SUCCEEDED if outcome.succeeded() else RunEvent.ERRORED)

    def _finished(self, run_id: str) -> None:
        self._journals.forget(run_id)
        db = self._desk.db
        nested_runs.settle(self._desk.folder, run_id, lambda one: runs.is_over(db, one))
        manifests.write(self._desk.folder.run(run_id), runs.get(db, run_id), runs.artifacts(db, run_id))
        self._desk.woken.set()

    # Moves.

    def _state(self, run_id: str) -> RunState:
        return runs.state_of(self._desk.db, run_id)

    def _move(
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
            self._desk.announce(RunMoved(run_id, change.state, change.at, change.sequence, change.note))

    def cancel_preparations(self) -> None:
        """Stop preparing, because the engine ends; the next engine prepares again."""
        for preparing in self._preparing.values():
            preparing.cancel.set()

    def close(self) -> None:
        """Let go of the executors; what they run goes on."""
        for executor in self._executors.values():
            executor.close()
