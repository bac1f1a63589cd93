"""Run scripts in containers, each with the launcher as its first process.

Where the engine sees this computer's files, the run's folder is mounted at its own path, so nothing is translated: the
launcher inside claims the attempt, writes the log, the journal and the exit record exactly as it does outside. Where it
does not, a courier copies all that there and back, and the exit record comes last. Docker is asked only to start, to
signal, and to tell what became of a container that left no record. It may go away and come back at any time; nothing is
decided while it is away.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from desktop_aml.docker_access import address
from desktop_aml.domain.computes.container_files import FileSharing
from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.errors import DesktopAMLError, MissingOnComputer, PreparationError
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors import docker_endings, docker_making, docker_tracking
from desktop_aml.executors.attempt_files import AttemptFiles, Handle, Whereabouts
from desktop_aml.executors.base import Report
from desktop_aml.executors.docker_courier import Courier
from desktop_aml.executors.docker_engine import ContainerState, DockerEngine, remove_container
from desktop_aml.executors.docker_luggage import Luggage
from desktop_aml.executors.docker_making import NO_LIMITS, DockerLimits, Making, name_of
from desktop_aml.executors.local_process import FOLDERS, make_run_folders

_LOOK_TIME_S: Final = 30.0
"""How long a record is doubted whose container nobody could look at yet: after that, Docker is away."""

_FORCE_AFTER_S: Final = 30.0
"""How long a launcher may take beyond the grace period before its container is killed from outside."""

_CLOSE_S: Final = 5.0
"""How long closing waits for one that is still fetching; what it did not fetch is fetched by the next engine."""

_HERE: Final = Whereabouts("", copies=False, python="", shared_folders=())


class DockerContainerExecutor:
    """Runs scripts in containers. Safe to call from several threads; nothing here waits for Docker.

    Parameters
    ----------
    engine : DockerEngine
        The Docker engine to use.
    limits : DockerLimits
        What each container may use.
    sharing : FileSharing
        How files come into a container.
    """

    place: ClassVar[BuildPlace] = BuildPlace.IMAGE
    runs_scripts: ClassVar[bool] = True

    def __init__(
        self,
        engine: DockerEngine | None = None,
        limits: DockerLimits = NO_LIMITS,
        sharing: FileSharing = FileSharing.AUTO,
    ) -> None:
        self._engine = engine or DockerEngine()
        self._limits = limits
        self._sharing = sharing
        self._engines: dict[str, DockerEngine] = {}
        self._couriers: dict[str, Courier] = {}
        self._workers = ThreadPoolExecutor(4, thread_name_prefix="docker")
        self._starts: dict[str, Future[None]] = {}
        self._stopping: dict[str, float] = {}
        self._unseen: dict[str, float] = {}
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
        self._engine.ask(lambda client: docker_making.check_image(client, job.image))
        if self._limits.gpus:
            self._engine.ask(lambda client: docker_making.check_gpus(client, job.image, job.python))
        make_run_folders(run_directory, FOLDERS)

    def tidy(self) -> None:
        """Have the containers removed that an engine left which died between the end of a run and its release."""
        self._workers.submit(self._tidy)

    def _tidy(self) -> None:
        from docker.errors import APIError

        try:
            self._engine.ask(docker_making.sweep)
        except (APIError, DesktopAMLError):
            # Docker is away: a later engine tidies.
            return

    def handle_for(self, job: Job) -> str:
        """Return the handle of `job`, before it is started."""
        return str(Handle.of("docker", job))

    def start(self, job: Job) -> None:
        """Begin to make and start the container; `poll` tells when that failed."""
        handle = self.handle_for(job)
        parsed = Handle.parse(handle)
        files = parsed.files()
        with self._lock:
            if handle in self._starts or files.claim() is not None:
                return
            files.make()
            make_run_folders(parsed.run_directory, FOLDERS)
            files.write_job(replace(job, tracking=None))
            self._starts[handle] = self._workers.submit(self._launch, job, parsed)

    def _launch(self, job: Job, handle: Handle) -> None:
        where = address.find(self._engine.wanted)
        found = Whereabouts(str(where), where.copies(self._sharing), job.python, job.shared_folders)
        handle.files().write_whereabouts(found)
        if job.tracking is not None and not found.copies:
            handle.files().write_job(replace(job, tracking=docker_tracking.begin(job, job.tracking, handle.files())))
        engine = self._engine_of(found)
        making = Making(job, handle, self._limits, _luggage(handle, found))
        engine.ask(making.create_and_start)
        # What was seen of the name before there was a container is out of date.
        engine.forget(name_of(handle))
        self._follow(str(handle), handle, found)

    def _engine_of(self, found: Whereabouts) -> DockerEngine:
        """Return the engine that a container is on: the one that is chosen now may be another."""
        if not found.engine:
            return self._engine
        with self._lock:
            return self._engines.setdefault(found.engine, DockerEngine(found.engine))

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while the work goes on, else how it ended."""
        parsed = Handle.parse(handle)
        files = parsed.files()
        outcome = files.outcome()
        if outcome is not None and not self._may_go_on(handle, parsed, files):
            return docker_endings.with_cause(outcome, files)
        start = self._starts.get(handle)
        if start is not None and not start.done():
            return None
        found = files.whereabouts() or _HERE
        failure = start.exception() if start is not None else None
        # Of a container that has no eyes here, only a courier can tell whether it was started in spite of all.
        if failure is not None and not (found.copies and isinstance(failure, MissingOnComputer)):
            files.give_up()
            return docker_endings.not_started(failure)
        state = self._end_of(handle, parsed, found)
        if state is None:
            return None
        # The launcher may have written its record between the two looks.
        return files.outcome() or docker_endings.without_record(state, files)

    def _may_go_on(self, handle: str, parsed: Handle, files: AttemptFiles) -> bool:
        """Whether the container may still run: its script can write a record, too, and go on.

        A container elsewhere sends its record home after its end. Of an engine that is away nothing better is known.
        """
        found = files.whereabouts()
        if found is None or found.copies:
            return False
        state = self._engine_of(found).state_of(name_of(parsed))
        if state is not None:
            return not state.is_over() and state.status not in {"absent", "created"}
        with self._lock:
            since = self._unseen.setdefault(handle, time.monotonic())
        return time.monotonic() - since < _LOOK_TIME_S

    def _end_of(self, handle: str, parsed: Handle, found: Whereabouts) -> ContainerState | None:
        """Return the state of a container that does not run; None while it does, or nobody knows."""
        courier = self._follow(handle, parsed, found)
        if courier is not None:
            return courier.end
        state = self._engine_of(found).state_of(name_of(parsed))
        is_known = state is not None and (state.is_over() or state.status in {"absent", "created"})
        return state if is_known else None

    def _follow(self, handle: str, parsed: Handle, found: Whereabouts) -> Courier | None:
        """Return the courier of an attempt, if it needs one."""
        engine, luggage = self._engine_of(found), _luggage(parsed, found)
        if luggage is None:
            return None
        with self._lock:
            courier = self._couriers.get(handle)
            if courier is None:
                command = (found.python, "-I", "-S", str(docker_making.NEWS), str(parsed.run_directory))
                courier = self._couriers[handle] = Courier(engine, luggage, (*command, str(parsed.attempt)))
        return courier

    def has_begun(self, handle: str) -> bool:
        """Whether a launcher has claimed the attempt, or the attempt is over."""
        files = Handle.parse(handle).files()
        claim = files.claim()
        is_claimed = claim is not None and claim.owner is not None
        return is_claimed or files.may_have_started() or files.outcome() is not None

    def stop(self, handle: str, *, force: bool = False) -> None:
        """Ask the launcher to end the whole tree: politely, or by force at once. Safe to call twice."""
        parsed = Handle.parse(handle)
        files = parsed.files()
        # First the marker, then the signal: a launcher that is just starting finds the marker.
        files.mark_stopped()
        if files.outcome() is not None:
            return
        with self._lock:
            since = self._stopping.setdefault(handle, time.monotonic())
        overdue = time.monotonic() - since > _FORCE_AFTER_S + files.grace_s()
        name = "SIGKILL" if overdue else "SIGUSR1" if force else "SIGTERM"
        self._workers.submit(self._signal, parsed, name)

    def _signal(self, handle: Handle, name: str) -> None:
        from docker.errors import APIError

        found = handle.files().whereabouts() or _HERE
        luggage = _luggage(handle, found)
        try:
            self._engine_of(found).ask(lambda client: docker_making.stop(client, handle, luggage, name))
        except (APIError, DesktopAMLError):
            # It is not running (yet, or any more), or Docker is away: the marker stands, and the engine asks again.
            return

    def release(self, handle: str) -> None:
        """Remove the container and what only the work needed, once its end is durable. Safe to call twice."""
        parsed = Handle.parse(handle)
        parsed.files().remove_leftovers()
        with self._lock:
            self._starts.pop(handle, None)
            self._stopping.pop(handle, None)
            self._unseen.pop(handle, None)
            courier = self._couriers.pop(handle, None)
        if courier is not None:
            courier.close()
        found = parsed.files().whereabouts() or _HERE
        luggage = _luggage(parsed, found)
        if luggage is not None:
            luggage.remove_leftovers()
        engine = self._engine_of(found)
        engine.forget(name_of(parsed))
        self._workers.submit(self._remove, engine, name_of(parsed))

    def _remove(self, engine: DockerEngine, container: str) -> None:
        from docker.errors import APIError

        try:
            engine.ask(lambda client: remove_container(client, container))
        except (APIError, DesktopAMLError):
            # Docker is away: the sweep of a later engine finds the container by its label.
            return

    def close(self) -> None:
        """Let go of Docker; the containers go on."""
        with self._lock:
            couriers, engines = list(self._couriers.values()), [self._engine, *self._engines.values()]
        for courier in couriers:
            courier.close()
        self._workers.shutdown(wait=True)
        for courier in couriers:
            courier.join(_CLOSE_S)
        for engine in engines:
            engine.close()


def _luggage(handle: Handle, found: Whereabouts) -> Luggage | None:
    """Return what is copied for an attempt; None when its container sees this computer's files."""
    if not found.copies:
        return None
    shared = tuple(map(Path, found.shared_folders))
    return Luggage(name_of(handle), handle.run_directory, handle.files(), shared)
