"""Run scripts in containers, each with the launcher as its first process.

The run's folder is mounted at its own path, so nothing is translated: the launcher inside claims the attempt, writes
the log, the journal and the exit record exactly as it does outside. Docker is asked only to start, to signal, and to
tell what became of a container that left no record. It may go away and come back at any time; nothing is decided while
it is away.
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.errors import DesktopAMLError, PreparationError
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.base import Report
from desktop_aml.executors.docker_engine import LABEL, ContainerState, DockerEngine, remove_container
from desktop_aml.executors.local_process import FOLDERS, LAUNCHER

if TYPE_CHECKING:
    from docker import DockerClient

_FORCE_AFTER_S: Final = 30.0
"""How long a launcher may take beyond the grace period before its container is killed from outside."""

_LOG_LIMITS: Final = {"max-size": "1m", "max-file": "1"}
_INSIDE_RUN: Final = LAUNCHER.parent
_SOMEBODY_ELSE_S: Final = 1.0
_SIGKILL: Final = 9
_KILLED: Final = (137, 143)
"""Exit codes of a container that was killed or stopped, by Docker's end among others: it may be tried again."""


@dataclass(frozen=True, slots=True)
class _Handle:
    """``docker:<attempt>:<nonce>:<run directory>``; the container is named for the nonce."""

    attempt: int
    nonce: str
    run_directory: Path

    @classmethod
    def parse(cls, text: str) -> _Handle:
        _, attempt, nonce, run_directory = text.split(":", 3)
        return cls(int(attempt), nonce, Path(run_directory))

    def __str__(self) -> str:
        return f"docker:{self.attempt}:{self.nonce}:{self.run_directory}"

    @property
    def container(self) -> str:
        return f"desktop-aml-run-{self.nonce}"

    def files(self) -> AttemptFiles:
        return AttemptFiles(self.run_directory / "attempts" / str(self.attempt))


@dataclass(frozen=True, slots=True)
class DockerLimits:
    """What a container may use. None is no limit.

    Parameters
    ----------
    network : str
        Docker's network: ``"bridge"``, ``"none"``, ``"host"`` or the name of one.
    gpus : bool
        Whether to hand over all GPUs; the engine must have the NVIDIA runtime.
    """

    network: str = "bridge"
    cpu: float | None = None
    memory_in_gb: float | None = None
    gpus: bool = False


class DockerContainerExecutor:
    """Runs scripts in containers. Safe to call from several threads; nothing here waits for Docker.

    Parameters
    ----------
    engine : DockerEngine
        The Docker engine to use.
    limits : DockerLimits
        What each container may use.
    """

    place: ClassVar[BuildPlace] = BuildPlace.IMAGE
    runs_scripts: ClassVar[bool] = True

    def __init__(self, engine: DockerEngine | None = None, limits: DockerLimits = DockerLimits()) -> None:
        self._engine = engine or DockerEngine()
        self._limits = limits
        self._workers = ThreadPoolExecutor(4, thread_name_prefix="docker")
        self._starts: dict[str, Future[None]] = {}
        self._stopping: dict[str, float] = {}
        self._lock = threading.Lock()

    def prepare(self, job: Job, report: Report) -> None:  # noqa: ARG002 - nothing here takes long enough to report
        """Make the run's folders and check that engine, image and script are there.

        Raises
        ------
        MissingOnComputer
            When no Docker engine answers.
        PreparationError
            When the image, the copy of the source or the script is missing.
        """
        run_directory = Path(job.run_directory)
        if not (run_directory / "snapshot" / job.script).is_file():
            raise PreparationError(
                f"The script {job.script} is not in the run's copy of the source.",
                "Check the script's name, and that the ignore file does not leave it out.",
            )
        self._engine.ask(lambda client: _check_image(client, job.image))
        for name in FOLDERS:
            (run_directory / name).mkdir(parents=True, exist_ok=True)

    def tidy(self) -> None:
        """Have the containers removed that an engine left which died between the end of a run and its release."""
        self._workers.submit(self._tidy)

    def _tidy(self) -> None:
        from docker.errors import APIError

        try:
            self._engine.ask(_sweep)
        except (APIError, DesktopAMLError):
            # Docker is away: a later engine tidies.
            return

    def handle_for(self, job: Job) -> str:
        """Return the handle of `job`, before it is started."""
        return str(_Handle(job.attempt, job.nonce, Path(job.run_directory)))

    def start(self, job: Job) -> None:
        """Begin to make and start the container; `poll` tells when that failed."""
        handle = self.handle_for(job)
        parsed = _Handle.parse(handle)
        files = parsed.files()
        with self._lock:
            if handle in self._starts or files.claim() is not None:
                return
            for folder in (files.folder, *(parsed.run_directory / name for name in FOLDERS)):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.write_job(job)
            self._starts[handle] = self._workers.submit(self._launch, job, parsed)

    def _launch(self, job: Job, handle: _Handle) -> None:
        self._engine.ask(lambda client: _create_and_start(client, job, handle, self._limits))
        # What was seen of the name before there was a container is out of date.
        self._engine.forget(handle.container)

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while the work goes on, else how it ended."""
        parsed = _Handle.parse(handle)
        files = parsed.files()
        outcome = files.outcome()
        if outcome is not None:
            return _with_cause(outcome, files)
        start = self._starts.get(handle)
        if start is not None and not start.done():
            return None
        failure = start.exception() if start is not None else None
        if failure is not None:
            files.give_up()
            return _not_started(failure)
        state = self._engine.state_of(parsed.container)
        if state is None or not (state.is_over() or state.status in {"absent", "created"}):
            return None
        # The launcher may have written its record between the two looks.
        return files.outcome() or self._end_without_record(state, files)

    def _end_without_record(self, state: ContainerState, files: AttemptFiles) -> RunOutcome | None:
        claim = files.claim()
        if claim is None and not files.give_up():
            return None
        if claim is None and state.is_over() and state.exit_code not in _KILLED:
            words = f"The launcher could not run in the container (exit code {state.exit_code}). {state.last_words}"
            return RunOutcome(reason="not_started", message=words.strip(), ended_at=time.time())
        if claim is None or claim.owner is None:
            words = f"The container did not start. {state.error}".strip()
            return RunOutcome(reason="lost", message=words, ended_at=time.time())
        started_at = files.started_at()
        if state.out_of_memory:
            words = "The container was killed because it used more memory than it may."
            return RunOutcome(
                signal=_SIGKILL, reason="signal", message=words, started_at=started_at, ended_at=time.time()
            )
        words = (
            "The container is gone, so how the script ended is not known. Something else removed it."
            if state.status == "absent"
            else f"The container was ended from outside (exit code {state.exit_code}): Docker was stopped, or someone"
            " killed it. How the script would have ended is not known."
        )
        return RunOutcome(reason="lost", message=words, started_at=started_at, ended_at=time.time())

    def has_begun(self, handle: str) -> bool:
        """Whether a launcher has claimed the attempt, or the attempt is over."""
        files = _Handle.parse(handle).files()
        claim = files.claim()
        return (claim is not None and claim.owner is not None) or files.outcome() is not None

    def stop(self, handle: str, *, force: bool = False) -> None:
        """Ask the launcher to end the whole tree: politely, or by force at once. Safe to call twice."""
        parsed = _Handle.parse(handle)
        files = parsed.files()
        # First the marker, then the signal: a launcher that is just starting finds the marker.
        files.mark_stopped()
        if files.outcome() is not None:
            return
        with self._lock:
            since = self._stopping.setdefault(handle, time.monotonic())
        overdue = time.monotonic() - since > _FORCE_AFTER_S + files.grace_s()
        name = "SIGKILL" if overdue else "SIGUSR1" if force else "SIGTERM"
        self._workers.submit(self._signal, parsed.container, name)

    def _signal(self, container: str, name: str) -> None:
        from docker.errors import APIError

        try:
            self._engine.ask(lambda client: client.api.kill(container, name))
        except (APIError, DesktopAMLError):
            # It is not running (yet, or any more), or Docker is away: the marker stands, and the engine asks again.
            return

    def release(self, handle: str) -> None:
        """Remove the container and what only the work needed, once its end is durable. Safe to call twice."""
        parsed = _Handle.parse(handle)
        parsed.files().remove_leftovers()
        with self._lock:
            self._starts.pop(handle, None)
            self._stopping.pop(handle, None)
        self._engine.forget(parsed.container)
        self._workers.submit(self._remove, parsed.container)

    def _remove(self, container: str) -> None:
        from docker.errors import APIError

        try:
            self._engine.ask(lambda client: remove_container(client, container))
        except (APIError, DesktopAMLError):
            # Docker is away: the sweep of a later engine finds the container by its label.
            return

    def close(self) -> None:
        """Let go of Docker; the containers go on."""
        self._workers.shutdown(wait=True)
        self._engine.close()


def _sweep(client: DockerClient) -> None:
    """Remove the containers whose attempts have left their record, or are gone: nobody asks them for anything more."""
    # The list itself holds what is needed; to look at each container would fail on one that is just being removed.
    for container in client.api.containers(all=True, filters={"label": f"{LABEL}=run"}):
        attempt = Path(container["Labels"].get("desktop-aml.attempt", ""))
        is_over = (attempt / "exit.json").exists() or not (attempt / "job.json").exists()
        if container["State"] != "running" and is_over:
            remove_container(client, container["Id"])


def _check_image(client: DockerClient, image: str) -> None:
    from docker.errors import ImageNotFound

    try:
        client.images.get(image)
    except ImageNotFound as error:
        raise PreparationError(
            "The image of the environment is gone from Docker.", "Run again: it is built anew."
        ) from error


def _create_and_start(client: DockerClient, job: Job, handle: _Handle, limits: DockerLimits) -> None:
    """Make the container if there is none yet and start it; starting one that runs changes nothing."""
    from docker.errors import APIError

    is_ours = True
    try:
        _create(client, job, handle, limits)
    except APIError as error:
        if error.status_code != 409:
            raise
        is_ours = False
    while True:
        try:
            client.api.start(handle.container)
        except APIError:
            if is_ours:
                remove_container(client, handle.container)
                raise
            # Somebody else made it and is starting it; the last of both tells what came of it.
            time.sleep(_SOMEBODY_ELSE_S)
            is_ours = True
        else:
            return


def _create(client: DockerClient, job: Job, handle: _Handle, limits: DockerLimits) -> None:
    from docker.types import DeviceRequest, LogConfig, Mount

    run_directory, inside = job.run_directory, str(_INSIDE_RUN)
    host = client.api.create_host_config(
        mounts=[
            Mount(run_directory, run_directory, type="bind"),
            Mount(inside, inside, type="bind", read_only=True),
            *(Mount(folder, folder, type="bind") for folder in job.shared_folders),
            *(Mount(path, path, type="bind", read_only=True) for path in job.read_only_paths),
        ],
        network_mode=limits.network,
        nano_cpus=round(limits.cpu * 1e9) if limits.cpu else None,
        mem_limit=round(limits.memory_in_gb * 1e9) if limits.memory_in_gb else None,
        security_opt=["no-new-privileges"],
        log_config=LogConfig(type=LogConfig.types.JSON, config=_LOG_LIMITS),
        device_requests=[DeviceRequest(driver="nvidia", count=-1, capabilities=[["gpu"]])] if limits.gpus else None,
    )
    client.api.create_container(
        job.image,
        [str(LAUNCHER), run_directory, str(job.attempt)],
        name=handle.container,
        entrypoint=[job.python, "-I", "-S"],
        user=f"{os.getuid()}:{os.getgid()}",
        working_dir="/",
        labels={LABEL: "run", "desktop-aml.run": job.run_id, "desktop-aml.attempt": str(handle.files().folder)},
        host_config=host,
    )


def _with_cause(outcome: RunOutcome, files: AttemptFiles) -> RunOutcome:
    """Return an outcome in which a stop that we did not ask for is called what it is."""
    if outcome.reason != "canceled" or files.stop_was_asked():
        return outcome
    return RunOutcome(
        reason="lost",
        message="The container was stopped from outside: Docker was stopped, or someone stopped it.",
        started_at=outcome.started_at,
        ended_at=outcome.ended_at,
    )


def _not_started(failure: BaseException) -> RunOutcome:
    explanation = getattr(failure, "explanation", "") or str(failure)
    if isinstance(explanation, bytes):
        explanation = explanation.decode("utf-8", "replace")
    words = f"The container could not be started: {explanation}"
    return RunOutcome(reason="not_started", message=words[:2000], ended_at=time.time())
