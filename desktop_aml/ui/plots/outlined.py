"""Long curves: shown at once by their outline, and made ready for plots away from the GUI thread.

Imports numpy: only modules that are loaded after the first paint may import this one. Draws nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from desktop_aml.domain.metrics import CurveColumns, Outline
from desktop_aml.domain.summaries.extremes import Floats, Indices
from desktop_aml.ui.plots.data import CurveData

LONG: Final = 50_000
"""Curves with more points are shown by their outline until their points were read."""


class OutlinedCurve(CurveData):
    """The few points that show how a curve runs, in the place of all of them.

    It looks the same as a whole; what is between its points was not read. It is never smoothed: a mean of the
    extremes is no mean of the values.
    """

    def __init__(self, name: str, outline: Outline) -> None:
        super().__init__(name)
        self._total = outline.count
        self._indexes: Floats = outline.indexes.astype(np.float64)
        self.take(CurveColumns(name, 0, outline.steps, outline.times, outline.values, {}, has_steps=True))

    def total(self) -> int:
        """Return how many points the curve has; the outline holds a few of them."""
        return self._total

    def is_whole(self) -> bool:
        """Its points were not read."""
        return False

    def indexes(self, chosen: Indices) -> Floats:
        """Return which of all points those at some places are."""
        return self._indexes[chosen]

    def numbers(self, weight: float = 0.0) -> Floats:  # noqa: ARG002  the same signature
        """Return the values of the outline, whatever the weight."""
        return super().numbers()


def made_ready(columns: CurveColumns) -> CurveData | CurveColumns:
    """Return a long curve that was read from its first point on with its outlines made; any other as it is."""
    if columns.start or len(columns.values) <= LONG:
        return columns
    curve = CurveData(columns.name)
    curve.take(columns)
    curve.make_outlines()
    return curve
