"""Rows to score as a small table that is typed into: one column for each input of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from desktop_aml.ui.endpoints.score_call import cell_text
from desktop_aml.ui.look import theme
from desktop_aml.workspace.endpoint.cells import cell_value

_SHOWN_ROWS: Final = 5
_MIN_WIDTH: Final = 88


class ScoreTable(QTableWidget):
    """Cells are text; `values` gives them the type of their column."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: tuple[str, ...] = ()
        self.setAccessibleName(self.tr("Rows to score"))
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setFont(theme.font("mono"))
        self.setProperty("boxed", True)
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumWidth(theme.SPACE_XXL)
        self.horizontalHeader().setMinimumSectionSize(_MIN_WIDTH)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setFont(theme.font("body"))
        self.verticalHeader().setFont(theme.font("body"))
        self.itemChanged.connect(lambda _: self.edited.emit())

    def set_columns(self, names: Sequence[str], kinds: Sequence[str], examples: Sequence[Sequence[object]]) -> None:
        """Ask for these inputs; rows begin with the examples, at least one."""
        self.blockSignals(True)
        self._kinds = tuple(kinds)
        self.setColumnCount(len(names))
        self.setHorizontalHeaderLabels(list(names))
        for column, (name, kind) in enumerate(zip(names, kinds, strict=True)):
            header = self.horizontalHeaderItem(column)
            if header is not None:
                header.setToolTip(f"{name} ({kind})")
        wide = self.columnCount() <= _SHOWN_ROWS
        mode = QHeaderView.ResizeMode.Stretch if wide else QHeaderView.ResizeMode.Interactive
        self.horizontalHeader().setSectionResizeMode(mode)
        self.setRowCount(0)
        for row in examples or ((None,) * len(names),):
            self._append(row)
        if not wide:
            self.resizeColumnsToContents()
        self.blockSignals(False)
        self._fit()
        self.edited.emit()

    def add_row(self) -> None:
        """Add a copy of the last row."""
        last = self.rowCount() - 1
        texts = [self._text(last, column) for column in range(self.columnCount())] if last >= 0 else []
        self.blockSignals(True)
        self._append(texts)
        self.blockSignals(False)
        self._fit()
        self.setCurrentCell(self.rowCount() - 1, 0)
        self.edited.emit()

    def remove_row(self) -> None:
        """Remove the current row; one always stays."""
        if self.rowCount() > 1:
            self.removeRow(max(self.currentRow(), 0))
            self._fit()
            self.edited.emit()

    def values(self) -> list[list[object]]:
        """Return the rows."""
        return [
            [cell_value(self._text(row, column), self._kinds[column]) for column in range(self.columnCount())]
            for row in range(self.rowCount())
        ]

    def mark_fault(self, message: str) -> None:
        """Make the cell current that an error message names by column (and row, counted from 0)."""
        lowered = message.casefold()
        for column in range(self.columnCount()):
            header = self.horizontalHeaderItem(column)
            if header is not None and header.text().casefold() in lowered:
                self.setCurrentCell(max(self.currentRow(), 0), column)
                self._color(column, theme.color("failed"))
                return

    def clear_fault(self) -> None:
        """Forget what was marked."""
        for column in range(self.columnCount()):
            self._color(column, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy and paste cells as tab-separated text, and empty them."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif event.key() == Qt.Key.Key_Delete:
            for item in self.selectedItems():
                item.setText("")
        else:
            super().keyPressEvent(event)

    def paste(self, text: str) -> None:
        """Put tab- or comma-separated lines into the table, from the current cell on; rows are added as needed."""
        top, left = max(self.currentRow(), 0), max(self.currentColumn(), 0)
        self.blockSignals(True)
        for down, line in enumerate(line for line in text.splitlines() if line.strip()):
            while self.rowCount() <= top + down:
                self._append(())
            parts = line.split("\t" if "\t" in line else ",")
            for right, part in enumerate(parts[: self.columnCount() - left]):
                self.setItem(top + down, left + right, self._item(part.strip()))
        self.blockSignals(False)
        self._fit()
        self.edited.emit()

    def _copy(self) -> None:
        rows: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda index: (index.row(), index.column())):
            rows.setdefault(index.row(), []).append(self._text(index.row(), index.column()))
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in rows.values()))

    def _append(self, values: Sequence[object]) -> None:
        row = self.rowCount()
        self.insertRow(row)
        for column in range(self.columnCount()):
            self.setItem(row, column, self._item(cell_text(values[column]) if column < len(values) else ""))

    def _item(self, text: str) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return item.text() if item else ""

    def _color(self, column: int, color: QColor | None) -> None:
        header = self.horizontalHeaderItem(column)
        if header is not None:
            header.setForeground(color if color is not None else theme.color("secondary"))

    def _fit(self) -> None:
        rows = max(1, min(self.rowCount(), _SHOWN_ROWS))
        bar = theme.SPACE_M if self.columnCount() > _SHOWN_ROWS else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * theme.ROW_HEIGHT + bar + 4)
