"""Two arguments against each other, the metric as colour: a surface between the trials, and the trials themselves.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_aml.domain.summaries.extremes import Floats
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.records import Sweep, Trial
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.canvas import PlotCanvas
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import SecondaryLabel

_CELLS: Final = 96
_LEVELS: Final = 9
"""So many colours: their borders are the contours."""

_MOST_TRIALS: Final = 2000
"""More would hold the window up; the newest are drawn."""

_POINT: Final = 8
_NEAR: Final = 1e-4


class ContourPlot(QWidget):
    """Shows two arguments that are numbers; which ones is chosen above it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sweep: Sweep | None = None
        self.across, self.upwards = ChoiceField(self), ChoiceField(self)
        for field, name in ((self.across, self.tr("Across")), (self.upwards, self.tr("Upwards"))):
            field.setAccessibleName(name)
            field.currentIndexChanged.connect(lambda _index: self._draw())
        self.canvas = PlotCanvas(self)
        self.canvas.setAccessibleName(self.tr("Plot of two arguments"))
        self.canvas.all_wanted.connect(self.canvas.box.show_all)
        self.words = SecondaryLabel("", self, small=True)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.upwards)
        row.addWidget(QLabel(self.tr("against"), self))
        row.addWidget(self.across)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE_S, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(row)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.words)
        self.setAccessibleName(self.tr("Two arguments against each other"))
        theme.changed.connect(self._draw)

    def show_sweep(self, sweep: Sweep) -> None:
        """Draw the trials that have a value."""
        self._sweep = sweep
        names = _numbers(sweep)
        for field, place in ((self.across, 0), (self.upwards, 1)):
            before = field.value()
            field.set_choices((name.lstrip("-"), name) for name in names)
            if before not in names and len(names) > place:
                field.blockSignals(True)
                field.set_value(names[place])
                field.blockSignals(False)
        self._draw()

    def _draw(self) -> None:
        sweep, canvas = self._sweep, self.canvas
        canvas.restyle()
        canvas.clear()
        if sweep is None:
            return
        x_name, y_name = str(self.across.value()), str(self.upwards.value())
        found = _placed(sweep.trials, x_name, y_name)
        is_shown = x_name != y_name and len(found) >= 3
        canvas.show_note("" if is_shown else self.tr("This needs two arguments that are numbers, and three trials."))
        self.words.setText("")
        if not is_shown:
            return
        logs = [_is_log(sweep, name, values) for name, values in ((x_name, found[:, 0]), (y_name, found[:, 1]))]
        canvas.setLogMode(*logs)
        canvas.setLabel("bottom", x_name.lstrip("-"))
        canvas.setLabel("left", y_name.lstrip("-"))
        points = np.column_stack([np.log10(found[:, n]) if logs[n] else found[:, n] for n in (0, 1)])
        self._paint(points, found[:, 2], sweep)

    def _paint(self, points: Floats, values: Floats, sweep: Sweep) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        spread = np.where(high > low, high - low, 1.0)
        shares = (points - low) / spread
        surface = _between(shares, values)
        least, most = float(values.min()), float(values.max())
        width = most - least or 1.0
        levels = np.minimum(np.floor((surface - least) / width * _LEVELS), _LEVELS - 1) / (_LEVELS - 1)
        if sweep.spec.goal is Goal.MINIMIZE:
            levels = 1 - levels
        image = pg.ImageItem(_colors(levels), axisOrder="row-major")
        image.setRect(QRectF(low[0], low[1], spread[0], spread[1]))
        self.canvas.addItem(image)
        pen, brush = pg.mkPen(theme.color("text")), pg.mkBrush(theme.color("surface"))
        self.canvas.addItem(pg.ScatterPlotItem(points[:, 0], points[:, 1], size=_POINT, pen=pen, brush=brush))
        worst, best = (least, most) if sweep.spec.goal is Goal.MAXIMIZE else (most, least)
        words = self.tr("{0} from {1} (faint) to {2} (strong). Between trials the colour is guessed from those nearby.")
        self.words.setText(words.format(sweep.spec.metric, formats.number4(worst), formats.number4(best)))


def _numbers(sweep: Sweep) -> list[str]:
    """Return the arguments whose values are numbers in every trial that has them."""
    found: dict[str, bool] = {}
    for trial in sweep.trials:
        for name, value in trial.values:
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            found[name] = found.get(name, True) and is_number
    return [name for name, is_number in found.items() if is_number]


def _placed(trials: Sequence[Trial], x_name: str, y_name: str) -> Floats:
    """Return where trials lie, and their values; those without any are left out."""
    rows = []
    for trial in trials:
        known = dict(trial.values)
        if trial.best is not None and math.isfinite(trial.best) and x_name in known and y_name in known:
            rows.append((float(known[x_name]), float(known[y_name]), trial.best))
    return np.array(rows[-_MOST_TRIALS:], dtype=float).reshape(-1, 3)


def _is_log(sweep: Sweep, name: str, values: Floats) -> bool:
    kinds = {one.name: one.expression.kind for one in sweep.spec.space}
    return "log" in kinds.get(name, "") and bool((values > 0).all())


def _between(shares: Floats, values: Floats) -> Floats:
    """Return a value for each cell of the plane: that of the trials, the nearer ones counting more."""
    middles = (np.arange(_CELLS) + 0.5) / _CELLS
    found = np.empty((_CELLS, _CELLS))
    for row, y in enumerate(middles):
        away = (middles[:, None] - shares[None, :, 0]) ** 2 + (y - shares[None, :, 1]) ** 2
        weights = 1 / (away + _NEAR) ** 2
        found[row] = (weights * values).sum(axis=1) / weights.sum(axis=1)
    return found


def _colors(levels: Floats) -> npt.NDArray[np.uint8]:
    """Return the colour of each cell: from the surface to the accent."""
    pale, strong = theme.color("surface"), theme.color("accent")
    ends = np.array([[one.red(), one.green(), one.blue()] for one in (pale, strong)], dtype=float)
    share = 0.08 + 0.84 * levels[..., None]
    return (ends[0] * (1 - share) + ends[1] * share).astype(np.uint8)
