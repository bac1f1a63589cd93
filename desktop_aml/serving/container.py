"""The model's process in a container: started like any other process, it passes its pipes on to the container.

``python -m desktop_aml.serving.container ORDER`` makes a container with a read-only root and no rights, without network
unless that is asked for, starts it, and copies: its own standard input to the container's, the container's output and
errors to its own. Nobody else needs to know that there is a container. It ends with the container's exit code; the
container ends with it.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import msgspec

from desktop_aml import docker_access
from desktop_aml.docker_access import address
from desktop_aml.domain.errors import DesktopAMLError, PreparationError
from desktop_aml.inside_model import worker
from desktop_aml.serving.config import EndpointConfig
from desktop_aml.system import users

if TYPE_CHECKING:
    from docker import DockerClient

SCRATCH: Final = "/tmp"  # noqa: S108 - the one place in the container where the model may write; it goes with it
SCRATCH_BYTES: Final = 256 << 20
SHARED: Final = "/dev/shm"  # noqa: S108 - joblib's worker processes share their semaphores and arrays here
SHARED_BYTES: Final = 64 << 20
PIDS: Final = 256
REFUSED: Final = 70
"""Exit code when the container could not be started; the last line of the errors says why."""

KILLED: Final = 137
"""Exit code of a container that was killed, by itself or by the kernel."""

LABEL: Final = "desktop-aml"
_GRACE_S: Final = 5.0
_REMOVAL_S: Final = 10.0
_ASKING_S: Final = 0.03
_HEAD: Final = struct.Struct(">BxxxL")
_ERRORS: Final = 2
# Docker leaves these open to a container's root, and a model runs as root where the user is root.
_CLOSED: Final = {
    "/dev": "ro,nosuid,dev,mode=755,size=64k",
    "/dev/mqueue": "ro,nosuid,nodev,size=4k",
    "/sys/fs/cgroup": "ro,nosuid,nodev,size=4k",
}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to start.

    Parameters
    ----------
    read_only, writable : tuple of str
        Files and folders of this computer that are mounted at their own paths.
    memory_bytes : int
        0 is no limit.
    """

    name: str
    endpoint: str
    image: str
    python: str
    env_vars: dict[str, str]
    read_only: tuple[str, ...]
    writable: tuple[str, ...] = ()
    cpu: float | None = None
    memory_bytes: int = 0
    network: bool = False


def command(config: EndpointConfig, env_vars: dict[str, str]) -> list[str]:
    """Return the command that starts the model of an endpoint in its container."""
    package = Path(worker.__file__).resolve().parents[1]
    script = config.script
    # Images know this computer's users only by their numbers.
    user = users.user_name()
    order = Order(
        name=f"desktop-aml-endpoint-{config.nonce}",
        endpoint=config.name,
        image=config.image,
        python=config.python,
        env_vars={**env_vars, "HOME": SCRATCH, "TMPDIR": SCRATCH, "USER": user, "LOGNAME": user},
        read_only=(
            str(package / "inside_model"),
            *((str(package / "inside_run"), script.app) if script else (file.path for file in config.files)),
            *config.modules[-1:],
        ),
        writable=(script.data_dir,) if script else (),
        cpu=config.cpu,
        network=config.network,
        memory_bytes=int(config.memory_in_gb * (1 << 30)) if config.memory_in_gb else 0,
    )
    return [sys.executable, "-P", "-m", "desktop_aml.serving.container", msgspec.json.encode(order).decode()]


def main() -> int:
    """Run one container and be its pipes."""
    order = msgspec.json.decode(sys.argv[1], type=Order)
    signal.signal(signal.SIGTERM, _end)
    try:
        _check_engine()
        client, waiting = docker_access.connect(), docker_access.connect()
    except DesktopAMLError as error:
        return _refuse(error)
    try:
        return _run(client, waiting, order)
    except DesktopAMLError as error:
        return _refuse(error)
    finally:
        with suppress(DesktopAMLError):
            _remove(client, order.name)


def _check_engine() -> None:
    where = address.find()
    if where.is_elsewhere():
        raise PreparationError(
            f"An endpoint in Docker needs an engine on this computer, and the chosen one is at {where.name()}.",
            "Choose the target local for the endpoint, or another engine: docker context use default",
        )


def _end(number: int, _: object) -> None:
    """End by way of every `finally`, and only once."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _refuse(error: DesktopAMLError) -> int:
    sys.stderr.write(f"{error.message} {error.hint}".strip() + "\n")
    return REFUSED


def _run(client: DockerClient, waiting: DockerClient, order: Order) -> int:
    _remove(client, order.name)
    with docker_access.in_words():
        _create(client, order)
        wire = _socket_of(client, order.name)
        # Asked before the start: a container that removes itself cannot be asked after its end.
        ended = _ask_for_end(waiting, order.name)
        client.api.start(order.name)
    threading.Thread(target=_pass_input, args=(wire, client, order.name), daemon=True).start()
    _pass_output(wire)
    try:
        return ended.result(_REMOVAL_S)
    except TimeoutError as error:
        raise docker_access.unreachable(error) from error


def _ask_for_end(client: DockerClient, name: str) -> Future[int]:
    """Ask for the exit code of a container that has not been started yet."""
    ended: Future[int] = Future()

    def wait() -> None:
        try:
            with docker_access.in_words():
                said = client.api.wait(name, timeout=cast("int", None), condition="next-exit")
            ended.set_result(int(said["StatusCode"]))
        except DesktopAMLError as error:
            ended.set_exception(error)

    threading.Thread(target=wait, daemon=True).start()
    # The question needs a moment to reach the engine, which is on this computer.
    time.sleep(_ASKING_S)
    return ended


def _create(client: DockerClient, order: Order) -> None:
    from docker.errors import ImageNotFound
    from docker.types import LogConfig, Mount, Ulimit

    told = client.info()
    if (order.cpu or order.memory_bytes) and not docker_access.keeps_limits(told):
        raise PreparationError(
            "This Docker engine runs without root on control groups of version 1, where it keeps no limit of memory or"
            " cores.",
            "Register the model without limits in its resource configuration, or deploy it on an engine of root.",
        )
    for folder in order.writable:
        Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    host = client.api.create_host_config(
        auto_remove=True,
        network_mode="bridge" if order.network else "none",
        ipc_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        pids_limit=PIDS,
        nano_cpus=round(order.cpu * 1e9) if order.cpu else None,
        mem_limit=order.memory_bytes or None,
        memswap_limit=order.memory_bytes or None,
        ulimits=[Ulimit(name="core", soft=0, hard=0)],
        tmpfs={
            SCRATCH: f"rw,nosuid,nodev,mode=1777,size={SCRATCH_BYTES}",
            **_CLOSED,
            SHARED: f"rw,nosuid,nodev,noexec,mode=1777,size={SHARED_BYTES}",
        },
        log_config=LogConfig(type="none"),
        mounts=[
            *(Mount(path, path, type="bind", read_only=True) for path in order.read_only),
            *(Mount(path, path, type="bind") for path in order.writable),
        ],
    )
    try:
        client.api.create_container(
            order.image,
            [str(Path(worker.__file__).resolve())],
            name=order.name,
            entrypoint=[order.python, "-I"],
            user=docker_access.user_in(told),
            working_dir="/",
            environment=order.env_vars,
            stdin_open=True,
            labels={LABEL: "endpoint", "desktop-aml.endpoint": order.endpoint},
            host_config=host,
        )
    except ImageNotFound as error:
        raise PreparationError(
            "The image of the endpoint's environment is gone from Docker.", "Deploy the model again: it is built anew."
        ) from error


def _socket_of(client: DockerClient, name: str) -> socket.socket:
    """Attach to a container that was not started yet, so that nothing it says is lost."""
    attached = client.api.attach_socket(name, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    wire = getattr(attached, "_sock", attached)
    if not isinstance(wire, socket.socket):
        raise PreparationError(
            "An endpoint in Docker needs an engine on this computer.", "Choose the target local for the endpoint."
        )
    wire.settimeout(None)
    return wire


def _pass_input(wire: socket.socket, client: DockerClient, name: str) -> None:
    """Pass on what the front says; when it says no more, so does this, and soon after the container ends."""
    try:
        while block := os.read(0, 1 << 18):
            wire.sendall(block)
        wire.shutdown(socket.SHUT_WR)
    except OSError:
        return
    # A model that is busy does not hear that its input has ended.
    time.sleep(_GRACE_S)
    _kill(client, name)


def _pass_output(wire: socket.socket) -> None:
    """Pass on what the container says until it ends."""
    reader = wire.makefile("rb", buffering=1 << 18)
    with suppress(OSError):
        while len(head := reader.read(_HEAD.size)) == _HEAD.size:
            stream, size = _HEAD.unpack(head)
            rest = memoryview(reader.read(size))
            while rest:
                rest = rest[os.write(_ERRORS if stream == _ERRORS else 1, rest) :]


def _kill(client: DockerClient, name: str) -> None:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    # It has ended already, or the engine is away: there is nothing left to do either way.
    with suppress(DockerException, RequestException, OSError):
        client.api.kill(name)


def _remove(client: DockerClient, name: str) -> None:
    """Remove a container, or wait until the engine has; nothing happens when there is none."""
    from docker.errors import APIError, NotFound

    until = time.monotonic() + _REMOVAL_S
    with docker_access.in_words():
        while time.monotonic() < until:
            try:
                client.api.remove_container(name, force=True, v=True)
            except NotFound:
                return
            except APIError as error:
                # The engine is removing it at this moment.
                if error.status_code != 409:
                    raise
            time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
