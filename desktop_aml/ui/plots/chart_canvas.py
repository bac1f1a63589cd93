"""What every drawn chart shares: a canvas, words about the chosen place, choosing by pointer and by arrow keys.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.restyling import restyle_when_seen
from desktop_aml.ui.plots.canvas import PlotCanvas
from desktop_aml.ui.plots.chart_legend import ChartLegend
from desktop_aml.ui.widgets.widgets import ElidedLabel

CHART_HEIGHT: Final = 264


class ChartCanvas(QWidget):
    """A chart over a horizontal axis. Subclasses say what is drawn, where one can stop, and what is said there."""

    def __init__(self, bottom: str, left: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: Sequence[float] = ()
        self._chosen: int | None = None
        self.words = ElidedLabel("", self)
        self.words.setProperty("role", "secondary")
        self.canvas = PlotCanvas(self)
        self.canvas.setLabel("bottom", bottom)
        self.canvas.setLabel("left", left)
        # A click gives the chart the keyboard, and with it the wheel.
        self.canvas.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.canvas.setFocusProxy(self)
        self.canvas.all_wanted.connect(self.show_all)
        self.canvas.setFixedHeight(CHART_HEIGHT)
        self.ruler = pg.InfiniteLine(angle=90, movable=False)
        self.ruler.hide()
        self.canvas.addItem(self.ruler, ignoreBounds=True)
        self.canvas.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.canvas.left.connect(lambda: self.choose(None))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self.words)
        layout.addWidget(self.canvas)
        self.legend = ChartLegend(self)
        layout.addWidget(self.legend)
        restyle_when_seen(self, self.restyle)

    def restyle(self) -> None:
        """Draw in the colours of the theme."""
        self.canvas.restyle()
        self.ruler.setPen(pg.mkPen(theme.color("secondary"), style=Qt.PenStyle.DashLine))
        self.draw()

    def draw(self) -> None:
        """Draw what there is; nothing here. Called again for another theme."""

    def describe(self, index: int) -> str:
        """Return words about a place: where it is."""
        return formats.number4(self._places[index])

    def summary(self) -> str:
        """Return words about the whole, shown while no place is chosen."""
        return ""

    def set_places(self, places: Sequence[float]) -> None:
        """Let the pointer and the arrow keys stop at `places`, in rising order."""
        self._places = places
        self.choose(None)

    def choose(self, index: int | None) -> None:
        """Mark a place and say what is there, or nothing for None."""
        self._chosen = index
        self.ruler.setVisible(index is not None)
        if index is not None:
            self.ruler.setPos(self._places[index])
        words = self.summary() if index is None else self.describe(index)
        self.words.setText(words)
        self.setAccessibleDescription(words)

    def chosen(self) -> int | None:
        """Return the place that is marked."""
        return self._chosen

    def nearest(self, x: float) -> int | None:
        """Return the place nearest to `x`."""
        if not self._places:
            return None
        right = min(bisect_left(self._places, x), len(self._places) - 1)
        left = max(0, right - 1)
        return left if abs(self._places[left] - x) <= abs(self._places[right] - x) else right

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        box = self.canvas.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.choose(self.nearest(box.mapSceneToView(position).x()) if inside else None)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Show where the keyboard is."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def show_all(self) -> None:
        """Show everything again."""
        self.canvas.box.show_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Walk with the arrow keys, zoom with + and -, 0 for everything; Escape lets go."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self._places:
            before_all = -1 if step > 0 else len(self._places)
            start = before_all if self._chosen is None else self._chosen
            self.choose(min(len(self._places) - 1, max(0, start + step)))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            at = None if self._chosen is None else self._places[self._chosen]
            self.canvas.box.zoom(0.5 if event.key() == Qt.Key.Key_Minus else 2.0, at)
        elif event.key() in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.show_all()
        elif event.key() == Qt.Key.Key_Escape and self._chosen is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)
