"""A small table of what a run logged: as high as its rows, and no higher than a page can bear."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.plots.chart_rows import Rows
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate

_ROWS: Final = 200
_COLUMNS: Final = 100
_SHOWN: Final = 12
_SCROLL_BAR: Final = 14


def rows_table(rows: Rows, parent: QWidget) -> QTableWidget:
    """Return a table of `rows`: numbers to four digits, all of them in the tooltip."""
    titles, cells = rows.titles[:_COLUMNS], rows.cells[:_ROWS]
    table = QTableWidget(len(cells), len(titles), parent)
    table.setHorizontalHeaderLabels([str(title) for title in titles])
    table.setItemDelegate(PaddedDelegate(table))
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    if rows.names:
        table.setVerticalHeaderLabels(list(rows.names[:_ROWS]))
    else:
        table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
    forms = [NumberColumn(row[column] for row in cells if column < len(row)) for column in range(len(titles))]
    for at, row in enumerate(cells):
        for column, cell in enumerate(row[: len(titles)]):
            table.setItem(at, column, _item(cell, forms[column]))
    for column in range(len(titles)):
        _align_title(table, column)
    table.horizontalHeader().setHighlightSections(False)
    height = table.horizontalHeader().sizeHint().height() + theme.ROW_HEIGHT * min(len(cells), _SHOWN)
    table.setFixedHeight(height + _SCROLL_BAR)
    return table


def _item(cell: object, form: NumberColumn) -> QTableWidgetItem:
    item = QTableWidgetItem(form.text(cell))
    item.setToolTip(str(cell))
    if _is_number(cell):
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item


def _align_title(table: QTableWidget, column: int) -> None:
    """Put a title above the side where its numbers or words stand."""
    first, head = table.item(0, column), table.horizontalHeaderItem(column)
    if head is not None:
        side = Qt.AlignmentFlag.AlignLeft if first is None else Qt.AlignmentFlag(first.textAlignment())
        head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)
