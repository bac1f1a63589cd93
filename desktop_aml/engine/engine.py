"""The engine: a loop that calls `tick`. It owns the workspace while it holds the owner lock.

It must not know which executor or builder it works with, and nothing outside it moves a run.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidInput, StorageError
from desktop_aml.domain.events import (
    EngineChanged,
    Event,
    RunDeleted,
    RunMoved,
    RunSubmitted,
)
from desktop_aml.domain.names import check_experiment_name, check_thing_name
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import (
    BuildEnvironment,
    CancelBuild,
    CancelRun,
    DeleteEndpoint,
    DeleteModel,
    DeleteRun,
    DeployModel,
    Done,
    ForgetBuilds,
    RegisterDataset,
    RegisterEnvironment,
    RegisterModel,
    ReleaseWorkspace,
    Reply,
    Request,
    SetEndpointKey,
    StartEndpoint,
    StopEndpoint,
    SubmitRun,
    TakeInRun,
    UnregisterDataset,
    UpdateDataset,
    UpdateEndpoint,
    UpdateModel,
    UpdateRun,
)
from desktop_aml.domain.runs import EXTERNAL, RunState
from desktop_aml.engine import snapshot, spool
from desktop_aml.engine.builds import Builds, EnvironmentSource
from desktop_aml.engine.channel import Answer, Channel, no_answer
from desktop_aml.engine.dataset_flow import DatasetFlow
from desktop_aml.engine.desk import Desk, Failed
from desktop_aml.engine.endpoint_flow import EndpointFlow
from desktop_aml.engine.model_flow import ModelFlow
from desktop_aml.engine.run_changes import RunChanges
from desktop_aml.engine.run_flow import RunFlow
from desktop_aml.executors.base import Executor
from desktop_aml.store import environments, requests, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder

_log = logging.getLogger(__name__)

_ACTIVE_TICK_S = 0.02
_IDLE_TICK_S = 0.1
_INGEST_EVERY_S = 0.1
_ENDPOINTS_EVERY_S = 0.25
_RETRY_S = 2.0

Respond = Callable[[Reply], None]


class Engine:
    """The loop over one workspace.

    Parameters
    ----------
    folder : WorkspaceFolder
        A workspace whose owner lock this process holds.
    emit : callable
        Told every event; must return quickly and may be called from several threads.
    executors : dict of str to Executor
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
    """

    def __init__(
        self,
        folder: WorkspaceFolder,
        emit: Callable[[Event], None],
        *,
        executors: dict[str, Executor],
        source: EnvironmentSource,
        limit: int = 2,
        grace_s: float = 10.0,
        clock: Callable[[], float] = time.time,
        until_idle: bool = False,
        answer: Answer = no_answer,
    ) -> None:
        self._db = Database(folder.database, read_only=False)
        self._desk = Desk(folder, self._db, self._and_outputs(emit), clock)
        self._builds = Builds(self._desk, source)
        self._models = ModelFlow(self._desk)
        self._datasets = DatasetFlow(self._desk)
        self._runs = RunFlow(self._desk, self._builds, executors, limit=limit, grace_s=grace_s)
        self._changes = RunChanges(self._desk)
        self._endpoints = EndpointFlow(self._desk, self._builds)
        self._channel = Channel(self._desk, self._models, answer)
        self._executors = executors
        self._under_way: set[str] = set()
        self._last_ingest = self._last_endpoints = self._paused_until = 0.0
        self._fault = ""
        self._until_idle = until_idle
        self.release_asked = threading.Event()

    def _and_outputs(self, emit: Callable[[Event], None]) -> Callable[[Event], None]:
        def told(event: Event) -> None:
            emit(event)
            if isinstance(event, RunMoved) and event.state is RunState.COMPLETED:
                self._datasets.keep_outputs(event.run_id)

        return told

    # The loop.

    def recover(self) -> None:
        """Take up what an earlier engine left."""
        with self._desk.commit():
            environments.forget_builds_under_way(self._db)
            self._builds.forget_missing()
            requests.trim(self._db)
        self._runs.recover()
        self._endpoints.recover()
        self._desk.announce(EngineChanged("ready"))

    def run_forever(self, stop: threading.Event) -> None:
        """Tick until `stop` is set, or another program asks for the workspace; then leave everything durable."""
        try:
            self.recover()
            while not stop.is_set() and not self.release_asked.is_set():
                self.tick()
                if self._until_idle and self.has_nothing_to_do():
                    return
                self._desk.woken.wait(_IDLE_TICK_S if self.is_idle() else _ACTIVE_TICK_S)
                self._desk.woken.clear()
        finally:
            self.close()

    def tick(self) -> None:
        """Look at everything once."""
        if time.monotonic() < self._paused_until:
            return
        try:
            self._tick()
        except StorageError as error:
            # A full disk heals when space is freed: keep everything and try again.
            self._paused_until = time.monotonic() + _RETRY_S
            self._report(error.message, error.hint, error.details)
        else:
            self._fault = ""

    def _tick(self) -> None:
        for act in self._desk.deliveries():
            self._guarded(act, again=act)
        for request_id, path in spool.waiting(self._desk.folder.requests):
            if request_id not in self._under_way:
                self._carry_out_file(request_id, path)
        now = time.monotonic()
        if now - self._last_ingest >= _INGEST_EVERY_S:
            self._last_ingest = now
            self._guarded(self._runs.ingest)
            for run_id in self._runs.active_runs():
                self._guarded(partial(self._channel.look, run_id))
        self._guarded(self._runs.claim_next)
        for run_id in self._runs.active_runs():
            self._guarded(partial(self._runs.look_after, run_id))
        if now - self._last_endpoints >= _ENDPOINTS_EVERY_S:
            self._last_endpoints = now
            self._guarded(self._endpoints.look)

    def _guarded(self, act: Callable[[], object], again: Callable[[], None] | None = None) -> None:
        try:
            act()
        except StorageError:
            if again is not None:
                self._desk.put(again)
            raise
        except Exception as error:  # noqa: BLE001 - the engine's one boundary: one fault must not stop the others
            _log.exception("A step of the engine failed.")
            self._report(f"The engine met a fault: {type(error).__name__}: {error}", "The log file holds the details.")

    def _report(self, message: str, hint: str, details: str = "") -> None:
        if message != self._fault:
            self._fault = message
            _log.error("%s %s", message, details)
            self._desk.emit(EngineChanged("fault", message, hint, details))

    def is_idle(self) -> bool:
        """Whether no run is under way."""
        return self._runs.is_idle()

    def has_nothing_to_do(self) -> bool:
        """Whether no run is queued or under way, nothing is being built or deployed, and no request waits."""
        return (
            self.is_idle()
            and self._builds.are_idle()
            and self._endpoints.are_settled()
            and not self._under_way
            and not runs.in_states(self._db, [RunState.QUEUED])
            and not spool.waiting(self._desk.folder.requests)
        )

    def close(self) -> None:
        """Stop preparing and building, keep scripts and endpoints going, close the database."""
        self._runs.cancel_preparations()
        self._builds.cancel_all()
        self._channel.close()
        self._desk.close()
        self._runs.close()
        self._db.close()
        self._desk.emit(EngineChanged("stopped"))

    def set_limit(self, limit: int) -> None:
        """Change how many runs may execute at once."""
        self._runs.limit = limit
        self.wake()

    def wake(self) -> None:
        """Have the loop look around now."""
        self._desk.woken.set()

    # Requests.

    def ask(self, request: Request) -> Future[Reply]:
        """Hand a request over from another thread of this process."""
        future: Future[Reply] = Future()
        self._desk.put(lambda: self._carry_out(request, future.set_result, None))
        return future

    def _carry_out_file(self, request_id: str, path: Path) -> None:
        folder = self._desk.folder.requests

        def respond(reply: Reply) -> None:
            self._under_way.discard(request_id)
            try:
                spool.answer(folder, request_id, reply)
            except OSError as error:
                _log.warning("The reply to %s could not be written: %s", request_id, error)

        stored = requests.reply_to(self._db, request_id)
        if stored is not None:
            respond(spool.decode_reply(stored.encode()))
            return
        self._under_way.add(request_id)
        try:
            request = spool.read(path)
        except FileNotFoundError:
            self._under_way.discard(request_id)
        except (DesktopAMLError, OSError) as error:
            respond(spool.refused(error))
        else:
            self._carry_out(request, respond, request_id)

    def _carry_out(self, request: Request, respond: Respond, request_id: str | None) -> None:
        def keep_and_respond(reply: Reply) -> None:
            if request_id is not None:
                requests.keep(self._db, request_id, spool.encode_reply(reply).decode(), self._desk.now())
            self._desk.afterwards(lambda: respond(reply))

        try:
            with self._desk.commit():
                reply = self._handle(request, keep_and_respond)
                if reply is not None:
                    keep_and_respond(reply)
        except Exception as error:  # noqa: BLE001 - unanswered, it would come again, and stop every engine
            respond(spool.refused(error))

    def _handle(self, request: Request, respond: Respond) -> Reply | None:
        """Carry a request out inside a commit; None when the reply comes later."""
        match request:
            case SubmitRun():
                return self._submit(request)
            case CancelRun():
                self._runs.cancel(request.run_id)
            case UpdateRun():
                self._changes.update(request)
            case TakeInRun():
                self._changes.take_in(
                    request.run_id, lambda failed: respond(spool.refusal(failed) if failed else Done())
                )
                return None
            case DeleteRun():
                self._delete(request)
            case RegisterEnvironment():
                return self._register_environment(request)
            case BuildEnvironment():
                version = self._builds.start(request.name, request.version, request.builder)
                return Done(name=version.name, version=version.version)
            case CancelBuild():
                self._builds.cancel(request.name, request.version)
            case ForgetBuilds():
                self._builds.forget(request.keys)
            case RegisterModel():
                self._models.register(request, lambda result: respond(_model_reply(result)))
                return None
            case UpdateModel():
                self._models.update(request)
            case DeleteModel():
                self._models.delete(request)
            case DeployModel():
                return self._endpoints.deploy(request)
            case UpdateEndpoint():
                self._endpoints.update(request)
            case SetEndpointKey():
                self._endpoints.set_key(request)
            case StopEndpoint():
                self._endpoints.stop(request.name)
            case StartEndpoint():
                self._endpoints.start(request.name)
            case DeleteEndpoint():
                self._endpoints.delete(request.name)
            case RegisterDataset():
                return self._datasets.register(request)
            case UpdateDataset():
                self._datasets.update(request)
            case UnregisterDataset():
                self._datasets.unregister(request)
            case ReleaseWorkspace():
                self._desk.afterwards(self.release_asked.set)
        return Done()

    def _submit(self, request: SubmitRun) -> Reply:
        check_experiment_name(request.experiment)
        check_thing_name(request.run_id, "run")
        if request.target not in self._executors:
            raise InvalidInput(
                f"There is no target “{request.target}”.",
                f"Choose one of: {', '.join(sorted(set(self._executors) - {EXTERNAL}))}",
            )
        if request.parent:
            runs.state_of(self._db, request.parent)
        needs_script = self._executors[request.target].runs_scripts
        place = self._executors[request.target].place if needs_script else None
        chosen = self._builds.choose(request.environment, place)
        files = snapshot.manifest(self._desk.folder.run(request.run_id))
        if needs_script and not any(file.path == request.script for file in files):
            raise InvalidInput(
                f"The script “{request.script}” is not among the files that were copied.",
                "Check that it lies in the source directory and that no ignore file leaves it out.",
            )
        version = chosen.version.version if chosen.version else None
        seed = zlib.crc32(request.run_id.encode())
        new = runs.insert(self._db, request, environment=chosen.label, version=version, seed=seed, at=self._desk.now())
        if new:
            self._desk.announce(RunSubmitted(request.run_id, request.experiment))
        return Done(name=request.run_id, changed=new)

    def _delete(self, request: DeleteRun) -> None:
        state = runs.state_of(self._db, request.run_id)
        if not state.is_terminal():
            raise Conflict(f"The run “{request.run_id}” is {state}.", "Cancel it first, then delete it.")
        runs.delete(self._db, request.run_id)
        folder = self._desk.folder.run(request.run_id)
        self._desk.afterwards(lambda: snapshot.remove_folder(folder))
        self._desk.announce(RunDeleted(request.run_id))

    def _register_environment(self, request: RegisterEnvironment) -> Reply:
        check_thing_name(request.name, "environment")
        version, new = self._builds.register(
            request.name, EnvironmentKind(request.kind), request.text, request.description
        )
        return Done(name=version.name, version=version.version, changed=new)


def _model_reply(result: ModelVersion | Failed) -> Reply:
    if isinstance(result, Failed):
        return spool.refusal(result.error)
    return Done(name=result.name, version=result.version)
