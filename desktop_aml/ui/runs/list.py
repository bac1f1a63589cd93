"""The view of the runs table: columns that are chosen and remembered, selection that survives news, copy as TSV."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.runs import RunQuery
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.around_table.step_dialog import StepDialog, is_at_step
from desktop_aml.ui.runs.columns import FORMULA, NAME, Column
from desktop_aml.ui.runs.delegate import RunsDelegate
from desktop_aml.ui.runs.frozen_name import FrozenName, NameHeader
from desktop_aml.ui.runs.table import RunsTable
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.widgets.by_keys.header import HeaderKeys

_SELECTED_KEPT: Final = 200
_LAYOUT_VERSION: Final = 2
_MIN_WIDTH: Final = 48
_GROUP_WIDTH: Final = 128


class RunsList(QTableView):
    """Shows a `RunsTable`.

    Parameters
    ----------
    settings : QSettings
        Where widths, order and choice of columns are remembered, under `name`.
    """

    formulas_wanted = Signal()
    open_wanted = Signal(str)
    """Id of a run that was double-clicked or entered."""
    delete_wanted = Signal()
    undo_wanted = Signal()
    menu_wanted = Signal(QPoint)
    """Where to open the menu for the selected runs, on the screen."""

    def __init__(
        self, table: RunsTable, bridge: Bridge, settings: QSettings, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._table = table
        self._bridge = bridge
        self._settings = settings
        self._key = f"columns/{name}"
        self._chosen: dict[str, bool] = {}
        """Columns that a person showed or hid; the others are shown when they say something."""
        self._widths: dict[str, int] = {}
        self._order: list[str] = []
        self._arranging = False
        self._arranged: tuple[Column, ...] = ()
        self.frozen_name = FrozenName(self, table)
        self._read_layout()
        self._ask_for_steps()
        self.setHorizontalHeader(NameHeader(self.frozen_name, self))
        self._set_up()
        self.setModel(table)
        self.setItemDelegate(RunsDelegate(table, self))
        # Qt's header asks whether every row of a column is selected; with 100,000 rows that takes seconds.
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(table, self))
        self.arrange()
        table.ids_to_keep = self._ids_to_keep
        table.modelReset.connect(self._on_table_reset)
        table.rows_inserted_on_top.connect(self._on_rows_inserted_on_top)
        self.activated.connect(self._on_activated)

    def _set_up(self) -> None:
        self.setObjectName("runs_list")
        self.setAccessibleName(self.tr("Runs"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(theme.ROW_HEIGHT)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        # With a background of its own, scrolling moves what is painted instead of painting all of it again.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(theme.ROW_HEIGHT)
        rows.setDefaultSectionSize(theme.ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(_MIN_WIDTH)
        header.setResizeContentsPrecision(50)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda at: self.column_menu().popup(header.mapToGlobal(at)))
        header.sectionResized.connect(self._on_section_changed)
        header.sectionMoved.connect(self._on_section_changed)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._on_section_clicked)
        HeaderKeys(self, header, self.frozen_name.width)

    def hide_column(self, key: str, *, hidden: bool = True) -> None:
        """Hide or show a column and remember it; a metric at a step that is hidden is forgotten."""
        self._chosen[key] = not hidden
        if hidden and is_at_step(key):
            del self._chosen[key]
        self.arrange()
        self._write_layout()
        self._ask_for_steps()

    def with_steps(self, query: RunQuery) -> RunQuery:
        """Return a query that asks for the metrics at a step that are columns here, too."""
        return replace(query, at_steps=tuple(filter(is_at_step, self._chosen)))

    def _ask_for_steps(self) -> None:
        self._table.set_query(self.with_steps(self._table.query))

    def _add_step(self) -> None:
        names = [one.name for one in self._table.snapshot.fields.fields if one.kind is FieldKind.METRIC]
        dialog = StepDialog(names, self)
        dialog.wanted.connect(lambda key: self.hide_column(key, hidden=False))
        dialog.open()

    def set_always_hidden(self, keys: tuple[str, ...]) -> None:
        """Hide columns that say the same in every row here; they are not offered either."""
        self._never = frozenset(keys)
        self.arrange()

    _never: frozenset[str] = frozenset()

    def arrange(self) -> None:
        """Give every column its remembered width, place and visibility, and mark the one sorted by."""
        header, columns = self.horizontalHeader(), self._table.shown_columns
        self._arranging = True
        for number, column in enumerate(columns):
            # Mean and deviation of a group take more room than a number.
            least = _GROUP_WIDTH if self._table.query.group_by and column.kind is FieldKind.METRIC else _MIN_WIDTH
            self.setColumnWidth(number, max(least, self._widths.get(column.key, column.width)))
            self.setColumnHidden(number, not self._is_wanted(column))
            if column.key == self._table.query.order_by:
                down = Qt.SortOrder.DescendingOrder if self._table.query.descending else Qt.SortOrder.AscendingOrder
                header.setSortIndicator(number, down)
        keys = [column.key for column in columns]
        for place, key in enumerate(key for key in self._order if key in keys):
            header.moveSection(header.visualIndex(keys.index(key)), place)
        self._arranging = False
        self._arranged = columns

    def _is_wanted(self, column: Column) -> bool:
        return column.key not in self._never and self._chosen.get(column.key, column.by_default)

    def column_menu(self) -> QMenu:
        """Return the menu that chooses columns."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        offered = [column for column in self._table.shown_columns if column.key not in self._never]
        before: FieldKind | None = None
        for column in offered:
            # A line between columns of every run, parameters, metrics and tags.
            if column.kind is not before:
                menu.addSeparator()
            before = column.kind
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(self._is_wanted(column))
            action.setToolTip(column.words)
            action.setEnabled(column.key != NAME)
            action.toggled.connect(lambda on, key=column.key: self.hide_column(key, hidden=not on))
        menu.addSeparator()
        menu.addAction(self.tr("Metric at a step…")).triggered.connect(self._add_step)
        menu.addAction(self.tr("Metric by a formula…")).triggered.connect(self.formulas_wanted)
        menu.addAction(self.tr("Reset columns")).triggered.connect(self.reset_columns)
        return menu

    def reset_columns(self) -> None:
        """Forget every change of the columns."""
        self._chosen, self._widths, self._order = {}, {}, []
        self._settings.remove(self._key)
        header = self.horizontalHeader()
        for number in range(header.count()):
            header.moveSection(header.visualIndex(number), number)
        self.arrange()
        self._ask_for_steps()

    def visible_rows(self) -> tuple[int, int]:
        """Return the first and last row on the screen; last before first when there is none."""
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        if first < 0:
            return 0, -1
        return first, last if last >= 0 else self._table.rowCount() - 1

    def selected_ranges(self) -> list[tuple[int, int]]:
        """Return first and last row of each selected range, from the top, without overlap."""
        selection = self.selectionModel().selection()
        parts = (selection.at(number) for number in range(selection.count()))
        ranges = sorted({(part.top(), part.bottom()) for part in parts})
        merged: list[tuple[int, int]] = []
        for top, bottom in ranges:
            if merged and top <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(bottom, merged[-1][1]))
            else:
                merged.append((top, bottom))
        return merged

    def selected_ids(self, limit: int) -> list[str]:
        """Return the ids of the first `limit` selected runs."""
        ids: list[str] = []
        for top, bottom in self.selected_ranges():
            for position in range(top, min(bottom + 1, top + limit - len(ids))):
                run = self._table.run_at(position)
                if run is not None:
                    ids.append(run.id)
        return ids

    def shown_keys(self) -> list[str]:
        """Return the keys of the columns that are shown, as they stand."""
        header, columns = self.horizontalHeader(), self._table.shown_columns
        places = sorted(range(len(columns)), key=header.visualIndex)
        return [columns[number].key for number in places if not self.isColumnHidden(number)]

    def copy_selection(self) -> None:
        """Put the selected runs on the clipboard as tab-separated lines, columns as they stand."""
        ranges, keys = self.selected_ranges(), self.shown_keys()
        if ranges:
            self._bridge.call(lambda: self._table.tsv(ranges, keys), QGuiApplication.clipboard().setText)

    def selectAll(self) -> None:  # noqa: N802
        """Select every run as one range; Qt's own way takes seconds with 100,000."""
        rows, columns = self._table.rowCount(), self._table.columnCount()
        if rows:
            everything = QItemSelection(self._table.index(0, 0), self._table.index(rows - 1, columns - 1))
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy, open, delete and rename without the mouse."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.state() is not self.State.EditingState:
            self._on_activated(self.currentIndex())
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.key() == Qt.Key.Key_F2:
            self.edit_name()
        else:
            super().keyPressEvent(event)

    def undo(self) -> None:
        """Ask for the undo of what was last done with runs here; the menu of the window calls it, too."""
        self.undo_wanted.emit()

    def edit_name(self) -> None:
        """Rename the current run in place."""
        row = self.currentIndex().row()
        keys = [column.key for column in self._table.shown_columns]
        if row >= 0:
            index = self._table.index(row, keys.index(NAME))
            self.scrollTo(index)
            self.edit(index)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the background, then the cells."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.color("surface"))
        painter.end()
        super().paintEvent(event)
        self.frozen_name.paint(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Paint all of it again when columns move: the names do not move with them."""
        super().scrollContentsBy(dx, dy)
        if dx:
            self.viewport().update()
            self.horizontalHeader().viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for the menu, under the pointer or, by keyboard, under the current run."""
        at = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu_wanted.emit(at)

    def _on_activated(self, index: QModelIndex) -> None:
        run = self._table.run_at(index.row()) if index.isValid() else None
        if run is not None:
            self.open_wanted.emit(run.id)
        elif index.isValid():
            self._table.toggle_group(index.row())

    def _on_section_clicked(self, number: int) -> None:
        header, query = self.horizontalHeader(), self._table.query
        key = self._table.shown_columns[number].key
        if key.startswith(FORMULA):
            # The header has marked it already.
            self.arrange()
            self._bridge.tell(self.tr("The table cannot be sorted by a formula: only its rows are computed."))
            return
        # Numbers and times are wanted greatest first, words from A.
        first_down = self._table.shown_columns[number].right or key == "created_at"
        down = not query.descending if key == query.order_by else first_down
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(number, order)
        self._table.sort(number, order)

    def _ids_to_keep(self) -> tuple[str, ...]:
        top = self._table.run_at(self.rowAt(0)) if self.rowAt(0) >= 0 else None
        current = self._table.run_at(self.currentIndex().row()) if self.currentIndex().isValid() else None
        self._top_id, self._current_id = (top.id if top else ""), (current.id if current else "")
        self._selected_ids = self.selected_ids(_SELECTED_KEPT)
        return (*self._selected_ids, *(id_ for id_ in (self._top_id, self._current_id) if id_))

    _top_id = ""
    _current_id = ""
    _selected_ids: list[str] = []  # noqa: RUF012  replaced, never changed

    def _on_table_reset(self) -> None:
        if self._arranged is not self._table.shown_columns:
            self.arrange()
        kept, columns = self._table.kept, self._table.columnCount() - 1
        selection = QItemSelection()
        for run_id in self._selected_ids:
            if run_id in kept:
                selection.select(self._table.index(kept[run_id], 0), self._table.index(kept[run_id], columns))
        if self._current_id in kept:
            current = self._table.index(kept[self._current_id], 0)
            # Who sorts by a column further right looks at that one.
            self.setAutoScroll(False)
            self.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.setAutoScroll(True)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if not self._table.is_same_query:
            self.scrollToTop()
        elif self._top_id in kept and self.verticalScrollBar().value() > 0:
            offset = self.verticalScrollBar().value() % theme.ROW_HEIGHT
            self.verticalScrollBar().setValue(kept[self._top_id] * theme.ROW_HEIGHT + offset)

    def _on_rows_inserted_on_top(self, added: int) -> None:
        bar = self.verticalScrollBar()
        if bar.value() > 0:
            bar.setValue(bar.value() + added * theme.ROW_HEIGHT)

    def _on_section_changed(self, *_: int) -> None:
        if self._arranging:
            return
        header, columns = self.horizontalHeader(), self._table.shown_columns
        for number, column in enumerate(columns[: header.count()]):
            if not self.isColumnHidden(number):
                self._widths[column.key] = self.columnWidth(number)
        self._order = [columns[header.logicalIndex(place)].key for place in range(header.count())]
        self._write_layout()

    def layout_now(self) -> dict[str, Any]:
        """Return which columns are shown, how wide and in which order, as what JSON can hold."""
        return {"v": _LAYOUT_VERSION, "chosen": self._chosen, "widths": self._widths, "order": self._order}

    def set_layout_now(self, layout: dict[str, Any]) -> None:
        """Show columns as `layout_now` said."""
        self._take_layout(layout)
        self.arrange()
        self._write_layout()

    def _write_layout(self) -> None:
        self._settings.setValue(self._key, json.dumps(self.layout_now()))

    def _read_layout(self) -> None:
        try:
            self._take_layout(json.loads(str(self._settings.value(self._key, "{}"))))
        except ValueError:
            return

    def _take_layout(self, layout: Any) -> None:
        if isinstance(layout, dict) and layout.get("v") == _LAYOUT_VERSION:
            self._chosen = {str(key): bool(shown) for key, shown in layout["chosen"].items()}
            self._widths = {str(key): int(width) for key, width in layout["widths"].items()}
            self._order = [str(key) for key in layout["order"]]
