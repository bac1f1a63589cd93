"""A tree whose current row, while it has the keyboard, has a flat frame in our colours."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QTreeWidget, QWidget

from desktop_aml.ui.look import theme


class RowFocusTree(QTreeWidget):
    """Frames the whole row. Qt's own frame of a row never asks the style sheet, and is a raised button in Fusion."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAllColumnsShowFocus(False)

    def drawRow(  # noqa: N802
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a row, and its frame where the keyboard is."""
        super().drawRow(painter, options, index)
        current = self.currentIndex()
        if self.hasFocus() and current.row() == index.row() and current.parent() == index.parent():
            painter.setPen(theme.color("accent"))
            painter.drawRect(options.rect.adjusted(0, 0, -1, -1))
