"""A script that writes 100 MB each second while its page is open: CPU time of the window's thread.

Run: QT_QPA_PLATFORM=offscreen .venv/bin/python benchmarks/log_flood.py [MEGABYTES_EACH_SECOND] [SECONDS]
A turn is what the GUI thread does from waking until it waits again. The bound is one frame at 60 a second: 16 ms.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace

BOUND_MS = 16.0
WRITER = """
import sys, time
rate, seconds = float(sys.argv[1]), float(sys.argv[2])
line = b"epoch %06d  loss 0.12345  accuracy 0.98765  a line as training scripts write them\\n"
block = b"".join(line % n for n in range(12500))
begun, written = time.monotonic(), 0
while time.monotonic() < begun + seconds:
    sys.stdout.buffer.write(block)
    written += len(block)
    ahead = written / (rate * 1e6) - (time.monotonic() - begun)
    if ahead > 0:
        time.sleep(ahead)
sys.stdout.buffer.flush()
"""


class Turns:
    """CPU milliseconds of each turn of the GUI thread's loop; waiting costs none."""

    def __init__(self) -> None:
        self.cpu_ms: list[float] = []
        self._begun = time.thread_time()
        # Qt runs timers between its wait and `awake`, so only the next `aboutToBlock` ends a turn.
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._on_about_to_block)

    def _on_about_to_block(self) -> None:
        now = time.thread_time()
        self.cpu_ms.append((now - self._begun) * 1000)
        self._begun = now


def wait_until(condition: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Let the window live until something holds."""
    loop, timer = QEventLoop(), QTimer()
    deadline = time.monotonic() + limit_s
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > deadline else None)
    timer.start(100)
    loop.exec()
    timer.stop()
    if not condition():
        raise SystemExit("the run did not come so far in time")


def main() -> int:
    """Print the figures; return 1 when a hundredth of the turns is over the bound."""
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 100.0
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        source.mkdir()
        (source / "flood.py").write_text(WRITER)
        Workspace.create(folder / "lab", "lab").close()
        window = MainWindow(Preferences(folder / "settings.json"), folder / "layout.ini", None)
        window.show()
        window.open_folder(folder / "lab")
        session = window.session
        assert session is not None
        wait_until(lambda: window.status.engine.text() == "Engine ready")
        run_id = session.workspace.runs.submit(source / "flood.py", arguments=[str(rate), str(seconds)])
        window.go_to(Destination("run", run_id))
        run_folder = folder / "lab" / "runs" / run_id
        wait_until(lambda: bool(window.findChildren(RunPage)) and window.findChildren(RunPage)[0].detail is not None)
        page = window.findChildren(RunPage)[0]
        page.tabs.setCurrentWidget(page.log)
        wait_until(lambda: log_size(run_folder) > rate * 5e5)
        turns = Turns()
        begun, before = time.monotonic(), log_size(run_folder)
        wait_until(lambda: any(run_folder.glob("attempts/*/exit.json")), 4 * seconds + 30)
        took, size = time.monotonic() - begun, log_size(run_folder) - before
        print(f"{size / 1e6:,.0f} MB in {took:.1f} s while the page was open")
        report(turns.cpu_ms)
        window.memory.remember_choice("close", "told")
        window.close()
    return int(over(turns.cpu_ms) > 0.01)


def log_size(run_folder: Path) -> int:
    """Return how much the script has written."""
    log = run_folder / "logs" / "std_log.txt"
    return log.stat().st_size if log.exists() else 0


def over(values: list[float]) -> float:
    """Return the share of turns over the bound."""
    return sum(value > BOUND_MS for value in values) / max(1, len(values))


def report(values: list[float]) -> None:
    """Print one line."""
    ordered = sorted(values)
    high = ordered[int(len(ordered) * 0.99)]
    print(
        f"CPU of {len(values)} turns of the GUI thread: median {statistics.median(values):5.2f}  99 % {high:5.2f}"
        f"  greatest {ordered[-1]:6.2f} ms; over {BOUND_MS} ms: {100 * over(values):.2f} %"
    )


if __name__ == "__main__":
    sys.exit(main())
