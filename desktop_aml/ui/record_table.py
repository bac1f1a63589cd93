"""Small tables of what a run logged as a row, a table, a list or a confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from desktop_aml.domain.metrics import Record
from desktop_aml.ui import formats, theme

_ROWS: Final = 200
_SHOWN: Final = 12


def record_table(record: Record, parent: QWidget) -> QTableWidget:
    """Return a table of a row, a table or a list."""
    if isinstance(record.data, Mapping):
        columns = {str(name): cells if isinstance(cells, list) else [cells] for name, cells in record.data.items()}
    else:
        columns = {record.name: record.data if isinstance(record.data, list) else [record.data]}
    count = max((len(cells) for cells in columns.values()), default=0)
    rows = [[cells[row] if row < len(cells) else "" for cells in columns.values()] for row in range(min(count, _ROWS))]
    return _table(list(columns), rows, parent)


def matrix_table(content: object, parent: QWidget) -> QTableWidget | None:
    """Return a table of a confusion matrix as Azure ML writes it, shaded by count; None for anything else."""
    data = content.get("data") if isinstance(content, Mapping) else None
    matrix = data.get("matrix") if isinstance(data, Mapping) else None
    labels = data.get("class_labels") if isinstance(data, Mapping) else None
    if not (isinstance(matrix, list) and isinstance(labels, list) and all(isinstance(row, list) for row in matrix)):
        return None
    table = _table([str(label) for label in labels], matrix, parent, [str(label) for label in labels])
    most = max((cell for row in matrix for cell in row if isinstance(cell, (int, float))), default=0) or 1
    for row, cells in enumerate(matrix[:_ROWS]):
        for column, cell in enumerate(cells):
            item = table.item(row, column)
            if item is not None and isinstance(cell, (int, float)):
                shade = theme.color("accent")
                shade.setAlphaF(0.35 * cell / most)
                item.setBackground(shade)
    table.setAccessibleName(table.tr("Confusion matrix: true classes down, predicted ones across"))
    return table


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], parent: QWidget, names: Sequence[str] | None = None
) -> QTableWidget:
    table = QTableWidget(len(rows), len(columns), parent)
    table.setHorizontalHeaderLabels(list(columns))
    if names is not None:
        table.setVerticalHeaderLabels(list(names))
    else:
        table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells[: len(columns)]):
            item = QTableWidgetItem(formats.number4(cell))
            item.setToolTip(str(cell))
            if isinstance(cell, (int, float)):
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, column, item)
    height = table.horizontalHeader().sizeHint().height() + theme.ROW_HEIGHT * min(len(rows), _SHOWN) + 4
    table.setFixedHeight(height)
    return table
