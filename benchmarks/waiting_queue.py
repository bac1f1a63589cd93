"""A queue of 100,000 runs: choosing the next, moving one, and the turns of the window while it is reordered by drag.

Run: QT_QPA_PLATFORM=offscreen .venv/bin/python -m benchmarks.waiting_queue [RUNS]
Printed is processor time: of the process for the queue itself, of the window's thread for its turns. The bounds are
5 ms for the next one and 16 ms for a turn, which is one frame at 60 a second.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop_aml.store import pools
from desktop_aml.store.database import Database
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.queue.dialog import QueueDialog
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace
from tests.ui.turn_watch import TurnWatch

BOUND_MS = 16.0
TIMES = 20


def fill(path: Path, count: int) -> None:
    """Write `count` queued runs straight into the table."""
    with Database(path, read_only=False) as db, db.transaction():
        db.run(
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)"
            " INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at)"
            " SELECT 'q' || i, i, 'train', 'otter-' || i, 'Queued', 's.py', 'local', 'e', i FROM c",
            (count,),
        )
        db.run("DELETE FROM outbox")


def tell(what: str, work: Callable[[int], object]) -> None:
    """Print what one of many calls takes."""
    took = []
    for number in range(TIMES):
        began = time.process_time()
        work(number)
        took.append(1000 * (time.process_time() - began))
    print(f"{what:44} median {statistics.median(took):7.2f} ms, greatest {max(took):7.2f} ms", flush=True)


def queue_itself(path: Path, count: int) -> None:
    """Print what the engine and the commands take."""
    with Database(path, read_only=False) as db:
        tell("the next one", lambda _: pools.queued(db, ["local"], 1))
        tell("the next one, two computes full", lambda _: pools.queued(db, ["local"], 1, ["a", "b"]))
        tell("one moved to the front", lambda n: pools.move_before(db, f"q{count - n}", pools.waiting(db, 1)[0]))
        tell("one moved into the middle", lambda n: pools.move_before(db, f"q{count - n}", f"q{count // 2}"))
        tell("one moved to the end", lambda n: pools.move_before(db, f"q{1 + n}", ""))
        tell("place of the last one", lambda _: pools.position_of(db, f"q{count // 2}"))
        tell("all in few words", lambda _: pools.waiting_rows(db, count))


def wait(bridge: Bridge, seconds: float = 0.3) -> None:
    """Turn the window's loop until what was asked for has come."""
    loop, timer = QEventLoop(), QTimer(interval=20)
    until = [time.monotonic() + seconds]

    def look() -> None:
        if bridge.is_busy():
            until[0] = time.monotonic() + seconds
        elif time.monotonic() > until[0]:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()


def window(space: Workspace, count: int) -> None:
    """Print the greatest turns of the window."""
    bridge = Bridge()
    watch = TurnWatch(BOUND_MS)
    dialog = QueueDialog(space, bridge)

    def turn(what: str, act: Callable[[], object]) -> None:
        watch.begin()
        act()
        wait(bridge)
        print(f"{what:44} greatest turn {watch.seen().greatest_ms:6.2f} ms (bound {BOUND_MS:g})", flush=True)

    def drag(row: int, before: int) -> None:
        data = dialog.model.mimeData([dialog.model.index(row, 0)])
        dialog.model.dropMimeData(data, Qt.DropAction.MoveAction, before, 0, QModelIndex())

    turn("window: opened", dialog.show)
    turn("window: the last one dragged to the front", lambda: drag(count - 1, 0))
    turn("window: one dragged down by ten places", lambda: drag(count // 2, count // 2 + 10))
    turn("window: the first one dragged to the end", lambda: drag(0, count))
    turn("window: scrolled to the end", dialog.table.scrollToBottom)
    dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    app = QApplication([])
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as place:
        Workspace.create(Path(place) / "workspace").close()
        with Workspace.open(Path(place) / "workspace") as space:
            space.start_engine()
            space.runs.queue.pause()
            path = space.path / "desktop_aml.db"
            fill(path, count)
            queue_itself(path, count)
            window(space, count)


if __name__ == "__main__":
    main()
