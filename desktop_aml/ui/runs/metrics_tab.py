"""The metrics of a run: live plots, single values, texts, tables and pictures; the same data as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import MetricsLogged, RunUpdated
from desktop_aml.domain.metrics import Point, Record
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.data import CurveData, MetricBook, curve_of_values
from desktop_aml.ui.plots.record_groups import group_records
from desktop_aml.ui.runs.metrics_table import MetricsTable
from desktop_aml.ui.runs.record_grid import RecordGrid
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import EmptyState, Hairline, IconButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.ui.plots.grid import PlotGrid
    from desktop_aml.workspace import Workspace

DRAW_MS: Final = 100
"""Time between two drawings: ten a second, however fast values come."""

RELOAD_MS: Final = 700
"""Time from a change of records to reading them; many changes are read once."""


class MetricsTab(QWidget):
    """Shows what a run logs, while it logs."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._book = MetricBook()
        self._records: tuple[Record, ...] = ()
        self._record_curves: dict[str, CurveData] = {}
        self.grid: PlotGrid | None = None
        self._since_load: list[tuple[str, tuple[Point, ...]]] = []
        self._is_loading = False
        self._dirty: set[str] = set()
        self._is_loaded = False
        self._build()
        self._draw_timer = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._draw_timer.timeout.connect(self._draw)
        self._load_timer = QTimer(self, singleShot=True, interval=RELOAD_MS)
        self._load_timer.timeout.connect(self.load)
        bridge.event_happened.connect(self._on_event_happened)
        self.load()

    def _build(self) -> None:
        self.axis = ChoiceField(self)
        self.axis.set_choices([(self.tr("Step"), "step"), (self.tr("Time"), "time"), (self.tr("Index"), "index")])
        self.axis.setAccessibleName(self.tr("Horizontal axis"))
        self.axis.setFixedWidth(96)
        self.axis.currentIndexChanged.connect(lambda _: self._set_axis())
        self.log_scale = QCheckBox(self.tr("Log scale"), self)
        self.log_scale.toggled.connect(self._set_log)
        self.table_button = QToolButton(self)
        self.table_button.setText(self.tr("Table"))
        self.table_button.setCheckable(True)
        self.table_button.setFixedHeight(theme.FIELD_HEIGHT)
        self.table_button.toggled.connect(self._show_table)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_M)
        for widget in (self.axis, self.log_scale):
            bar.addWidget(widget)
        bar.addStretch(1)
        bar.addWidget(self.table_button)
        self.bar = QWidget(self)
        self.bar.setLayout(bar)
        self.copy_button = IconButton("copy", self.tr("Copy as tab-separated text"), self)
        self.copy_button.clicked.connect(self._on_copy_button_clicked)
        self.copy_button.hide()
        bar.insertWidget(bar.count() - 1, self.copy_button)
        self.body = QWidget(self)
        self.body.setProperty("surface", True)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_L)
        self.values = QGridLayout()
        self.values.setHorizontalSpacing(theme.SPACE_XL)
        self.values.setVerticalSpacing(theme.SPACE_XS)
        self.plots_place = QVBoxLayout()
        for part in (self.values, self.plots_place):
            column.addLayout(part)
        self.records = RecordGrid(self._workspace, self._bridge, self._run_id, self.body)
        column.addWidget(self.records)
        column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.body)
        self.area.verticalScrollBar().valueChanged.connect(self._on_area_scrolled)
        self.table = MetricsTable(self)
        self.empty = EmptyState(
            "plot", self.tr('Nothing was logged yet. run.log("loss", value) in the script shows here.'), parent=self
        )
        self.stack = QStackedWidget(self)
        for page in (self.empty, self.area, self.table):
            self.stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(Hairline(self))
        layout.addWidget(self.stack, 1)

    # Data.

    def load(self) -> None:
        """Read everything that was logged so far; events bring the rest."""
        if self._is_loading:
            return
        self._is_loading = True
        self._since_load.clear()
        self._load_timer.stop()
        call_for(self, self._bridge, self._read, self._on_loaded, self._on_load_failed)

    def _read(self) -> tuple[MetricBook, tuple[Record, ...]]:
        """Read the metrics and turn them into arrays, away from the GUI thread."""
        metrics = self._workspace.runs.metrics(self._run_id)
        book = MetricBook()
        book.extend((curve.name, curve.points) for curve in metrics.curves)
        return book, metrics.records

    def _on_load_failed(self, error: DesktopAMLError) -> None:
        self._is_loading = False
        self.empty.set_text(str(error))

    def _on_loaded(self, loaded: tuple[MetricBook, tuple[Record, ...]]) -> None:
        self._is_loading = False
        self._is_loaded = True
        book, records = loaded
        # What events brought while the read was under way may or may not be in it: points are taken once by index.
        book.extend(self._since_load)
        self._book = book
        if records != self._records:
            self._records = records
            self._show_records()
        self._dirty |= set(book.curves)
        self._arrange()
        self._draw_timer.start(0)

    def _take(self, curves: Iterable[tuple[str, object]]) -> None:
        names, missing = self._book.extend(curves)  # type: ignore[arg-type]
        self._dirty |= names
        if missing and self._is_loaded and not self._load_timer.isActive():
            self._load_timer.start()
        if names and not self._draw_timer.isActive():
            self._draw_timer.start()

    def _on_event_happened(self, event: object) -> None:
        if isinstance(event, MetricsLogged) and event.run_id == self._run_id:
            if self._is_loading:
                self._since_load.extend(event.curves)
            self._take(event.curves)
        elif isinstance(event, RunUpdated) and event.run_id == self._run_id and not self._load_timer.isActive():
            self._load_timer.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Draw what came while nobody looked."""
        super().showEvent(event)
        self._draw_timer.start(0)

    def _on_area_scrolled(self, _value: int) -> None:
        if self.grid is not None:
            self.grid.draw_seen()

    # Showing.

    def curves(self) -> dict[str, CurveData]:
        """Return every curve of numbers with more than one point: scalars, and lists of numbers."""
        found = {name: curve for name, curve in self._book.curves.items() if _is_plotted(curve)}
        return {**found, **self._record_curves}

    def _draw(self) -> None:
        if not self.isVisible():
            return
        dirty, self._dirty = self._dirty, set()
        curves = self.curves()
        if self.grid is None or set(curves) != set(self.grid.plots):
            self._arrange()
        if self.grid is not None:
            self.grid.refresh(dirty)
        if any(name not in curves for name in dirty):
            self._show_values()
        self._choose_page()
        if self.table_button.isChecked():
            self._fill_table()

    def _arrange(self) -> None:
        curves = self.curves()
        if curves and self.grid is None:
            # Imported here: pyqtgraph loads much, and the window is painted before.
            from desktop_aml.ui.plots.grid import PlotGrid

            self.grid = PlotGrid(self.body)
            self.plots_place.addWidget(self.grid)
            self.grid.set_log(self.log_scale.isChecked())
        if self.grid is not None:
            self.grid.set_axis(str(self.axis.value()), self._book.origin())
            self.grid.show_curves(curves)
        self._show_values()
        self._choose_page()

    def _choose_page(self) -> None:
        has_any = bool(self._book.curves or self._records)
        self.bar.setVisible(has_any)
        shown = self.table if self.table_button.isChecked() else self.area
        self.stack.setCurrentWidget(shown if has_any else self.empty)

    def _show_values(self) -> None:
        single = [(name, curve) for name, curve in self._book.curves.items() if len(curve) and not _is_plotted(curve)]
        while self.values.count() < 2 * len(single):
            label, value = SecondaryLabel("", self.body), QLabel(self.body)
            label.setWordWrap(False)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setFont(theme.font("mono"))
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            at = self.values.count() // 2
            self.values.addWidget(label, at, 0)
            self.values.addWidget(value, at, 1)
            self.values.setColumnStretch(2, 1)
        for number in range(self.values.count() // 2):
            label_widget, value_widget = self._cell(number, 0), self._cell(number, 1)
            shown = number < len(single)
            for widget in (label_widget, value_widget):
                widget.setVisible(shown)
            if shown and isinstance(label_widget, QLabel) and isinstance(value_widget, QLabel):
                name, curve = single[number]
                label_widget.setText(name)
                value_widget.setText(formats.number4(curve.value(len(curve) - 1)))

    def _cell(self, row: int, column: int) -> QWidget:
        item = self.values.itemAtPosition(row, column)
        widget = item.widget() if item is not None else None
        assert widget is not None
        return widget

    def _show_records(self) -> None:
        groups = group_records(self._records)
        self._record_curves.clear()
        for group in groups:
            numbers = group.numbers()
            if numbers is not None:
                self._record_curves[group.name] = curve_of_values(group.name, numbers, group.records[0].at)
        self.records.show_groups([group for group in groups if group.numbers() is None])

    # The bar.

    def _set_axis(self) -> None:
        if self.grid is not None:
            self.grid.set_axis(str(self.axis.value()), self._book.origin())

    def _set_log(self, on: bool) -> None:
        if self.grid is not None:
            self.grid.set_log(on)

    def _show_table(self, on: bool) -> None:
        self.copy_button.setVisible(on)
        self.axis.setEnabled(not on)
        self.log_scale.setEnabled(not on)
        if on:
            self._fill_table()
        self._choose_page()

    def _fill_table(self) -> None:
        self.table.show_curves(list(self._book.curves.values()))

    def _on_copy_button_clicked(self) -> None:
        self.table.copy()
        self._bridge.tell(self.tr("Copied."))


def _is_plotted(curve: CurveData) -> bool:
    return curve.is_numeric() and len(curve) > 1
