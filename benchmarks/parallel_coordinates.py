"""Parallel coordinates of very many runs at 1280x800, drawn by the processor: how long a paint takes while one brushes.

Run: QT_QPA_PLATFORM=offscreen .venv/bin/python benchmarks/parallel_coordinates.py [RUNS]
Prints processor milliseconds of laying out, of the first paint, and the median of the paints of a brush that is drawn
over each axis in twenty steps. The bound of the median is 33 ms.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from desktop_aml.domain.compare.sheet import RunSheet, SheetColumn
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.across.axes import axes_of
from desktop_aml.ui.plots.across.parallel import ParallelCoordinates

BOUND_MS = 33.0
_STEPS = 20


def many_runs(count: int) -> RunSheet:
    """Return runs with six arguments and two metrics that depend on them."""
    pick = random.Random(7)
    given: dict[str, list[float | str]] = {
        "lr": [10 ** pick.uniform(-5, -1) for _ in range(count)],
        "depth": [pick.randint(2, 12) for _ in range(count)],
        "kernel": [pick.choice(("linear", "poly", "rbf")) for _ in range(count)],
        "dropout": [pick.random() for _ in range(count)],
        "seed": [pick.randrange(1000) for _ in range(count)],
        "width": [pick.choice((32, 64, 128, 256)) for _ in range(count)],
    }
    loss = [abs(float(depth) - 6) / 6 + pick.gauss(0, 0.1) for depth in given["depth"]]
    columns = [SheetColumn(FieldKind.PARAMETER, name, tuple(values)) for name, values in given.items()]
    columns += [
        SheetColumn(FieldKind.METRIC, "loss", tuple(loss)),
        SheetColumn(FieldKind.METRIC, "accuracy", tuple(1 - one / 3 for one in loss)),
    ]
    numbers = range(count)
    return RunSheet(tuple(f"run_{n}" for n in numbers), tuple(f"run {n}" for n in numbers), tuple(columns))


def took_ms(act: Callable[[], object]) -> float:
    """Return the processor time of something in milliseconds."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


def brushing_ms(plot: ParallelCoordinates) -> list[float]:
    """Draw a brush over each axis in steps, and return how long each step and its paint took."""
    picture = QPixmap(plot.size())
    found = []
    for axis in plot.axes:
        for step in range(1, _STEPS + 1):
            span = (0.1, 0.1 + 0.8 * step / _STEPS)

            def paint(key: str = axis.key, span: tuple[float, float] = span) -> None:
                plot.set_spans({key: span})
                plot.render(picture)

            found.append(took_ms(paint))
    return found


def main() -> None:
    """Measure and print."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    sheet = many_runs(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(f"laying out      {took_ms(lambda: axes_of(sheet)):6.1f} ms")
    plot = ParallelCoordinates()
    plot.resize(1280, 800)
    plot.show_axes(axes_of(sheet), sheet.names)
    print(f"first paint     {took_ms(plot.grab):6.1f} ms")
    times = brushing_ms(plot)
    print(f"brushing        {statistics.median(times):6.1f} ms median (bound {BOUND_MS:.0f}), {max(times):.1f} at most")


if __name__ == "__main__":
    main()
