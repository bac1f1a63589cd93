"""Every logged point as a row: a view on the arrays, however many points there are."""

from __future__ import annotations

import csv
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from desktop_aml.domain.errors import StorageError
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.look.row_focus import RowFocusTable
from desktop_aml.ui.plots.data import CurveData, exact_rows
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate

_METRIC, _INDEX, _STEP, _TIME, _VALUE = range(5)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_COPIED_AT_MOST: Final = 1_000_000
_LEARNED_FROM: Final = 200
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()


class PointsTable(QAbstractTableModel):
    """Rows of all curves, one after the other. Nothing is copied: a cell is read when it is painted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: list[CurveData] = []
        self._ends: list[int] = []
        self._forms: dict[int, NumberColumn] = {}
        self._titles = (self.tr("Metric"), self.tr("Index"), self.tr("Step"), self.tr("Time"), self.tr("Value"))

    def set_curves(self, curves: list[CurveData]) -> None:
        """Show `curves` as they are now; does nothing when no point was added."""
        ends = list(accumulate(len(curve) for curve in curves))
        if ends == self._ends and curves == self._curves:
            return
        self.beginResetModel()
        self._curves, self._ends, self._forms = list(curves), ends, {}
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of points."""
        return 0 if parent.isValid() or not self._ends else self._ends[-1]

    def columnCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        """Return the titles, above the columns they name."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (_INDEX, _STEP, _VALUE):
            return _RIGHT
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows; numbers to four digits, all of them in the tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), index.column(), exact=False)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (_INDEX, _STEP, _VALUE):
            return _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == _VALUE:
            return self.cell(index.row(), _VALUE, exact=True)
        return None

    def cell(self, row: int, column: int, *, exact: bool) -> str:
        """Return the text of a cell; with all digits if `exact`."""
        number = bisect_right(self._ends, row)
        curve = self._curves[number]
        index = row - (self._ends[number - 1] if number else 0)
        if column == _METRIC:
            return curve.name
        if column == _INDEX:
            return str(index)
        if column == _STEP:
            return str(curve.step(index)) if curve.has_steps() else ""
        if column == _TIME:
            return repr(curve.at(index)) if exact else formats.exact_time(curve.at(index))
        value = curve.value(index)
        return str(value) if exact else self._form(number).text(value)

    def _form(self, number: int) -> NumberColumn:
        """Return how the values of a curve are written: as some of them need it, spread over all."""
        found = self._forms.get(number)
        if found is None:
            curve = self._curves[number]
            places = range(0, len(curve), max(1, len(curve) // _LEARNED_FROM))
            found = self._forms[number] = NumberColumn(curve.value(place) for place in places)
        return found

    def save_csv(self, path: Path) -> None:
        """Write every row under the titles: all digits, times as Unix seconds. Called off the GUI thread.

        Raises
        ------
        StorageError
            When the file cannot be written.
        """
        curves, titles = list(self._curves), self._titles
        try:
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(titles)
                for curve in curves:
                    writer.writerows((curve.name, *row) for row in exact_rows(curve))
        except OSError as error:
            words = f"The values could not be written to “{path}”: {error.strerror}."
            raise StorageError(words, "Choose another folder.") from error

    def as_tsv(self, rows: list[int] | range) -> str:
        """Return rows as tab-separated text under their titles: all digits, times as Unix seconds."""
        lines = ["\t".join(self._titles)]
        for row in rows:
            cells = [self.cell(row, column, exact=True) for column in range(len(self._titles))]
            lines.append("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells))
        return "\n".join(lines)


class MetricsTable(RowFocusTable):
    """The table of points, with copying."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points = PointsTable(self)
        self.setModel(self.points)
        self.setAccessibleName(self.tr("Logged values"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setItemDelegate(PaddedDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        for column, width in ((_METRIC, 200), (_INDEX, 80), (_STEP, 80), (_TIME, 176)):
            self.setColumnWidth(column, width)

    def show_curves(self, curves: list[CurveData]) -> None:
        """Show `curves` and stay at the same row."""
        place = self.verticalScrollBar().value()
        self.points.set_curves(curves)
        self.verticalScrollBar().setValue(place)

    def copy(self) -> None:
        """Copy the selected rows, or all when none is selected, as tab-separated text."""
        # Ranges, not rows: Qt needs seconds to list a hundred thousand selected rows.
        rows: list[int] = []
        selection = self.selectionModel().selection()
        for number in range(selection.count()):
            part = selection.at(number)
            rows.extend(range(part.top(), part.bottom() + 1))
        chosen = sorted(set(rows)) or range(self.points.rowCount())
        QGuiApplication.clipboard().setText(self.points.as_tsv(chosen[:_COPIED_AT_MOST]))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy rows with all their digits."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
