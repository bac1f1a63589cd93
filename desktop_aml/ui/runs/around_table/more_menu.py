"""The menu beside the table: the archive, the trash, saved views, and the file of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.run_fields import GROUPING
from desktop_aml.domain.runs import RunQuery
from desktop_aml.ui.look import icons
from desktop_aml.ui.runs.around_table.acts import RunActs
from desktop_aml.ui.runs.around_table.saved_views import SavedViews
from desktop_aml.ui.runs.list import RunsList
from desktop_aml.ui.runs.table import RunsTable
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save
from desktop_aml.ui.widgets.text_question import ask_text


@dataclass(frozen=True, slots=True)
class AroundTable:
    """The parts of the page of runs that the menu works on."""

    table: RunsTable
    list: RunsList
    show_shelf: Callable[[Shelf], object]
    show_query: Callable[[RunQuery], object]
    acts: RunActs


class MoreMenu(QObject):
    """Makes the menu and does what it offers."""

    def __init__(self, page: QWidget, parts: AroundTable, bridge: Bridge, views: SavedViews) -> None:
        super().__init__(page)
        self._page = page
        self._parts = parts
        self._bridge = bridge
        self.views = views

    def menu(self) -> QMenu:
        """Return the menu as it is now."""
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(self.tr("More"))
        for shelf, words in (
            (Shelf.ACTIVE, self.tr("Show runs")),
            (Shelf.ARCHIVE, self.tr("Show the archive")),
            (Shelf.TRASH, self.tr("Show the trash")),
        ):
            entry = menu.addAction(words)
            entry.setCheckable(True)
            entry.setChecked(self._parts.table.query.shelf is shelf)
            entry.triggered.connect(lambda _=False, shelf=shelf: self._parts.show_shelf(shelf))
        empty = menu.addAction(icons.icon("trash", "secondary"), self.tr("Empty the trash…"))
        empty.triggered.connect(lambda: self._parts.acts.empty_trash())
        self._add_groups(menu)
        menu.addSeparator()
        self._add_views(menu)
        menu.addSeparator()
        export = menu.addAction(icons.icon("save", "secondary"), self.tr("Export as CSV…"))
        export.triggered.connect(self.ask_where_to_export)
        return menu

    def _add_groups(self, menu: QMenu) -> None:
        groups = menu.addMenu(self.tr("Group by"))
        query = self._parts.table.query
        offered = [("", self.tr("Nothing")), ("experiment", self.tr("Experiment")), ("parent", self.tr("Sweep"))]
        fields = self._parts.table.snapshot.fields.fields
        offered += [(one.key, one.name.replace("&", "&&")) for one in fields if one.kind in GROUPING]
        for key, words in offered:
            entry = groups.addAction(words)
            entry.setCheckable(True)
            entry.setChecked(query.group_by == key)
            entry.triggered.connect(lambda _=False, key=key: self.group_by(key))

    def group_by(self, key: str) -> None:
        """Put the runs into groups, all closed; an empty key takes them out again."""
        self._parts.table.set_query(replace(self._parts.table.query, group_by=key, open_groups=()))
        self._parts.list.arrange()

    def _add_views(self, menu: QMenu) -> None:
        names = self.views.names()
        for name in names:
            menu.addAction(name.replace("&", "&&")).triggered.connect(lambda _=False, name=name: self.show_view(name))
        menu.addAction(self.tr("Save view…")).triggered.connect(self._ask_name)
        if names:
            remove = menu.addMenu(self.tr("Remove view"))
            for name in names:
                entry = remove.addAction(name.replace("&", "&&"))
                entry.triggered.connect(lambda _=False, name=name: self.remove_view(name))

    def save_view(self, name: str) -> None:
        """Keep what is shown under a name."""
        name = name.strip()
        if name:
            before = self.views.kept(name)
            self.views.save(name, self._parts.table.query, self._parts.list.layout_now())
            self._parts.acts.offer(
                self.tr("The view “{0}” is saved.").format(name), lambda: self.views.put(name, before)
            )

    def remove_view(self, name: str) -> None:
        """Forget a view."""
        before = self.views.kept(name)
        self.views.put(name, None)
        self._parts.acts.offer(self.tr("The view “{0}” is removed.").format(name), lambda: self.views.put(name, before))

    def show_view(self, name: str) -> None:
        """Show a view."""
        query = self.views.query(name)
        if query is None:
            self._bridge.tell(self.tr("The view “{0}” cannot be read.").format(name), "warning")
            return
        self._parts.list.set_layout_now(self.views.layout(name))
        self._parts.show_query(replace(query, experiment=self._parts.table.query.experiment))

    def _ask_name(self) -> None:
        names = self.views.names()
        words = self.tr("Name of the view: search, order and columns are kept")
        ask_text(self._page, self.tr("Save view"), words, self.tr("Save"), self.save_view, choices=names)

    def ask_where_to_export(self) -> None:
        """Ask for a file, and write what the table shows into it."""
        words = self.tr("Export as CSV")
        filters = [self.tr("CSV (*.csv)")]
        ask_where_to_save(self._page, words, self.export, name="runs.csv", filters=filters, suffix="csv")

    def export(self, path: Path) -> None:
        """Write all runs that match, with the columns as they stand and all digits, off the window's thread."""
        table, keys = self._parts.table, self._parts.list.shown_keys()
        done = self.tr("{0} runs are in {1}.")
        call_for(
            self._page,
            self._bridge,
            lambda: table.write_csv(path, keys),
            lambda count: self._bridge.tell(done.format(count, path)),
        )
