"""The metrics of a run: live plots, single values, texts, tables and pictures; the same data as a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.events import MetricsLogged, RunMoved, RunUpdated
from desktop_aml.domain.metrics import CurveColumns, CurveSize, MetricSource, Record
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.asking import ask_for_file, tell_saved
from desktop_aml.ui.plots.data import CurveData, MetricBook, curve_of_values
from desktop_aml.ui.plots.metrics_bar import MetricsBar
from desktop_aml.ui.plots.outlined import OutlinedCurve
from desktop_aml.ui.plots.record_groups import group_records
from desktop_aml.ui.runs.metrics.reading import MetricsReading
from desktop_aml.ui.runs.metrics.saving import save_plot
from desktop_aml.ui.runs.metrics.single_values import SingleValues, sources_words
from desktop_aml.ui.runs.metrics_table import MetricsTable
from desktop_aml.ui.runs.record_grid import RecordGrid
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.loading import LoadingState
from desktop_aml.ui.widgets.widgets import EmptyState, Hairline, SecondaryLabel

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
        self._sources: dict[str, MetricSource] = {}
        self._record_curves: dict[str, CurveData] = {}
        self.grid: PlotGrid | None = None
        self._dirty: set[str] = set()
        self._is_loaded = False
        self._awaited: set[str] = set()
        self._outlined: dict[str, CurveData] = {}
        self._build()
        self._draw_timer = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._draw_timer.timeout.connect(self._draw)
        self._load_timer = QTimer(self, singleShot=True, interval=RELOAD_MS)
        self._load_timer.timeout.connect(self.load)
        self.reading = MetricsReading(workspace, bridge, run_id, self)
        self.reading.sized.connect(self._on_reading_sized)
        self.reading.outlined.connect(self._on_reading_outlined)
        self.reading.came.connect(self._on_reading_came)
        self.reading.sourced.connect(self._on_reading_sourced)
        self.reading.ended.connect(self._on_reading_ended)
        self.reading.failed.connect(self._on_reading_failed)
        bridge.listen(self._on_event_happened, MetricsLogged, RunMoved, RunUpdated, of=self._run_id)
        self.loading.begin(self.tr("Reading what was logged"))
        self.load()

    def _build(self) -> None:
        self.bar = MetricsBar(self)
        self.bar.axis_changed.connect(self._set_axis)
        self.bar.log_changed.connect(self._set_log)
        self.bar.smoothing_changed.connect(self._set_smoothing)
        self.bar.filter_changed.connect(self._set_filter)
        self.bar.table_toggled.connect(self._show_table)
        self.bar.copy_wanted.connect(self._on_bar_copy_wanted)
        self.bar.save_wanted.connect(self._on_bar_save_wanted)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Reading what was logged"))
        # What comes and goes above the plots must not move them: each would be laid out and painted again.
        size = self.progress.sizePolicy()
        size.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(size)
        self.progress.hide()
        self.body = QWidget(self)
        self.body.setProperty("surface", True)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_L)
        self.values = SingleValues(self.body)
        self.plots_place = QVBoxLayout()
        self.records = RecordGrid(self._workspace, self._bridge, self._run_id, self.body)
        self.sources = SecondaryLabel("", self.body, small=True)
        self.sources.hide()
        column.addWidget(self.values)
        column.addWidget(self.sources)
        column.addLayout(self.plots_place)
        column.addWidget(self.records)
        column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.body)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.installEventFilter(self)
        self.area.verticalScrollBar().valueChanged.connect(self._on_area_scrolled)
        self.table = MetricsTable(self)
        self.empty = EmptyState("plot", "", parent=self)
        self.loading = LoadingState(self)
        self.stack = QStackedWidget(self)
        for page in (self.loading, self.empty, self.area, self.table):
            self.stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.bar, Hairline(self), self.progress):
            layout.addWidget(widget)
        layout.addWidget(self.stack, 1)
        self.set_active(True)

    def set_active(self, active: bool) -> None:
        """Say whether more may be logged."""
        hint = self.tr('Nothing was logged yet. run.log("loss", value) in the script shows here.')
        self.empty.set_text(hint if active else self.tr("The script logged nothing."))

    # Data.

    def load(self) -> None:
        """Read what is not known yet; events bring the rest."""
        self._load_timer.stop()
        self.reading.start(self._known)

    def _known(self, name: str) -> int:
        curve = self._book.curves.get(name)
        return 0 if curve is None else len(curve)

    def _on_reading_sized(self, sizes: list[CurveSize]) -> None:
        if self._is_loaded or not sizes:
            return
        total = sum(size.count for size in sizes)
        self.loading.begin(self.tr("Reading {0} values").format(formats.count(total)))
        self.progress.setRange(0, total)
        self.progress.setValue(0)
        # Every plot has its place from the beginning: what stands below one that comes would be drawn again.
        self._awaited = {size.name for size in sizes if size.count > 1}
        self._book.await_curves(size.name for size in sizes)

    def _on_reading_outlined(self, curves: list[OutlinedCurve]) -> None:
        """Draw how long curves run, until their points were read."""
        self._outlined |= {curve.name: curve for curve in curves}
        self._dirty |= {curve.name for curve in curves}
        self._arrange()
        self._draw_timer.start(0)

    def _on_reading_came(self, read: list[CurveColumns | CurveData]) -> None:
        # What events brought while the read was under way may or may not be in it: points are taken once by index.
        self._book.take(read)
        names = {one.name for one in read}
        self._dirty |= names
        self._awaited -= names
        for name in names:
            self._outlined.pop(name, None)
        points = sum(len(one) if isinstance(one, CurveData) else len(one.values) for one in read)
        self.progress.setValue(self.progress.value() + points)
        self.loading.set_progress(self.progress.value(), self.progress.maximum())
        self.progress.setVisible(not self._is_loaded)
        self._arrange()
        self._draw_timer.start(0)

    def _on_reading_sourced(self, sources: dict[str, MetricSource]) -> None:
        self._sources = sources
        self.values.set_sources(sources)
        self._arrange()

    def _on_reading_ended(self, records: tuple[Record, ...]) -> None:
        self._is_loaded = True
        self._awaited.clear()
        self._outlined.clear()
        self.loading.end()
        self.progress.hide()
        if records != self._records:
            self._records = records
            self._show_records()
        if self._book.is_waiting():
            self._load_timer.start()
        self._arrange()
        self._draw_timer.start(0)

    def _on_reading_failed(self, words: str) -> None:
        self._is_loaded = True
        self.loading.end()
        self.progress.hide()
        self.empty.set_text(words)
        self._choose_page()

    def _take(self, curves: Iterable[tuple[str, object]]) -> None:
        names, missing = self._book.extend(curves)  # type: ignore[arg-type]
        self._dirty |= names
        if missing and self._is_loaded and not self._load_timer.isActive():
            self._load_timer.start()
        if names and not self._draw_timer.isActive():
            self._draw_timer.start()

    def _on_event_happened(self, event: object) -> None:
        if isinstance(event, MetricsLogged):
            self._take(event.curves)
        elif isinstance(event, RunMoved) and event.state is RunState.QUEUED:
            self._begin_again()
        elif isinstance(event, RunUpdated) and not self._load_timer.isActive():
            self._load_timer.start()

    def _begin_again(self) -> None:
        """Forget the curves of an attempt that does not count: the next one has its own, from the first point on."""
        self._dirty |= set(self._book.curves)
        self._book = MetricBook()
        self._awaited.clear()
        self._outlined.clear()
        self._arrange()
        self._load_timer.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Draw what came while nobody looked."""
        super().showEvent(event)
        self._draw_timer.start(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let an enlarged plot have all the room there is."""
        if event.type() is QEvent.Type.Resize:
            self._give_room()
        return super().eventFilter(watched, event)

    def _on_area_scrolled(self, _value: int) -> None:
        if self.grid is not None:
            self.grid.draw_seen()

    # Showing.

    def curves(self) -> dict[str, CurveData]:
        """Return every curve of numbers with more than one point, those that are still read, and lists of numbers."""
        found = {
            name: curve for name, curve in self._book.curves.items() if name in self._awaited or _is_plotted(curve)
        }
        # What events bring meanwhile is the end of a curve whose beginning is being read.
        stand_ins = {name: self._outlined[name] for name, curve in found.items() if name in self._outlined}
        return {**found, **stand_ins, **self._record_curves}

    def _origin(self) -> float:
        firsts = [curve.at(0) for curve in self._outlined.values() if len(curve)]
        known = self._book.origin()
        return min([known, *firsts] if known else firsts, default=0.0)

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
        if self.bar.is_table():
            self._fill_table()

    def _arrange(self) -> None:
        curves = self.curves()
        if curves and self.grid is None:
            self._make_grid()
        if self.grid is not None:
            self.grid.set_axis(str(self.bar.axis.value()), self._origin())
            self.grid.show_curves(curves)
        self._show_values()
        self._choose_page()

    def _make_grid(self) -> None:
        # Imported here: pyqtgraph loads much, and the window is painted before.
        from desktop_aml.ui.plots.grid import PlotGrid

        self.grid = PlotGrid(self.body)
        self.plots_place.addWidget(self.grid)
        self.grid.set_log(self.bar.log_scale.isChecked())
        self.grid.set_smoothing(self.bar.smoothing())
        self.grid.set_filter(self.bar.filter.text())
        self.grid.enlarged.connect(self._on_grid_enlarged)
        self.grid.save_wanted.connect(lambda plot, kind: save_plot(self, self._bridge, plot, kind))
        self._give_room()

    def _choose_page(self) -> None:
        has_any = bool(any(map(len, self._book.curves.values())) or self._records or self._outlined)
        self.bar.setVisible(has_any)
        if has_any:
            self.stack.setCurrentWidget(self.table if self.bar.is_table() else self.area)
        else:
            self.stack.setCurrentWidget(self.empty if self._is_loaded else self.loading)

    def _show_values(self) -> None:
        is_alone = self.grid is not None and self.grid.is_enlarged()
        wanted = self.bar.filter.text().strip().casefold()
        plotted = self.curves()
        single = [curve for name, curve in self._book.curves.items() if len(curve) and name not in plotted]
        self.values.show_curves([] if is_alone else [curve for curve in single if wanted in curve.name.casefold()])
        self.records.set_filter(wanted)
        self.records.setVisible(not is_alone)

        # A value says by itself where it comes from; of plots, tables and charts one line says it.
        words = sources_words([*plotted, *dict.fromkeys(one.name for one in self._records)], self._sources)
        self.sources.setText(words)
        self.sources.setVisible(bool(words) and not is_alone)

    def _show_records(self) -> None:
        groups = group_records(self._records)
        self._record_curves.clear()
        for group in groups:
            numbers = group.numbers()
            if numbers is not None:
                self._record_curves[group.name] = curve_of_values(group.name, numbers, group.records[0].at)
        self.records.show_groups([group for group in groups if group.numbers() is None])

    def _on_grid_enlarged(self, name: str) -> None:
        self._show_values()
        if not name:
            # Back where the plot stands among the others, once they have their places.
            QTimer.singleShot(0, self, self._show_focused)
        self.bar.filter.setEnabled(not name)

    def _show_focused(self) -> None:
        focused = self.window().focusWidget()
        if focused is not None and self.body.isAncestorOf(focused):
            self.area.ensureWidgetVisible(focused)

    def _give_room(self) -> None:
        if self.grid is not None:
            # Margins of the body, and the space before what stretches below.
            margins = theme.SPACE_M + 2 * theme.SPACE_L
            self.grid.set_room(max(self.area.height() - margins, 2 * theme.ROW_HEIGHT))

    # The bar.

    def _set_axis(self, axis: str) -> None:
        if self.grid is not None:
            self.grid.set_axis(axis, self._origin())

    def _set_log(self, on: bool) -> None:
        if self.grid is not None:
            self.grid.set_log(on)

    def _set_smoothing(self, weight: float) -> None:
        if self.grid is not None:
            self.grid.set_smoothing(weight)

    def _set_filter(self, words: str) -> None:
        if self.grid is not None:
            self.grid.set_filter(words)
        self._show_values()
        if self.bar.is_table():
            self._fill_table()

    def _show_table(self, on: bool) -> None:
        if on:
            self._fill_table()
        self._choose_page()

    def _fill_table(self) -> None:
        wanted = self.bar.filter.text().strip().casefold()
        self.table.show_curves([curve for name, curve in self._book.curves.items() if wanted in name.casefold()])

    def _on_bar_copy_wanted(self) -> None:
        self.table.copy()
        self._bridge.tell(self.tr("Copied."))

    def _on_bar_save_wanted(self) -> None:
        ask_for_file(self, self.tr("metrics"), "csv", self._save_table)

    def _save_table(self, path: Path) -> None:
        points = self.table.points
        call_for(self, self._bridge, lambda: points.save_csv(path), lambda _: tell_saved(self._bridge, path))


def _is_plotted(curve: CurveData) -> bool:
    return curve.is_numeric() and len(curve) > 1
