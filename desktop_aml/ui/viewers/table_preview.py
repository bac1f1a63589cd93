"""A table of a file: its rows page by page, columns as wide as what is in them, numbers to four digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QPushButton, QTableView, QVBoxLayout, QWidget

from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.viewers.tables import PAGE_ROWS, TablePage
from desktop_aml.ui.widgets.by_keys.header import HeaderKeys
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets.widgets import Hairline, SecondaryLabel

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_DIGITS: Final = 7
"""Numbers as short as this stand as they are."""

_WIDEST: Final = 320
_NARROWEST: Final = 56
_LOOKED_AT: Final = 100


def short_number(cell: str) -> str:
    """Return a cell with its number to four digits where it has many more; other cells as they are."""
    if len(cell) <= _DIGITS or "." not in cell or not _NUMBER.fullmatch(cell):
        return cell
    return formats.number4(float(cell))


class _Rows(QAbstractTableModel):
    """The rows of a page."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.page = TablePage((), (), 0, 0)
        self._columns = 0
        self._forms: dict[int, NumberColumn] = {}

    def show_page(self, page: TablePage) -> None:
        self.beginResetModel()
        self.page = page
        self._columns = max((len(page.head), *(len(row) for row in page.rows)), default=0)
        self._forms = dict(self._found_forms())
        self.endResetModel()

    def _found_forms(self) -> Iterator[tuple[int, NumberColumn]]:
        """Give how the numbers of a column are written, where some of them are too long to stand as they are."""
        rows = range(min(_LOOKED_AT, len(self.page.rows)))
        for column in range(self._columns):
            cells = [self.cell(row, column) for row in rows]
            if any(short_number(cell) != cell for cell in cells):
                yield column, NumberColumn(float(cell) for cell in cells if _NUMBER.fullmatch(cell))

    def shown(self, row: int, column: int) -> str:
        """Return a cell as it is written: with the decimals of its column, or as it stands."""
        cell, form = self.cell(row, column), self._forms.get(column)
        return cell if form is None or not _NUMBER.fullmatch(cell) else form.text(float(cell))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.page.rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else self._columns

    def cell(self, row: int, column: int) -> str:
        cells = self.page.rows[row]
        return cells[column] if column < len(cells) else ""

    def data(self, index: _Index, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and _NUMBER.fullmatch(self.cell(index.row(), index.column())):
            return _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return formats.count(self.page.first + section + 1)
        return self.page.head[section] if section < len(self.page.head) else ""


class TablePreview(QWidget):
    """Shows a page of a table and asks for others."""

    page_wanted = Signal(int)
    """The number of the first row of the page to show, counted from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = _Rows(self)
        self.view = QTableView(self)
        self.view.setModel(self.rows)
        self.view.setAccessibleName(self.tr("Rows of the file"))
        self.view.setItemDelegate(PaddedDelegate(self.view))
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        self.view.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        HeaderKeys(self.view, self.view.horizontalHeader())
        self.label = SecondaryLabel("", self, small=True)
        self.label.setWordWrap(False)
        self.earlier_button = QPushButton(self.tr("Earlier"), self)
        self.later_button = QPushButton(self.tr("Later"), self)
        self._pages = self.earlier_button, self.later_button
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_XS)
        bar.addWidget(self.label, 1)
        for button, icon, step in zip(self._pages, ("chevron-left", "chevron-right"), (-1, 1), strict=True):
            button.setProperty("quiet", True)
            icons.set_icon(button, icon, "secondary")
            button.clicked.connect(lambda _=False, step=step: self._turn(step))
            bar.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(Hairline(self))
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def show_page(self, page: TablePage) -> None:
        """Show rows; columns get their width with the first page of a file."""
        is_other = page.head != self.rows.page.head or page.first == 0
        self.rows.show_page(page)
        first, last = page.first, page.first + len(page.rows)
        every = self.tr("{0} rows").format(formats.count(page.total))
        part = self.tr("Rows {0} to {1} of {2}").format(*map(formats.count, (first + 1, last, page.total)))
        self.label.setText(every if len(page.rows) >= page.total else part)
        for button in self._pages:
            button.setVisible(page.total > len(page.rows))
        self.earlier_button.setEnabled(first > 0)
        self.later_button.setEnabled(last < page.total)
        self.view.scrollToTop()
        if is_other:
            self._fit_columns()

    def _fit_columns(self) -> None:
        metrics, rows = self.view.fontMetrics(), self.rows
        for column in range(rows.columnCount()):
            words = [rows.shown(row, column) for row in range(min(_LOOKED_AT, rows.rowCount()))]
            words.append(rows.page.head[column] if column < len(rows.page.head) else "")
            width = max(metrics.horizontalAdvance(word) for word in words) + theme.SPACE_XL
            self.view.setColumnWidth(column, min(_WIDEST, max(_NARROWEST, width)))

    def _turn(self, step: int) -> None:
        self.page_wanted.emit(max(0, self.rows.page.first + step * PAGE_ROWS))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy the chosen cells as tab-separated text, with all their digits."""
        chosen = self.view.selectionModel().selectedIndexes()
        if not event.matches(QKeySequence.StandardKey.Copy) or not chosen:
            super().keyPressEvent(event)
            return
        lines: dict[int, list[str]] = {}
        for index in sorted(chosen, key=lambda one: (one.row(), one.column())):
            lines.setdefault(index.row(), []).append(self.rows.cell(index.row(), index.column()))
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines.values()))
