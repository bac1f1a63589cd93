"""The values of several runs side by side, in sections; what is the same everywhere can be left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from desktop_aml.domain.compare.best import best_places
from desktop_aml.domain.compare.runs import ComparedRow, RunComparison, Section
from desktop_aml.domain.metrics import Scalar, number_of
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.look.row_focus import RowFocusTree
from desktop_aml.ui.widgets.by_keys.header import HeaderKeys
from desktop_aml.ui.widgets.frozen_names import FrozenNames
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate

_NAME_WIDTH = 192
_LEAST_WIDTH = 88
_MOST_WIDTH = 208
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CompareTable(RowFocusTree):
    """A column for each run, under its name and the colour of its lines."""

    open_wanted = Signal(str)
    """Id of the run whose column was double-clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = RunComparison((), ())
        self._only_differences = True
        self._baseline = ""
        self._widths_for: tuple[str, ...] = ()
        self.setAccessibleName(self.tr("Values of the runs"))
        self.setItemDelegate(PaddedDelegate(self))
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.header().setSectionsClickable(True)
        self.header().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.header().setStretchLastSection(False)
        self.header().sectionDoubleClicked.connect(self._on_section_double_clicked)
        self.header().setFirstSectionMovable(False)
        self.names = FrozenNames(self)
        HeaderKeys(self, self.header(), self.names.width)

    def show_comparison(self, found: RunComparison, icons: Sequence[QIcon]) -> None:
        """Show the values; `icons` mark the runs."""
        self._found = found
        self.setColumnCount(1 + len(found.runs))
        head = self.headerItem()
        head.setText(0, "")
        for column, (run, icon) in enumerate(zip(found.runs, icons, strict=True), 1):
            head.setText(column, run.display_name)
            head.setIcon(column, icon)
            head.setTextAlignment(column, _RIGHT)
            head.setToolTip(column, self.tr("{0}\nDouble-click to open it").format(run.id))
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._fill()
        self._fit_columns()
        self.names.fit()

    def _fit_columns(self) -> None:
        """Give each run the width that its values need, once: what a person changed stays."""
        ids = (self._baseline, *(run.id for run in self._found.runs))
        if ids == self._widths_for:
            return
        self._widths_for = ids
        self.setColumnWidth(0, max(self.columnWidth(0), _NAME_WIDTH))
        for column in range(1, self.columnCount()):
            needed = max(self.sizeHintForColumn(column), self.header().sectionSizeHint(column))
            self.setColumnWidth(column, min(_MOST_WIDTH, max(_LEAST_WIDTH, needed + theme.SPACE_M)))

    def set_baseline(self, run_id: str) -> None:
        """Say in the numbers of the others how far they are from those of this run; of none for no id."""
        if run_id != self._baseline:
            self._baseline = run_id
            self._fill()
            self._fit_columns()

    def show_only_differences(self, on: bool) -> None:
        """Leave out, or show, what is the same in all runs."""
        self._only_differences = on
        self._fill()

    def shown_rows(self) -> list[ComparedRow]:
        """Return the rows that are shown, from the top."""
        return [row for row in self._found.rows if row.differs() or not self._only_differences]

    def _fill(self) -> None:
        closed = {item.text(0) for item in self._sections() if not item.isExpanded()}
        at = self.verticalScrollBar().value()
        self.clear()
        words = {
            Section.METRICS: self.tr("Metrics, last values"),
            Section.ARGUMENTS: self.tr("Arguments"),
            Section.PARAMETERS: self.tr("Parameters"),
            Section.DATA: self.tr("Data"),
            Section.RUN: self.tr("Run"),
            Section.TAGS: self.tr("Tags"),
            Section.PROPERTIES: self.tr("Properties"),
        }
        rows = self.shown_rows()
        for section in Section:
            items = [self._item(row) for row in rows if row.section is section]
            if items:
                top = QTreeWidgetItem([words[section]])
                top.setFont(0, theme.font("strong"))
                top.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
                self.addTopLevelItem(top)
                top.setFirstColumnSpanned(True)
                top.addChildren(items)
                top.setExpanded(words[section] not in closed)
        self.verticalScrollBar().setValue(at)

    def _sections(self) -> Iterator[QTreeWidgetItem]:
        for number in range(self.topLevelItemCount()):
            item = self.topLevelItem(number)
            if item is not None:
                yield item

    def _item(self, row: ComparedRow) -> QTreeWidgetItem:
        item = QTreeWidgetItem([row.name])
        item.setToolTip(0, row.name)
        best = best_places(row.name, row.values) if row.section is Section.METRICS else frozenset()
        base, form = self._base_of(row), NumberColumn(row.values)
        for place, value in enumerate(row.values):
            column = place + 1
            is_base = self._found.runs[place].id == self._baseline
            item.setText(column, self._words(value, None if is_base else base, form))
            item.setTextAlignment(column, _RIGHT)
            item.setToolTip(column, "" if value is None else str(value))
            is_best = place in best
            if _is_number(value):
                item.setFont(column, theme.font("mono"))
            role = "completed" if is_best else "secondary" if value is None or not row.differs() else "text"
            item.setForeground(column, theme.color(role))
            if is_best:
                item.setText(column, f"★ {item.text(column)}")
                item.setToolTip(column, self.tr("{0}, the best").format(value))
        item.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
        return item

    def _base_of(self, row: ComparedRow) -> float | None:
        """Return the number that the baseline has in a row."""
        places = [place for place, run in enumerate(self._found.runs) if run.id == self._baseline]
        value = row.values[places[0]] if places and row.section in (Section.METRICS, Section.RUN) else None
        return number_of(value) if _is_number(value) else None

    @staticmethod
    def _words(value: Scalar, base: float | None, form: NumberColumn) -> str:
        words = form.text(value)
        if base is None or not _is_number(value):
            return words
        delta = number_of(value) - base
        return f"{words} ({'+' if delta >= 0 else ''}{form.text(delta)})" if delta == delta else words

    def copy(self) -> None:
        """Put what is shown on the clipboard as tab-separated text, with all digits."""
        lines = [["", "", *(run.display_name for run in self._found.runs)]]
        lines += [
            [str(row.section), row.name, *("" if value is None else str(value) for value in row.values)]
            for row in self.shown_rows()
        ]
        # A tab or a new line inside a value would end its cell.
        QGuiApplication.clipboard().setText("\n".join("\t".join(" ".join(c.split()) for c in line) for line in lines))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy without the mouse."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def _on_section_double_clicked(self, column: int) -> None:
        if column:
            self.open_wanted.emit(self._found.runs[column - 1].id)


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
