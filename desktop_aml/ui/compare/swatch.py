"""The colour and the dashes of a run's lines, as they stand beside its name."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.canvas import line_color

SWATCH_WIDTH: Final = 20
_LINE: Final = 3
_SHARPNESS: Final = 4
_DASHES: Final[dict[Qt.PenStyle, list[float]]] = {
    Qt.PenStyle.DashLine: [2.2, 1.2],
    Qt.PenStyle.DotLine: [1.0, 1.0],
    Qt.PenStyle.DashDotLine: [2.0, 0.8, 0.8, 0.8],
}
"""Short enough for the piece to hold two of each, in widths of the line."""


def paint_swatch(painter: QPainter, area: QRect, place: int) -> None:
    """Paint a piece of the line of the run at `place` across the middle of `area`."""
    pen = QPen(line_color(place), _LINE, theme.series_style(place), Qt.PenCapStyle.FlatCap)
    if pen.style() in _DASHES:
        pen.setDashPattern(_DASHES[pen.style()])
    painter.setPen(pen)
    height = area.center().y()
    painter.drawLine(area.left(), height, area.right(), height)


def swatch_icon(place: int) -> QIcon:
    """Return the line of the run at `place` as an icon."""
    size = QSize(SWATCH_WIDTH, theme.ICON_SIZE)
    picture = QPixmap(size * _SHARPNESS)
    picture.setDevicePixelRatio(_SHARPNESS)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_swatch(painter, QRect(0, 0, SWATCH_WIDTH, theme.ICON_SIZE), place)
    painter.end()
    return QIcon(picture)
