"""An engine put together: where runs can execute, and what builds their environments, as the settings say."""

from __future__ import annotations

from collections.abc import Callable

from desktop_aml.domain.events import Event
from desktop_aml.domain.runs import EXTERNAL
from desktop_aml.engine.channel import Answer, no_answer
from desktop_aml.engine.engine import Engine
from desktop_aml.environments.service import BuilderService
from desktop_aml.executors.base import Executor
from desktop_aml.executors.docker_container import DockerContainerExecutor
from desktop_aml.executors.docker_making import DockerLimits
from desktop_aml.executors.external import ExternalExecutor
from desktop_aml.executors.local_process import LocalProcessExecutor
from desktop_aml.settings import Settings, builds_folder
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.compute_executors import EveryExecutor


def builder(settings: Settings) -> BuilderService:
    """Return what builds environments."""
    return BuilderService(builds_folder(settings), settings.python_pin_policy, settings.docker_base_image)


def engine(
    folder: WorkspaceFolder,
    settings: Settings,
    source: BuilderService,
    on_event: Callable[[Event], None],
    *,
    wake: Callable[[], None],
    until_idle: bool,
    answer: Answer | None,
) -> Engine:
    """Return an engine for a workspace whose owner lock this process holds.

    Parameters
    ----------
    source : BuilderService
        What builds environments.
    on_event : callable
        Told every event, see `Engine`.
    wake : callable
        Has the engine look around at once; called from other threads when a script has ended.
    until_idle : bool
        Whether the engine ends once nothing is under way.
    answer : callable or None
        Carries out what scripts ask of the workspace beyond the engine's own requests.
    """
    limits = DockerLimits(network=settings.docker_network, gpus=settings.docker_gpus)
    fixed: dict[str, Executor] = {
        "local": LocalProcessExecutor(wake, warm=True),
        "docker": DockerContainerExecutor(limits=limits, sharing=settings.docker_files),
        EXTERNAL: ExternalExecutor(),
    }
    return Engine(
        folder,
        on_event,
        executors=EveryExecutor(fixed, folder, wake),
        source=source,
        limit=settings.max_concurrent_runs,
        grace_s=settings.grace_s,
        until_idle=until_idle,
        answer=answer or no_answer,
    )
