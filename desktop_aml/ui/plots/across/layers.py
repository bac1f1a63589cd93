"""The lines of parallel coordinates as two pictures: all of them, faint, and over them those that are chosen.

The first is drawn once for a size, the second whenever the choice changes. A few runs are drawn as smooth lines in
their own colours, many as counts of lines in each pixel. Imports numpy: load it after the first paint only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.across.axes import Axis, Marks
from desktop_aml.ui.plots.across.line_counts import LineCounts, Rows, shaded
from desktop_aml.ui.plots.across.places import Places

DRAWN_ONE_BY_ONE: Final = 200
_COLUMN: Final = 2
"""Pixels of the width that are counted together."""

_LINE: Final = 1.5
_FAINT: Final = (0.2, 0.9)
_STRONG: Final = (0.16, 1.0)
_FAINT_ROLE: Final = "border"

Colors = Callable[[int], QColor]


def accent(_number: int) -> QColor:
    """Return the colour of every run where runs have none of their own."""
    return theme.color("accent")


class Layers:
    """Draws the lines of `axes` where `places` says.

    Parameters
    ----------
    ratio : float
        Pixels of the picture for one of the widget.
    """

    def __init__(self, axes: tuple[Axis, ...], places: Places, ratio: float, color_of: Colors) -> None:
        self._places, self._ratio, self._color_of = places, ratio, color_of
        table = [places.y(0.0) - (places.y(0.0) - places.y(1.0)) * axis.places for axis in axes]
        self.heights: Rows = np.array(table, dtype=np.float32).T if table else np.zeros((0, 0), dtype=np.float32)
        self._xs = [places.x(number) for number in range(len(axes))]
        self._counts: LineCounts | None = None
        self._all: QPixmap | None = None
        self._chosen: QPixmap | None = None
        self._chosen_is: Marks | None = None

    def is_many(self) -> bool:
        """Whether lines are counted, not drawn one by one."""
        return len(self.heights) > DRAWN_ONE_BY_ONE

    def faint(self) -> QPixmap:
        """Return all lines."""
        if self._all is None:
            everything: Marks = np.ones(len(self.heights), dtype=bool)
            self._all = self._drawn(self._counts_for(), everything, is_faint=True)
        return self._all

    def strong(self, chosen: Marks) -> QPixmap:
        """Return the lines that are chosen."""
        if self._chosen is None or self._chosen_is is None or not np.array_equal(chosen, self._chosen_is):
            if self._counts is None:
                self._counts = self._counts_for()
            self._chosen = self._drawn(self._counts, chosen, is_faint=False)
            self._chosen_is = chosen.copy()
        return self._chosen

    def _counts_for(self) -> LineCounts:
        columns = [round(x * self._ratio / self._column()) for x in self._xs]
        return LineCounts(columns, self.heights * np.float32(self._ratio), self._size()[1])

    def _column(self) -> int:
        return max(1, round(_COLUMN * self._ratio))

    def _size(self) -> tuple[int, int]:
        return round(self._places.width * self._ratio), round(self._places.height * self._ratio)

    def _drawn(self, counts: LineCounts, chosen: Marks, *, is_faint: bool) -> QPixmap:
        picture = QPixmap(*self._size())
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        if self.is_many():
            counts.show(chosen)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            self._paint_counts(painter, counts, is_faint=is_faint)
        else:
            self.paint_lines(painter, chosen, is_faint=is_faint)
        painter.end()
        return picture

    def _paint_counts(self, painter: QPainter, counts: LineCounts, *, is_faint: bool) -> None:
        color = theme.color(_FAINT_ROLE if is_faint else "accent")
        pixels = shaded(counts.counts(), color, *(_FAINT if is_faint else _STRONG))
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        painter.scale(self._column() / self._ratio, 1 / self._ratio)
        painter.drawImage(0, 0, image)

    def paint_lines(self, painter: QPainter, chosen: Marks, *, is_faint: bool) -> None:
        """Draw lines one by one."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in np.flatnonzero(chosen).tolist():
            color = theme.color(_FAINT_ROLE) if is_faint else self._color_of(number)
            painter.setPen(QPen(color, _LINE))
            painter.drawPolyline(self.line(number))

    def line(self, number: int) -> list[QPointF]:
        """Return the corners of the line of a run."""
        return [QPointF(x, y) for x, y in zip(self._xs, self.heights[number].tolist(), strict=True)]

    def nearest(self, x: float, y: float, among: Marks, reach: float) -> int | None:
        """Return which of some lines passes nearest to a point, within `reach` pixels; None for none."""
        candidates = np.flatnonzero(among)
        if len(self._xs) < 2 or not len(candidates) or not self._xs[0] - reach <= x <= self._xs[-1] + reach:
            return None
        right = min(len(self._xs) - 1, max(1, int(np.searchsorted(self._xs, x))))
        left, width = self._xs[right - 1], self._xs[right] - self._xs[right - 1]
        start, end = self.heights[candidates, right - 1], self.heights[candidates, right]
        at = start + (end - start) * np.float32((x - left) / width if width else 0)
        # Square to the line: steep ones are as easy to meet as level ones.
        apart = np.abs(at - y) / np.hypot(1, (end - start) / np.float32(width or 1))
        best = int(apart.argmin())
        return int(candidates[best]) if apart[best] <= reach else None
