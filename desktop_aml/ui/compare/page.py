"""The page that puts runs side by side: values, curves over each other, code, packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from desktop_aml.domain.compare.grouped import EXPERIMENT, SETTING, SWEEP, grouped, offered
from desktop_aml.domain.compare.runs import RunComparison
from desktop_aml.domain.compare.sheet import of_comparison
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import MetricsLogged, RunDeleted, RunMoved, RunUpdated
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.compare.code import CodeCompareView
from desktop_aml.ui.compare.curves import ComparedCurves, Known, Read
from desktop_aml.ui.compare.derived import with_formulas
from desktop_aml.ui.compare.groups import GroupsView
from desktop_aml.ui.compare.pictures import ComparePictures
from desktop_aml.ui.compare.plots import ComparePlots
from desktop_aml.ui.compare.swatch import swatch_icon
from desktop_aml.ui.compare.table import CompareTable
from desktop_aml.ui.environments.lock_compare import LockCompareView
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.restyling import restyle_when_seen
from desktop_aml.ui.plots.across.panel import RunPlots
from desktop_aml.ui.plots.canvas import line_color
from desktop_aml.ui.runs.formulas.dialog import FormulaDialog
from desktop_aml.ui.runs.formulas.kept import KeptFormulas
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Bridge
from desktop_aml.ui.session.calls import LatestReading
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.loading import LoadingState
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, IconButton

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 1000

_Loaded = tuple[RunComparison, Read]


class ComparePage(QWidget):
    """Compares the runs that `key` names."""

    def __init__(self, workspace: Workspace, bridge: Bridge, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_page")
        self._workspace = workspace
        self._bridge = bridge
        self._ids = tuple(key.split(RUN_SEPARATOR))
        self._compared = RunComparison((), ())
        self._found: RunComparison | None = None
        self._has_more = False
        self._curves = ComparedCurves(workspace, bridge, self)
        self._curves.came.connect(self._on_curves_came)
        self._curves.ended.connect(self._on_curves_ended)
        self.setWindowTitle(self.tr("Compare {0} runs").format(len(self._ids)))
        self.formulas = KeptFormulas(workspace.path, self)
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        in_turns(self, bridge, [self._build, *self._views(), self._begin])

    def _begin(self) -> None:
        """Read the runs, and follow what happens to them."""
        self._reading = LatestReading(self, self._bridge)
        self._bridge.listen(self._on_event_happened, MetricsLogged, RunMoved, RunUpdated, RunDeleted)
        restyle_when_seen(self, self._show_table)
        self.formulas.changed.connect(self.refresh)
        self.refresh()

    def _build_values(self) -> QWidget:
        self.table = CompareTable(self)
        self.table.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self.differences = QCheckBox(self.tr("Only differences"), self)
        self.differences.setChecked(True)
        self.differences.toggled.connect(self.table.show_only_differences)
        self.baseline = ChoiceField(self)
        self.baseline.set_choices([(self.tr("None"), "")])
        self.baseline.setMaximumWidth(176)
        self.baseline.setToolTip(self.tr("Numbers of the others say how far they are from this run's"))
        self.baseline.currentIndexChanged.connect(lambda _: self.table.set_baseline(str(self.baseline.value() or "")))
        baseline = QLabel(self.tr("Baseline"), self)
        baseline.setBuddy(self.baseline)
        self.formula_button = IconButton("plus", self.tr("Metric by a formula…"), self)
        self.formula_button.clicked.connect(self._on_formula_button_clicked)
        self.copy_button = IconButton("copy", self.tr("Copy as tab-separated text"), self)
        self.copy_button.clicked.connect(self._on_copy_button_clicked)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(self.differences)
        bar.addStretch(1)
        bar.addWidget(baseline)
        bar.addWidget(self.baseline)
        bar.addWidget(self.formula_button)
        bar.addWidget(self.copy_button)
        values = QWidget(self)
        column = QVBoxLayout(values)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        return values

    def _build_head(self) -> QHBoxLayout:
        self.group_by = ChoiceField(self)
        self.group_by.setMaximumWidth(176)
        self.group_by.setToolTip(self.tr("Plots draw the mean of each group, with one deviation around it"))
        self.group_by.set_choices([(self.tr("Nothing"), "")])
        self.group_by.currentIndexChanged.connect(lambda _: self._show_groups())
        self.group_label = QLabel(self.tr("Group by"), self)
        self.group_label.setBuddy(self.group_by)
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        head.setSpacing(theme.SPACE_S)
        head.addWidget(Heading(self.tr("Compare {0} runs").format(formats.count(len(self._ids))), 1, self), 1)
        head.addWidget(self.group_label)
        head.addWidget(self.group_by)
        return head

    def _build(self) -> None:
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.setFocusProxy(self.tabs.tabBar())
        self.tabs.addTab(self._build_values(), self.tr("Values"))
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(self._build_head())
        layout.addWidget(self.tabs, 1)
        self.failed = EmptyState("compare", "", self.tr("Show all runs"), parent=self)
        self.failed.pressed.connect(lambda: self._bridge.go_to("runs", ""))
        self.stack = QStackedWidget(self)
        self.loading = LoadingState(self)
        self.stack.addWidget(body)
        self.stack.addWidget(self.failed)
        self.stack.addWidget(self.loading)
        self.stack.setCurrentWidget(self.loading)
        self.loading.begin(self.tr("Reading {0} runs").format(formats.count(len(self._ids))))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _views(self) -> list[Callable[[], object]]:
        """Return what makes the tabs, each in a turn of its own: together they would hold up the window."""
        return [
            self._add_groups,
            self._add_plots,
            self._add_relations,
            self._add_pictures,
            self._add_code,
            self._add_packages,
        ]

    def _add_groups(self) -> None:
        self.groups = GroupsView(self)
        self.groups.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self.tabs.addTab(self.groups, self.tr("Groups"))
        self.tabs.setTabVisible(self.tabs.indexOf(self.groups), False)

    def _add_plots(self) -> None:
        self.plots = ComparePlots(self)
        self.plots.zoomed.connect(self._curves.want)
        self.tabs.addTab(self.plots, self.tr("Plots"))

    def _add_relations(self) -> None:
        self.relations = RunPlots(self._bridge, self)
        self.relations.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self.tabs.addTab(self.relations, self.tr("Relations"))

    def _add_pictures(self) -> None:
        self.pictures = ComparePictures(self._workspace, self._bridge, self)
        self.tabs.addTab(self.pictures, self.tr("Pictures"))

    def _add_code(self) -> None:
        self.code = CodeCompareView(self._workspace, self._bridge, self)
        self.tabs.addTab(self.code, self.tr("Code"))

    def _add_packages(self) -> None:
        self.packages = LockCompareView(self._workspace, self._bridge, self)
        self.tabs.addTab(self.packages, self.tr("Packages"))

    def refresh(self) -> None:
        """Read the runs again."""
        known = self._curves.known()
        self._reading.ask(lambda: self._read(known), self._show, self._on_failed)

    def _read(self, known: Known) -> _Loaded:
        """Read the runs, and of their metrics what is not known, away from the GUI thread."""
        found = self._workspace.runs.compare(self._ids)
        return found, self._curves.read([run.id for run in found.runs], known)

    def _show(self, loaded: _Loaded) -> None:
        self._compared, read = loaded
        self._curves.take(read)
        self.loading.end()
        self._show_compared(self._compared)

    def _show_compared(self, found: RunComparison) -> None:
        self._has_more = False
        found, drawn = with_formulas(found, self._curves.books, self.formulas.all())
        is_new = self._found is None or [run.id for run in self._found.runs] != [run.id for run in found.runs]
        self._found = found
        self.stack.setCurrentIndex(0)
        self.setWindowTitle(self._title(found))
        self._show_table()
        self._offer_groups(found)
        self.plots.show_books(found.runs, self._curves.drawn(drawn))
        self.pictures.show_runs(found.runs)
        if is_new:
            # What the newest changed since the others is what a person mostly asks.
            newest_first = sorted(found.runs, key=lambda run: -run.created_at)
            newest, *others = [(run.display_name, run.id) for run in newest_first]
            for view in (self.code, self.packages):
                view.name_fixed_side(newest[0])
            self.code.offer(newest[1], others)
            self.packages.show_sides(newest[1], others, "")

    def _on_curves_came(self, names: set[str]) -> None:
        """Draw all points of curves that were there by their outline."""
        self._has_more = True
        self.plots.show_whole(self._curves.books, names)

    def _on_curves_ended(self) -> None:
        """Reckon with all points that were read: formulas and means had none of those of long curves."""
        if self._has_more and self.formulas.all():
            self._show_compared(self._compared)
        self.plots.note_outlines(are_there=not self._curves.are_whole())

    def _title(self, found: RunComparison) -> str:
        """Return words by which two tabs of comparisons are told apart."""
        first, *rest = (run.display_name for run in found.runs)
        if len(rest) == 1:
            return self.tr("{0} and {1}").format(first, rest[0])
        return self.tr("{0} and {1} others").format(first, formats.count(len(rest)))

    def _show_table(self) -> None:
        if self._found is not None:
            runs = [(run.display_name, run.id) for run in self._found.runs]
            self.baseline.set_choices([(self.tr("None"), ""), *runs])
            self.relations.show_sheet(of_comparison(self._found), color_of=line_color)
            self.table.show_comparison(self._found, [swatch_icon(place) for place in range(len(self._found.runs))])

    def _offer_groups(self, found: RunComparison) -> None:
        words = {
            SETTING: self.tr("Setting (all but seeds)"),
            EXPERIMENT: self.tr("Experiment"),
            SWEEP: self.tr("Sweep"),
        }
        choices = [(words.get(key, name), key) for key, name in offered(found)]
        self.group_by.set_choices([(self.tr("Nothing"), ""), *choices])
        for widget in (self.group_label, self.group_by):
            widget.setVisible(bool(choices))
        self._show_groups()

    def _show_groups(self) -> None:
        if self._found is None:
            return
        key = str(self.group_by.value() or "")
        sets = grouped(self._found, key) if key else ()
        self.plots.show_groups(sets)
        self.tabs.setTabVisible(self.tabs.indexOf(self.groups), bool(key))
        if key:
            self.groups.show_groups(self._found, key, sets)

    def _on_failed(self, error: DesktopAMLError) -> None:
        self.loading.end()
        self.failed.set_text(f"{error.message} {error.hint}".strip())
        self.stack.setCurrentIndex(1)

    def find_in_page(self) -> bool:
        """Give the keyboard to the filter of the plots."""
        if self._found is None or self.tabs.currentWidget() is not self.plots:
            return False
        self.plots.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _on_formula_button_clicked(self) -> None:
        names = dict.fromkeys(name for book in self._curves.drawn(self._curves.books).values() for name in book.curves)
        FormulaDialog(self.formulas, list(names), self, offer_undo=self._bridge.tell_undoable).open()

    def _on_copy_button_clicked(self) -> None:
        self.table.copy()
        self._bridge.tell(self.tr("Copied."))

    def _on_event_happened(self, event: MetricsLogged | RunMoved | RunUpdated | RunDeleted) -> None:
        if event.run_id not in self._ids:
            return
        if isinstance(event, RunDeleted) and len(self._ids) > 2:
            self._ids = tuple(one for one in self._ids if one != event.run_id)
        if isinstance(event, RunMoved) and event.state is RunState.QUEUED:
            # It is tried again: the points of the attempt before are no beginning of the next one's.
            self._curves.forget(event.run_id)
        if not self._timer.isActive():
            self._timer.start()
