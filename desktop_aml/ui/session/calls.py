"""Façade calls of one widget: what comes back after the widget is gone is dropped."""

from __future__ import annotations

from collections.abc import Callable
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
) -> None:
    """Run `work` off the GUI thread, then `done` or `failed` on it unless `owner` was deleted meanwhile.

    `failed` defaults to a message in the window.
    """

    def on_done(result: T) -> None:
        if done is not None and isValid(owner):
            done(result)

    def on_failed(error: DesktopAMLError) -> None:
        if failed is None:
            bridge.tell_error(error)
        elif isValid(owner):
            failed(error)

    bridge.call(work, on_done, on_failed)
