"""Façade calls of one widget: what comes back after the widget is gone is dropped."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.session.bridge import Bridge

T = TypeVar("T")


def call_for(
    owner: QObject,
    bridge: Bridge,
    work: Callable[[], T],
    done: Callable[[T], object] | None = None,
    failed: Callable[[DesktopAMLError], object] | None = None,
    over: Callable[[], object] | None = None,
) -> None:
    """Run `work` off the GUI thread, then `done` or `failed` on it unless `owner` was deleted meanwhile.

    `failed` defaults to a message in the window; `over` comes before either, and also after a fault of the program.
    """

    def on_done(result: T) -> None:
        if done is not None and isValid(owner):
            done(result)

    def on_failed(error: DesktopAMLError) -> None:
        if failed is None:
            bridge.tell_error(error)
        elif isValid(owner):
            failed(error)

    def on_over() -> None:
        if over is not None and isValid(owner):
            over()

    bridge.call(work, on_done, on_failed, on_over)


class LatestReading(QObject):
    """What a widget reads again and again: never twice at once, so that no older answer comes after a newer one.

    Parameters
    ----------
    owner : QObject
        Whose reading it is: when it is gone, what was read is dropped.
    """

    def __init__(self, owner: QObject, bridge: Bridge) -> None:
        super().__init__(owner)
        self._bridge = bridge
        self._is_reading = False
        self._next: Callable[[], None] | None = None

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[DesktopAMLError], object] | None = None,
    ) -> None:
        """Read like `call_for`, at once or after the reading that is under way: that one may have looked too early."""
        if self._is_reading:
            self._next = partial(self.ask, work, done, failed)
            return
        self._is_reading = True
        is_asked_again = False

        def over() -> None:
            # First, and however it went: whom the answer is told may ask again, and the next question must be asked.
            nonlocal is_asked_again
            is_asked_again = self._go_on()

        def on_failed(error: DesktopAMLError) -> None:
            if not is_asked_again:
                (failed or self._bridge.tell_error)(error)

        call_for(self, self._bridge, work, done, on_failed, over)

    def _go_on(self) -> bool:
        """Ask what was asked for meanwhile; whether there was something."""
        self._is_reading = False
        ask, self._next = self._next, None
        if ask is not None:
            ask()
        return ask is not None
