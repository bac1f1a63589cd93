"""The bridge between panes and the rest: events in, navigation and messages out, façade calls off the GUI thread.

Panes never know each other. A pane gets the bridge in its constructor, hears what it asked for with `listen`, asks for
a page with `go_to`, and says what a person should read with `tell`.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.values import dataclass
from desktop_aml.ui.session.listening import Listeners

T = TypeVar("T")
_WORKERS: Final = 4


RUN_SEPARATOR: Final = ","
"""Between the ids of runs in the key of a page that compares them."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A page that can be opened.

    Parameters
    ----------
    kind : str
        ``"run"``, ``"runs"`` (of the experiment `key`, or all when empty), ``"compare"`` (ids of runs with
        `RUN_SEPARATOR` between them), ``"model"``, ``"models"``, ``"environment"``, ``"environments"``,
        ``"endpoint"``, ``"endpoints"``, ``"script"`` (fills the script runner with the path `key`), ``"rerun"``
        (fills it from the run `key`), ``"import_runs"`` (takes in the runs of the file `key`) or ``"welcome"``.
    key : str
        What the page shows: an id, a name, ``name:version`` or a path.
    preview : bool
        Whether the tab may be replaced by the next preview.
    """

    kind: str
    key: str = ""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Something to read. `severity` is ``"info"``, ``"success"``, ``"warning"`` or ``"error"``.

    Parameters
    ----------
    action : (str, callable) or None
        A button on it and what it does.
    undoes : bool
        Whether that takes back what the message tells of: the key for it does the same then.
    code : str
        Of an error, see `DesktopAMLError.code`: what the help says more of it.
    """

    text: str
    severity: str = "info"
    hint: str = ""
    details: str = ""
    action: tuple[str, Callable[[], object]] | None = None
    code: str = ""
    undoes: bool = False

    @classmethod
    def of_error(cls, error: DesktopAMLError) -> Message:
        """Return the message for an error of ours: what, where, what now."""
        return cls(error.message, "error", error.hint, error.details, code=error.code)


TURN_S: Final = 0.01
"""Processor time after which further answers wait for the next turn of the event loop: the window stays quick."""


class _Call:
    """One call: what to do, what came of it, whom to tell."""

    __slots__ = ("deliver", "error", "result", "work")

    def __init__(self, work: Callable[[], object], deliver: Callable[[object, BaseException | None], None]) -> None:
        self.work = work
        self.deliver = deliver
        self.result: object = None
        self.error: BaseException | None = None


class _Mailbox(QObject):
    """Brings what workers found to the GUI thread.

    A call holds widgets through its callbacks, and a widget must end on the GUI thread: workers are given a number
    only, and let go of the call before they say that it is done.
    """

    arrived = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[int, _Call] = {}
        self._numbers = itertools.count()
        self._done: deque[int] = deque()
        # By a timer: all that is queued for an object is delivered in one turn of the event loop, timers are not.
        self._opening = QTimer(self, singleShot=True, interval=0)
        self._opening.timeout.connect(self._open_letters)
        self.arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def add(self, call: _Call) -> int:
        """Keep a call until it was delivered; return its number."""
        number = next(self._numbers)
        self._calls[number] = call
        return number

    def carry_out(self, number: int) -> None:
        """Do the work of a call. Called on workers, or where there is none to do."""
        call = self._calls[number]
        try:
            call.result = call.work()
        except BaseException as caught:  # noqa: BLE001 - raised again on the GUI thread, where the hook reports it
            call.error = caught
        del call
        self._done.append(number)
        self.arrived.emit()

    @Slot()
    def _on_arrived(self) -> None:
        if not self._opening.isActive():
            self._opening.start()

    @Slot()
    def _open_letters(self) -> None:
        end = time.thread_time() + TURN_S
        try:
            # What comes meanwhile is for a later turn; a loop inside this one may open some of these.
            for _ in range(len(self._done)):
                if not self._done:
                    return
                call = self._calls.pop(self._done.popleft(), None)
                if call is not None:
                    call.deliver(call.result, call.error)
                if time.thread_time() >= end:
                    return
        finally:
            if self._done:
                self._opening.start()

    def forget(self) -> None:
        """Drop calls that will not be delivered any more. Called on the GUI thread, when no worker is left."""
        self._calls.clear()


# A worker may still hold a mailbox when its bridge is gone, and a QObject must not end on a worker: they are kept.
_mailboxes: list[_Mailbox] = []


class Bridge(QObject):
    """What every pane is given beside the workspace."""

    event_happened = Signal(object)
    """An `Event` of `desktop_aml.domain.events`, on the GUI thread."""
    destination_wanted = Signal(object)
    message_raised = Signal(object)
    targets_seen = Signal(object)
    computes_changed = Signal()
    """Where runs can go: a tuple of `RunTarget`, whenever somebody looked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from concurrent.futures import ThreadPoolExecutor

        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="bridge")
        self._mailbox = _Mailbox()
        _mailboxes.append(self._mailbox)
        self._pending = 0
        self._closed = False
        self._listeners = Listeners()
        self.event_happened.connect(self._tell_listeners)

    def listen(self, hear: Callable[[Any], object], *kinds: type, of: str | None = None) -> None:
        """Have a method called, on the GUI thread, with each event of some kinds; see `Listeners.add`."""
        self._listeners.add(hear, *kinds, of=of)

    def _tell_listeners(self, event: object) -> None:
        self._listeners.tell(event)

    def go_to(self, kind: str, key: str = "", *, preview: bool = False) -> None:
        """Ask for a page."""
        self.destination_wanted.emit(Destination(kind, key, preview))

    def tell(
        self,
        text: str,
        severity: str = "info",
        hint: str = "",
        details: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a message inside the window without blocking; `action` is a button on it and what it does."""
        self.message_raised.emit(Message(text, severity, hint, details, action))

    def tell_undoable(self, text: str, undo: Callable[[], object], severity: str = "info", hint: str = "") -> None:
        """Show a message of something that was done, with what takes it back."""
        self.message_raised.emit(Message(text, severity, hint, action=(self.tr("Undo"), undo), undoes=True))

    def tell_error(self, error: DesktopAMLError) -> None:
        """Show an error of ours: what, where, what now."""
        self.message_raised.emit(Message.of_error(error))

    def call(
        self,
        work: Callable[[], T],
        done: Callable[[T], object] | None = None,
        failed: Callable[[DesktopAMLError], object] | None = None,
        over: Callable[[], object] | None = None,
    ) -> None:
        """Run `work` on a worker thread, then `done` or `failed` on the GUI thread.

        `failed` defaults to `tell_error`. `over` comes before either, and also where `work` raised what is no error of
        ours. All callbacks are dropped when the bridge is gone.
        """
        if self._closed:
            return
        self._pending += 1
        number = self._mailbox.add(
            _Call(work, lambda result, error: self._deliver(cast("T | None", result), error, done, failed, over))
        )
        self._workers.submit(self._mailbox.carry_out, number)

    def soon(self, done: Callable[[], object]) -> None:
        """Call `done` as if a worker had answered: in its turn, in a later one than this. No worker has to be free."""
        if self._closed:
            return
        self._pending += 1
        call = _Call(lambda: None, lambda _, error: self._deliver(None, error, lambda _: done(), None, None))
        self._mailbox.carry_out(self._mailbox.add(call))

    def _deliver(
        self,
        result: T | None,
        error: BaseException | None,
        done: Callable[[T], object] | None,
        failed: Callable[[DesktopAMLError], object] | None,
        over: Callable[[], object] | None,
    ) -> None:
        self._pending -= 1
        if self._closed or not isValid(self):
            return
        if over is not None:
            over()
        if isinstance(error, DesktopAMLError):
            (failed or self.tell_error)(error)
        elif error is not None:
            raise error
        elif done is not None:
            done(cast("T", result))

    def is_busy(self) -> bool:
        """Whether a call has not come back yet."""
        return self._pending > 0

    def close(self) -> None:
        """Wait for calls under way; their callbacks no longer matter."""
        self._closed = True
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._mailbox.forget()
