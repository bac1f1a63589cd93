"""One metric as a live line plot with a crosshair.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.restyling import restyle_when_seen
from desktop_aml.ui.plots.canvas import PlotCanvas, line_color
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.export import picture
from desktop_aml.ui.plots.outlines import Drawn, lone_points, runs_the_same
from desktop_aml.ui.plots.plot_menu import PlotActs, open_plot_menu
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconButton

PLOT_HEIGHT: Final = 216
_ANTIALIASED_UNTIL: Final = 300
"""Smooth edges cost thirty times as much on dense curves, where nobody sees them."""

_DOTS_UNTIL: Final = 60
_FAINT: Final = 0.3
"""How strong the values themselves are behind their smoothed line."""


class MetricPlot(QWidget):
    """A curve with its name, its last value and, under the pointer, the nearest point.

    The plot itself is made by `build`, so that a page of hundreds of metrics makes only those that are seen. Dragging
    zooms into a box, with Shift it moves; a double click shows everything again. The wheel zooms once the plot was
    clicked, or with Ctrl.
    """

    hovered = Signal(object)
    """The x under the pointer, or None when it left."""
    seen = Signal()
    """The plot came into view and is not made yet."""
    view_chosen = Signal(object)
    """The part of the horizontal axis that a person zoomed to, as (left, right); None for everything."""
    enlarge_wanted = Signal()
    shrink_wanted = Signal()
    save_wanted = Signal(str)
    """A file is to be written: ``"png"``, ``"svg"`` or ``"csv"``."""

    def __init__(self, curve: CurveData, color_index: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = curve
        self.canvas: PlotCanvas | None = None
        self._color_index = color_index
        self._axis = "step"
        self._is_log = False
        self._origin = 0.0
        self._weight = 0.0
        self._is_zoomed = False
        self._is_large = False
        self._chosen: int | None = None
        self._drawn: Drawn | None = None
        self._drawn_count = -1
        self._is_ready = False
        self._range_settle = QTimer(self, singleShot=True, interval=30)
        self._range_settle.timeout.connect(self.refresh)
        self.name_label = ElidedLabel(curve.name, self)
        self.name_label.setFont(theme.font("strong"))
        self.value_label = QLabel(self)
        self.value_label.setTextFormat(Qt.TextFormat.PlainText)
        self.value_label.setProperty("role", "secondary")
        self.value_label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.reset_button = IconButton("refresh", self.tr("Show everything (double click)"), self)
        self.reset_button.clicked.connect(self.show_all)
        self.size_button = IconButton("expand", self.tr("Enlarge (Enter)"), self)
        self.size_button.clicked.connect(self._on_size_button_clicked)
        for button in (self.reset_button, self.size_button):
            # The plot itself has the keys of both: two stops less on the way through a page of plots.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self.reset_button.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._arrange()
        self._show_last_value()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(self.name_label, 1)
        row.addWidget(self.reset_button)
        row.addWidget(self.value_label)
        row.addWidget(self.size_button)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(row)
        self._layout.addStretch(1)
        self.set_height(None)

    def set_height(self, height: int | None) -> None:
        """Be as high as all plots are, or enlarged to `height` pixels."""
        self._is_large = height is not None
        self.setFixedHeight(PLOT_HEIGHT + theme.FIELD_HEIGHT if height is None else height)
        words = self.tr("Back to all plots (Esc)") if self._is_large else self.tr("Enlarge (Enter)")
        icons.set_icon(self.size_button, "shrink" if self._is_large else "expand", "secondary")
        self.size_button.setToolTip(words)
        self.size_button.setAccessibleName(words)

    def is_large(self) -> bool:
        """Whether the plot is enlarged."""
        return self._is_large

    def build(self) -> None:
        """Make the plot, once."""
        if self.canvas is not None:
            return
        canvas = self.canvas = PlotCanvas(self)
        canvas.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        canvas.setFocusProxy(self)
        self._raw = pg.PlotCurveItem()
        self._line = pg.PlotCurveItem()
        self._dots = pg.ScatterPlotItem(size=5)
        self._ruler = pg.InfiniteLine(angle=90, movable=False)
        self._marker = pg.ScatterPlotItem(size=8)
        for item in (self._raw, self._line, self._dots, self._ruler, self._marker):
            canvas.addItem(item, ignoreBounds=item in (self._ruler, self._marker))
        self._ruler.hide()
        canvas.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        canvas.left.connect(self._on_canvas_left)
        canvas.all_wanted.connect(self.show_all)
        canvas.box.sigRangeChangedManually.connect(self._on_view_range_changed_manually)
        canvas.box.sigXRangeChanged.connect(self._on_view_x_range_changed)
        self._layout.takeAt(self._layout.count() - 1)
        around = QVBoxLayout()
        around.setContentsMargins(1, 1, 1, 1)  # room for the ring that shows where the keyboard is
        around.addWidget(canvas)
        self._layout.addLayout(around, 1)
        restyle_when_seen(self, self._restyle)
        self._is_ready = False
        self._restyle()
        self.set_log(self._is_log)
        self._is_ready = True
        self.set_axis(self._axis, self._origin)

    # What is drawn.

    def set_axis(self, axis: str, origin: float) -> None:
        """Draw over ``"step"``, ``"time"`` (0 is the Unix time `origin`) or ``"index"``."""
        changed = axis != self._axis
        self._axis, self._origin = axis, origin
        if self.canvas is not None:
            words = {"step": self.tr("Step"), "time": self.tr("Time (s)"), "index": self.tr("Index")}
            self.canvas.setLabel("bottom", words[axis])
            if changed:
                self.reset_zoom()
            self.refresh()

    def set_log(self, is_log: bool) -> None:
        """Draw on a logarithmic scale, or on an even one."""
        self._is_log = is_log
        if self.canvas is not None:
            self.canvas.getAxis("left").setLogMode(False, is_log)
            self.reset_zoom()
        self._show_last_value()

    def set_smoothing(self, weight: float) -> None:
        """From the next `refresh` on draw a smoothed line before the values themselves; 0 draws those alone."""
        self._weight = weight

    def smoothing(self) -> float:
        """Return the weight of `set_smoothing`."""
        return self._weight

    def set_curve(self, curve: CurveData) -> None:
        """Draw another curve of the same name."""
        self.curve = curve
        self.refresh()

    def refresh(self, *, unless_same: bool = False) -> None:
        """Draw what the curve holds now; `unless_same` leaves a line alone that would run as it does."""
        self._show_last_value()
        if self.canvas is None or not self._is_ready:
            return
        self._drawn_count = len(self.curve)
        self.canvas.fit(np.array(() if self._is_log else self.curve.bounds() or (), dtype=np.float64))
        x, y = self._outline(0.0)
        before, self._drawn = self._drawn, (x, y, self._weight)
        if unless_same and runs_the_same(before, self._drawn):
            return
        self._draw_line(self._raw, x, y, _FAINT)
        self._raw.setVisible(bool(self._weight))
        # pyqtgraph reckons the bounds of dots from their numbers, and cannot from gaps alone.
        dotted = np.isfinite(y) if len(x) <= _DOTS_UNTIL and not self._weight else lone_points(y)
        self._dots.setData(x[dotted], y[dotted])
        self._draw_line(self._line, *(self._outline(self._weight) if self._weight else (x, y)), 1.0)
        self.canvas.show_note(self._why_empty())

    def _outline(self, weight: float) -> tuple[Floats, Floats]:
        assert self.canvas is not None
        view = tuple(self.canvas.box.viewRange()[0]) if self._is_zoomed else None
        x, y = self.curve.outline(self._axis, self._origin, log=self._is_log, view=view, weight=weight)
        return x, self.canvas.fitted(y)

    def set_sharpness(self, pixels: int) -> None:
        """Draw for a picture with so many pixels for one of the plot; 0 for the screen."""
        if self.canvas is not None:
            self.canvas.sharpness = pixels
            self.refresh()

    def event(self, event: QEvent) -> bool:
        """Draw again for another screen."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self.refresh()
        return super().event(event)

    def _draw_line(self, item: pg.PlotCurveItem, x: Floats, y: Floats, strength: float) -> None:
        assert self.canvas is not None
        color = line_color(self._color_index)
        color.setAlphaF(strength)
        item.setPen(pg.mkPen(color, width=self.canvas.line_width()))
        item.setData(x, y, connect="finite", antialias=len(x) <= _ANTIALIASED_UNTIL)

    def _why_empty(self) -> str:
        curve = self.curve
        if not len(curve) or curve.drawable_count(log=self._is_log):
            return ""
        if not curve.drawable_count(log=False):
            return self.tr("No finite value to draw")
        return self.tr("No value above 0: a log scale has no place for them")

    def has_drawn_all(self) -> bool:
        """Whether every point that the curve has was drawn."""
        return self._drawn_count == len(self.curve)

    def drawn_points(self) -> int:
        """Return how many points pyqtgraph was given."""
        return 0 if self._drawn is None else len(self._drawn[0])

    # Which part of it.

    def reset_zoom(self) -> None:
        """Show everything, and keep showing it as it grows."""
        self._is_zoomed = False
        self.reset_button.hide()
        if self.canvas is not None:
            self.canvas.box.show_all()
            self.refresh()

    def show_view(self, view: tuple[float, float] | None) -> None:
        """Show a part of the horizontal axis, or everything for None."""
        if view is None or self.canvas is None:
            self.reset_zoom()
            return
        self._is_zoomed = True
        self.reset_button.show()
        self.canvas.box.show_part(*view)
        self._range_settle.start()

    def is_zoomed(self) -> bool:
        """Whether only a part is looked at."""
        return self._is_zoomed

    def show_all(self) -> None:
        """Show everything, here and in the plots that are linked."""
        self.reset_zoom()
        self.view_chosen.emit(None)

    def _on_view_range_changed_manually(self, _enabled: object) -> None:
        assert self.canvas is not None
        self._is_zoomed = True
        self.reset_button.show()
        self._range_settle.start()
        self.view_chosen.emit(tuple(self.canvas.box.viewRange()[0]))

    def _on_view_x_range_changed(self, _view: object, _range: object) -> None:
        if self._is_zoomed:
            self._range_settle.start()

    def _on_size_button_clicked(self) -> None:
        (self.shrink_wanted if self._is_large else self.enlarge_wanted).emit()

    # Under the pointer.

    def show_crosshair(self, x: float | None) -> None:
        """Mark the point nearest to `x` and show its value, or nothing for None."""
        if self.canvas is None:
            return
        index = None if x is None else self.curve.nearest(self._axis, x, self._origin)
        self._chosen = index
        self._ruler.setVisible(index is not None)
        if index is None:
            self._marker.clear()
            self._show_last_value()
            return
        at = float(self.curve.positions(self._axis, self._origin)[index])
        height = float(self.canvas.fitted(self.curve.heights(log=self._is_log)[[index]])[0])
        self._ruler.setPos(at)
        self._marker.setData([at] if height == height else [], [height] if height == height else [])
        words = self._point_words(index)
        self.value_label.setText(words)
        self.setAccessibleDescription(words)

    def _point_words(self, index: int) -> str:
        words = [formats.number4(self.curve.value(index))]
        if self._weight and self.curve.is_whole():
            words.append(
                self.tr("smoothed {0}").format(formats.number4(float(self.curve.numbers(self._weight)[index])))
            )
        if self._axis == "time":
            place = formats.duration(self.curve.at(index) - self._origin)
        elif self._axis == "step":
            place = self.tr("step {0}").format(formats.count(self.curve.step(index)))
        else:
            place = self.tr("index {0}").format(formats.count(index))
        return "  ·  ".join([place, *words])

    def _show_last_value(self) -> None:
        count = len(self.curve)
        last = formats.number4(self.curve.value(count - 1)) if count else formats.NOTHING
        curve, notes = self.curve, [last]
        if curve.gap_count and curve.is_whole():
            notes.append(self.tr("{0} not finite").format(formats.count(curve.gap_count)))
        if self._is_log and curve.below_log_count and curve.is_whole():
            notes.append(self.tr("{0} not above 0").format(formats.count(curve.below_log_count)))
        self.value_label.setText("  ·  ".join(notes))
        words = self.tr("Plot of {0}: {1} values, the last is {2}")
        self.setAccessibleName(words.format(curve.name, formats.count(curve.total()), last))

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        assert self.canvas is not None
        box = self.canvas.box
        inside = box.sceneBoundingRect().contains(position)
        self.hovered.emit(box.mapSceneToView(position).x() if inside else None)

    def _on_canvas_left(self) -> None:
        self.hovered.emit(None)

    def _restyle(self) -> None:
        if self.canvas is None:
            return
        self.canvas.restyle()
        self._dots.setBrush(line_color(self._color_index))
        self._dots.setPen(None)
        self._ruler.setPen(pg.mkPen(theme.color("secondary"), style=Qt.PenStyle.DashLine))
        self._marker.setBrush(line_color(self._color_index))
        self._marker.setPen(pg.mkPen(theme.color("surface"), width=2))
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Show where the keyboard is; ask to be made when there is something to see for the first time."""
        super().paintEvent(event)
        if self.canvas is None:
            self.seen.emit()
        elif self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme.color("accent"))
            painter.drawRect(self.canvas.geometry().adjusted(-1, -1, 0, 0))

    # Keys and menu.

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Walk with the arrow keys, zoom with + and -, 0 for everything; Enter enlarges, Escape goes back."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and len(self.curve):
            self._walk(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus) and self.canvas is not None:
            at = None if self._chosen is None else float(self.curve.positions(self._axis, self._origin)[self._chosen])
            self.canvas.box.zoom(0.5 if key == Qt.Key.Key_Minus else 2.0, at)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.show_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_size_button_clicked()
        elif key == Qt.Key.Key_Escape and self._chosen is not None:
            self.hovered.emit(None)
        elif key == Qt.Key.Key_Escape and self._is_large:
            self.shrink_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        index = self.curve.neighbour(self._axis, self._chosen, step)
        self.hovered.emit(float(self.curve.positions(self._axis, self._origin)[index]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer everything that can be done with the plot."""
        acts = PlotActs(
            show_all=self.show_all,
            is_large=self.is_large(),
            resize=(self.shrink_wanted if self.is_large() else self.enlarge_wanted).emit,
            picture=lambda: picture(self, self.set_sharpness),
            save=self.save_wanted.emit,
        )
        open_plot_menu(self, event.globalPos(), acts)
