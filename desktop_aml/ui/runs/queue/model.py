"""The queue as a table that rows are dragged in. However long it is, a row is made when it is looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop_aml.domain.organising.queue import QueuedRun
from desktop_aml.ui.look.labels import target_text

_Index = QModelIndex | QPersistentModelIndex
_ROWS: Final = "application/x-desktop-aml-queued"
_PLACE, _NAME, _EXPERIMENT, _TARGET, _PRIORITY = range(5)
_NUMBERS: Final = frozenset({_PLACE, _PRIORITY})


class QueueModel(QAbstractTableModel):
    """Runs that wait, those that begin first on top."""

    move_wanted = Signal(list, str)
    """Ids that were dragged, in their order, and the run that they are to stand before; empty for the end."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[QueuedRun] = []
        self._titles = (
            self.tr("Place"),
            self.tr("Run"),
            self.tr("Experiment"),
            self.tr("Target"),
            self.tr("Priority"),
        )

    def runs(self) -> list[QueuedRun]:
        """Return a copy of what is shown."""
        return list(self._runs)

    def fill(self, runs: Sequence[QueuedRun]) -> None:
        """Show other runs."""
        self.beginResetModel()
        self._runs = list(runs)
        self.endResetModel()

    def run_at(self, row: int) -> QueuedRun:
        """Return the run of a row."""
        return self._runs[row]

    def row_of(self, run_id: str) -> int:
        """Return the row of a run; -1 for one that does not wait."""
        return next((row for row, run in enumerate(self._runs) if run.id == run_id), -1)

    def take_out(self, run_id: str) -> None:
        """Have a run wait no more."""
        row = self.row_of(run_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._runs[row]
            self.endRemoveRows()

    def put(self, rows: Sequence[int], before: int) -> None:
        """Move rows in front of another one, and ask for that; nothing happens when they stand there already."""
        chosen = sorted(set(rows))
        if not chosen or (
            chosen == list(range(chosen[0], chosen[0] + len(chosen))) and chosen[0] <= before <= chosen[-1] + 1
        ):
            return
        moved = [self._runs[row].id for row in chosen]
        taken = set(chosen)
        last = next((row for row in range(before, len(self._runs)) if row not in taken), len(self._runs))
        other = self._runs[last].id if last < len(self._runs) else ""
        for done, row in enumerate(row for row in chosen if row < before):
            self._put_one(row - done, before)
        for done, row in enumerate(row for row in chosen if row >= before):
            self._put_one(row, before + done)
        self.move_wanted.emit(moved, other)

    def _put_one(self, row: int, before: int) -> None:
        # Qt, too, counts the place with the row still in it.
        if not self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), before):
            return
        run = self._runs.pop(row)
        self._runs.insert(before - 1 if row < before else before, run)
        self.endMoveRows()

    # What Qt asks.

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many wait."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many facts there are of each."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        """Return the title of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a fact of a run."""
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or index.row() >= len(self._runs):
            return None
        run = self._runs[index.row()]
        if column == _PLACE:
            return str(index.row() + 1)
        if column == _TARGET:
            return target_text(run.target)
        return {_NAME: run.name, _EXPERIMENT: run.experiment, _PRIORITY: str(run.priority)}[column]

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Return that rows are dragged, and dropped between others."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        """Return that rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """Return what is dragged."""
        return [_ROWS]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """Return the ids of rows that are dragged: the queue goes on meanwhile."""
        rows = sorted({index.row() for index in indexes})
        data = QMimeData()
        data.setData(_ROWS, QByteArray(json.dumps([[row, self._runs[row].id] for row in rows]).encode()))
        return data

    def dropMimeData(  # noqa: N802
        self,
        data: QMimeData,
        action: Qt.DropAction,  # noqa: ARG002
        row: int,
        column: int,  # noqa: ARG002
        parent: _Index,
    ) -> bool:
        """Take rows that were dropped; false, as nothing is to be removed where they came from."""
        dragged = json.loads(bytes(data.data(_ROWS).data()) or b"[]")
        # A row may stand elsewhere by now, or wait no more.
        rows = [at if self._is_at(at, run_id) else self.row_of(run_id) for at, run_id in dragged]
        before = row if row >= 0 else parent.row() if parent.isValid() else len(self._runs)
        self.put([at for at in rows if at >= 0], before)
        return False

    def _is_at(self, row: int, run_id: str) -> bool:
        return row < len(self._runs) and self._runs[row].id == run_id
