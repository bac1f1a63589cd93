"""The way to a Docker engine: a client with a time limit, and its troubles in this program's own words.

Nothing here makes containers or images. The library is imported when it is first needed: most people have no Docker.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import MissingOnComputer, PreparationError

if TYPE_CHECKING:
    from docker import DockerClient

CALL_TIMEOUT_S: Final = 30.0
_KNOCK_S: Final = 5.0
_OWN_SOCKET: Final = "/var/run/docker.sock"


def connect(address: str = "", *, timeout_s: float = CALL_TIMEOUT_S) -> DockerClient:
    """Return a client of a Docker engine that answers.

    Parameters
    ----------
    address : str
        Such as ``unix:///var/run/docker.sock``. Empty: what ``DOCKER_HOST`` says, else the chosen Docker context, else
        this computer's own engine.

    Raises
    ------
    MissingOnComputer
        When there is no Docker engine, or it does not let this user in.
    """
    import docker
    from docker.errors import DockerException

    where = address or os.environ.get("DOCKER_HOST", "") or _address_of_context()
    try:
        _knock(where)
        if not where or where == os.environ.get("DOCKER_HOST"):
            return docker.from_env(timeout=int(timeout_s), version="auto")
        return docker.DockerClient(where, timeout=int(timeout_s), version="auto")
    except (DockerException, OSError) as error:
        raise unreachable(error) from error


def _knock(where: str) -> None:
    """Raise the reason when nobody listens on a local socket: the library, when it finds that, forgets its own."""
    if where.startswith("unix://") or not where:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(_KNOCK_S)
            channel.connect(where.removeprefix("unix://") or _OWN_SOCKET)


def _address_of_context() -> str:
    """Return the address that the chosen Docker context holds, empty for the engine of this computer."""
    from docker.context import ContextAPI
    from docker.errors import DockerException

    try:
        context = ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError):
        return ""
    return str(context.Host or "") if context is not None and context.Name != "default" else ""


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


def unreachable(error: Exception) -> MissingOnComputer:
    """Return the error for a Docker engine that does not answer."""
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
