"""The page that puts runs side by side: values, curves over each other, code, packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from desktop_aml.domain.compare.runs import RunComparison
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import MetricsLogged, RunDeleted, RunMoved, RunUpdated
from desktop_aml.ui.compare.code import CodeCompareView
from desktop_aml.ui.compare.plots import ComparePlots
from desktop_aml.ui.compare.table import CompareTable
from desktop_aml.ui.environments.lock_compare import LockCompareView
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.canvas import line_color
from desktop_aml.ui.plots.data import MetricBook
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, IconButton

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 1000
_DOT: Final = 10

_Loaded = tuple[RunComparison, list[MetricBook]]


class ComparePage(QWidget):
    """Compares the runs that `key` names."""

    def __init__(self, workspace: Workspace, bridge: Bridge, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_page")
        self._workspace = workspace
        self._bridge = bridge
        self._ids = tuple(key.split(RUN_SEPARATOR))
        self._found: RunComparison | None = None
        self.setWindowTitle(self.tr("Compare {0} runs").format(len(self._ids)))
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        bridge.event_happened.connect(self._on_event_happened)
        theme.changed.connect(self._on_theme_changed)
        self.refresh()

    def _build(self) -> None:
        self.table = CompareTable(self)
        self.table.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self.differences = QCheckBox(self.tr("Only differences"), self)
        self.differences.setChecked(True)
        self.differences.toggled.connect(self.table.show_only_differences)
        self.copy_button = IconButton("copy", self.tr("Copy as tab-separated text"), self)
        self.copy_button.clicked.connect(self._on_copy_button_clicked)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.addWidget(self.differences)
        bar.addStretch(1)
        bar.addWidget(self.copy_button)
        values = QWidget(self)
        column = QVBoxLayout(values)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.plots = ComparePlots(self)
        self.code = CodeCompareView(self._workspace, self._bridge, self)
        self.packages = LockCompareView(self._workspace, self._bridge, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (values, self.tr("Values")),
            (self.plots, self.tr("Plots")),
            (self.code, self.tr("Code")),
            (self.packages, self.tr("Packages")),
        ):
            self.tabs.addTab(widget, title)
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        head.addWidget(Heading(self.windowTitle(), 1, self), 1)
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(head)
        layout.addWidget(self.tabs, 1)
        self.failed = EmptyState("compare", "", self.tr("Show all runs"), parent=self)
        self.failed.pressed.connect(lambda: self._bridge.go_to("runs", ""))
        self.stack = QStackedWidget(self)
        self.stack.addWidget(body)
        self.stack.addWidget(self.failed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def refresh(self) -> None:
        """Read the runs again."""
        call_for(self, self._bridge, self._read, self._show, self._on_failed)

    def _read(self) -> _Loaded:
        """Read the runs and turn their metrics into arrays, away from the GUI thread."""
        found = self._workspace.runs.compare(self._ids)
        books = []
        for run in found.runs:
            book = MetricBook()
            book.extend((curve.name, curve.points) for curve in self._workspace.runs.metrics(run.id).curves)
            books.append(book)
        return found, books

    def _show(self, loaded: _Loaded) -> None:
        found, books = loaded
        is_new = self._found is None or [run.id for run in self._found.runs] != [run.id for run in found.runs]
        self._found = found
        self.stack.setCurrentIndex(0)
        self._show_table()
        self.plots.show_books(found.runs, books)
        if is_new:
            # What the newest changed since the others is what a person mostly asks.
            newest_first = sorted(found.runs, key=lambda run: -run.created_at)
            newest, *others = [(run.display_name, run.id) for run in newest_first]
            for view in (self.code, self.packages):
                view.name_fixed_side(newest[0])
            self.code.offer(newest[1], others)
            self.packages.show_sides(newest[1], others, "")

    def _show_table(self) -> None:
        if self._found is not None:
            self.table.show_comparison(self._found, [_dot(place) for place in range(len(self._found.runs))])

    def _on_failed(self, error: DesktopAMLError) -> None:
        self.failed.set_text(f"{error.message} {error.hint}".strip())
        self.stack.setCurrentIndex(1)

    def _on_copy_button_clicked(self) -> None:
        self.table.copy()
        self._bridge.tell(self.tr("Copied."))

    def _on_theme_changed(self) -> None:
        self._show_table()

    def _on_event_happened(self, event: object) -> None:
        is_ours = isinstance(event, MetricsLogged | RunMoved | RunUpdated | RunDeleted) and event.run_id in self._ids
        if is_ours and isinstance(event, RunDeleted) and len(self._ids) > 2:
            self._ids = tuple(one for one in self._ids if one != event.run_id)
        if is_ours and not self._timer.isActive():
            self._timer.start()


def _dot(place: int) -> QIcon:
    """Return the colour of a run's lines as an icon."""
    picture = QPixmap(_DOT * 4, _DOT * 4)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(line_color(place))
    painter.setPen(line_color(place))
    painter.drawEllipse(picture.rect().adjusted(4, 4, -5, -5))
    painter.end()
    return QIcon(picture)
