"""Acts that can be undone: done beside the window's thread, then told with a button that undoes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

U = TypeVar("U")


class Undoable:
    """Does what a page asks for, and offers to undo it.

    Parameters
    ----------
    changed : callable
        Called after each act and after its undo, for what no event tells of.
    """

    def __init__(self, page: QWidget, bridge: Bridge, changed: Callable[[], object]) -> None:
        self._page = page
        self._bridge = bridge
        self._changed = changed

    def do(self, work: Callable[[], U], undo: Callable[[U], object], words: str) -> None:
        """Have `work` done and say `words`; what it returns is handed to `undo` when that is wanted."""

        def back(done: U) -> None:
            undone = QCoreApplication.translate("Undoable", "Undone.")
            call_for(self._page, self._bridge, lambda: undo(done), lambda _: self._tell(undone))

        call_for(self._page, self._bridge, work, lambda done: self._tell(words, lambda: back(done)))

    def _tell(self, words: str, undo: Callable[[], object] | None = None) -> None:
        if undo is None:
            self._bridge.tell(words)
        else:
            self._bridge.tell_undoable(words, undo)
        self._changed()
