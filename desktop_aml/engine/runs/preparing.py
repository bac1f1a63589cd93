"""How a claimed run is made ready: its code laid out, its environment built, its script started."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment
from desktop_aml.domain.errors import FULL, BuildCanceled, DesktopAMLError, DiskFull, disk_full
from desktop_aml.domain.events import PreparationProgressed
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import DOCKER, EXTERNAL, RunDetail, RunEvent, RunOutcome, RunState
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.builds import Builds, Chosen
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.runs import jobs as run_jobs
from desktop_aml.engine.runs.transitions import RunMoves
from desktop_aml.environments.spec.extra_packages import NOTEBOOK_PACKAGES
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.base import Executor, as_scaling
from desktop_aml.run_folder import deciding, named_data, snapshot, working_copies
from desktop_aml.run_folder.properties import IMAGE, IN_CONTAINER
from desktop_aml.store import pools, runs
from desktop_aml.store.record.kinds import RecordKind
from desktop_aml.store.run_table import facts
from desktop_aml.system.files import make_missing

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Preparing:
    """A run that is being made ready."""

    executor: Executor | None = None
    chosen: Chosen | None = None
    waits: int = 0
    cancel: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class _Ready:
    """What a worker made ready for a script to start; what is to be stored of it was read there, not in a commit."""

    built: BuiltEnvironment | None
    job: Job
    known: dict[str, str]


class RunPreparing:
    """Makes claimed runs ready and starts them.

    Parameters
    ----------
    executors : mapping of str to Executor
        Where runs can execute, by target.
    grace_s : float
        Seconds between the polite and the forced stop of a script.
    started : callable
        Told the run, its handle and its executor once its script was started.
    give_up : callable
        Ends a run with which it is no use to go on, because of the error.
    """

    def __init__(
        self,
        desk: Desk,
        moves: RunMoves,
        builds: Builds,
        executors: Mapping[str, Executor],
        *,
        grace_s: float,
        started: Callable[[str, str, Executor], None],
        give_up: Callable[[str, Exception], None],
    ) -> None:
        self._desk = desk
        self._moves = moves
        self._builds = builds
        self._executors = executors
        self._grace_s = grace_s
        self._started = started
        self._give_up = give_up
        self._preparing: dict[str, _Preparing] = {}

    def is_idle(self) -> bool:
        """Whether no run is being made ready."""
        return not self._preparing

    def executors(self) -> list[Executor]:
        """Return where the runs that are being made ready will execute, once for each."""
        return [one.executor for one in self._preparing.values() if one.executor is not None]

    def cancel(self, run_id: str) -> None:
        """Stop making a run ready, where that is under way, as soon as the transaction under way is committed."""
        preparing = self._preparing.get(run_id)
        if preparing is not None:
            self._desk.afterwards(preparing.cancel.set)

    def drop(self, run_id: str) -> None:
        """Forget a run that ended before it was ready."""
        preparing = self._preparing.pop(run_id, None)
        if preparing is not None:
            preparing.cancel.set()
            if preparing.chosen is not None:
                self._builds.needed_no_more(preparing.chosen, preparing.cancel, BuildCanceled("The run ended."))

    def put_all_back(self) -> None:
        """Stop preparing, because the engine ends in good order: the runs wait again, and no attempt is counted."""
        for run_id, preparing in self._preparing.items():
            preparing.cancel.set()
            if preparing.chosen is not None:
                ended = BuildCanceled("The engine ended.")
                self._builds.needed_no_more(preparing.chosen, preparing.cancel, ended)
            try:
                self._put_back(run_id)
            except DesktopAMLError as error:
                # The next engine finds it as one that was left, as after a kill.
                _log.warning("The run %s could not be put back: %s", run_id, error.message)
        self._preparing.clear()

    def _put_back(self, run_id: str) -> None:
        if self._moves.state(run_id) is RunState.PREPARING:
            self._moves.move(run_id, RunEvent.PUT_BACK, note="The engine ended; the next one prepares it again.")
        else:
            self._moves.stopped(run_id, "Canceled while it was being prepared.")
            self._moves.finished(run_id)

    def claim(self, run_id: str) -> None:
        """Take a queued run and begin to make it ready."""
        with self._desk.commit():
            runs.set_attempt(self._desk.db, run_id, nonce="", handle="", command=())
            self._moves.move(run_id, RunEvent.CLAIMED)
        detail = runs.get(self._desk.db, run_id)
        preparing = self._preparing[run_id] = _Preparing()
        version = f":{detail.environment_version}" if detail.environment_version else ""
        name = detail.summary.environment.partition(":")[0]
        try:
            chosen = self._builds.choose(name + version)
            executor = preparing.executor = self._executors[detail.summary.target]
        except DesktopAMLError as error:
            self._prepared(detail, None, Failed(error))
            return
        if executor.runs_scripts:
            preparing.chosen = chosen
            self._builds.need(chosen, preparing.cancel)
        env_vars = run_jobs.own_variables(self._desk.db, detail)
        is_followed = pools.is_followed(self._desk.db, run_id)

        def begin() -> None:
            if preparing.cancel.is_set():
                deliver(Failed(BuildCanceled("The run was canceled while it was being prepared.")))
            else:
                self._desk.later(
                    partial(self._make_ready, detail, chosen, executor, env_vars, preparing.cancel, is_followed),
                    deliver,
                )

        def deliver(result: _Ready | Failed) -> None:
            if isinstance(result, Failed) and isinstance(result.error, DiskFull):
                self._wait(detail, preparing, result.error, begin)
                return
            with boundary(self._desk.folder.root, partial(self._give_up, run_id)):
                self._prepared(detail, chosen, result)

        begin()

    def _wait(self, detail: RunDetail, preparing: _Preparing, error: DiskFull, begin: Callable[[], None]) -> None:
        """Let a run wait until there is room, and say so; it is looked for room less and less often."""
        words = BuildProgress("Waiting for room", error.message)
        run_jobs.note(self._desk.folder.run(detail.summary.id), words)
        self._desk.emit(PreparationProgressed(detail.summary.id, words.stage, words.message, words.fraction))
        self._desk.put_off_longer(begin, error, preparing.waits, preparing.cancel.is_set)
        preparing.waits += 1

    def _make_ready(
        self,
        detail: RunDetail,
        chosen: Chosen,
        executor: Executor,
        env_vars: dict[str, str],
        cancel: threading.Event,
        is_followed: bool,
    ) -> _Ready:
        run_id = detail.summary.id
        folder = self._desk.folder.run(run_id)
        # The folder itself came with the request: where it is gone, or the whole workspace, no other is made.
        make_missing(folder / "logs", within=folder)

        def report(progress: BuildProgress) -> None:
            run_jobs.note(folder, progress)
            self._desk.emit(PreparationProgressed(run_id, progress.stage, progress.message, progress.fraction))

        self._desk.records.keep(RecordKind.RUN, run_id)  # for the script, which asks for its tags and its name
        built, scaling = None, as_scaling(executor)
        if executor.runs_scripts:
            report(run_jobs.first_step(detail))
            snapshot.lay_out(folder, self._desk.blobs)
            if detail.summary.target != DOCKER:
                # What only the code names does not travel: where the script runs, another file may lie there, or none.
                travels = scaling is not None and scaling.travels()
                named_data.note(folder, detail.arguments, () if travels else snapshot.manifest(folder), env_vars)
            if run_jobs.is_notebook(detail.summary.script):
                chosen = chosen.with_packages(NOTEBOOK_PACKAGES)
            built = self._builds.make_ready(chosen, report, cancel, executor.place)
        job = run_jobs.make(
            detail,
            self._desk.folder,
            built,
            grace_s=self._grace_s,
            extra_env_vars=env_vars,
            has_followers=is_followed,
            may_travel=scaling is not None,
        )
        executor.prepare(job, report)
        known: dict[str, str] = {}
        if built is not None:
            known = deciding.properties(job.env_vars, built.lock.packages, is_here=not built.image)
            known |= deciding.seeds_of(folder, detail.summary.script)
        return _Ready(built, job, known)

    def _prepared(self, detail: RunDetail, chosen: Chosen | None, result: _Ready | Failed) -> None:
        run_id = detail.summary.id
        preparing = self._preparing.pop(run_id, None)
        if preparing is not None and preparing.chosen is not None:
            ended = result.error if isinstance(result, Failed) else None
            self._builds.needed_no_more(preparing.chosen, preparing.cancel, ended)
        if isinstance(result, Failed):
            error = result.error
            with self._desk.commit():
                if self._moves.state(run_id) is RunState.CANCEL_REQUESTED:
                    self._moves.stopped(run_id, "Canceled while it was being prepared.")
                else:
                    self._moves.move(
                        run_id,
                        RunEvent.ERRORED,
                        error=error.message,
                        hint=error.hint,
                        details=error.details,
                        outcome=RunOutcome(reason="not_started", message=error.message),
                    )
            self._never_ran(run_id)
            return
        assert chosen is not None
        built, job = result.built, result.job
        executor = self._executors[detail.summary.target]
        handle = executor.handle_for(job)
        with self._desk.commit():
            if built is not None:
                lock_hash = self._builds.record(chosen, built)
                runs.set_lock(self._desk.db, run_id, lock_hash=lock_hash, python_version=built.lock.python_version)
                runs.set_labels(self._desk.db, run_id, "property", result.known)
                if built.image:
                    inside = {IMAGE: built.image, IN_CONTAINER: Handle.parse(handle).container}
                    runs.set_labels(self._desk.db, run_id, "property", inside)
            if self._moves.state(run_id) is RunState.CANCEL_REQUESTED:
                self._moves.stopped(run_id, "Canceled before the script was started.")
                self._desk.afterwards(lambda: self._never_ran(run_id))
                return
            started = ("-m", job.module) if job.module else (job.script,)
            command = (job.python, *started, *job.arguments) if built else ()
            runs.set_attempt(self._desk.db, run_id, nonce=job.nonce, handle=handle, command=command)
        self._start(run_id, executor, job, handle)

    def _never_ran(self, run_id: str) -> None:
        """Leave the folder of a run whose script was not started as it is to stay."""
        self._moves.finished(run_id)
        if facts.target(self._desk.db, run_id) != EXTERNAL:
            folder, blobs = self._desk.folder.run(run_id), self._desk.blobs
            self._desk.later(lambda: working_copies.clear(folder, blobs, {}, {}), lambda _: None)

    def _start(self, run_id: str, executor: Executor, job: Job, handle: str) -> None:
        try:
            executor.start(job)
        except OSError as error:
            if error.errno not in FULL:
                raise
            self._desk.put_off(
                partial(self._start_late, run_id, executor, job, handle), disk_full(self._desk.folder.root, error)
            )
            return
        except DesktopAMLError as error:
            self._moves.move(run_id, RunEvent.ERRORED, error=error.message, hint=error.hint, details=error.details)
            self._never_ran(run_id)
            return
        self._started(run_id, handle, executor)

    def _start_late(self, run_id: str, executor: Executor, job: Job, handle: str) -> None:
        """Start a script that found no room on the disk, unless its run was canceled meanwhile."""
        with boundary(self._desk.folder.root, partial(self._give_up, run_id)):
            if self._moves.state(run_id) is RunState.PREPARING:
                self._start(run_id, executor, job, handle)
            else:
                self._moves.stopped(run_id, "Canceled before the script was started.")
                self._never_ran(run_id)
