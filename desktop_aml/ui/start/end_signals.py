"""SIGTERM, SIGINT and SIGHUP close the window as a person would, so that its tabs and layout are kept."""

from __future__ import annotations

import contextlib
import signal
import socket
from types import FrameType
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_NAMES: Final = ("SIGTERM", "SIGINT", "SIGHUP")


class EndSignals(QObject):
    """Tells of the end that the system asks for.

    Qt's loop waits in C, where Python's handlers do not run. So the interpreter writes the number of each signal into
    a socket, and the loop wakes for that.
    """

    asked_to_end = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_notifier_activated)
        self._before = {number: signal.signal(number, _go_on) for number in _numbers()}
        self._old_descriptor = signal.set_wakeup_fd(self._writing.fileno())

    def remove(self) -> None:
        """Put back what was there before."""
        signal.set_wakeup_fd(self._old_descriptor)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._reading.close()
        self._writing.close()

    def _on_notifier_activated(self) -> None:
        received = b""
        with contextlib.suppress(BlockingIOError):
            received = self._reading.recv(64)
        if set(received) & set(_numbers()):
            self.asked_to_end.emit()


def _numbers() -> tuple[int, ...]:
    return tuple(int(getattr(signal, name)) for name in _NAMES if hasattr(signal, name))


def _go_on(_number: int, _frame: FrameType | None) -> None:
    """Leave the work to the loop: a handler of Python's is needed for the interpreter to write at all."""
