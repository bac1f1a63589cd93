"""Follow a run in a container that cannot see this computer's files, and carry what both sides have for each other.

While it goes on, log, journal and requests come home and answers go there; when it has ended, all the rest comes home.
What grows is asked for from the size that it has here, so nothing is lost or comes twice, whoever dies in between. A
request is delivered after all that it may be about, an answer after all that it may speak of.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.domain.journal import OUTSIDE
from desktop_aml.executors.docker_engine import ContainerState, DockerEngine, inspect
from desktop_aml.executors.docker_luggage import Luggage, Torn
from desktop_aml.executors.homecoming import GROWS, REPLY, REQUEST, Mail, append, read_news, reply_to, size_of
from desktop_aml.system import locks
from desktop_aml.system.files import read_regular, write_durably

if TYPE_CHECKING:
    from docker import DockerClient

_log = logging.getLogger(__name__)

_WAIT_S: Final = 1.0
"""How long the container waits for news before it says that there is none."""

_AGAIN_S: Final = 1.0
"""While another engine has the run in hand, or Docker cannot say how it stands: neither changes quickly."""

_PAUSE_S: Final = 0.05
"""After a container that gave no answer, having just ended: the next look tells."""

_NOT_RUNNING: Final = 409
_NOT_STARTED_S: Final = 30.0
"""How long a container may stay unstarted that nobody of this process is starting."""

_LOCK: Final = "courier.lock"


class Courier:
    """Serves one attempt in a thread of its own, until the container's end is known and its files are here.

    Parameters
    ----------
    command : tuple of str
        Tells, in the container, what is new; two words are added.
    """

    def __init__(self, engine: DockerEngine, luggage: Luggage, command: tuple[str, ...]) -> None:
        self._engine = engine
        self._luggage = luggage
        self._command = command
        self._marks: set[str] = set()
        # Those that an engine before this one has left, too: it may have died before it took note of their end.
        names = {f"requests/{path.name}" for path in (luggage.run_directory / "requests").glob("*.json")}
        self._mail = Mail(name for name in names if not name.endswith(REPLY))
        self._sent_bytes = 0
        self._closed = threading.Event()
        self._unstarted_since: float | None = None
        self.end: ContainerState | None = None
        """How the container ended, once all that it had is here."""
        self._thread = threading.Thread(target=self._serve, name="docker-courier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; the container goes on, and another courier takes over."""
        self._closed.set()

    def join(self, timeout_s: float) -> None:
        """Wait until it has stopped."""
        self._thread.join(timeout_s)

    def _serve(self) -> None:
        while not self._closed.is_set():
            with self._alone() as alone:
                if alone and self._go_on_until_the_end():
                    return
            self._closed.wait(_AGAIN_S)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Yield whether no other courier, of this program or another, serves the attempt."""
        try:
            descriptor = locks.open_lock(self._luggage.files.folder / _LOCK)
        except OSError as error:
            _log.warning("The run in %s cannot be followed: %s", self._luggage.run_directory, error)
            yield False
            return
        try:
            yield locks.try_lock(descriptor)
        finally:
            os.close(descriptor)

    def _go_on_until_the_end(self) -> bool:
        from docker.errors import APIError

        try:
            while not self._closed.is_set():
                state = self._engine.ask(self._look)
                if state is not None:
                    self.end = state
                    return True
        except MissingOnComputer as error:
            _log.info("The engine of %s is away: %s", self._luggage.container, error.message)
        except (APIError, *Torn) as error:
            # Nothing was taken away from the container: the next time brings it.
            _log.warning("The files of %s could not be brought home, again soon: %s", self._luggage.container, error)
        return False

    def _look(self, client: DockerClient) -> ContainerState | None:
        """Do the next piece of work; return the end of the container once nothing is left to do."""
        name = self._luggage.container
        state = inspect(name, client)
        if state is None:
            self._closed.wait(_AGAIN_S)
        elif state.status == "absent":
            return state
        elif state.is_over():
            self._luggage.fetch_all(client)
            return state
        elif state.status == "created":
            return self._unstarted(client, state)
        elif state.status == "running":
            self._bring_news(client)
        else:
            self._closed.wait(_AGAIN_S)
        return None

    def _unstarted(self, client: DockerClient, state: ContainerState) -> ContainerState | None:
        """Take a container away for good that nobody starts: whoever is late then finds nothing to start."""
        from docker.errors import APIError

        now = time.monotonic()
        self._unstarted_since = self._unstarted_since or now
        if now - self._unstarted_since < _NOT_STARTED_S:
            self._closed.wait(_WAIT_S)
            return None
        # Without force: one that was started at this moment stays.
        with suppress(APIError):
            client.api.remove_container(self._luggage.container, v=True)
            self._luggage.files.unmark_start()
            return state
        return None

    # While it runs.

    def _bring_news(self, client: DockerClient) -> None:
        from docker.errors import APIError

        changes, changed_bytes = self._take_changes(client)
        arrived = [*changes, *self._take_answers(client)]
        known = {name: size_of(self._luggage.run_directory / name) for name in self._growing()}
        known.update(dict.fromkeys([*self._marks, *self._mail.requests, *self._mail.answered], 0))
        words = [*self._command, str(_WAIT_S), json.dumps({"known": known, "arrived": arrived})]
        try:
            task = client.api.exec_create(self._luggage.container, words, stderr=False)["Id"]
            told = client.api.exec_start(task)
        except APIError as error:
            # It has just ended: the next look tells.
            if error.status_code != _NOT_RUNNING:
                raise
            told = b""
        self._sent_bytes = changed_bytes
        for one in read_news(told):
            if one.there is None:
                self._keep(client, one.name, one.offset, one.data)
            else:
                self._mail.forget_all_but(self._luggage.run_directory, one.there)
        if not told:
            self._closed.wait(_PAUSE_S)

    def _growing(self) -> Iterator[str]:
        run_directory = self._luggage.run_directory
        yield "logs/std_log.txt"
        yield from (f"journal/{path.name}" for path in (run_directory / "journal").glob("*.jsonl"))

    def _keep(self, client: DockerClient, name: str, offset: int, data: bytes) -> None:
        path = self._luggage.run_directory / name
        if GROWS.fullmatch(name):
            if offset == size_of(self._luggage.run_directory / name):
                append(path, data)
        elif name in self._own_marks():
            write_durably(path, data)
            self._marks.add(name)
        elif REQUEST.fullmatch(name) and not name.endswith(REPLY):
            self._luggage.fetch_results(client)
            write_durably(path, data)
            self._mail.requests.add(name)

    def _own_marks(self) -> tuple[str, ...]:
        return tuple(f"attempts/{self._luggage.files.folder.name}/{name}.json" for name in ("claim", "process"))

    def _take_changes(self, client: DockerClient) -> tuple[list[str], int]:
        """Take there what others changed of the run meanwhile; return its name, as it is to appear, and its size.

        The script reads it from its journal's folder, as it would here.
        """
        name = f"journal/{OUTSIDE}"
        size = size_of(self._luggage.run_directory / name)
        if size == self._sent_bytes:
            return [], size
        path = self._luggage.run_directory / name
        data = read_regular(path)
        self._luggage.send_texts(client, {path.with_name(f"{OUTSIDE}.part"): data})
        return [name], len(data)

    def _take_answers(self, client: DockerClient) -> list[str]:
        """Take new answers there; return the names under which they are to appear, whole."""
        run_directory = self._luggage.run_directory
        answers = {
            f"requests/{reply.name}": read_regular(reply)
            for name in self._mail.requests
            if (reply := reply_to(run_directory / name)).is_file()
        }
        new = sorted(set(answers) - self._mail.answered)
        if new:
            self._luggage.send_news(client)
            self._luggage.send_texts(client, {run_directory / f"{name}.part": answers[name] for name in new})
            self._mail.answered.update(new)
        return new
