"""The Edit menu: acts on whatever has the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from desktop_aml.ui.shell.shell import Shell


class EditCommands:
    """Calls the widget's own undo, copy and so on, where it has them."""

    _window: Shell

    def edit_undo(self) -> None:
        """Undo in the focused field or list; elsewhere, what the newest message offers to undo."""
        if not _call("undo"):
            self._window.messages.undo_newest()

    def edit_redo(self) -> None:
        """Redo in the focused field."""
        _call("redo")

    def edit_cut(self) -> None:
        """Cut from the focused field."""
        _call("cut")

    def edit_copy(self) -> None:
        """Copy from the focused field or list."""
        _call("copy", "copy_selection")

    def edit_paste(self) -> None:
        """Paste into the focused field."""
        _call("paste")

    def edit_select_all(self) -> None:
        """Select everything in the focused field or list."""
        _call("selectAll")

    def show_context_menu(self) -> None:
        """Open the menu of what has the keyboard, as the menu key does: many keyboards have none."""
        focused = QApplication.focusWidget()
        if focused is not None:
            cursor = focused.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
            at = cursor.center() if isinstance(cursor, QRect) else focused.rect().center()
            asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, focused.mapToGlobal(at))
            QApplication.sendEvent(focused, asked)


def _call(*names: str) -> bool:
    """Have the focused widget do the first of these that it can; whether there is one."""
    focused = QApplication.focusWidget()
    for name in names:
        act = getattr(focused, name, None)
        if callable(act):
            act()
            return True
    return False
