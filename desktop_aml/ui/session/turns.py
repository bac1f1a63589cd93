"""What would hold up the window in one piece, in turns of the event loop of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for


def in_turns(owner: QObject, bridge: Bridge, steps: Sequence[Callable[[], object]]) -> None:
    """Take the first step now, and each other one in a turn of its own, unless `owner` is deleted meanwhile.

    Until the last one was taken the bridge is busy.
    """
    steps[0]()
    if steps[1:]:
        call_for(owner, bridge, lambda: None, lambda _: in_turns(owner, bridge, steps[1:]))
