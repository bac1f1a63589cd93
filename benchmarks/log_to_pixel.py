"""From `run.log` in a script to the paint of the point in the window: a real run, a real window with its engine.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.log_to_pixel [VALUES [PAUSE]]

10 values, one a second, unless said otherwise. By the clock, so others on the computer count; the bound of the median
is 250 ms.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.canvas import PlotCanvas
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace

BOUND_MS = 250.0
_DEADLINE_S = 120.0
_SCRIPT = """
import os, time
from azureml.core.run import Run

run = Run.get_context()
for _ in range(2):
    run.log("moment", time.time())
while not os.path.exists({begin!r}):  # until the window shows a plot
    time.sleep(0.02)
for _ in range({values}):
    time.sleep({pause})
    run.log("moment", time.time())
time.sleep({pause})
"""


class Watch:
    """Notes when the last point of a curve is painted for the first time."""

    def __init__(self, begin: Path) -> None:
        self._begin = begin
        self.latencies_ms: list[float] = []
        self._count = 0
        self._paint = PlotCanvas.paintEvent

    def __enter__(self) -> Self:
        def painted(canvas: PlotCanvas, event: QPaintEvent) -> None:
            self._paint(canvas, event)
            plot = canvas.parent()
            if isinstance(plot, MetricPlot) and plot.has_drawn_all() and len(plot.curve) > self._count:
                self._count = len(plot.curve)
                if not self._begin.exists():
                    self._begin.touch()
                    return
                # The value of a point is the moment at which it was logged.
                self.latencies_ms.append(1000 * (time.time() - float(plot.curve.value(self._count - 1))))

        PlotCanvas.paintEvent = painted
        return self

    def __exit__(self, *_: object) -> None:
        PlotCanvas.paintEvent = self._paint


def measure(app: QApplication, folder: Path, values: int, pause_s: float) -> list[float]:
    """Run a script in a window and return how long each value took in milliseconds, once there is a plot."""
    (folder / "source").mkdir()
    script = folder / "source" / "train.py"
    begin = folder / "begin"
    script.write_text(_SCRIPT.format(values=values, pause=pause_s, begin=str(begin)))
    Workspace.create(folder / "ws", "bench").close()
    window = MainWindow(Preferences(folder / "s.json"), folder / "layout.ini", None)
    window.resize(1280, 800)
    window.show()
    with Watch(begin) as watch:
        if not window.open_folder(folder / "ws"):
            raise SystemExit("The workspace cannot be opened.")
        assert window.session is not None
        workspace = window.session.workspace
        run_id = workspace.runs.submit(script, environment="this-python")
        window.go_to(Destination("run", run_id))
        end = time.monotonic() + _DEADLINE_S
        while not workspace.runs.get(run_id).summary.state.is_terminal() and time.monotonic() < end:
            until = time.monotonic() + 0.2
            while time.monotonic() < until:
                app.processEvents()
                time.sleep(0.001)
        window.close_session()
    window.close()
    window.deleteLater()
    return watch.latencies_ms


def main() -> int:
    """Print the figures; return 1 when the median is over the bound."""
    values, pause_s = int((*sys.argv[1:], "10")[0]), float((*sys.argv[2:], "1.0")[0])
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        os.environ["DESKTOP_AML_HOME"] = str(Path(scratch) / "home")
        found = measure(app, Path(scratch), values, pause_s)
    print(
        f"run.log to the pixel, {len(found)} values: {statistics.median(found):.0f} ms median, {min(found):.0f} least,"
        f" {max(found):.0f} at most; bound of the median {BOUND_MS:.0f} ms"
    )
    return int(statistics.median(found) > BOUND_MS)


if __name__ == "__main__":
    sys.exit(main())
