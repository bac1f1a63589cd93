"""What would hold up the window in one piece, in turns of the event loop of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desktop_aml.ui.session.bridge import Bridge


def in_turns(owner: QObject, bridge: Bridge, steps: Sequence[Callable[[], object]]) -> None:
    """Take the first step now, and each other one in a turn of its own, unless `owner` is deleted meanwhile.

    Until the last one was taken the bridge is busy.
    """
    steps[0]()
    rest = steps[1:]

    def go_on() -> None:
        if isValid(owner):
            in_turns(owner, bridge, rest)

    if rest:
        bridge.soon(go_on)
