"""How long the window's thread is busy at a stretch while each pane of the contact sheet is opened and left.

Run: QT_QPA_PLATFORM=offscreen .venv/bin/python -m benchmarks.gui_turns [WORDS]
Prints one line a pane: the greatest turn of the event loop in CPU milliseconds of the window's thread, when the pane is
opened for the first time (modules are loaded then) and for the second, and how many turns were over the bound of 50 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.session import Session
from desktop_aml.workspace import endpoints
from desktop_aml.workspace.endpoint import states
from tests.screenshots import Camera, Pane, panes, stay_away
from tests.seeded_workspace import make
from tests.ui.turn_watch import TurnWatch

BOUND_MS = 50.0
_LOOK_MS = 5
_CALM_LOOKS = 10
_DEADLINE_MS = 20_000


class Plain(Camera):
    """Waits as the tests do: to look at each event, as the camera does, would cost much of what is measured."""

    def settle(self) -> None:
        """Wait until what was asked for has come, in an event loop as the program's own."""
        loop, looks = QEventLoop(), [0]
        timer = QTimer(interval=_LOOK_MS)

        def look() -> None:
            session = self.window.session
            looks[0] = 0 if session is not None and session.bridge.is_busy() else looks[0] + 1
            if looks[0] >= _CALM_LOOKS:
                loop.quit()

        timer.timeout.connect(look)
        timer.start()
        QTimer.singleShot(_DEADLINE_MS, loop.quit)
        loop.exec()


def opened(camera: Camera, watch: TurnWatch, pane: Pane) -> tuple[float, int]:
    """Return the greatest turn while a pane is opened and drawn, and how many were over the bound."""
    camera.tidy()
    camera.settle()
    watch.begin()
    pane.open(camera)
    camera.settle()
    seen = watch.seen()
    return seen.greatest_ms, len(seen.over)


def main(words: list[str]) -> None:
    """Open every pane twice."""
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    Session.start = stay_away  # type: ignore[method-assign]
    states.as_it_is = endpoints.as_it_is = lambda _db, _folder, endpoint: endpoint
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        os.environ["DESKTOP_AML_HOME"] = scratch
        seeded = make(Path(scratch) / "made", at=time.time() - 1200)
        camera = Plain(app, seeded, Path(scratch))
        app.removeEventFilter(camera._stir)  # noqa: SLF001
        camera.window.resize(1280, 800)
        camera.window.show()
        watch = TurnWatch(BOUND_MS)
        if not camera.window.open_folder(seeded.folder):
            raise SystemExit("The seeded workspace cannot be opened.")
        camera.settle()
        print(f"{'pane':34} {'first ms':>9} {'over':>5} {'again ms':>9} {'over':>5}")
        for pane in panes(seeded):
            if words and not any(word in pane.name for word in words):
                continue
            first, again = opened(camera, watch, pane), opened(camera, watch, pane)
            print(f"{pane.name:34} {first[0]:9.1f} {first[1]:5} {again[0]:9.1f} {again[1]:5}", flush=True)
        camera.tidy()
        camera.window.close_session()


if __name__ == "__main__":
    main(sys.argv[1:])
