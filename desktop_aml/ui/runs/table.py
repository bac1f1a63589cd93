"""The runs of a workspace as a Qt table: pages on demand, sorted and filtered by the database.

It never holds all runs and never stands behind a proxy: with 100,000 runs either would stop the window for seconds.
What a query matches is found on a worker thread; a page of fifty runs is fetched when one of them is
first shown, and the texts of a row are written once.
"""

from __future__ import annotations

import csv
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.filters.clauses import InvalidFilter
from desktop_aml.domain.runs import RunQuery, RunSummary, ViewSnapshot
from desktop_aml.domain.summaries.groups import RunGroup
from desktop_aml.ui.runs.around_table.rows import Page, Row, RowForms, first_page
from desktop_aml.ui.runs.columns import NAME, Column, columns, tooltip
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

PAGE: Final = 50
_PAGES_KEPT: Final = 64
_WRITTEN_AT_ONCE: Final = 500
_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
# Asked for each cell on each repaint, so they are not put together there.
_PLAIN: Final = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE: Final = _PLAIN | Qt.ItemFlag.ItemIsEditable


class RunSource(Protocol):
    """What the table needs of the workspace's view of its runs."""

    def apply(self, query: RunQuery) -> ViewSnapshot:
        """Find and order the runs that match."""

    def page(self, token: int, offset: int, limit: int) -> tuple[RunSummary | None, ...]:
        """Return runs of a snapshot as they are now."""

    def ids(self, token: int, first: int, last: int) -> list[str]:
        """Return the ids of the runs from one position to another."""

    def group_at(self, token: int, position: int) -> RunGroup | None:
        """Return the group whose line stands at a position."""

    def positions_of(self, token: int, run_ids: Sequence[str]) -> dict[str, int]:
        """Return where runs stand in a snapshot."""

    def rows_added_on_top(self, old_token: int, token: int) -> int | None:
        """Return how many runs came before those of the old snapshot, if nothing else changed."""

    def close(self) -> None:
        """Give up the connections."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a worker found for one query: the snapshot, what changed, and its first page."""

    snapshot: ViewSnapshot
    added: int | None
    kept: dict[str, int]
    first: Page
    seconds: float
    search: str
    own: tuple[Column, ...]
    forms: RowForms


class RunsTable(QAbstractTableModel):
    """Rows are runs, columns are `runs_columns.columns`.

    Parameters
    ----------
    source : RunSource
        Closed by `close`.
    """

    applied = Signal(object)
    """A `ViewSnapshot` is shown from now on."""
    refused = Signal(object)
    """An `InvalidFilter`: the search of the query names what no run has."""
    rows_inserted_on_top = Signal(int)
    rename_wanted = Signal(str, str)
    """Id of the run and the new name."""

    def __init__(self, source: RunSource, bridge: Bridge, query: RunQuery, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._bridge = bridge
        self._wanted = query
        self._shown = ViewSnapshot(0, 0)
        self._shown_search = query.search
        self._columns: tuple[Column, ...] = columns()
        self._pages: OrderedDict[int, Page] = OrderedDict()
        self._forms = RowForms()
        self._applying = False
        self._apply_again = False
        self._closed = False
        self._asked: RunQuery | None = None
        self.own_columns: tuple[Column, ...] = ()
        self.kept: dict[str, int] = {}
        """Where the runs that `ids_to_keep` named stand after the last reset."""
        self.ids_to_keep: Callable[[], tuple[str, ...]] = tuple
        """Gives the ids to find again when the table is reset: the selection and what is at the top."""
        self.is_same_query = False
        """Whether the last reset was for the query that was shown before it."""
        self.apply_seconds = 0.0
        """How long the last query took, on its worker thread."""

    @property
    def source(self) -> RunSource:
        """Where the rows come from; workers may read it."""
        return self._source

    @property
    def query(self) -> RunQuery:
        """What is asked for; what is shown may lag behind it for a moment."""
        return self._wanted

    @property
    def snapshot(self) -> ViewSnapshot:
        """What is shown."""
        return self._shown

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        """All columns, hidden ones too."""
        return self._columns

    def set_query(self, query: RunQuery) -> None:
        """Show what `query` matches, as soon as it is found; until then the old rows stay."""
        if query != self._wanted:
            self._wanted = query
            self.apply()

    def set_own_columns(self, own: tuple[Column, ...]) -> None:
        """Show these columns beside those that the runs have."""
        self.beginResetModel()
        self.own_columns, self._pages = own, OrderedDict()
        self._columns = columns(self._shown.fields, own)
        self.endResetModel()

    def go_back_to_shown(self) -> None:
        """Want again what is shown, after a search that was refused."""
        self._wanted = replace(self._wanted, search=self._shown_search)

    def apply(self) -> None:
        """Ask the database again."""
        if self._closed:
            return
        if self._applying:
            self._apply_again = True
            return
        self._applying = True
        query, keep, old, own = self._wanted, self.ids_to_keep(), self._shown.token, self.own_columns
        self.is_same_query, self._asked = query == self._asked, query
        forms = self._forms.copy() if self.is_same_query else RowForms()

        def work() -> _Answer:
            begun = time.monotonic()
            snapshot = self._source.apply(query)
            # What a group says changes with its runs, so its lines are never the same.
            is_flat = bool(old) and not query.group_by
            added = self._source.rows_added_on_top(old, snapshot.token) if is_flat else None
            kept = self._source.positions_of(snapshot.token, keep) if added is None else {}
            # The first page is read and written out here, so that the window only has to paint it.
            shown = columns(snapshot.fields, own)
            first = first_page(self._source.page(snapshot.token, 0, PAGE), shown, forms)
            return _Answer(snapshot, added, kept, first, time.monotonic() - begun, query.search, own, forms)

        call_for(self, self._bridge, work, self._on_applied, self._on_apply_failed)

    def close(self) -> None:
        """Close the source; the table shows nothing new after this."""
        self._closed = True
        self._source.close()

    def row(self, position: int) -> Row | None:
        """Return a row, loading its page when needed; None for a run that was deleted meanwhile."""
        page, offset = self._page_of(position)
        found = page[offset] if offset < len(page) else None
        if isinstance(found, RunSummary):
            found = page[offset] = Row(found, self._columns, self._forms)
        elif found is None and offset < len(page) and self._wanted.group_by:
            group = self._source.group_at(self._shown.token, position)
            found = page[offset] = None if group is None else Row(group, self._columns, self._forms)
        return found

    def _on_forms_changed(self) -> None:
        if self._shown.count:
            end = self.index(self._shown.count - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), end)

    def toggle_group(self, position: int) -> None:
        """Open the group at a position, or close it; nothing where a run stands."""
        row = self.row(position)
        if row is not None and row.group is not None:
            opened = self._wanted.open_groups
            name = row.group.name
            now = tuple(one for one in opened if one != name) if name in opened else (*opened, name)
            self.set_query(replace(self._wanted, open_groups=now))

    def run_at(self, position: int) -> RunSummary | None:
        """Return the run at a position; its texts are not written for that."""
        page, offset = self._page_of(position)
        found = page[offset] if offset < len(page) else None
        return found.run if isinstance(found, Row) else found

    def _page_of(self, position: int) -> tuple[Page, int]:
        number, offset = divmod(position, PAGE)
        page = self._pages.get(number)
        return (self._load(number) if page is None else page), offset

    def loaded_pages(self) -> int:
        """Return how many pages are in memory."""
        return len(self._pages)

    def reload(self, first: int, last: int) -> None:
        """Read the runs from `first` to `last` again and repaint them; other pages are read when they are shown."""
        self._pages.clear()
        if self._shown.count and first <= last:
            end = self.index(min(last, self._shown.count - 1), len(self._columns) - 1)
            self.dataChanged.emit(self.index(first, 0), end)

    def ids(self, ranges: Sequence[tuple[int, int]]) -> list[str]:
        """Return the ids of the runs at some positions; may be called on a worker thread."""
        token = self._shown.token
        return [run_id for first, last in ranges for run_id in self._source.ids(token, first, last)]

    def tsv(self, ranges: Sequence[tuple[int, int]], keys: Sequence[str]) -> str:
        """Return runs as tab-separated lines with all digits; may be called on a worker thread."""
        chosen = [column for key in keys for column in self._columns if column.key == key]
        lines = ["\t".join(column.title for column in chosen)]
        for first, last in ranges:
            for offset in range(first, last + 1, PAGE):
                runs = self._source.page(self._shown.token, offset, min(PAGE, last + 1 - offset))
                lines.extend("\t".join(_one_line(column.raw(run)) for column in chosen) for run in runs if run)
        return "\n".join(lines) + "\n"

    def write_csv(self, path: Path, keys: Sequence[str]) -> int:
        """Write all runs that match into a file, with all digits, and return how many; for a worker thread."""
        chosen = [column for key in keys for column in self._columns if column.key == key]
        shown, count = self._shown, 0
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([column.title for column in chosen])
            for offset in range(0, shown.count, _WRITTEN_AT_ONCE):
                runs = [run for run in self._source.page(shown.token, offset, _WRITTEN_AT_ONCE) if run]
                writer.writerows([column.raw(run) for column in chosen] for run in runs)
                count += len(runs)
        return count

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """Return the number of runs that match."""
        return 0 if parent.isValid() else self._shown.count

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, text to edit, or tooltip; the delegate draws from `row` instead."""
        if role not in _ROLES:
            return None
        row = self.row(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            run = row.run
            return row.text(index.column()) if run is None else tooltip(run, self._columns[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            column = self._columns[index.column()]
            return f"{column.title}: {row.text(index.column())}"
        return row.text(index.column())

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Ask for a new name; the table changes when the engine has changed it."""
        run = self.run_at(index.row())
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or run is None or not name or name == run.display_name:
            return False
        self.rename_wanted.emit(run.id, name)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Only names can be edited."""
        return _EDITABLE if self._columns[index.column()].key == NAME else _PLAIN

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return title and alignment of a column."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.words or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort in the database."""
        if 0 <= column < len(self._columns):
            descending = order is Qt.SortOrder.DescendingOrder
            self.set_query(replace(self._wanted, order_by=self._columns[column].key, descending=descending))

    def _load(self, number: int) -> Page:
        try:
            runs = self._source.page(self._shown.token, number * PAGE, PAGE)
        except DesktopAMLError as error:
            self._bridge.tell_error(error)
            runs = (None,) * PAGE
        page: Page = list(runs)
        self._pages[number] = page
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        return page

    def _on_applied(self, answer: _Answer) -> None:
        snapshot, added, self.apply_seconds = answer.snapshot, answer.added, answer.seconds
        if self._closed:
            return
        self._shown_search = answer.search
        if added is None or snapshot.fields != self._shown.fields:
            self._reset(answer)
        elif added:
            self.beginInsertRows(QModelIndex(), 0, added - 1)
            self._take_rows(answer)
            self._shown = snapshot
            self.endInsertRows()
            self.rows_inserted_on_top.emit(added)
        else:
            self._shown = snapshot
        self.applied.emit(snapshot)
        self._end_apply()

    def _take_rows(self, answer: _Answer) -> None:
        # Rows that were written for other columns are written again when they are shown.
        self._pages = OrderedDict({0: answer.first} if answer.own is self.own_columns else {})
        self._forms = answer.forms
        # One cell needs more decimals: all of its column are written again, after what is being painted.
        self._forms.told = lambda: QTimer.singleShot(0, self, self._on_forms_changed)

    def _reset(self, answer: _Answer) -> None:
        snapshot = answer.snapshot
        self.beginResetModel()
        self._take_rows(answer)
        if snapshot.fields != self._shown.fields:
            self._columns = columns(snapshot.fields, self.own_columns)
        self._shown = snapshot
        self.kept = answer.kept
        self.endResetModel()

    def _on_apply_failed(self, error: DesktopAMLError) -> None:
        if isinstance(error, InvalidFilter) and not self._closed:
            self.refused.emit(error)
        elif not self._closed:
            self._bridge.tell_error(error)
        self._end_apply()

    def _end_apply(self) -> None:
        self._applying = False
        if self._apply_again:
            self._apply_again = False
            self.apply()


def _one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\n", " ")


_ROLES: Final = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.EditRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    }
)
