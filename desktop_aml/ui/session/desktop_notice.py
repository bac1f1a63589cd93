"""A notice of the desktop when a run ended while nobody looked at the window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from PySide6.QtDBus import QDBusConnection, QDBusMessage

LONG_S: Final = 30.0
"""From how many seconds on a run that ends well is worth a notice; one that fails always is."""

_log = logging.getLogger(__name__)
_SERVICE: Final = "org.freedesktop.portal.Desktop"
_PATH: Final = "/org/freedesktop/portal/desktop"
_INTERFACE: Final = "org.freedesktop.portal.Notification"

Send = Callable[[str, str, str], object]


def send(key: str, title: str, body: str, bus: QDBusConnection | None = None) -> None:
    """Show a notice, where the desktop has a service for it; one with the same `key` is replaced. Never waits."""
    connection = bus or QDBusConnection.sessionBus()
    if not connection.isConnected():
        return
    message = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "AddNotification")
    message.setArguments([key, {"title": title, "body": body, "priority": "normal"}])
    # Nobody waits for the answer: a desktop without the service says so, and that is no fault of ours.
    if not connection.send(message):
        _log.info("The desktop took no notice: %s", connection.lastError().message())


def is_worth_it(*, has_failed: bool, duration_s: float | None, is_in_front: bool) -> bool:
    """Whether a person wants to hear of the end of a run."""
    return not is_in_front and (has_failed or (duration_s or 0.0) >= LONG_S)
