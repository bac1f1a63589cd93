"""The menu of what can be done with a row of a list."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from desktop_aml.ui.look import icons


class RowMenu(QMenu):
    """A menu that goes when it is closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Actions"))

    def entry(
        self, icon: str, text: str, act: Callable[[], object], *, enabled: bool = True, shortcut: str = ""
    ) -> QAction:
        """Add an entry. `shortcut` is shown only: the list itself listens to the key."""
        action = self.addAction(icons.icon(icon, "secondary"), text)
        action.triggered.connect(lambda _checked=False: act())
        action.setEnabled(enabled)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        return action
