"""What an engine knows of a cluster: lines of JSON from the process that holds it, read in a thread."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop_aml.domain.targets import ClusterSpec, ClusterState
from desktop_aml.executors.cluster.doors import DOOR, HOLDER_LOG
from desktop_aml.system import local_sockets
from desktop_aml.system.files import rewrite_regular

_log = logging.getLogger(__name__)
_AGAIN_S: Final = 0.05
_LATER_S: Final = 0.5
_LAST_WORDS_S: Final = 1.0
_ANSWER_S: Final = 1.0
_START_S: Final = 20.0
"""How long a holder may take to open its door."""


class Word(msgspec.Struct, frozen=True):
    """What the holder says of one attempt; its stages: waiting, started, ended, refused, lost, withdrawn."""

    stage: str
    worker: str = ""
    words: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard last.

    Parameters
    ----------
    is_held : bool
        Whether there is a process that holds the cluster; None of the others mean anything without.
    variables : dict of str to str
        What a script needs to speak to the scheduler, beside its address.
    """

    is_held: bool = True
    state: ClusterState = ClusterState()
    variables: dict[str, str] = {}
    jobs: dict[str, Word] = {}


NOBODY: Final = View(is_held=False)


def look_at(home: Path) -> ClusterState:
    """Return how the cluster of a folder stands; not up when nobody holds it. Waits a second at most."""
    connection = connect(home)
    if connection is None:
        return ClusterState()
    with connection:
        connection.settimeout(_ANSWER_S)
        try:
            with connection.makefile("rb") as lines:
                return msgspec.json.decode(lines.readline(), type=View).state
        except (OSError, msgspec.MsgspecError):
            return ClusterState()


def connect(home: Path) -> socket.socket | None:
    """Return a connection to the holder of the cluster of a folder, if there is one."""
    connection = local_sockets.new()
    try:
        with local_sockets.short_path(home / DOOR) as path:
            connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection


@dataclass(slots=True)
class _Asked:
    """An attempt that the holder shall carry out. `line` is made when the scheduler's address is known."""

    nonce: str
    line: Callable[[View], dict[str, Any]]


@dataclass(slots=True)
class Link:
    """The way to the holder of one cluster; there may be none, until a run needs it.

    Parameters
    ----------
    home : Path
        Folder of the cluster, made when it is needed.
    wake : callable
        Called from another thread when there is news.
    """

    spec: ClusterSpec
    home: Path
    wake: Callable[[], None] = lambda: None
    _view: View | None = None
    _queue: list[_Asked] = field(default_factory=list)
    _messages: list[dict[str, Any]] = field(default_factory=list)
    _sent: set[str] = field(default_factory=set)
    _waiters: int = 0
    _fault: str = ""
    _started_at: float | None = None
    _socket: socket.socket | None = None
    _closed: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=lambda: threading.Condition(threading.RLock()))
    _thread: threading.Thread | None = None
    _heard_at: float = field(default_factory=time.monotonic)

    def silence_s(self) -> float:
        """Return for how long the holder has said nothing; it speaks every two seconds. 0 where there is none."""
        return time.monotonic() - self._heard_at if self._socket is not None else 0.0

    def view(self) -> View | None:
        """Return what was heard last; None when nothing was heard yet. Begins to listen."""
        self._listen()
        return self._view

    def wait_until_up(self, timeout_s: float) -> View:
        """Have the cluster held, and return what is heard of it once its scheduler answers, or it has a fault."""
        self._listen()
        with self._changed:
            self._waiters, self._fault = self._waiters + 1, ""
            self._changed.notify_all()
            self._changed.wait_for(self._is_settled, timeout_s)
            self._waiters -= 1
        return self._view or NOBODY

    def fault(self) -> str:
        """Return why nobody holds the cluster, in words; empty when that is not a fault."""
        return self._fault

    def _is_needed(self) -> bool:
        return bool(self._queue) or self._waiters > 0

    def _is_settled(self) -> bool:
        view = self._view
        return bool(self._fault) or (view is not None and (view.state.is_up or bool(view.state.fault)))

    def run(self, nonce: str, line: Callable[[View], dict[str, Any]]) -> None:
        """Have an attempt carried out, as soon as there is somebody to do it.

        Parameters
        ----------
        line : callable
            Returns what the holder is told, once the cluster is known.
        """
        with self._changed:
            self._queue.append(_Asked(nonce, line))
            self._fault = ""
            self._changed.notify_all()
        self._listen()

    def is_queued(self, nonce: str) -> bool:
        """Whether the holder was not told of an attempt yet."""
        with self._changed:
            return any(one.nonce == nonce for one in self._queue)

    def tell(self, message: dict[str, Any]) -> None:
        """Tell the holder something, if there is one."""
        with self._changed:
            if message.get("nonce"):
                self._queue = [one for one in self._queue if one.nonce != message["nonce"]]
            self._messages.append(message)
            self._changed.notify_all()

    def close(self) -> None:
        """Hang up; the cluster goes on as long as it has something to do."""
        with self._changed:
            # What was said last shall still be heard, but by nobody who stands still.
            self._changed.wait_for(lambda: not self._can_send(), _LAST_WORDS_S)
            self._closed.set()
            self._changed.notify_all()
            connection = self._socket
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(2.0)

    # In the thread.

    def _listen(self) -> None:
        with self._changed:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._serve, name=f"cluster-{self.spec.name}", daemon=True)
                self._thread.start()
                # Apart: a holder that stands still reads nothing, and nobody else shall wait for it.
                threading.Thread(target=self._send, name=f"to-cluster-{self.spec.name}", daemon=True).start()

    def _serve(self) -> None:
        while not self._closed.is_set():
            connection = connect(self.home)
            if connection is None:
                self._without_holder()
                with self._changed:
                    self._changed.wait(_AGAIN_S if self._is_needed() else _LATER_S)
                continue
            self._started_at, self._fault = None, ""
            try:
                with self._changed:
                    self._heard_at, self._socket = time.monotonic(), connection
                with connection, connection.makefile("rb") as lines:
                    for line in lines:
                        self._heard_at = time.monotonic()
                        self._hear(msgspec.json.decode(line, type=View))
            except (OSError, msgspec.MsgspecError) as error:
                _log.info("The holder of the compute “%s” is gone: %s", self.spec.name, error)
            with self._changed:
                self._socket = None
            if not self._closed.is_set():
                self._hear(NOBODY)

    def _without_holder(self) -> None:
        if not self._is_needed() or self._fault:
            self._hear(NOBODY)
            return
        now = time.monotonic()
        if self._started_at is None:
            self._started_at = now
            try:
                self._start_holder()
            except OSError as error:
                self._give_up(f"The cluster of the compute “{self.spec.name}” cannot be started: {error}.")
        elif now - self._started_at > _START_S:
            self._give_up(f"The cluster of the compute “{self.spec.name}” did not start: see {self.home / HOLDER_LOG}.")

    def _give_up(self, words: str) -> None:
        with self._changed:
            self._fault, self._queue, self._started_at = words, [], None
        self._hear(NOBODY)

    def _start_holder(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = "desktop_aml.executors.cluster.holder"
        log = rewrite_regular(self.home / HOLDER_LOG)
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", program, str(self.home), msgspec.json.encode(self.spec).decode()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        finally:
            log.close()
        # It outlives this process; a thread reaps it if it does not.
        threading.Thread(target=process.wait, name="cluster-holder", daemon=True).start()

    def _hear(self, view: View) -> None:
        with self._changed:
            # A line may have been on its way when the holder was told of an attempt: nobody shall think it forgotten.
            self._sent = self._sent - view.jobs.keys() if view.is_held else set()
            jobs = {**view.jobs, **dict.fromkeys(self._sent, Word("waiting"))}
            view = msgspec.structs.replace(view, jobs=jobs) if self._sent else view
            is_news, self._view = view != self._view, view
            self._changed.notify_all()
        if is_news:
            self.wake()

    def _send(self) -> None:
        while not self._closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._closed.is_set() or self._can_send())
            self._send_waiting()

    def _can_send(self) -> bool:
        view = self._view
        if self._socket is None or view is None or not view.is_held:
            return False
        return bool(self._messages or (self._queue and view.state.is_up))

    def _send_waiting(self) -> None:
        with self._changed:
            connection, view = self._socket, self._view
            if connection is None or view is None or not self._can_send():
                return
            ready = list(self._queue) if view.state.is_up else []
            messages = list(self._messages)
        lines = [one.line(view) for one in ready] + messages
        try:
            connection.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        except OSError:
            with self._changed:
                if self._socket is connection:
                    self._socket = None  # whoever reads it sees its end, too
            return
        with self._changed:
            self._messages = self._messages[len(messages) :]
            self._changed.notify_all()
            if ready:
                self._queue = [one for one in self._queue if one not in ready]
                self._sent.update(one.nonce for one in ready)
                self._hear(self._view or NOBODY)
