"""How long the metrics page of a run with 12 curves of POINTS points takes to its first curve, and to all in sight.

    python -m benchmarks.metrics_page [POINTS]

100,000 points unless said otherwise. Processor time of the whole process, reading included, then of the window's thread
alone; pyqtgraph is loaded before, as the window does in its first idle moment.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.metrics_tab import MetricsTab
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace

_CURVES = 12
_SIZE = 1280, 800


def fill(folder: Path, points: int) -> Workspace:
    """Make a workspace with one run that logged much."""
    workspace = Workspace.create(folder, "bench")
    rng = np.random.default_rng(0)
    with Database(folder / "desktop_aml.db", read_only=False) as db, db.transaction():
        runs.insert(
            db, SubmitRun(run_id="r", experiment="e", script="s.py", environment="v"), environment="v", version=None,
            seed=0, at=1.0,
        )  # fmt: skip
        for number in range(_CURVES):
            values = rng.normal(size=points).cumsum().tolist()
            metrics.add_points(db, "r", [(f"m{number}", i, 1000.0 + i, value) for i, value in enumerate(values)])
    return workspace


def until(app: QApplication, done: Callable[[], bool]) -> None:
    """Let the window live until `done`."""
    while not done():
        app.processEvents()
        time.sleep(0.0005)


def open_once(app: QApplication, workspace: Workspace) -> str:
    """Open the page and say how long it took."""
    bridge = Bridge()
    cpu, own, wall = time.process_time(), time.thread_time(), time.monotonic()
    tab = MetricsTab(workspace, bridge, "r")
    tab.resize(*_SIZE)
    tab.show()

    def drawn() -> list[bool]:
        plots = list(tab.grid.plots.values()) if tab.grid is not None else []
        return [plot.drawn_points() > 0 for plot in plots if not plot.visibleRegion().isEmpty()]

    said = []
    for name, done in (
        ("first curve", lambda: any(drawn())),
        ("all in sight", lambda: bool(drawn()) and all(drawn())),
        ("all read", lambda: not tab.reading.is_busy() and all(drawn())),
    ):
        until(app, done)
        said.append(
            f"{name} {(time.process_time() - cpu) * 1000:.0f} ms CPU ({(time.thread_time() - own) * 1000:.0f} the"
            f" window's), {(time.monotonic() - wall) * 1000:.0f} ms"
        )
    tab.close()
    tab.deleteLater()
    bridge.close()
    # Now: a page that is still there would be painted within the next figure.
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()
    return "; ".join(said)


def main(folder: Path, points: int) -> None:
    """Print processor and wall time in milliseconds."""
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    workspace = fill(folder, points)
    import desktop_aml.ui.plots.grid  # noqa: F401

    for _ in range(3):
        print(open_once(app, workspace))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch) / "ws", int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
