"""How requests are carried out: from the spool or from this process, each one once, each one answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.names import check_environment_name
from desktop_aml.domain.organising.queue import ChangeQueue
from desktop_aml.domain.organising.requests import (
    DeleteFiles,
    OrganiseEnvironment,
    OrganiseExperiment,
    OrganiseModel,
    OrganiseRuns,
    RenameModel,
)
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import (
    BuildEnvironment,
    CancelBuild,
    CancelRun,
    CleanStore,
    DeleteEndpoint,
    DeleteModel,
    DeleteRun,
    DeployModel,
    Done,
    FailRun,
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
from desktop_aml.domain.sharing.requests import ImportRun
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.values import dataclass
from desktop_aml.engine.core import spool
from desktop_aml.engine.core.builds import Builds
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.core.store_cleaning import StoreCleaning
from desktop_aml.engine.endpoints.flow import EndpointFlow
from desktop_aml.engine.rebuilding import imported
from desktop_aml.engine.registry.datasets import DatasetFlow
from desktop_aml.engine.registry.environments import EnvironmentOrganiser
from desktop_aml.engine.registry.models import ModelFlow
from desktop_aml.engine.runs.changes import RunChanges
from desktop_aml.engine.runs.experiments import ExperimentOrganiser
from desktop_aml.engine.runs.flow import RunFlow
from desktop_aml.engine.runs.organising import RunOrganiser
from desktop_aml.engine.runs.queue import RunQueue
from desktop_aml.engine.runs.submission import RunIntake
from desktop_aml.engine.sweeps.flow import SweepFlow
from desktop_aml.store import requests

_log = logging.getLogger(__name__)

Respond = Callable[[Reply], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the engine that requests speak to."""

    runs: RunFlow
    intake: RunIntake
    changes: RunChanges
    queue: RunQueue
    organiser: RunOrganiser
    experiments: ExperimentOrganiser
    environments: EnvironmentOrganiser
    builds: Builds
    models: ModelFlow
    datasets: DatasetFlow
    endpoints: EndpointFlow
    cleaning: StoreCleaning
    sweeps: SweepFlow


class RequestFlow:
    """Carries out requests.

    Parameters
    ----------
    release : callable
        Called once another program asked for the workspace.
    """

    def __init__(self, desk: Desk, parts: Parts, release: Callable[[], None]) -> None:
        self._desk = desk
        self._parts = parts
        self._release = release
        self._under_way: set[str] = set()

    def is_idle(self) -> bool:
        """Whether every request was answered and none waits in the spool."""
        return not self._under_way and not spool.waiting(self._desk.folder.requests)

    def ask(self, request: Request) -> Future[Reply]:
        """Hand a request over from another thread of this process."""
        future: Future[Reply] = Future()
        self._desk.put(lambda: self._carry_out(request, future.set_result, None))
        return future

    def take_waiting(self) -> None:
        """Begin to carry out what waits in the spool."""
        for request_id, path in spool.waiting(self._desk.folder.requests):
            if request_id not in self._under_way:
                self._carry_out_file(request_id, path)

    def _carry_out_file(self, request_id: str, path: Path) -> None:
        folder = self._desk.folder.requests

        def respond(reply: Reply) -> None:
            self._under_way.discard(request_id)
            try:
                spool.answer(folder, request_id, reply)
            except OSError as error:
                _log.warning("The reply to %s could not be written: %s", request_id, error)

        stored = requests.reply_to(self._desk.db, request_id)
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
                requests.keep(self._desk.db, request_id, spool.encode_reply(reply).decode(), self._desk.now())
            self._desk.afterwards(lambda: respond(reply))

        try:
            if isinstance(request, UpdateRun | OrganiseRuns | OrganiseExperiment):
                # What the script said before is stored before, so that the later word stands.
                self._parts.runs.ingest()
            with self._desk.commit():
                reply = self._handle(request, keep_and_respond)
                if reply is not None:
                    keep_and_respond(reply)
        except Exception as error:  # noqa: BLE001 - unanswered, it would come again, and stop every engine
            respond(spool.refused(error))

    def _handle(self, request: Request, respond: Respond) -> Reply | None:
        """Carry a request out inside a commit; None when the reply comes later."""
        parts = self._parts
        match request:
            case SubmitRun():
                return parts.intake.submit(request) if request.sweep is None else parts.sweeps.submit(request)
            case CancelRun():
                parts.runs.cancel(request.run_id)
            case FailRun():
                parts.runs.fail(request.run_id, request.message)
            case ChangeSweep():
                parts.sweeps.change(request)
            case ChangeQueue():
                parts.queue.change(request)
            case UpdateRun():
                parts.changes.update(request)
            case TakeInRun():
                parts.changes.take_in(
                    request.run_id, lambda failed: respond(spool.refusal(failed) if failed else Done())
                )
                return None
            case ImportRun():
                return imported.take_in(self._desk, request)
            case DeleteRun():
                parts.changes.delete(request)
            case OrganiseRuns():
                parts.organiser.organise(request)
            case OrganiseExperiment():
                parts.experiments.organise(request)
            case OrganiseEnvironment():
                return parts.environments.organise(request)
            case DeleteFiles():
                parts.changes.delete_files(request)
            case RegisterEnvironment():
                return self._register_environment(request)
            case BuildEnvironment():
                version = parts.builds.start(request.name, request.version, request.builder)
                return Done(name=version.name, version=version.version)
            case CancelBuild():
                parts.builds.cancel(request.name, request.version)
            case ForgetBuilds():
                parts.builds.forget(request.keys)
            case CleanStore():
                parts.cleaning.clean(respond, copies=request.copies)
                return None
            case RegisterModel():
                parts.models.register(request, lambda result: respond(_model_reply(result)))
                return None
            case UpdateModel() | RenameModel() | OrganiseModel() | DeleteModel():
                parts.models.change(request)
            case DeployModel():
                return parts.endpoints.deploy(request)
            case UpdateEndpoint():
                parts.endpoints.update(request)
            case SetEndpointKey():
                parts.endpoints.set_key(request)
            case StopEndpoint():
                parts.endpoints.stop(request.name)
            case StartEndpoint():
                parts.endpoints.start(request.name)
            case DeleteEndpoint():
                parts.endpoints.delete(request.name)
            case RegisterDataset():
                return parts.datasets.register(request)
            case UpdateDataset():
                parts.datasets.update(request)
            case UnregisterDataset():
                parts.datasets.unregister(request)
            case ReleaseWorkspace():
                self._desk.afterwards(self._release)
        return Done()

    def _register_environment(self, request: RegisterEnvironment) -> Reply:
        check_environment_name(request.name)
        version, new = self._parts.builds.register(
            request.name, EnvironmentKind(request.kind), request.text, request.description
        )
        return Done(name=version.name, version=version.version, changed=new)


def _model_reply(result: ModelVersion | Failed) -> Reply:
    if isinstance(result, Failed):
        return spool.refusal(result.error)
    return Done(name=result.name, version=result.version)
