"""The name of each run, painted over the left edge of the table while its own column is scrolled out of sight.

It is painted, not laid over as a second view: with 100,000 runs a second view would double what each change costs.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyleOptionViewItem, QTableView

from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.columns import NAME
from desktop_aml.ui.runs.table import RunsTable


class FrozenName:
    """Where the name stands while its column is out of sight, and how it is painted."""

    def __init__(self, view: QTableView, table: RunsTable) -> None:
        self._view = view
        self._table = table

    def section(self) -> int:
        """Return the column of names."""
        return next(n for n, column in enumerate(self._table.shown_columns) if column.key == NAME)

    def width(self) -> int:
        """Return how much of the left edge is taken, in pixels; 0 while the column itself is in sight."""
        number = self.section()
        return self._view.columnWidth(number) if self._view.columnViewportPosition(number) < 0 else 0

    def paint(self, event: QPaintEvent) -> None:
        """Paint the names of the rows on the screen over what stands there."""
        width = self.width()
        if not width or event.rect().left() >= width:
            return
        view, number = self._view, self.section()
        painter = QPainter(view.viewport())
        painter.fillRect(QRect(0, event.rect().top(), width, event.rect().height()), theme.color("surface"))
        row = view.rowAt(event.rect().top())
        while 0 <= row < self._table.rowCount() and view.rowViewportPosition(row) <= event.rect().bottom():
            option = QStyleOptionViewItem()
            option.rect = QRect(0, view.rowViewportPosition(row), width, view.rowHeight(row))
            index = self._table.index(row, number)
            if view.selectionModel().isRowSelected(row):
                option.state |= QStyle.StateFlag.State_Selected
            view.itemDelegate().paint(painter, option, index)
            row += 1
        painter.setPen(theme.color("border"))
        painter.drawLine(QPoint(width - 1, event.rect().top()), QPoint(width - 1, event.rect().bottom()))
        painter.end()


class NameHeader(QHeaderView):
    """A header that keeps the title of the names over them."""

    def __init__(self, frozen: FrozenName, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._frozen = frozen

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the titles, then the frozen one over them."""
        super().paintEvent(event)
        width = self._frozen.width()
        if width:
            painter = QPainter(self.viewport())
            rect = QRect(0, 0, width, self.height())
            painter.fillRect(rect, theme.color("surface"))
            self.paintSection(painter, rect, self._frozen.section())
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Leave the columns under the frozen title alone."""
        if event.position().x() >= self._frozen.width():
            super().mousePressEvent(event)
