"""The engine: a loop that calls `tick`. It owns the workspace while it holds the owner lock.

It must not know which executor or builder it works with, and nothing outside it moves a run.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import Executor as WorkerPool
from concurrent.futures import Future
from functools import partial
from typing import cast

from desktop_aml.domain.errors import CONCERNS_ALL, DesktopAMLError
from desktop_aml.domain.events import EngineChanged, Event
from desktop_aml.domain.requests import Reply, Request
from desktop_aml.domain.runs import SWEEP, RunOutcome
from desktop_aml.engine.channel import Answer, Channel, no_answer
from desktop_aml.engine.core import spool
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.builds import Builds, EnvironmentSource
from desktop_aml.engine.core.context import RETRY_S, Desk
from desktop_aml.engine.core.full_text import FullTextKeeping
from desktop_aml.engine.core.ground import Ground
from desktop_aml.engine.core.recorded_work import RecordedWork
from desktop_aml.engine.core.store_cleaning import StoreCleaning
from desktop_aml.engine.dispatch import Parts, RequestFlow
from desktop_aml.engine.endpoints.flow import EndpointFlow
from desktop_aml.engine.registry.datasets import DatasetFlow
from desktop_aml.engine.registry.environments import EnvironmentOrganiser
from desktop_aml.engine.registry.models import ModelFlow
from desktop_aml.engine.runs.changes import RunChanges
from desktop_aml.engine.runs.experiments import ExperimentOrganiser
from desktop_aml.engine.runs.flow import RunFlow
from desktop_aml.engine.runs.gpu_watch import GpuWatch
from desktop_aml.engine.runs.organising import RunOrganiser
from desktop_aml.engine.runs.queue import RunQueue
from desktop_aml.engine.runs.submission import RunIntake
from desktop_aml.engine.sweeps.flow import SweepFlow
from desktop_aml.executors.base import Executor
from desktop_aml.executors.sweep import SweepExecutor
from desktop_aml.store import environments, requests
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record.kinds import RecordKind
from desktop_aml.system import clock as system_clock
from desktop_aml.system import folder_watch

_log = logging.getLogger(__name__)

# The loop is woken by requests, results and ends of scripts of this engine; these are for what nobody tells of:
# scripts that are about to begin; journals that grow, launchers of an earlier engine, requests of other computers.
_BEGINNING_TICK_S = 0.04
_TICK_S = 0.1
_INGEST_EVERY_S = 0.1
"""Journals are read less often than the loop turns."""

_INGEST_AGAIN_S = 0.25
"""After there was something to store: that is a commit, which waits for the disk, and much of what it costs is the
same for one point and for a hundred. A plot that grows four times a second is followed as well."""

_CHANNEL_EVERY_S = 0.1
"""How long a script waits at most until what it asks for is seen."""

_ENDPOINTS_EVERY_S = 0.25
"""A person sees within this time that the server of an endpoint is there, or is gone."""

_FAULT_KNOWN_S = 60.0
"""How long a fault that was told counts as known, so that one that comes and goes is not told at each turn."""

Respond = Callable[[Reply], None]


class Engine:
    """The loop over one workspace.

    Parameters
    ----------
    folder : WorkspaceFolder
        A workspace whose owner lock this process holds.
    emit : callable
        Told every event; must return quickly and may be called from several threads.
    executors : mapping of str to Executor
        Where runs can execute, by target.
    source : EnvironmentSource
        What builds environments.
    limit : int
        How many runs may execute at once.
    grace_s : float
        Seconds between the polite and the forced stop of a script.
    clock : callable
        Returns Unix time in seconds.
    until_idle : bool
        Whether `run_forever` ends once nothing is under way.
    answer : callable
        Carries out calls of running scripts that are no request of the engine's own; called on a thread of its own.
    workers : concurrent.futures.Executor, optional
        What does slow work; without it a few threads.
    """

    def __init__(
        self,
        folder: WorkspaceFolder,
        emit: Callable[[Event], None],
        *,
        executors: Mapping[str, Executor],
        source: EnvironmentSource,
        limit: int = 2,
        grace_s: float = 10.0,
        clock: Callable[[], float] = time.time,
        until_idle: bool = False,
        answer: Answer = no_answer,
        workers: WorkerPool | None = None,
    ) -> None:
        self._db = Database(folder.database, read_only=False)
        self._ground = Ground(folder.database)
        self._desk = Desk(folder, self._db, self._seen_by_sweeps(emit), clock, workers)
        self._builds = Builds(self._desk, source)
        models = ModelFlow(self._desk, self._builds.choose)
        datasets = DatasetFlow(self._desk)
        self._recorded = RecordedWork(self._desk)
        self._recorded.carry_out(RecordKind.OUTPUT_DATASETS, datasets.keep_outputs)
        # What of them can come and go is looked up each time.
        own: dict[str, Executor] = {SWEEP: SweepExecutor(self._sweep_outcome, self._stop_trials)}
        executors = ChainMap(own, cast(MutableMapping[str, Executor], executors))
        self._runs = RunFlow(self._desk, self._builds, executors, limit=limit, grace_s=grace_s)
        self._gpus = GpuWatch(folder, self._runs.marks)
        self._endpoints = EndpointFlow(self._desk, self._builds)
        self._channel = Channel(self._desk, models, answer)
        self._cleaning = StoreCleaning(
            self._desk, lambda: self._endpoints.are_settled() and self._recorded.is_settled()
        )
        self._full_text = FullTextKeeping(self._desk)
        intake = RunIntake(self._desk, self._builds, executors)
        self._sweeps = SweepFlow(self._desk, intake, self._runs)
        changes = RunChanges(self._desk)
        parts = Parts(
            runs=self._runs,
            intake=intake,
            changes=changes,
            queue=RunQueue(self._desk),
            organiser=RunOrganiser(self._desk, changes),
            experiments=ExperimentOrganiser(self._desk, changes),
            builds=self._builds,
            environments=EnvironmentOrganiser(self._desk, self._builds),
            models=models,
            datasets=datasets,
            endpoints=self._endpoints,
            cleaning=self._cleaning,
            sweeps=self._sweeps,
        )
        self.release_asked = threading.Event()
        self._requests = RequestFlow(self._desk, parts, self.release_asked.set)
        self._next_ingest = self._last_channel = self._last_endpoints = self._paused_until = self._fault_until = 0.0
        self._fault = ""
        self._until_idle = until_idle

    def _seen_by_sweeps(self, emit: Callable[[Event], None]) -> Callable[[Event], None]:
        def told(event: Event) -> None:
            emit(event)
            self._sweeps.see(event)
            self._full_text.see(event)

        return told

    def _sweep_outcome(self, run_id: str) -> RunOutcome | None:
        return self._sweeps.outcome(run_id)

    def _stop_trials(self, run_id: str) -> None:
        self._sweeps.cancel_trials(run_id)

    # The loop.

    def recover(self) -> None:
        """Take up what an earlier engine left."""
        with self._desk.commit():
            environments.forget_builds_under_way(self._db)
            self._builds.forget_missing()
            requests.trim(self._db)
        self._guarded(partial(spool.tidy, self._desk.folder.requests))
        self._guarded(self._sweeps.recover)
        self._runs.recover()
        self._guarded(self._endpoints.recover)
        self._desk.announce(EngineChanged("ready"))

    def run_forever(self, stop: threading.Event) -> None:
        """Tick until `stop` is set, or another program asks for the workspace; then leave everything durable.

        When the workspace is removed, moved or replaced under it, it says so and ends: see `has_lost_ground`.
        """
        try:
            self.recover()
            with folder_watch.arrivals(self._desk.folder.requests, self._hear_of):
                self._go_round(stop)
        finally:
            self.close()
            if self.has_lost_ground():
                words = f"The workspace at “{self._desk.folder.root}” was removed, moved or replaced; its engine ended."
                self._report(words, "What its scripts still do is not recorded. Open it where it is now.")

    def _go_round(self, stop: threading.Event) -> None:
        while not stop.is_set() and not self.release_asked.is_set() and not self.has_lost_ground():
            self.tick()
            if self._until_idle and self.has_nothing_to_do():
                return
            self._desk.woken.wait(_BEGINNING_TICK_S if self._runs.awaits_beginning() else _TICK_S)
            self._desk.woken.clear()

    def _hear_of(self, name: str) -> None:
        # The engine's own replies come into the same folder.
        if spool.is_request(name):
            self._desk.woken.set()

    def has_lost_ground(self) -> bool:
        """Whether what this engine writes reaches nobody any more, because its database is not where it was."""
        return self._ground.is_lost()

    def tick(self) -> None:
        """Look at everything once."""
        if system_clock.monotonic() < self._paused_until:
            return
        try:
            self._tick()
        except CONCERNS_ALL as error:
            # A full disk heals when space is freed: keep everything and try again. The whole loop pauses, not the part
            # that failed: nothing can be committed meanwhile, so each other part would do its work only to lose it.
            self._paused_until = system_clock.monotonic() + RETRY_S
            self._report(error.message, error.hint, error.details)
        else:
            trouble = self._desk.take_trouble()
            if trouble is not None:
                self._report(trouble.message, trouble.hint, trouble.details)
            elif not self._desk.is_waiting() and system_clock.monotonic() >= self._fault_until:
                self._tell_healed()

    def _tell_healed(self) -> None:
        # Whoever shows the fault would go on showing it.
        if self._fault:
            self._fault = ""
            self._desk.emit(EngineChanged("ready"))

    def _tick(self) -> None:
        for act in self._desk.deliveries():
            self._guarded(act, again=act)
        self._guarded(self._requests.take_waiting)
        now = system_clock.monotonic()
        if now >= self._next_ingest:
            self._guarded(self._ingest)
        if now - self._last_channel >= _CHANNEL_EVERY_S:
            self._last_channel = now
            for run_id in self._runs.active_runs():
                self._guarded(partial(self._channel.look, run_id))
        self._guarded(self._cleaning.look)
        self._guarded(self._sweeps.look)
        self._guarded(partial(self._full_text.look, is_quiet=self.is_idle()))
        self._guarded(self._runs.claim_next)
        for run_id in self._runs.due():
            self._guarded(partial(self._runs.look_after, run_id))
        self._guarded(self._gpus.look)
        if now - self._last_endpoints >= _ENDPOINTS_EVERY_S:
            self._last_endpoints = now
            self._guarded(self._endpoints.look)
        self._guarded(partial(self._recorded.look, at_once=self.is_idle()))

    def _ingest(self) -> None:
        now = system_clock.monotonic()
        self._next_ingest = now + _INGEST_EVERY_S
        if self._runs.ingest():
            self._next_ingest = now + _INGEST_AGAIN_S

    def _guarded(self, act: Callable[[], object], again: Callable[[], None] | None = None) -> None:
        """Do a part of a turn: a fault of its own stops no other, and is not met again by doing the same."""
        try:
            with boundary(self._desk.folder.root, self._note_fault):
                act()
        except CONCERNS_ALL:
            if again is not None:
                self._desk.put(again)
            raise

    def _note_fault(self, error: Exception) -> None:
        words = error.message if isinstance(error, DesktopAMLError) else f"{type(error).__name__}: {error}"
        message = f"The engine met a fault: {words}"
        if message != self._fault:
            # What goes wrong at every look is told once a minute, not fifty times a second.
            _log.error("A step of the engine failed.", exc_info=error)
            self._fault_until = system_clock.monotonic() + _FAULT_KNOWN_S
        self._report(message, "The log file holds the details.")

    def _report(self, message: str, hint: str, details: str = "") -> None:
        if message != self._fault:
            self._fault = message
            _log.error("%s %s", message, details)
            self._desk.emit(EngineChanged("fault", message, hint, details))

    def is_idle(self) -> bool:
        """Whether no run is under way."""
        return self._runs.is_idle()

    def has_nothing_to_do(self) -> bool:
        """Whether no run is under way or may begin, nothing is being built or deployed, and no request waits."""
        return (
            self.is_idle()
            and self._runs.knows_its_data()
            and self._builds.are_idle()
            and self._endpoints.are_settled()
            and self._requests.is_idle()
            and self._cleaning.is_idle()
            and self._full_text.is_idle()
            and self._recorded.is_idle()
            and not self._desk.is_waiting()
            and not self._runs.may_claim()
        )

    def _leave_builds(self) -> None:
        # Whoever asked for a build may be gone: the next engine finds the request, and what was fetched for it so far.
        for request in self._builds.unfinished():
            spool.leave(self._desk.folder.requests, request)

    def close(self) -> None:
        """Stop preparing, leave builds to the next engine, keep scripts and endpoints going, close the database."""
        self._runs.put_preparations_back()
        if not self._ground.is_lost():
            self._guarded(self._leave_builds)
        self._builds.cancel_all()
        self._channel.close()
        self._gpus.close()
        self._recorded.stop()
        self._desk.close()
        self._sweeps.close()
        if not self._ground.is_lost():
            self._guarded(self._recorded.close)
        self._runs.close()
        # Before the one that writes: the last one folds the log into the file.
        self._desk.readers.close()
        self._db.close()
        self._desk.emit(EngineChanged("stopped"))

    def set_limit(self, limit: int) -> None:
        """Change how many runs may execute at once."""
        self._runs.limit = limit
        self.wake()

    def wake(self) -> None:
        """Have the loop look around now, at all runs, too."""
        self._runs.polling.soon()
        self._desk.woken.set()

    # Requests.

    def ask(self, request: Request) -> Future[Reply]:
        """Hand a request over from another thread of this process."""
        return self._requests.ask(request)
