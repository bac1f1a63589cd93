"""The engine's desk: what every part of the engine works with, and the rule that events follow their commit."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from desktop_aml.domain.errors import FULL, DesktopAMLError, disk_full
from desktop_aml.domain.events import Event
from desktop_aml.domain.values import dataclass
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.record.writing import RecordWriter
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record.readers import Readers
from desktop_aml.system import clock as system_clock

T = TypeVar("T")
_log = logging.getLogger(__name__)
_WORKERS = 6
"""Threads for slow work. It mostly waits (for copies, builds, Docker), so there are more of them than cores."""

RETRY_S = 2.0
"""How long work waits after it found no room on the disk."""

_LONGEST_RETRY_S = 60.0
"""How long costly work waits at most, such as a build that fetches its packages."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What slow work gave instead of a result."""

    error: DesktopAMLError


class Desk:
    """Database, folder, clock and workers of one engine.

    Parameters
    ----------
    folder : WorkspaceFolder
        The workspace.
    db : Database
        The one writing connection; only the engine's own thread uses it.
    emit : callable
        Told every event after it became durable. Called from the engine's thread and from workers.
    clock : callable
        Returns Unix time in seconds.
    workers : concurrent.futures.Executor, optional
        What does slow work; without it a few threads.
    """

    def __init__(
        self,
        folder: WorkspaceFolder,
        db: Database,
        emit: Callable[[Event], None],
        clock: Callable[[], float] = time.time,
        workers: Executor | None = None,
    ) -> None:
        self.folder = folder
        self.db = db
        self.blobs = folder.blobs
        self.readers = Readers(folder.database)
        self.records = RecordWriter(folder, self.readers)
        self.emit = emit
        self.now = clock
        self.woken = threading.Event()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._workers = workers or ThreadPoolExecutor(_WORKERS, thread_name_prefix="engine-worker")
        self._outbox: list[Event] = []
        self._afterwards: list[Callable[[], None]] = []
        self._in_commit = False
        self._put_off: list[tuple[float, Callable[[], None]]] = []
        self._trouble: DesktopAMLError | None = None

    @contextmanager
    def commit(self) -> Iterator[None]:
        """Make the changes inside one transaction; events and follow-ups of the inside happen after it."""
        if self._in_commit:
            yield
            return
        self._in_commit = True
        try:
            with self.db.transaction():
                yield
        except BaseException:
            # What was rolled back must be neither told nor followed up, whatever ended it: an interruption, too.
            self._outbox.clear()
            self._afterwards.clear()
            raise
        finally:
            self._in_commit = False
        self._send()

    def announce(self, event: Event) -> None:
        """Tell `event` as soon as the transaction under way, if any, is committed."""
        self._outbox.append(event)
        if not self._in_commit:
            self._send()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do `act` as soon as the transaction under way, if any, is committed."""
        self._afterwards.append(act)
        if not self._in_commit:
            self._send()

    def _send(self) -> None:
        events, self._outbox = self._outbox, []
        acts, self._afterwards = self._afterwards, []
        for event in events:
            self.emit(event)
        for act in acts:
            act()

    def later(self, work: Callable[[], T], then: Callable[[T | Failed], None]) -> None:
        """Do slow `work` on a worker, then call `then` with its result on the engine's own thread.

        What goes wrong in `then`, and concerns this work alone, is handed to it as its failure.
        """
        future = self._workers.submit(work)

        def deliver(done: Future[T]) -> None:
            if done.cancelled():
                return  # the engine has ended; what is recorded as work is done by the next one
            error = done.exception()
            result = done.result() if error is None else Failed(self.in_words(error))
            self.put(lambda: self._hand_over(result, then))

        future.add_done_callback(deliver)

    def _hand_over(self, result: T | Failed, then: Callable[[T | Failed], None]) -> None:
        """Call `then`; a result that it cannot take in is one more way to have failed."""
        if isinstance(result, Failed):
            then(result)
            return
        with boundary(self.folder.root, lambda error: then(Failed(self.in_words(error)))):
            then(result)

    def in_words(self, error: BaseException) -> DesktopAMLError:
        """Return what went wrong as an error for users; what nobody thought of is in the log, too."""
        if isinstance(error, DesktopAMLError):
            return error
        if isinstance(error, OSError) and error.errno in FULL:
            return disk_full(self.folder.root, error)
        _log.error("Work failed unexpectedly.", exc_info=error)
        words = f"Something unexpected happened: {type(error).__name__}: {error}"
        return DesktopAMLError(words, "The log file of Desktop AML holds the details.", details=repr(error))

    def put(self, act: Callable[[], None]) -> None:
        """Have the engine's own thread do `act` soon. Safe from any thread."""
        self._inbox.put(act)
        self.woken.set()

    def put_off_longer(
        self, act: Callable[[], None], error: DesktopAMLError, waits: int, given_up: Callable[[], bool]
    ) -> None:
        """Do costly work a while later, longer each time, because of what `error` says.

        Parameters
        ----------
        waits : int
            How often it was put off already.
        given_up : callable
            Whether nobody waits for it any more: then `act` is called at once, to say so.
        """
        again_at = system_clock.monotonic() + min(RETRY_S * 2**waits, _LONGEST_RETRY_S)

        def look() -> None:
            if given_up() or system_clock.monotonic() >= again_at:
                act()
            else:
                self.put_off(look, error)

        self.put_off(look, error)

    def put_off(self, act: Callable[[], None], error: DesktopAMLError) -> None:
        """Do `act` a while later, because of what `error` says: it ends by itself, as a full disk does."""
        self._put_off.append((system_clock.monotonic() + RETRY_S, act))
        self._trouble = error

    def is_waiting(self) -> bool:
        """Whether something was put off."""
        return bool(self._put_off)

    def take_trouble(self) -> DesktopAMLError | None:
        """Return why something was put off since the last call."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def deliveries(self) -> Iterator[Callable[[], None]]:
        """Return what was put off until now, and what other threads have put, oldest first."""
        now = system_clock.monotonic()
        # One at a time: what is not taken stays.
        while due := next((one for one in self._put_off if one[0] <= now), None):
            self._put_off.remove(due)
            yield due[1]
        while True:
            try:
                yield self._inbox.get_nowait()
            except queue.Empty:
                return

    def close(self) -> None:
        """Let no new work begin; work under way is told to end by its own cancel mark."""
        self._workers.shutdown(wait=True, cancel_futures=True)
