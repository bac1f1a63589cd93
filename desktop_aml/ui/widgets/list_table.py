"""A plain table for short lists (models, versions, files): sortable, copied as TSV, selection kept when refilled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QIcon, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTreeWidgetItem, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.look.row_focus import RowFocusTree
from desktop_aml.ui.widgets.by_keys.header import HeaderKeys
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets.widgets import EmptyState, PageStack

_KEY = Qt.ItemDataRole.UserRole
_SORT = Qt.ItemDataRole.UserRole + 1
_WIDE_NAME = 160
_WIDE_VALUE = 240


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what is shown, what it sorts by and is copied as (`raw`), and what the tooltip adds.

    Parameters
    ----------
    in_form : bool
        Whether `raw` is a number that is written as all others of its column are, see `NumberColumn`.
    """

    text: str
    raw: object = None
    tip: str = ""
    icon: QIcon | None = None
    in_form: bool = False

    @classmethod
    def of_number(cls, value: object, nothing: str = formats.NOTHING) -> Cell:
        """Return the cell of a number: as the others of its column, with all digits in the tip."""
        if value is None:
            return cls(nothing, "")
        return cls(formats.number4(value), value, tip=str(value), in_form=True)


class _Item(QTreeWidgetItem):
    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn()
        mine, its = self.data(column, _SORT), other.data(column, _SORT)
        if isinstance(mine, int | float) and isinstance(its, int | float):
            return mine < its
        return str(mine).casefold() < str(its).casefold()


@dataclass(slots=True)
class _Row:
    """A row in the order in which it was given, whatever the table is sorted by."""

    key: str
    item: _Item
    cells: tuple[Cell, ...]


_Given = list[tuple[str, tuple[Cell, ...]]]


def _in_form(rows: _Given) -> _Given:
    """Return the rows with the numbers of each column written alike."""
    forms: dict[int, NumberColumn] = {}
    for _, cells in rows:
        for column, cell in enumerate(cells):
            if cell.in_form:
                forms.setdefault(column, NumberColumn()).learn(cell.raw)
    if not any(form.form for form in forms.values()):
        return rows

    def written(column: int, cell: Cell) -> Cell:
        return replace(cell, text=forms[column].text(cell.raw)) if cell.in_form else cell

    return [(key, tuple(written(column, cell) for column, cell in enumerate(cells))) for key, cells in rows]


class ListTable(RowFocusTree):
    """Rows that are known by a key.

    Parameters
    ----------
    numbers : iterable of int
        Columns of numbers: at the right, with digits of one width.
    spare : sequence of int
        Columns that are left out, the first of them first, where there is no room for all. What stands in them is in
        the tip of the first column then. Without any the table scrolls sideways.
    """

    open_wanted = Signal(str)
    """Key of a row that was double-clicked or entered."""
    chosen = Signal(str)
    """Key of the current row; empty when there is none."""
    delete_wanted = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(
        self,
        titles: Sequence[str],
        name: str,
        parent: QWidget | None = None,
        *,
        numbers: Iterable[int] = (),
        spare: Sequence[int] = (),
    ) -> None:
        super().__init__(parent)
        self._numbers = frozenset(numbers)
        self._spare = tuple(spare)
        self._left_out: set[int] = set()
        self._filling = False
        self._rows: list[_Row] = []
        self._most_rows = self._longest = 0
        # Widths of the other columns: what the page gave them, and what they were made last.
        self._given: dict[int, tuple[int, int]] = {}
        self._chosen: set[int] = set()
        self.setAccessibleName(name)
        self.setColumnCount(len(titles))
        self.setHeaderLabels(list(titles))
        self.setItemDelegate(PaddedDelegate(self))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        header = self.header()
        header.setStretchLastSection(False)
        HeaderKeys(self, header)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in self._numbers:
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.itemActivated.connect(lambda item: self.open_wanted.emit(item.data(0, _KEY)))
        self.itemSelectionChanged.connect(self._on_item_selection_changed)

    def fill(self, rows: Iterable[tuple[str, Sequence[Cell]]]) -> None:
        """Show these rows; the current one stays current when its key is still there."""
        given = _in_form([(key, tuple(cells)) for key, cells in rows])
        before = self.current_key()
        self._filling = True
        self.setSortingEnabled(False)
        is_refilled = [row.key for row in self._rows] != [key for key, _ in given[: len(self._rows)]]
        if is_refilled:
            self.clear()
            self._rows = []
        # Rows that are there stay: who looks at the table keeps the place, and only what changed is drawn again.
        for row, (_, cells) in zip(self._rows, given, strict=False):
            row.item.setHidden(False)
            self._write(row.item, cells, row.cells)
            row.cells = cells
        added = [_Row(key, self._item(key, cells), cells) for key, cells in given[len(self._rows) :]]
        self._rows += added
        self.addTopLevelItems([row.item for row in added])
        self.setSortingEnabled(True)
        advance = self.fontMetrics().horizontalAdvance
        self._longest = max((advance(cells[0].text) for _, cells in given), default=0)
        self._filling = False
        self._fit_first()
        if not is_refilled:
            self.chosen.emit(before)
        elif not self.choose(before):
            self.chosen.emit("")

    def current_key(self) -> str:
        """Return the key of the selected row."""
        # Taking the focus makes a row current without selecting it: that is nobody's choice.
        items = self.selectedItems()
        return str(items[0].data(0, _KEY)) if items else ""

    def choose(self, key: str) -> bool:
        """Make a row current; False when there is none with this key."""
        for number in range(self.topLevelItemCount()):
            item = self.topLevelItem(number)
            if key and item is not None and item.data(0, _KEY) == key:
                self.setCurrentItem(item)
                return True
        return False

    def keys(self) -> list[str]:
        """Return the keys of the rows that are shown, from the top."""
        items = (self.topLevelItem(number) for number in range(self.topLevelItemCount()))
        return [str(item.data(0, _KEY)) for item in items if item is not None and not item.isHidden()]

    def setColumnHidden(self, column: int, hide: bool) -> None:  # noqa: N802 - Qt's own
        """Hide a column, or have it again: what the page says counts, whether there is room or not."""
        self._left_out.discard(column)
        super().setColumnHidden(column, hide)

    def show_matching(self, text: str) -> int:
        """Hide the rows that do not hold `text` anywhere; return how many are left."""
        wanted = text.strip().casefold()
        for number in range(self.topLevelItemCount()):
            item = self.topLevelItem(number)
            if item is not None:
                texts = (item.text(column).casefold() for column in range(self.columnCount()))
                item.setHidden(not any(wanted in held for held in texts))
        return len(self.keys())

    def fit_height(self, most_rows: int = 8) -> None:
        """Be as high as the rows need, and the bar below them where the columns do not fit."""
        self._most_rows = most_rows
        rows = max(1, min(self.topLevelItemCount(), most_rows))
        header = self.header()
        bar = self.horizontalScrollBar().sizeHint().height() if header.length() > self.viewport().width() else 0
        self.setFixedHeight(theme.ROW_HEIGHT * rows + header.sizeHint().height() + 4 + bar)

    def copy_current(self) -> None:
        """Put the current row on the clipboard with all digits, tab-separated under its titles."""
        item = self.currentItem()
        if item is not None:
            columns = range(self.columnCount())
            titles = "\t".join(self.headerItem().text(column) for column in columns)
            values = "\t".join(str(item.data(column, _SORT)).replace("\t", " ") for column in columns)
            QGuiApplication.clipboard().setText(f"{titles}\n{values}\n")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy, open and delete without the mouse."""
        key = self.current_key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_current()
        elif key and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.open_wanted.emit(key)
        elif key and event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit(key)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the first column what the others leave; where that is too little to read, the table scrolls."""
        super().resizeEvent(event)
        self._fit_first()

    @property
    def may_scroll_sideways(self) -> bool:
        """Whether columns that do not fit are reached by scrolling."""
        return not self._spare

    def _fit_first(self) -> None:
        header = self.header()
        if header.sectionResizeMode(0) is QHeaderView.ResizeMode.Interactive:
            return
        before, self._left_out = self._left_out, set()
        for column in before:
            header.setSectionHidden(column, False)
        least = min(_WIDE_NAME, max(self._longest + theme.SPACE_XL, header.sectionSizeHint(0)))
        narrow = self._fit_others(self.viewport().width() - least)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed if narrow else QHeaderView.ResizeMode.Stretch)
        if narrow:
            self.setColumnWidth(0, least)
        for column in self._left_out:
            header.setSectionHidden(column, True)
        if self._left_out or before:
            self._show_in_tips()
        if self._most_rows:
            self.fit_height(self._most_rows)

    def _show_in_tips(self) -> None:
        titles = self.headerItem()
        for row in self._rows:
            first, *_ = row.cells
            more = (
                f"{titles.text(column)}: {row.cells[column].text}"
                for column in sorted(self._left_out)
                if column < len(row.cells)
            )
            row.item.setToolTip(0, "\n".join((first.tip or first.text, *more)))

    def _fit_others(self, room: int) -> bool:
        """Widen the other columns to what they hold; return whether they leave the first one too little.

        They grow into what is free. Where the table scrolls anyway, nothing in it is shortened.
        """
        header = self.header()
        wanted = {}
        for column in range(1, self.columnCount()):
            if header.isSectionHidden(column):
                continue
            now = header.sectionSize(column)
            base, made = self._given.get(column, (now, now))
            if now != made:
                # A person chose another width, which stays.
                self._chosen.add(column)
            needed = max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            needed = min(needed, _WIDE_VALUE)
            wanted[column] = (now, now, now) if column in self._chosen else (base, max(base, needed), needed)
        free = room - sum(base for base, _, _ in wanted.values())
        if free < 0 <= room - sum(needed for _, _, needed in wanted.values()):
            # What they hold fits, only not the room that the page would give them beside it.
            wanted = {column: (needed, needed, needed) for column, (_, _, needed) in wanted.items()}
            free = room - sum(needed for needed, _, _ in wanted.values())
        for column in self._spare:
            if free < 0 and column in wanted:
                del wanted[column]
                self._left_out.add(column)
                wanted = {one: (min(base, needed), most, needed) for one, (base, most, needed) in wanted.items()}
                free = room - sum(base for base, _, _ in wanted.values())
        narrow = free < 0
        for column, (least, most, _) in wanted.items():
            width = most if narrow else least + min(most - least, free)
            free -= 0 if narrow else width - least
            self._given[column] = (self._given.get(column, (header.sectionSize(column), 0))[0], width)
            if width != header.sectionSize(column):
                header.resizeSection(column, width)
        return narrow

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for the menu of the current row."""
        at = event.globalPos()
        item = self.currentItem()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and item is not None:
            at = self.viewport().mapToGlobal(self.visualItemRect(item).bottomLeft())
        if self.current_key():
            self.menu_wanted.emit(self.current_key(), at)

    def _item(self, key: str, cells: Sequence[Cell]) -> _Item:
        item = _Item()
        item.setData(0, _KEY, key)
        self._write(item, cells)
        for column in range(len(cells)):
            if column in self._numbers:
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setFont(column, theme.font("mono"))
        item.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
        return item

    @staticmethod
    def _write(item: _Item, cells: Sequence[Cell], before: Sequence[Cell] = ()) -> None:
        for column, cell in enumerate(cells):
            old = before[column] if column < len(before) else None
            if cell == old:
                continue
            item.setText(column, cell.text)
            item.setData(column, _SORT, cell.text if cell.raw is None else cell.raw)
            item.setToolTip(column, cell.tip or cell.text)
            if cell.icon is not None or (old is not None and old.icon is not None):
                item.setIcon(column, cell.icon or QIcon())

    def _on_item_selection_changed(self) -> None:
        if not self._filling:
            self.chosen.emit(self.current_key())


class SearchedTable(PageStack):
    """A table with the field that narrows it, and what is shown where nothing is left or nothing is there.

    Parameters
    ----------
    words : str
        The name of the field, such as "Search models".
    nothing : str
        What is said where no row matches.
    empty : EmptyState, optional
        Shown while there are no rows; the empty table without it.
    """

    def __init__(
        self, table: ListTable, words: str, nothing: str, empty: EmptyState | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.table, self.empty = table, empty
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(words)
        self.search.setAccessibleName(words)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.show_matching)
        self.nothing = EmptyState("search", nothing, self.tr("Show all"))
        self.nothing.pressed.connect(self.search.clear)
        for page in (table, *([empty] if empty is not None else []), self.nothing):
            self.addWidget(page)

    matched = Signal(int)
    """How many rows are left."""

    def show_matching(self) -> None:
        """Show the rows that match what is searched for; to be called when the rows are others, too."""
        left, is_empty = self.table.show_matching(self.search.text()), not self.table.topLevelItemCount()
        self.setCurrentWidget(
            self.nothing if not (left or is_empty) else self.empty or self.table if is_empty else self.table
        )
        self.matched.emit(left)

    def find_in_page(self) -> bool:
        """Give the keyboard to the search; False while it is not to be seen."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()
        return not self.search.isHidden()
