"""The way to a Docker engine: a client with a time limit, and its troubles in this program's own words.

Nothing here makes containers or images. The library is imported when it is first needed: most people have no Docker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.docker_access import address, contexts
from desktop_aml.docker_access.address import Address
from desktop_aml.docker_access.ssh import Tunnel
from desktop_aml.domain.errors import MissingOnComputer, PreparationError
from desktop_aml.system import local_sockets, users

if TYPE_CHECKING:
    from docker import DockerClient

CALL_TIMEOUT_S: Final = 30.0
_KNOCK_S: Final = 5.0
_OWN_SOCKET: Final = "/var/run/docker.sock"
_OWN: Final = Address()


def connect(wanted: str = "", *, timeout_s: float = CALL_TIMEOUT_S) -> DockerClient:
    """Return a client of a Docker engine that answers.

    Parameters
    ----------
    wanted : str
        Such as ``unix:///var/run/docker.sock`` or ``ssh://me@server``; empty for the one that `address.find` finds.

    Raises
    ------
    MissingOnComputer
        When there is no Docker engine, or it does not let this user in.
    """
    from docker.errors import DockerException

    where = address.find(wanted)
    if where.host.startswith("ssh://"):
        return _through_ssh(where, timeout_s)
    try:
        _knock(where.host)
        return _client(where, timeout_s)
    except (DockerException, OSError) as error:
        raise unreachable(error, where) from error


def is_podman(version: Mapping[str, Any]) -> bool:
    """Whether it is podman that speaks as Docker does, by what it tells of its version."""
    return any("podman" in str(one.get("Name", "")).lower() for one in version.get("Components") or ())


def user_in(told: Mapping[str, Any]) -> str:
    """Return as whom a container is to run so that its files are this user's, by what an engine tells of itself.

    Where the engine runs without root, the root of its containers is the user who started it, and every other number is
    somebody outside who may read nothing of theirs.
    """
    return "0:0" if _is_rootless(told) else f"{users.user_id()}:{users.group_id()}"


def keeps_limits(told: Mapping[str, Any]) -> bool:
    """Whether an engine keeps limits of memory and cores: not without root where control groups are of version 1.

    It takes them there without a word.
    """
    return not (_is_rootless(told) and str(told.get("CgroupVersion", "")) == "1")


def _is_rootless(told: Mapping[str, Any]) -> bool:
    return bool(told.get("Rootless")) or "name=rootless" in (told.get("SecurityOptions") or ())


def plain_name(name: str) -> str:
    """Return the name of an image as Docker has it; podman puts the registry before each.

    Examples
    --------
    >>> plain_name("docker.io/library/python:3.11"), plain_name("localhost/mine:1"), plain_name("ghcr.io/me/mine:1")
    ('python:3.11', 'mine:1', 'ghcr.io/me/mine:1')
    """
    return name.removeprefix("localhost/").removeprefix("docker.io/").removeprefix("library/")


def _client(where: Address, timeout_s: float) -> DockerClient:
    import docker

    if where.host and where.host == os.environ.get("DOCKER_HOST"):
        # With the certificates that the environment names.
        return docker.from_env(timeout=int(timeout_s), version="auto")
    tls = contexts.read(where.context).tls() if where.context else None
    host = where.host or f"unix://{_OWN_SOCKET}"
    return docker.DockerClient(host, timeout=int(timeout_s), version="auto", tls=tls or False)


def _through_ssh(where: Address, timeout_s: float) -> DockerClient:
    """Return a client that ends its way to the other computer when it is closed."""
    import docker
    from docker.errors import DockerException

    tunnel = Tunnel(where.host)
    try:
        client = docker.DockerClient(tunnel.address, timeout=int(timeout_s), version="auto")
    except (DockerException, OSError) as error:
        tunnel.close()
        raise unreachable(error, where) from error
    close_client = client.close

    def close() -> None:
        close_client()
        tunnel.close()

    client.close = close  # type: ignore[method-assign]
    return client


@contextmanager
def command_words(wanted: str = "") -> Iterator[list[str]]:
    """Yield the words that lead Docker's command line to an engine, as long as it is needed.

    Raises
    ------
    MissingOnComputer
        When it cannot be reached.
    """
    where = address.find(wanted)
    if where.host.startswith("ssh://"):
        tunnel = Tunnel(where.host)
        try:
            yield ["--host", tunnel.address]
        finally:
            tunnel.close()
    elif where.context:
        yield ["--context", where.context]
    else:
        yield ["--host", where.host or f"unix://{_OWN_SOCKET}"]


def _knock(where: str) -> None:
    """Raise the reason when nobody listens on a local socket: the library, when it finds that, forgets its own."""
    if where.startswith("unix://") or not where:
        with local_sockets.new() as channel:
            channel.settimeout(_KNOCK_S)
            channel.connect(where.removeprefix("unix://") or _OWN_SOCKET)


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what goes wrong while Docker is asked into errors that people can read.

    Raises
    ------
    MissingOnComputer
        When the engine went away or does not answer in time.
    PreparationError
        When it refuses; the message holds its reason.
    """
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except APIError as error:
        raise refused(str(error.explanation or error)) from error
    except (DockerException, RequestException, HTTPError, OSError) as error:
        raise unreachable(error) from error


def refused(reason: str) -> PreparationError:
    """Return the error for what the Docker engine would not do."""
    if "no space left on device" in reason:
        return PreparationError(
            "The disk of the Docker engine is full.", "Free some space, for example with: docker system prune"
        )
    return PreparationError(f"The Docker engine refused: {reason.strip()[:500]}", details=reason)


def unreachable(error: Exception, where: Address = _OWN) -> MissingOnComputer:
    """Return the error for a Docker engine that does not answer."""
    if where.is_elsewhere():
        return MissingOnComputer(
            f"The Docker engine at {where.name()} does not answer.",
            "Check that it runs and can be reached from here: docker version. Then run again.",
            details=str(error),
        )
    if "Permission denied" in str(error):
        return MissingOnComputer(
            "The Docker engine does not let you in.",
            "Add yourself to its group, then log in again: sudo usermod -aG docker $USER",
            details=str(error),
        )
    return MissingOnComputer(
        "No Docker engine answers on this computer.",
        "Start it (sudo systemctl start docker), or install it: sudo apt-get install docker.io. Then run again.",
        details=str(error),
    )
