"""The columns of a table, each with how its values lie; and how they differ between two versions."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.workspace.dataset.differences import ColumnChange
from desktop_aml.workspace.dataset.profiling import ColumnProfile, TableProfile

_BARS: Final = QSize(80, 18)


class ColumnsTable(ListTable):
    """One row for each column; the histogram is drawn, and said in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        titles = (
            self.tr("Column"),
            self.tr("Kind"),
            self.tr("Values"),
            self.tr("Missing"),
            self.tr("Distinct"),
            self.tr("Least"),
            self.tr("Greatest"),
            self.tr("Mean"),
        )
        super().__init__(titles, self.tr("Columns"), parent, numbers=(3, 4, 5, 6, 7))
        self.setIconSize(_BARS)
        for column, width in enumerate((0, 72, 112, 72, 72, 72, 72, 72)):
            self.setColumnWidth(column, width)
        self._shown: TableProfile | None = None
        theme.changed.connect(self._redraw)

    def show_profile(self, table: TableProfile) -> None:
        """Show the columns of a table."""
        self._shown = table
        self.fill((one.name, self._cells(one)) for one in table.columns)

    def _redraw(self) -> None:
        if self._shown is not None:
            self.show_profile(self._shown)

    def _cells(self, one: ColumnProfile) -> tuple[Cell, ...]:
        distinct = self.tr("over 10,000") if one.distinct is None else formats.count(one.distinct)
        return (
            Cell(one.name),
            Cell(self.kind_words(one.kind)),
            self._values(one),
            Cell(formats.count(one.missing), one.missing, _share(one)),
            Cell(distinct, 10_001 if one.distinct is None else one.distinct),
            *(Cell(_number(value), value) for value in (one.least, one.greatest, one.mean)),
        )

    def _values(self, one: ColumnProfile) -> Cell:
        if one.histogram and one.least is not None and one.greatest is not None:
            tip = self.tr("From {0} to {1} in ten equal parts: {2}")
            parts = ", ".join(formats.count(part) for part in one.histogram)
            words = tip.format(_number(one.least), _number(one.greatest), parts)
            return Cell("", words, words, bars(one.histogram))
        top = ", ".join(f"{text} ({formats.count(times)})" for text, times in one.top)
        return Cell(top, top, top)

    def kind_words(self, kind: str) -> str:
        """Return the kind of a column in a word."""
        words = {
            "whole": self.tr("Whole"),
            "number": self.tr("Number"),
            "truth": self.tr("Truth"),
            "date": self.tr("Date"),
            "text": self.tr("Text"),
            "empty": self.tr("Empty"),
        }
        return words.get(kind, kind)


def bars(histogram: tuple[int, ...]) -> QIcon:
    """Return a picture of a histogram; a part that holds anything is never drawn as empty."""
    scale = 2
    pixmap = QPixmap(_BARS * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    most, width = max(histogram, default=0), _BARS.width() / max(1, len(histogram))
    for at, part in enumerate(histogram):
        if part and most:
            height = max(1.0, _BARS.height() * part / most)
            painter.fillRect(QRectF(at * width, _BARS.height() - height, width - 1, height), theme.color("accent"))
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _number(value: float | None) -> str:
    return "" if value is None else formats.number4(value)


def _share(one: ColumnProfile) -> str:
    return f"{100 * one.missing / one.count:.1f} %" if one.count else ""


class ColumnChangesTable(ListTable):
    """The columns that differ between two versions, and in what."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            (self.tr("Column"), self.tr("What changed"), self.tr("Before"), self.tr("After")),
            self.tr("Columns that differ"),
            parent,
        )
        for column, width in enumerate((0, 160, 160, 160)):
            self.setColumnWidth(column, width)

    def show_changes(self, changes: tuple[ColumnChange, ...]) -> None:
        """Show one row for each thing that differs of a column."""
        rows: list[tuple[str, tuple[Cell, ...]]] = []
        for change in changes:
            rows += [
                (f"{change.name}\n{what}", (Cell(change.name), Cell(what), Cell(before), Cell(after)))
                for what, before, after in self._facts(change)
            ]
        self.fill(rows)

    def _facts(self, change: ColumnChange) -> list[tuple[str, str, str]]:
        one, other = change.before, change.after
        if one is None or other is None:
            there = self.tr("is there")
            return [(self.tr("New") if one is None else self.tr("Gone"), there if one else "", there if other else "")]
        pairs = (
            (self.tr("Kind"), one.kind, other.kind),
            (self.tr("Missing"), formats.count(one.missing), formats.count(other.missing)),
            (self.tr("Distinct"), str(one.distinct or ""), str(other.distinct or "")),
            (self.tr("Least"), _number(one.least), _number(other.least)),
            (self.tr("Greatest"), _number(one.greatest), _number(other.greatest)),
            (self.tr("Mean"), _number(one.mean), _number(other.mean)),
        )
        told = [(what, before, after) for what, before, after in pairs if before != after]
        return told or [(self.tr("Values"), "", self.tr("other values"))]
