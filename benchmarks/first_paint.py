"""From the start of the program to the first paint of its window, beside a bare Qt window; warm, offscreen."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.history import note

ROUNDS = 9
OURS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from desktop_aml.ui.look import theme
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.session.preferences import Preferences
app = QApplication([])
preferences = Preferences()
theme.apply(app, str(preferences.value.theme))
window = MainWindow(preferences, Path(sys.argv[2]) / "layout.ini")
"""
BARE = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
"""
WATCH = """
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.time() - float(sys.argv[1]))
            heavy = {"numpy", "sklearn", "pyqtgraph", "docker", "sqlite_utils", "pandas"} & set(sys.modules)
            print(sorted(heavy))
            app.exit()
        return False
watch = Watch()
window.installEventFilter(watch)
window.show()
app.exec()
"""


def main() -> None:
    """Measure in turn and print."""
    ours, bare, heavy = [], [], ""
    for number in range(ROUNDS + 1):
        seconds, heavy = start(OURS + WATCH)
        plain, _ = start(BARE + WATCH)
        if number:  # The first round warms files.
            ours.append(seconds)
            bare.append(plain)
    print(f"bare Qt window  median {statistics.median(bare) * 1000:.0f} ms (least {min(bare) * 1000:.0f})")
    print(f"Desktop AML     median {statistics.median(ours) * 1000:.0f} ms (least {min(ours) * 1000:.0f}), bar 500 ms")
    note("first_paint: times a bare window", [one / statistics.median(bare) for one in ours])
    print(f"heavy modules loaded by then: {heavy}")


def start(code: str) -> tuple[float, str]:
    """Run one start and return seconds to the first paint and what was loaded by then."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DESKTOP_AML_HOME": home}
        words = [sys.executable, "-c", code, str(time.time()), home]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    seconds, heavy = done.stdout.splitlines()[:2]
    return float(seconds), heavy


if __name__ == "__main__":
    main()
