"""The page of an experiment's runs, or of all runs: counts by state as filters, search, and the table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.compare.runs import COMPARED_AT_MOST
from desktop_aml.domain.events import MetricsLogged, RunDeleted, RunMoved, RunSubmitted, RunUpdated
from desktop_aml.domain.filters import finding
from desktop_aml.domain.filters.clauses import InvalidFilter
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.runs import RunQuery, RunSummary, ViewSnapshot
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.models.register_dialog import RegisterDialog
from desktop_aml.ui.runs.again.running_again import run_again
from desktop_aml.ui.runs.around_table.acts import RunActs
from desktop_aml.ui.runs.around_table.last_query import LastQuery
from desktop_aml.ui.runs.around_table.more_menu import AroundTable, MoreMenu
from desktop_aml.ui.runs.around_table.no_runs import NoRuns
from desktop_aml.ui.runs.around_table.plotted import PlottedRuns
from desktop_aml.ui.runs.around_table.saved_views import SavedViews
from desktop_aml.ui.runs.around_table.search_box import SearchBox
from desktop_aml.ui.runs.formulas.column import formula_column
from desktop_aml.ui.runs.formulas.dialog import FormulaDialog
from desktop_aml.ui.runs.formulas.kept import KeptFormulas
from desktop_aml.ui.runs.list import RunsList
from desktop_aml.ui.runs.state_chips import StateChips
from desktop_aml.ui.runs.table import RunsTable
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.button_words import ButtonWords
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import EmptyState, IconButton, PageStack, SecondaryLabel, Title

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

REFRESH_MS: Final = 250
SEARCH_MS: Final = 120
_TICK_MS: Final = 1000
_WIDEST_SEARCH: Final = 480
_WORDS_FROM: Final = 600
_ACTED_ON_AT_MOST: Final = 1000
# A query is asked again for news at most a quarter of the time.
_REST_FACTOR: Final = 3


class RunsPage(QWidget):
    """Runs of one experiment, or of the workspace when `experiment` is empty."""

    def __init__(
        self, workspace: Workspace, bridge: Bridge, experiment: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("runs_page")
        self._workspace = workspace
        self._bridge = bridge
        self._experiment = experiment
        self._has_news = self._order_changed = False
        source = workspace.runs.view()
        self.destroyed.connect(source.close)
        settings = QSettings(str(workspace.path / "window.ini"), QSettings.Format.IniFormat, self)
        self._last = LastQuery(settings, experiment)
        self.table = RunsTable(source, bridge, self._last.query(), self)
        scope = "experiment" if experiment else "workspace"
        self.list = RunsList(self.table, bridge, settings, scope, self)
        self.acts = RunActs(self, workspace, bridge)
        self.formulas = KeptFormulas(workspace.path, self)
        parts = AroundTable(self.table, self.list, self.show_shelf, self.show_query, self.acts)
        self.more = MoreMenu(self, parts, bridge, SavedViews(settings, scope))
        if experiment:
            self.list.set_always_hidden(("experiment",))
        self._build()
        self._connect()
        self._show_formulas()
        self._show_asked(self.table.query)
        self.table.apply()

    def _build(self) -> None:
        self.heading = Title(self._experiment or self.tr("All runs"), self)
        self.count_label = SecondaryLabel("", self)
        self.count_label.setWordWrap(False)
        self.count_label.setContentsMargins(0, 0, 0, theme.SPACE_XS)
        self.search = SearchBox(self)
        self.search.setMaximumWidth(_WIDEST_SEARCH)
        self.search_error = ErrorLine(self)
        self._is_behind = False
        self.chips = StateChips(self)
        self.compare_button = QPushButton(self.tr("Compare"), self)
        self.compare_button.setToolTip(self.tr("Put the selected runs side by side; select two or more"))
        self.compare_button.setEnabled(False)
        icons.set_icon(self.compare_button, "compare", "text")
        self.plot_button = IconButton("plot", self.tr("Show runs as plots: the selected ones, or all"), self)
        self.plot_button.setCheckable(True)
        self.columns_button = IconButton("table", self.tr("Choose columns"), self)
        self.more_button = IconButton("more", self.tr("Archive, trash, views, export"), self)
        self.empty = NoRuns(self)
        self.nothing = EmptyState("search", self.tr("No run matches."), self.tr("Show all"))
        self.plotted = PlottedRuns(self.table, self._bridge, self.formulas, self)
        self.stack = PageStack(self)
        for page in (self.list, self.plotted, self.empty, self.nothing):
            self.stack.addWidget(page)
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_M)
        title.addWidget(self.heading)
        title.addWidget(self.count_label, 1, Qt.AlignmentFlag.AlignBottom)
        title.addWidget(self.search, 1)
        title.addWidget(self.compare_button)
        title.addWidget(self.plot_button)
        title.addWidget(self.columns_button)
        title.addWidget(self.more_button)
        ButtonWords(self, (self.compare_button,), _WORDS_FROM)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(title)
        layout.addWidget(self.search_error)
        layout.addWidget(self.chips)
        layout.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self._refresh_timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh_timer.timeout.connect(self._on_refresh_timer_timeout)
        self._search_timer = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search_timer.timeout.connect(self._on_search_timer_timeout)
        self._tick_timer = QTimer(self, interval=_TICK_MS)
        self._tick_timer.timeout.connect(self._on_tick_timer_timeout)
        self.search.textChanged.connect(lambda _: self._search_timer.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self.chips.changed.connect(self._on_chips_changed)
        self.compare_button.clicked.connect(self.compare_selected)
        self.list.selectionModel().selectionChanged.connect(self._show_possible)
        self.table.modelReset.connect(self._show_possible)
        self.plot_button.toggled.connect(self._on_plot_button_toggled)
        self.plotted.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self.plotted.brushed.connect(lambda _: self._show_possible())
        self.columns_button.clicked.connect(lambda: self.list.column_menu().popup(_below(self.columns_button)))
        self.more_button.clicked.connect(lambda: self.more.menu().popup(_below(self.more_button)))
        self.empty.script_wanted.connect(lambda: self._bridge.go_to("script", ""))
        self.empty.shelf_wanted.connect(self.show_shelf)
        self.nothing.pressed.connect(self.show_all)
        self.table.applied.connect(self._on_table_applied)
        self.table.refused.connect(self._on_table_refused)
        self.table.rename_wanted.connect(self._on_rename_wanted)
        self.list.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self.list.menu_wanted.connect(lambda at: self.menu().popup(at))
        self.list.delete_wanted.connect(self.delete_selected)
        self.list.formulas_wanted.connect(self._ask_for_formula)
        self.formulas.changed.connect(self._show_formulas)
        self.list.undo_wanted.connect(self.acts.undo)
        self._bridge.listen(self._on_event_happened, RunSubmitted, RunMoved, RunUpdated, RunDeleted, MetricsLogged)
        self.setFocusProxy(self.list)

    def find_in_page(self) -> bool:
        """Give the keyboard to the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def show_all(self) -> None:
        """Drop every filter."""
        self.show_query(replace(self.table.query, search="", states=(), shelf=Shelf.ACTIVE))

    def menu(self) -> RowMenu:
        """Return the menu for the selected runs; what cannot be done now is disabled."""
        ids = self.list.selected_ids(2)
        run = self.table.run_at(self.list.selected_ranges()[0][0]) if ids else None
        menu = RowMenu(self)
        if run is not None:
            self._fill_menu(menu, run, one=len(ids) == 1)
        return menu

    def _fill_menu(self, menu: RowMenu, run: RunSummary, *, one: bool) -> None:
        go, ended = self._bridge.go_to, run.state.is_terminal()
        menu.entry("external", self.tr("Open"), lambda: go("run", run.id), enabled=one)
        menu.entry("compare", self.tr("Compare"), self.compare_selected, enabled=not one)
        menu.addSeparator()
        menu.entry(
            "rerun", self.tr("Run again"), lambda: run_again(self, self._workspace, self._bridge, run.id), enabled=one
        )
        menu.entry("edit", self.tr("Run again with changes…"), lambda: go("rerun", run.id), enabled=one)
        menu.entry("cancel", self.tr("Cancel"), self.cancel_selected, enabled=not (one and ended))
        menu.addSeparator()
        menu.entry("edit", self.tr("Rename"), self.list.edit_name, enabled=one, shortcut="F2")
        menu.entry("copy", self.tr("Copy rows"), self.list.copy_selection, shortcut="Ctrl+C")
        menu.entry("copy", self.tr("Copy id"), lambda: QGuiApplication.clipboard().setText(run.id), enabled=one)
        menu.entry("model", self.tr("Register model…"), lambda: self._register(run.id), enabled=one and ended)
        menu.addSeparator()
        self._fill_organising(menu, run, one=one)

    def _fill_organising(self, menu: RowMenu, run: RunSummary, *, one: bool) -> None:
        acts, chosen, shelf = self.acts, self._selected(), self.table.query.shelf
        words = self.tr("Remove star") if run.starred else self.tr("Star")
        menu.entry("pin", words, lambda: acts.star(chosen, starred=not run.starred))
        menu.entry("tag", self.tr("Tag…"), lambda: acts.tag(chosen))
        menu.entry("edit", self.tr("Note…"), lambda: self._ask_note(run.id, one=one))
        menu.entry("experiment", self.tr("Move to experiment…"), lambda: acts.move(chosen))
        if shelf is Shelf.TRASH:
            menu.entry("rerun", self.tr("Restore"), lambda: acts.restore(chosen))
            menu.entry("trash", self.tr("Remove for good…"), self.delete_selected, shortcut="Del")
            return
        archived = run.archived_at is not None
        words = self.tr("Take out of the archive") if archived else self.tr("Archive")
        menu.entry("folder", words, lambda: acts.archive(chosen, archived=not archived))
        can_go = not one or (run.state.is_terminal() and not run.starred)
        menu.entry("trash", self.tr("Delete"), self.delete_selected, enabled=can_go, shortcut="Del")

    def _ask_note(self, run_id: str, *, one: bool) -> None:
        chosen = self._selected()
        present = (lambda: self._workspace.runs.get(run_id).description) if one else str
        call_for(self, self._bridge, present, lambda text: self.acts.note(chosen, text))

    def compare_selected(self) -> None:
        """Put the selected runs side by side: as many of them as can be told apart."""
        ids = self._compared_ids()
        if len(ids) > COMPARED_AT_MOST:
            self._bridge.tell(self.tr("The first {0} of them are compared.").format(COMPARED_AT_MOST))
        if len(ids) > 1:
            self._bridge.go_to("compare", RUN_SEPARATOR.join(ids[:COMPARED_AT_MOST]))

    def _compared_ids(self, at_most: int = COMPARED_AT_MOST + 1) -> list[str]:
        """Return the runs that are chosen in the plots while these are shown, else the selected rows."""
        chosen = self.plotted.chosen_ids() if self.plot_button.isChecked() else ()
        return list(chosen[:at_most]) or self.list.selected_ids(at_most)

    def _show_possible(self) -> None:
        self.compare_button.setEnabled(len(self._compared_ids(2)) > 1)

    def _show_formulas(self) -> None:
        self.table.set_own_columns(tuple(formula_column(one) for one in self.formulas.all()))

    def _ask_for_formula(self) -> None:
        names = [one.name for one in self.table.snapshot.fields.fields if one.kind is FieldKind.METRIC]
        FormulaDialog(self.formulas, names, self, offer_undo=self.acts.offer).open()

    def _on_plot_button_toggled(self, on: bool) -> None:
        if on:
            self.plotted.show_runs(self.list.selected_ranges())
        self.columns_button.setEnabled(not on)
        self._show_page(self.table.snapshot)
        (self.plotted if on else self.list).setFocus()
        self._show_possible()

    def cancel_selected(self) -> None:
        """Cancel the selected runs that have not ended."""
        for run in self._selected_runs():
            if not run.state.is_terminal():
                call_for(self, self._bridge, partial(self._workspace.runs.cancel, run.id))

    def delete_selected(self) -> None:
        """Put the selected runs that have ended into the trash; those in it are removed, after a question."""
        if not self.list.selected_ranges():
            return
        if self.table.query.shelf is Shelf.TRASH:
            self.acts.empty_trash(self._selected())
        else:
            self.acts.delete(self._selected())

    def _selected(self) -> Callable[[], list[str]]:
        """Return what gives the ids of the runs that are selected now; it is to be called on a worker."""
        ranges = self.list.selected_ranges()
        return lambda: self.table.ids(ranges)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show the runs, the archive or the trash."""
        self.show_query(replace(self.table.query, shelf=shelf))

    def show_query(self, query: RunQuery) -> None:
        """Show what a query asks for, with its search and states over the table."""
        self._show_asked(query)
        self.table.set_query(self.list.with_steps(query))
        self.list.arrange()

    def _show_asked(self, query: RunQuery) -> None:
        self.search.setText(query.search)
        self._search_timer.stop()
        self.chips.choose(query.states)
        self._show_search_error(None)
        title = self._experiment or self.tr("All runs")
        names = {Shelf.ARCHIVE: self.tr("{0}: archive"), Shelf.TRASH: self.tr("{0}: trash")}
        self.heading.setText(names.get(query.shelf, "{0}").format(title))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Catch up with what happened while the page was hidden."""
        super().showEvent(event)
        self._tick_timer.start()
        if self._has_news:
            self._refresh_timer.start(0)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._tick_timer.stop()

    def _selected_runs(self) -> list[RunSummary]:
        positions = chain.from_iterable(range(top, bottom + 1) for top, bottom in self.list.selected_ranges())
        return [run for run in map(self.table.run_at, islice(positions, _ACTED_ON_AT_MOST)) if run is not None]

    def _register(self, run_id: str) -> None:
        RegisterDialog(self._workspace, self._bridge, run_id, parent=self).open()

    def _on_rename_wanted(self, run_id: str, name: str) -> None:
        self.acts.rename(run_id, name)

    def _on_chips_changed(self) -> None:
        self.table.set_query(replace(self.table.query, states=self.chips.states()))

    def _on_search_timer_timeout(self) -> None:
        text = self.search.text().strip()
        try:
            finding.read(text, time.time())
        except InvalidFilter as error:
            self._show_search_error(error)
            return
        self._show_search_error(None)
        self.table.set_query(replace(self.table.query, search=text))

    def _show_search_error(self, error: InvalidFilter | None) -> None:
        """Say what is wrong with the search under it; the runs that were found before stay."""
        self.search.mark(error)
        if error is None:
            self.search_error.show_text("")
        else:
            self.search_error.show_text(error.words, error.hint)

    def _on_table_refused(self, error: InvalidFilter) -> None:
        # Only the database knows the names: what is shown stays, and news is shown by it.
        self._show_search_error(error)
        self.table.go_back_to_shown()
        if not self.table.snapshot.token:
            # A search of the last time whose names are gone: the runs are shown without it.
            self.table.set_query(replace(self.table.query, search=""))

    def _on_table_applied(self, snapshot: ViewSnapshot) -> None:
        self._last.keep(self.table.query)
        self.search.set_fields(snapshot.fields)
        if snapshot.behind or self._is_behind:
            self.search_error.show_text(self._behind_words(snapshot.behind))
            self._is_behind = bool(snapshot.behind)
        self.chips.show_counts(snapshot)
        shown, total = formats.count(snapshot.matching), formats.count(snapshot.total)
        self.count_label.setText(total if shown == total else self.tr("{0} of {1}").format(shown, total))
        self.chips.setVisible(snapshot.total > 0)
        self.search.setVisible(snapshot.total > 0 or bool(self.search.text()))
        self.columns_button.setVisible(snapshot.total > 0)
        self.plot_button.setVisible(snapshot.total > 0)
        self.compare_button.setVisible(snapshot.total > 1)
        words = {Shelf.ARCHIVE: self.tr("The archive is empty."), Shelf.TRASH: self.tr("The trash is empty.")}
        fallback = self.tr("No run matches.")
        self.nothing.set_text(fallback if snapshot.total else words.get(self.table.query.shelf, fallback))
        self.empty.show_elsewhere(snapshot.elsewhere)
        self._show_page(snapshot)

    def _behind_words(self, count: int) -> str:
        if not count:
            return ""
        return self.tr("Logs and source of {0} ended runs are not indexed yet; the engine goes on with it.").format(
            formats.count(count)
        )

    def _show_page(self, snapshot: ViewSnapshot) -> None:
        is_active = self.table.query.shelf is Shelf.ACTIVE
        found = self.plotted if self.plot_button.isChecked() else self.list
        page: QWidget = found if snapshot.count else self.nothing if snapshot.total or not is_active else self.empty
        self.stack.setCurrentWidget(page)

    def _on_event_happened(self, event: object) -> None:
        # Points change cells only; everything else may change order, filter and counts.
        self._order_changed |= not isinstance(event, MetricsLogged)
        self._has_news = True
        if self.isVisible() and not self._refresh_timer.isActive():
            rest_ms = round(self.table.apply_seconds * 1000 * _REST_FACTOR)
            self._refresh_timer.start(max(REFRESH_MS, rest_ms))

    def _on_refresh_timer_timeout(self) -> None:
        self._has_news = False
        self.table.reload(*self.list.visible_rows())
        if self._order_changed:
            self._order_changed = False
            self.table.apply()

    def _on_tick_timer_timeout(self) -> None:
        first, last = self.list.visible_rows()
        runs = (self.table.run_at(position) for position in range(first, last + 1))
        if any(run is not None and not run.state.is_terminal() for run in runs):
            self.table.reload(first, last)


def _below(button: QWidget) -> QPoint:
    return button.mapToGlobal(button.rect().bottomLeft())
