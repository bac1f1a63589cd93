"""Containers for runs: made, filled, started, and taken away when an engine left them behind."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_aml import docker_access
from desktop_aml.docker_access import computer
from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.jobs import Job, stricter
from desktop_aml.domain.values import dataclass
from desktop_aml.executors import docker_user
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.docker_engine import LABEL, inspect, remove_container
from desktop_aml.executors.docker_luggage import Luggage
from desktop_aml.executors.local_process import LAUNCHER

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.errors import APIError
    from docker.types import Mount

PROGRAM: Final = LAUNCHER.parent
"""This program's own code that goes into a container."""

NEWS: Final = PROGRAM / "news.py"

_LOG_LIMITS: Final = {"max-size": "1m", "max-file": "1"}
"""Of Docker's own log: the script's output goes into the run's log, so only the launcher's last words are there."""

_SOMEBODY_ELSE_S: Final = 1.0
"""How long another engine that has just made the same container gets to start it."""

_SIGHT_S: Final = 30.0
"""How long a container that was made may stay unseen by an engine that is busy."""

_LOOK_S: Final = 0.1
_OWN_ADDRESS: Final = "127.0.0.1"
"""Published ports are reached from this computer alone."""

_ALL_GPUS: Final[dict[str, Any]] = {"driver": "nvidia", "count": -1, "capabilities": [["gpu"]]}


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


NO_LIMITS: Final = DockerLimits()


@dataclass(frozen=True, slots=True)
class Making:
    """One container that is to be made.

    Parameters
    ----------
    luggage : Luggage, optional
        What is copied into it; None when it sees this computer's files.
    """

    job: Job
    handle: Handle
    limits: DockerLimits
    luggage: Luggage | None = None

    def create_and_start(self, client: DockerClient) -> None:
        """Make the container if there is none yet and start it; starting one that runs changes nothing."""
        from docker.errors import APIError

        is_ours = True
        try:
            self._create(client)
            docker_user.give_name(client, name_of(self.handle))
        except APIError as error:
            if error.status_code != 409:
                raise self._in_words(error) from error
            is_ours = False
        if self.luggage is not None:
            if is_ours:
                self._fill_and_start(client, self.luggage)
            else:
                self._wait_for_sight(client)
            return
        while True:
            try:
                client.api.start(name_of(self.handle))
            except APIError as error:
                if is_ours:
                    remove_container(client, name_of(self.handle))
                    raise self._in_words(error) from error
                # Somebody else made it and is starting it; the last of both tells what came of it.
                time.sleep(_SOMEBODY_ELSE_S)
                is_ours = True
            else:
                return

    def _in_words(self, error: APIError) -> APIError | PreparationError:
        """Return an error that names the setting or the option that it is about, where there is one."""
        # It becomes a part of a sentence.
        reason = str(error.explanation or error).strip().rstrip(".")
        network = self.limits.network
        if "network" in reason.lower() and network in reason:
            return PreparationError(
                f"The Docker engine has no network “{network}”, which the setting docker_network names: {reason}.",
                f"Make it with: docker network create {network}. Or choose another one in the settings.",
            )
        if "port is already allocated" in reason or "address already in use" in reason:
            return PreparationError(
                f"A port of --publish is taken: {reason}.", "Choose another one, or none of your own."
            )
        return error

    def _fill_and_start(self, client: DockerClient, luggage: Luggage) -> None:
        from docker.errors import APIError
        from requests.exceptions import RequestException

        try:
            luggage.send(client, PROGRAM, tuple(map(Path, self.job.read_only_paths)))
            luggage.files.mark_start()
            client.api.start(luggage.container)
        except (APIError, OSError) as error:
            # Without an answer nobody knows whether it was started; whoever follows it finds out.
            if not isinstance(error, RequestException) or isinstance(error, APIError):
                remove_container(client, luggage.container)
                luggage.files.unmark_start()
            if isinstance(error, APIError):
                raise self._in_words(error) from error
            raise
        if luggage.files.stop_was_asked():
            # Perhaps after it was filled. It may have ended by now.
            with suppress(APIError):
                stop(client, self.handle, luggage, "SIGTERM")

    def _wait_for_sight(self, client: DockerClient) -> None:
        """Wait for a container that somebody else makes: its name is taken before it can be seen.

        One that is not seen would be given up as never made, while it is about to run.
        """
        until = time.monotonic() + _SIGHT_S
        while time.monotonic() < until:
            state = inspect(name_of(self.handle), client)
            if state is not None and state.status != "absent":
                return
            time.sleep(_LOOK_S)

    def _create(self, client: DockerClient) -> None:
        from docker.types import DeviceRequest, LogConfig, Ulimit

        job, limits, asked = self.job, self.limits, self.job.container
        told = client.info()
        memory = round(limits.memory_in_gb * 1e9) if limits.memory_in_gb else None
        cpus = stricter(limits.cpu, asked.cpus)
        published = list(dict.fromkeys(port.container for port in asked.ports))
        self._check_wishes(keeps_limits=docker_access.keeps_limits(told) or not (cpus or memory or asked.memory_bytes))
        host = client.api.create_host_config(
            mounts=self._mounts(),
            network_mode="none" if asked.is_offline else limits.network,
            nano_cpus=round(cpus * 1e9) if cpus else None,
            mem_limit=stricter(memory, asked.memory_bytes),
            shm_size=asked.shm_bytes,
            port_bindings={
                number: [(_OWN_ADDRESS, one.host or None) for one in asked.ports if one.container == number]
                for number in published
            },
            ulimits=[Ulimit(name=name, soft=soft, hard=hard) for name, (soft, hard) in asked.ulimits.items()],
            security_opt=["no-new-privileges"],
            log_config=LogConfig(type=LogConfig.types.JSON, config=_LOG_LIMITS),
            device_requests=[DeviceRequest(**_ALL_GPUS)] if limits.gpus else None,
        )
        client.api.create_container(
            job.image,
            [str(LAUNCHER), job.run_directory, str(job.attempt)],
            name=name_of(self.handle),
            entrypoint=[job.python, "-I", "-S"],
            user=docker_access.user_in(told),
            working_dir="/",
            ports=published,
            labels={
                LABEL: "run",
                computer.LABEL: computer.this_computer(),
                "desktop-aml.run": job.run_id,
                "desktop-aml.attempt": str(self.handle.files().folder),
            },
            host_config=host,
        )

    def _mounts(self) -> list[Mount]:
        from docker.types import Mount

        if self.luggage is not None:
            return []
        program = str(PROGRAM)
        return [
            Mount(self.job.run_directory, self.job.run_directory, type="bind"),
            Mount(program, program, type="bind", read_only=True),
            *(Mount(folder, folder, type="bind") for folder in self.job.shared_folders),
            *(Mount(path, path, type="bind", read_only=True) for path in self.job.read_only_paths),
            *(Mount(one.path, one.source, type="bind", read_only=one.read_only) for one in self.job.container.volumes),
        ]

    def _check_wishes(self, *, keeps_limits: bool) -> None:
        """Raise when the container cannot have what its run asks of it."""
        asked = self.job.container
        if not keeps_limits:
            raise PreparationError(
                "This Docker engine runs without root on control groups of version 1, where it keeps no limit of"
                " memory or cores.",
                "Run without --memory and --cpus and without such limits in the settings, or on an engine of root.",
            )
        if asked.volumes and self.luggage is not None:
            raise PreparationError(
                "The Docker engine does not see this computer's files, so a run there can have no --volume.",
                "Put the data into the source folder or a datastore of the workspace, which are copied.",
            )
        network = "none" if asked.is_offline else self.limits.network
        if asked.ports and network in {"none", "host"}:
            raise PreparationError(
                f"With the network “{network}” no port of a container can be published.",
                "Leave out --publish, or choose another docker_network in the settings.",
            )


def name_of(handle: Handle) -> str:
    """Return the name of the container of an attempt."""
    return handle.container


def stop(client: DockerClient, handle: Handle, luggage: Luggage | None, signal_name: str) -> None:
    """Signal the launcher of a container; one that is only just starting finds the marker."""
    if luggage is not None:
        luggage.send_texts(client, {luggage.files.folder / "stop": b""})
    client.api.kill(name_of(handle), signal_name)


def sweep(client: DockerClient) -> None:
    """Remove the containers whose attempts have left their record, or are gone: nobody asks them for anything more."""
    # The list itself holds what is needed; to look at each container would fail on one that is just being removed.
    for container in client.api.containers(all=True, filters={"label": f"{LABEL}=run"}):
        labels = container["Labels"]
        attempt = Path(labels.get("desktop-aml.attempt", ""))
        is_over = (attempt / "exit.json").exists() or not (attempt / "job.json").exists()
        # Another computer, or another user of this one, may use the same engine.
        is_ours = labels.get(computer.LABEL, computer.this_computer()) == computer.this_computer()
        if container["State"] != "running" and is_over and is_ours:
            remove_container(client, container["Id"])


def check_image(client: DockerClient, image: str) -> None:
    """Raise when an image is not there."""
    from docker.errors import ImageNotFound

    try:
        client.images.get(image)
    except ImageNotFound as error:
        raise PreparationError(
            "The image of the environment is gone from Docker.", "Run again: it is built anew."
        ) from error


def check_gpus(client: DockerClient, image: str, python: str) -> None:
    """Raise when the engine has no GPU to give. Only a container that asks for them tells for certain."""
    from docker.errors import APIError
    from docker.types import DeviceRequest

    host = client.api.create_host_config(network_mode="none", device_requests=[DeviceRequest(**_ALL_GPUS)])
    made = client.api.create_container(
        image, ["-c", "pass"], entrypoint=[python, "-I", "-S"], labels={LABEL: "question"}, host_config=host
    )["Id"]
    try:
        client.api.start(made)
    except APIError as error:
        reason = str(error.explanation or error)
        if "gpu" not in reason.lower() and "nvidia" not in reason.lower():
            raise
        raise PreparationError(
            "The Docker engine has no GPU that it can give to a container.",
            "Install the NVIDIA Container Toolkit where the engine runs, or set docker_gpus to false in the settings.",
            details=reason,
        ) from error
    finally:
        remove_container(client, made)
