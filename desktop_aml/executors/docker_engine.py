"""One Docker engine, as the executor sees it: a client with time limits, and a watcher that knows every container.

The engine's loop must never wait for Docker, so a thread of its own looks at the containers and the loop reads what it
last saw. A Docker engine that does not answer is no news: what was seen last stays, and looking goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from desktop_aml import docker_access
from desktop_aml.docker_access import CALL_TIMEOUT_S, address
from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.domain.values import dataclass

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")

LABEL: Final = "desktop-aml"
"""Label of everything that Desktop AML makes in Docker; its value says what it is for."""

_LAST_LINES: Final = 20
_LAST_CHARACTERS: Final = 2000
_LOOK_EVERY_S: Final = 0.15
"""Between two looks at each container: Docker answers in milliseconds, and an end is noticed within it."""

_LOOK_EVERY_AWAY_S: Final = 1.0
"""The same while the engine does not answer: connecting to nobody costs more than asking."""

_OF_PODMAN: Final = {"configured": "created", "initialized": "created", "stopped": "exited"}
"""States that only podman names; one that has ended stays “stopped” until podman has cleaned up, which may fail."""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container as Docker last told.

    Parameters
    ----------
    exit_code : int
        Of its first process; counts only when the container is over.
    error : str
        Docker's own words when it could not be started.
    last_words : str
        End of what its first process printed, when the container is over.
    """

    status: str
    exit_code: int = 0
    out_of_memory: bool = False
    error: str = ""
    last_words: str = ""

    def is_over(self) -> bool:
        """Whether its processes have ended."""
        return self.status in {"exited", "dead"}


@dataclass(slots=True)
class _Watched:
    """A container that is looked at, from the call that asks for it until it is forgotten."""

    name: str
    state: ContainerState | None = None


class DockerEngine:
    """A connection to one Docker engine.

    Parameters
    ----------
    wanted : str
        Which one, as for `docker_access.connect`.
    """

    def __init__(self, wanted: str = "") -> None:
        self.wanted = wanted
        self._client: DockerClient | None = None
        # Held while a connection is made, so that those who ask and the watcher have one between them.
        self._connecting = threading.Lock()
        self._lock = threading.Lock()
        self._watched: dict[str, _Watched] = {}
        self._watcher: threading.Thread | None = None
        self._closed = threading.Event()

    def client(self) -> DockerClient:
        """Return a client that answers.

        Raises
        ------
        MissingOnComputer
            When there is no Docker engine, or it does not let this user in.
        """
        with self._connecting:
            if self._client is None:
                self._client = docker_access.connect(self.wanted, timeout_s=CALL_TIMEOUT_S)
            return self._client

    def ask(self, act: Callable[[DockerClient], T]) -> T:
        """Return what `act` gives; an engine that went away is told apart from one that says no.

        Raises
        ------
        MissingOnComputer
            When the engine cannot be reached.
        docker.errors.APIError
            When it refuses.
        """
        from docker.errors import APIError
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        client = self.client()
        try:
            return act(client)
        except APIError:
            raise
        except (RequestException, HTTPError, ConnectionError, TimeoutError) as error:
            self._drop(client)
            raise docker_access.unreachable(error, address.find(self.wanted)) from error

    def _drop(self, client: DockerClient | None) -> None:
        """Close a connection; one that another thread made in its place meanwhile stays."""
        if client is None:
            return
        with self._connecting:
            if self._client is client:
                self._client = None
        client.close()

    def close(self) -> None:
        """Stop watching and close the connection; containers go on."""
        self._closed.set()
        with self._lock:
            watcher = self._watcher
        if watcher is not None:
            watcher.join(CALL_TIMEOUT_S)
        self._drop(self._client)

    # Watching.

    def state_of(self, name: str) -> ContainerState | None:
        """Return what was last seen of a container, None before the first look; starts to watch it."""
        with self._lock:
            watched = self._watched.setdefault(name, _Watched(name))
            if self._watcher is None and not self._closed.is_set():
                self._watcher = threading.Thread(target=self._watch, name="docker-watcher", daemon=True)
                self._watcher.start()
            return watched.state

    def forget(self, name: str) -> None:
        """Stop watching a container."""
        with self._lock:
            self._watched.pop(name, None)

    def _watch(self) -> None:
        while True:
            with self._lock:
                watched = list(self._watched.values())
                if not watched or self._closed.is_set():
                    self._watcher = None
                    return
            try:
                for one in watched:
                    # What a look finds belongs to this watching; a container that is watched anew is looked at anew.
                    one.state = self.ask(partial(inspect, one.name))
            except MissingOnComputer:
                pause_s = _LOOK_EVERY_AWAY_S
            else:
                pause_s = _LOOK_EVERY_S
            self._closed.wait(pause_s)


def inspect(name: str, client: DockerClient) -> ContainerState | None:
    """Return what Docker says of a container now; None when it is in no state to say."""
    from docker.errors import APIError, NotFound

    try:
        found: dict[str, Any] = client.api.inspect_container(name)["State"]
    except NotFound:
        return ContainerState("absent")
    except APIError:
        # The engine is there and has trouble of its own (it is starting or stopping): the next look tells.
        return None
    status = _OF_PODMAN.get(found["Status"], found["Status"])
    state = ContainerState(status, found["ExitCode"], bool(found.get("OOMKilled")), found.get("Error", ""))
    if not state.is_over():
        return state
    with suppress(APIError):
        printed: bytes = client.api.logs(name, tail=_LAST_LINES)
        return replace(state, last_words=printed.decode("utf-8", "replace").strip()[-_LAST_CHARACTERS:])
    return state


def remove_container(client: DockerClient, name: str) -> None:
    """Remove a container with its processes and unnamed volumes; nothing happens when it is gone."""
    from docker.errors import APIError, NotFound

    with suppress(NotFound):
        try:
            client.api.remove_container(name, force=True, v=True)
        except APIError as error:
            # Somebody else is removing it at this moment.
            if error.status_code != 409:
                raise
