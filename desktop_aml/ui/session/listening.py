"""Who hears which events: one that nobody asked for wakes nobody."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from PySide6.QtCore import QObject
from shiboken6 import isValid


class Listeners:
    """Methods that are called with the events they asked for, as long as what they belong to is there."""

    def __init__(self) -> None:
        self._of: defaultdict[type, list[tuple[WeakMethod[Callable[[Any], object]], str | None]]] = defaultdict(list)

    def add(self, hear: Callable[[Any], object], *kinds: type, of: str | None = None) -> None:
        """Have a method called with each event of some kinds.

        Parameters
        ----------
        hear : callable
            A method: who it belongs to is not kept alive by it.
        *kinds : type
            Classes of `desktop_aml.domain.events`.
        of : str, optional
            The id of the run, or the name of what else, that the events must be of.
        """
        method = WeakMethod(hear, self._forget)
        for kind in kinds:
            # Whose window part is gone while Python's half is still held hears nothing, and goes here.
            for one in [one for one in self._of[kind] if not _is_there(one[0]())]:
                self._of[kind].remove(one)
            self._of[kind].append((method, of))

    def _forget(self, gone: WeakMethod[Callable[[Any], object]]) -> None:
        """Let go of a method as soon as what it belongs to is: no event of its kinds may ever come."""
        for waiting in self._of.values():
            for one in [one for one in waiting if one[0] is gone]:
                waiting.remove(one)

    def tell(self, event: object) -> None:
        """Call whoever asked for an event, in the order in which they asked."""
        for method, of in tuple(self._of.get(type(event), ())):
            hear = method()
            if hear is not None and _is_there(hear) and (of is None or of == _subject(event)):
                try:
                    hear(event)
                except Exception:  # noqa: BLE001 - a fault of one pane keeps nothing from the others
                    sys.excepthook(*sys.exc_info())


def _is_there(hear: Callable[[Any], object] | None) -> bool:
    owner = getattr(hear, "__self__", None)
    return hear is not None and not (isinstance(owner, QObject) and not isValid(owner))


def _subject(event: object) -> object:
    return getattr(event, "run_id", None) or getattr(event, "name", None)
