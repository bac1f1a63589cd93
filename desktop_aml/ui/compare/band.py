"""One deviation around the mean of a group of curves, as a light strip behind its line.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.ui.compare.means import Band
from desktop_aml.ui.plots.log_scale import drawable

_ALPHA: Final = 48


class BandItem(pg.FillBetweenItem):  # type: ignore[misc]
    """The strip; empty for no band."""

    def __init__(self) -> None:
        self._low, self._high = pg.PlotCurveItem(pen=None), pg.PlotCurveItem(pen=None)
        super().__init__(self._low, self._high)
        self.setZValue(-1)

    def show_band(self, band: Band | None, color: QColor, fitted: Callable[[Floats], Floats], *, is_log: bool) -> None:
        """Draw a band; what a log scale has no place for ends at a thousandth of its upper edge."""
        x, low, high = (band.x, band.low, band.high) if band is not None else (np.empty(0),) * 3
        if is_log:
            low = np.where(low > 0, low, high / 1000)
        heights = [fitted(drawable(edge, log=is_log)) for edge in (low, high)]
        known = np.isfinite(heights[0]) & np.isfinite(heights[1])
        for item, edge in zip((self._low, self._high), heights, strict=True):
            item.setData(x[known], edge[known])
        fill = QColor(color)
        fill.setAlpha(_ALPHA)
        self.setBrush(pg.mkBrush(fill))
        self.setVisible(bool(known.any()))
