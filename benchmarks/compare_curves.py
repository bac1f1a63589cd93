"""The plots of runs that are compared at 1280x800, drawn by the processor: how long paints take in zooming and panning.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.compare_curves [RUNS [POINTS]]

20 runs of 1,000,000 points unless said otherwise, all of them read, as after a first zoom. Processor milliseconds of
the window's thread from a notch of the wheel, or a step of a drag, to the end of its paint, and of drawing anew what
lies between the points, which follows when the hand rests. The bound of the medians is 33 ms.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from desktop_aml.domain.metrics import CurveColumns
from desktop_aml.domain.runs import RunState, RunSummary
from desktop_aml.ui.compare.chart import CompareChart
from desktop_aml.ui.compare.plots import ComparePlots
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.data import CurveData, MetricBook
from desktop_aml.ui.plots.outlined import made_ready

BOUND_MS = 33.0
SIZE = 1280, 800
_NAME = "loss"
_STEPS = 40


def books(runs: int, points: int) -> dict[str, MetricBook]:
    """Return a curve for each run, as it is held once all its points were read."""
    rng = np.random.default_rng(0)
    steps = np.arange(points, dtype=np.float64)
    found = {}
    for number in range(runs):
        values = rng.normal(size=points).cumsum()
        curve = made_ready(CurveColumns(_NAME, 0, steps, 1000.0 + steps, values, {}, has_steps=True))
        assert isinstance(curve, CurveData)
        book = found[f"run_{number}"] = MetricBook()
        book.curves = {_NAME: curve}
    return found


class Hand:
    """Zooms and pans with wheel and mouse."""

    def __init__(self, app: QApplication, plots: ComparePlots, chart: CompareChart) -> None:
        self._app, self._plots, self._chart = app, plots, chart
        self._view = chart.canvas.viewport()
        self._at = QPoint(self._view.width() // 3, self._view.height() // 2)

    def took_ms(self, act: Callable[[], object]) -> float:
        """Return the processor time of something with the paint that follows."""
        begun = time.thread_time()
        act()
        self._app.processEvents()
        return (time.thread_time() - begun) * 1000

    def rest(self) -> float:
        """Wait until what is seen was drawn anew; return what that and its paint took."""
        spent = 0.0
        while self._chart._settle.isActive():  # noqa: SLF001
            spent += self.took_ms(lambda: None)
            time.sleep(0.002)
        return spent + self.took_ms(lambda: None)

    def turn(self, notches: int) -> None:
        """Turn the wheel over the curves."""
        at, angle = QPointF(self._at), QPoint(0, 120 * notches)
        shift, phase = Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase
        there = QPointF(self._view.mapToGlobal(self._at))
        self._app.sendEvent(
            self._view, QWheelEvent(at, there, QPoint(), angle, Qt.MouseButton.NoButton, shift, phase, False)
        )

    def mouse(self, kind: QEvent.Type, along: int) -> None:
        """Press, move or let go of the left button, with Shift: what is shown moves."""
        at = QPointF(self._at + QPoint(along, 0))
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        there = QPointF(self._view.mapToGlobal(at.toPoint()))
        self._app.sendEvent(self._view, QMouseEvent(kind, at, there, button, held, Qt.KeyboardModifier.ShiftModifier))


def opened(app: QApplication, runs: int, points: int) -> tuple[ComparePlots, Hand]:
    """Show the plots."""
    made = books(runs, points)
    plots = ComparePlots()
    plots.resize(*SIZE)
    plots.show()
    summaries = [
        RunSummary(key, number, "e", key, RunState.COMPLETED, "train.py", "local", "env:1", 1.0, 1.0, 2.0)
        for number, key in enumerate(made)
    ]
    plots.show_books(summaries, made)
    while _NAME not in plots.charts:
        app.processEvents()
    hand = Hand(app, plots, plots.charts[_NAME])
    hand.rest()
    return plots, hand


def main() -> int:
    """Measure and print; return 1 when a median is over the bound."""
    runs, points = (int(word) for word in (*sys.argv[1:], *("20", "1000000")[len(sys.argv) - 1 :]))
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    plots, hand = opened(app, runs, points)
    zooms, pans, anew = [], [], []
    for step in range(_STEPS):
        notches = 1 if step < _STEPS * 2 // 3 else -1
        zooms.append(hand.took_ms(lambda by=notches: hand.turn(by)))
        if step % 4 == 3:
            anew.append(hand.rest())
    hand.mouse(QEvent.Type.MouseButtonPress, 0)
    for step in range(1, _STEPS + 1):
        pans.append(hand.took_ms(lambda along=8 * step: hand.mouse(QEvent.Type.MouseMove, along)))
        if step % 4 == 3:
            anew.append(hand.rest())
    hand.mouse(QEvent.Type.MouseButtonRelease, 8 * _STEPS)
    print(f"{runs} runs of {points:,} points, {plots.width()}x{plots.height()}; bound of the medians {BOUND_MS:.0f} ms")
    for name, found in (("zoom", zooms), ("pan", pans), ("drawn anew", anew)):
        print(f"{name:12} {statistics.median(found):6.1f} ms median, {max(found):6.1f} at most")
    return int(max(map(statistics.median, (zooms, pans, anew))) > BOUND_MS)


if __name__ == "__main__":
    sys.exit(main())
