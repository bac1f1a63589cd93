"""One metric as a live line plot with a crosshair.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.canvas import PlotCanvas, line_color
from desktop_aml.ui.plots.data import CurveData, Floats, lone_points
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconButton

PLOT_HEIGHT: Final = 216
_THICK_UNTIL: Final = 300
"""A pen of 2 px is about ten times dearer than one of 1 px on dense curves."""

_DOTS_UNTIL: Final = 60


class MetricPlot(QWidget):
    """A curve with its name, its last value and, under the pointer, the nearest point.

    The plot itself is made by `build`, so that a page of hundreds of metrics makes only those that are seen. Dragging
    zooms into a box, a double click shows everything again.
    """

    hovered = Signal(object)
    """The x under the pointer, or None when it left."""
    seen = Signal()
    """The plot came into view and is not made yet."""

    def __init__(self, curve: CurveData, color_index: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = curve
        self.canvas: PlotCanvas | None = None
        self._color_index = color_index
        self._axis = "step"
        self._is_log = False
        self._origin = 0.0
        self._is_zoomed = False
        self._drawn: tuple[Floats, Floats] | None = None
        self._range_settle = QTimer(self, singleShot=True, interval=30)
        self._range_settle.timeout.connect(self.refresh)
        self.name_label = ElidedLabel(curve.name, self)
        self.name_label.setFont(theme.font("strong"))
        self.value_label = QLabel(self)
        self.value_label.setTextFormat(Qt.TextFormat.PlainText)
        self.value_label.setProperty("role", "secondary")
        self.value_label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.reset_button = IconButton("refresh", self.tr("Show everything (double click)"), self)
        self.reset_button.clicked.connect(self.reset_zoom)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self.reset_button.hide()
        self._arrange()
        self._show_last_value()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, theme.SPACE_S, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.name_label, 1)
        row.addWidget(self.reset_button)
        row.addWidget(self.value_label)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(row)
        self._layout.addStretch(1)
        self.setFixedHeight(PLOT_HEIGHT + theme.FIELD_HEIGHT)

    def build(self) -> None:
        """Make the plot, once."""
        if self.canvas is not None:
            return
        canvas = self.canvas = PlotCanvas(self)
        self._line = pg.PlotCurveItem()
        self._dots = pg.ScatterPlotItem(size=5)
        self._ruler = pg.InfiniteLine(angle=90, movable=False)
        self._marker = pg.ScatterPlotItem(size=8)
        for item in (self._line, self._dots, self._ruler, self._marker):
            canvas.addItem(item, ignoreBounds=item in (self._ruler, self._marker))
        self._ruler.hide()
        canvas.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        canvas.left.connect(self._on_canvas_left)
        canvas.getViewBox().sigRangeChangedManually.connect(self._on_view_range_changed_manually)
        canvas.getViewBox().sigXRangeChanged.connect(self._on_view_x_range_changed)
        self._layout.takeAt(self._layout.count() - 1)
        self._layout.addWidget(canvas, 1)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_log(self._is_log)
        self.set_axis(self._axis, self._origin)

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

    def set_curve(self, curve: CurveData) -> None:
        """Draw another curve of the same name."""
        self.curve = curve
        self.refresh()

    def refresh(self) -> None:
        """Draw what the curve holds now."""
        self._show_last_value()
        if self.canvas is None:
            return
        view = None
        if self._is_zoomed:
            left, right = self.canvas.getViewBox().viewRange()[0]
            view = (left, right)
        x, y = self.curve.outline(self._axis, self._origin, log=self._is_log, view=view)
        self._drawn = x, y
        self.canvas.fit(np.empty(0) if self._is_log else self.curve.numbers())
        y = self.canvas.fitted(y)
        self._line.setPen(self._pen(2 if len(x) <= _THICK_UNTIL else 1))
        self._line.setData(x, y, connect="finite", antialias=len(x) <= _THICK_UNTIL)
        # pyqtgraph reckons the bounds of dots from their numbers, and cannot from gaps alone.
        dotted = np.isfinite(y) if len(x) <= _DOTS_UNTIL else lone_points(y)
        self._dots.setData(x[dotted], y[dotted])
        self.canvas.show_note(self._why_empty())

    def _why_empty(self) -> str:
        curve = self.curve
        if not len(curve) or curve.drawable_count(log=self._is_log):
            return ""
        if not curve.drawable_count(log=False):
            return self.tr("No finite value to draw")
        return self.tr("No value above 0: a log scale has no place for them")

    def drawn_points(self) -> int:
        """Return how many points pyqtgraph was given."""
        return 0 if self._drawn is None else len(self._drawn[0])

    def reset_zoom(self) -> None:
        """Show everything, and keep showing it as it grows."""
        self._is_zoomed = False
        self.reset_button.hide()
        if self.canvas is not None:
            self.canvas.getViewBox().enableAutoRange()
            self.refresh()

    def is_zoomed(self) -> bool:
        """Whether only a part is looked at."""
        return self._is_zoomed

    def show_crosshair(self, x: float | None) -> None:
        """Mark the point nearest to `x` and show its value, or nothing for None."""
        if self.canvas is None:
            return
        index = None if x is None else self.curve.nearest(self._axis, x, self._origin)
        self._ruler.setVisible(index is not None)
        if index is None:
            self._marker.clear()
            self._show_last_value()
            return
        at = float(self.curve.positions(self._axis, self._origin)[index])
        height = float(self.canvas.fitted(self.curve.heights(log=self._is_log)[[index]])[0])
        self._ruler.setPos(at)
        self._marker.setData([at] if height == height else [], [height] if height == height else [])
        self.value_label.setText(self._point_words(index))

    def _point_words(self, index: int) -> str:
        value = formats.number4(self.curve.value(index))
        if self._axis == "time":
            place = formats.duration(self.curve.at(index) - self._origin)
        elif self._axis == "step":
            place = self.tr("step {0}").format(formats.count(self.curve.step(index)))
        else:
            place = self.tr("index {0}").format(formats.count(index))
        return f"{place}  ·  {value}"

    def _show_last_value(self) -> None:
        count = len(self.curve)
        last = formats.number4(self.curve.value(count - 1)) if count else formats.NOTHING
        curve, notes = self.curve, [last]
        if curve.gap_count:
            notes.append(self.tr("{0} not finite").format(formats.count(curve.gap_count)))
        if self._is_log and curve.below_log_count:
            notes.append(self.tr("{0} not above 0").format(formats.count(curve.below_log_count)))
        self.value_label.setText("  ·  ".join(notes))
        words = self.tr("Plot of {0}: {1} values, the last is {2}")
        self.setAccessibleName(words.format(self.curve.name, formats.count(count), last))

    def _pen(self, width: int) -> QPen:
        pen: QPen = pg.mkPen(line_color(self._color_index), width=width)
        return pen

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

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        assert self.canvas is not None
        box = self.canvas.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.hovered.emit(box.mapSceneToView(position).x() if inside else None)

    def _on_canvas_left(self) -> None:
        self.hovered.emit(None)

    def _on_view_range_changed_manually(self, _enabled: object) -> None:
        self._is_zoomed = True
        self.reset_button.show()
        self._range_settle.start()

    def _on_view_x_range_changed(self, _view: object, _range: object) -> None:
        if self._is_zoomed:
            self._range_settle.start()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Ask to be made when there is something to see for the first time."""
        super().paintEvent(event)
        if self.canvas is None:
            self.seen.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show everything again."""
        self.reset_zoom()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer the picture of the plot."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Show everything"), self.reset_zoom)
        menu.addAction(self.tr("Copy as image"), self.copy_image)
        menu.addAction(self.tr("Save as image…"), self.choose_image_file)
        menu.popup(event.globalPos())

    def copy_image(self) -> None:
        """Put a picture of the plot on the clipboard."""
        QApplication.clipboard().setPixmap(self.grab())

    def choose_image_file(self) -> None:
        """Ask where to save a picture of the plot, and save it."""
        dialog = QFileDialog(self, self.tr("Save as image"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("PNG image (*.png)"))
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.grab().save(path, "PNG"))
        dialog.open()
