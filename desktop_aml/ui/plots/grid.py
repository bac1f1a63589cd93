"""The plots of a run in columns, in groups by the prefix of their names. Made and drawn only where they can be seen.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.group_heading import GroupHeading
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.widgets.widgets import SecondaryLabel

_TWO_COLUMNS_FROM: Final = 640
_THREE_COLUMNS_FROM: Final = 1240
_COLUMNS: Final = 3
_TURN_MS: Final = 10


def group_of(name: str) -> str:
    """Return the part of a metric's name before the first ``/``; empty when there is none."""
    before, slash, after = name.partition("/")
    return before if slash and after else ""


class PlotGrid(QWidget):
    """Lays plots out, tells them of axes and cursors, links their zoom, and spreads their making over time."""

    enlarged = Signal(str)
    """The name of the plot that now stands alone; empty when all are shown again."""
    save_wanted = Signal(object, str)
    """A `MetricPlot`, and the kind of file to write of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: dict[str, MetricPlot] = {}
        self.headings: dict[str, GroupHeading] = {}
        self._stale: set[str] = set()
        self._columns = 0
        self._axis = "step"
        self._origin = 0.0
        self._is_log = False
        self._weight = 0.0
        self._filter = ""
        self._view: tuple[float, float] | None = None
        self._large = ""
        self._room = 0
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.SPACE_XL)
        self._layout.setVerticalSpacing(theme.SPACE_L)
        self.nothing = SecondaryLabel("", self)
        self.nothing.hide()
        # One plot a turn: making one takes about two frames, and the window stays alive between them.
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._on_next_timeout)

    # Which plots there are.

    def show_curves(self, curves: dict[str, CurveData]) -> None:
        """Have one plot for each of `curves`, in their order."""
        gone = set(self.plots) - set(curves)
        for name in gone:
            self.plots.pop(name).deleteLater()
        if self._large in gone:
            self.enlarge("")
        is_new = False
        for name, curve in curves.items():
            known = self.plots.get(name)
            if known is None:
                is_new = True
                self.plots[name] = self._make(curve)
            elif known.curve is not curve:
                known.curve = curve
                self._stale.add(name)
        if is_new or gone:
            self._place()
        self.draw_seen()

    def _make(self, curve: CurveData) -> MetricPlot:
        plot = MetricPlot(curve, len(self.plots), self)
        plot.hovered.connect(self._show_crosshair)
        plot.seen.connect(self._next.start)
        plot.view_chosen.connect(lambda view: self._link(plot, view))
        plot.enlarge_wanted.connect(lambda: self.enlarge(plot.curve.name))
        plot.shrink_wanted.connect(lambda: self.enlarge(""))
        plot.save_wanted.connect(lambda kind: self.save_wanted.emit(plot, kind))
        plot.set_axis(self._axis, self._origin)
        plot.set_log(self._is_log)
        plot.set_smoothing(self._weight)
        return plot

    # Where they stand.

    def shown(self) -> list[str]:
        """Return the plots that the filter lets through, or the one that is enlarged."""
        if self._large:
            return [self._large]
        return [name for name in self.plots if self._filter in name.casefold()]

    def _groups(self) -> dict[str, list[str]]:
        """Return the shown plots by group; those without a prefix come first, under no heading."""
        found: dict[str, list[str]] = {"": []}
        for name in self.shown():
            found.setdefault("" if self._large else group_of(name), []).append(name)
        return found

    def _place(self) -> None:
        while self._layout.count():
            self._layout.takeAt(0)
        groups = self._groups()
        # A plot that stands alone takes the width that others would have.
        self._columns = self._fitting()
        most = max(len(names) for names in groups.values())
        columns = 1 if self._large else max(1, min(self._columns, most))
        visible: set[QWidget] = set()
        row = 0
        for group, names in groups.items():
            heading = self._heading(group, len(names)) if group else None
            if heading is not None:
                self._layout.addWidget(heading, row, 0, 1, columns)
                visible.add(heading)
                row += 1
            if heading is None or heading.is_open():
                for number, name in enumerate(names):
                    self._layout.addWidget(self.plots[name], row + number // columns, number % columns)
                    visible.add(self.plots[name])
                row += -(-len(names) // columns)
        for column in range(_COLUMNS):
            self._layout.setColumnStretch(column, 1 if column < columns else 0)
        for widget in (*self.plots.values(), *self.headings.values()):
            widget.setVisible(widget in visible)
        is_nothing = bool(self.plots) and not any(groups.values())
        self.nothing.setText(self.tr("No metric has “{0}” in its name.").format(self._filter) if is_nothing else "")
        self.nothing.setVisible(is_nothing)
        self._layout.addWidget(self.nothing, row, 0, 1, columns)
        QTimer.singleShot(0, self, self.draw_seen)

    def _heading(self, group: str, count: int) -> GroupHeading:
        if group not in self.headings:
            heading = self.headings[group] = GroupHeading(group, self)
            heading.toggled.connect(lambda _: self._place())
        self.headings[group].set_count(count)
        return self.headings[group]

    def _fitting(self) -> int:
        if self.width() >= _THREE_COLUMNS_FROM:
            return 3
        return 2 if self.width() >= _TWO_COLUMNS_FROM else 1

    def set_filter(self, words: str) -> None:
        """Show only plots with `words` in their names, whatever their case."""
        self._filter = words.strip().casefold()
        self._place()

    def enlarge(self, name: str) -> None:
        """Let one plot have all the room, or show all again for no name."""
        if name == self._large:
            return
        before, self._large = self._large, name
        if before in self.plots:
            self.plots[before].set_height(None)
        self._fit_large()
        self._place()
        # The keyboard stays with the plot, however its size was changed.
        if name or before in self.plots:
            self.plots[name or before].setFocus()
        self.enlarged.emit(name)

    def is_enlarged(self) -> bool:
        """Whether one plot has all the room."""
        return bool(self._large)

    def set_room(self, height: int) -> None:
        """Say how many pixels of height an enlarged plot can have."""
        self._room = height
        self._fit_large()

    def _fit_large(self) -> None:
        if self._large:
            self.plots[self._large].set_height(self._room)

    # Drawing.

    def refresh(self, names: set[str]) -> None:
        """Draw again what can be seen of `names`; the rest is drawn when it comes into view."""
        self._stale |= {name for name in names & set(self.plots) if not self.plots[name].has_drawn_all()}
        self.draw_seen()

    def draw_seen(self) -> None:
        """Draw what is seen and out of date, and make plots that are seen for the first time.

        What takes long is spread over several turns.
        """
        clock = QElapsedTimer()
        clock.start()
        for name, plot in self.plots.items():
            if not len(plot.curve) or plot.visibleRegion().isEmpty():
                continue
            if plot.canvas is None:
                self._next.start()
            elif name in self._stale:
                if clock.elapsed() >= _TURN_MS:
                    QTimer.singleShot(0, self, self.draw_seen)
                    return
                plot.refresh(unless_same=True)
                self._stale.discard(name)

    def _on_next_timeout(self) -> None:
        for name, plot in self.plots.items():
            if plot.canvas is None and len(plot.curve) and not plot.visibleRegion().isEmpty():
                plot.build()
                if self._view is not None:
                    plot.show_view(self._view)
                self._stale.discard(name)
                self._next.start()
                return

    def set_axis(self, axis: str, origin: float) -> None:
        """Draw over ``"step"``, ``"time"`` or ``"index"``."""
        if (axis, origin) == (self._axis, self._origin):
            return
        if axis != self._axis:
            self._view = None
        self._axis, self._origin = axis, origin
        for plot in self.plots.values():
            plot.set_axis(axis, origin)

    def set_log(self, is_log: bool) -> None:
        """Draw on a logarithmic scale."""
        self._is_log = is_log
        for plot in self.plots.values():
            plot.set_log(is_log)
            plot.show_view(self._view)

    def set_smoothing(self, weight: float) -> None:
        """Draw smoothed lines; those that are out of sight when they come into view."""
        self._weight = weight
        for name, plot in self.plots.items():
            plot.set_smoothing(weight)
            self._stale.add(name)
        self.draw_seen()

    def reset_zoom(self) -> None:
        """Show everything in every plot."""
        self._view = None
        for plot in self.plots.values():
            plot.reset_zoom()

    def _link(self, source: MetricPlot, view: tuple[float, float] | None) -> None:
        """Show in every plot the part of the horizontal axis that was chosen in one."""
        self._view = view
        for plot in self.plots.values():
            if plot is not source:
                plot.show_view(view)

    def _show_crosshair(self, x: float | None) -> None:
        for plot in self.plots.values():
            if not plot.visibleRegion().isEmpty():
                plot.show_crosshair(x)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Change the number of columns."""
        super().resizeEvent(event)
        if self._columns != self._fitting():
            self._place()
        QTimer.singleShot(0, self, self.draw_seen)
