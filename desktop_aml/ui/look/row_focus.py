"""Trees and tables whose current row, while they have the keyboard, has a flat frame in our colours."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView, QTreeWidget, QWidget

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


class RowFocusTable(QTableView):
    """Frames the whole row; its delegate must frame no cell."""

    def currentChanged(  # noqa: N802
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the rows anew: of those, Qt draws the two cells."""
        super().currentChanged(current, previous)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the frame over the cells."""
        super().paintEvent(event)
        current = self.currentIndex()
        if not self.hasFocus() or not current.isValid():
            return
        row = current.row()
        # A table that is narrower than its columns is framed as far as it is seen.
        width = min(self.horizontalHeader().length(), self.viewport().width())
        painter = QPainter(self.viewport())
        painter.setPen(theme.color("accent"))
        painter.drawRect(QRect(0, self.rowViewportPosition(row), width - 1, self.rowHeight(row) - 1))
