"""From the start of the program, as it is typed, to the first paint of its window, beside a bare Qt window; warm."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from benchmarks.history import note

ROUNDS = 9
OURS = """
import sys, time
began = float(sys.argv.pop())
from desktop_aml import __main__ as program
from desktop_aml.ui.start import app as window_start
from PySide6.QtCore import QEvent, QObject
made = window_start.MainWindow
def watched(*words, **named):
    window = made(*words, **named)
    window.installEventFilter(watch)
    return window
window_start.MainWindow = watched
run = program.main
"""
BARE = """
import sys, time
began = float(sys.argv.pop())
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
def run():
    window.installEventFilter(watch)
    window.show()
    app.exec()
"""
WATCH = """
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.time() - began, time.process_time())
            heavy = {"numpy", "sklearn", "pyqtgraph", "docker", "sqlite_utils", "pandas"} & set(sys.modules)
            print(sorted(heavy))
            sys.modules["PySide6.QtWidgets"].QApplication.exit()
        return False
watch = Watch()
run()
"""


class Start(NamedTuple):
    """Seconds, and seconds of processor, to the first paint, and what was loaded by then."""

    seconds: float
    cpu_s: float
    heavy: str


def main() -> None:
    """Measure in turn and print."""
    ours: list[Start] = []
    bare: list[Start] = []
    with tempfile.TemporaryDirectory() as home:
        for number in range(ROUNDS + 1):
            each = start(OURS + WATCH, home), start(BARE + WATCH, home)
            if number:  # The first round warms files, and makes what a first start makes in its home.
                ours.append(each[0])
                bare.append(each[1])
    usual, cpu_s = (statistics.median(column) for column in list(zip(*bare, strict=True))[:2])
    for name, starts in (("bare Qt window", bare), ("Desktop AML", ours)):
        walls, cpus, _ = zip(*starts, strict=True)
        print(
            f"{name:14}  median {statistics.median(walls) * 1000:.0f} ms (least {min(walls) * 1000:.0f}),"
            f" of processor {statistics.median(cpus) * 1000:.0f} ms (least {min(cpus) * 1000:.0f}):"
            f" {statistics.median(walls) / usual:.2f} and {statistics.median(cpus) / cpu_s:.2f} times a bare window"
        )
    print("bars: 1.75 times, and 500 ms")
    note("first_paint: times a bare window", [one.seconds / usual for one in ours])
    note("first_paint: processor time, times a bare window", [one.cpu_s / cpu_s for one in ours])
    print(f"heavy modules loaded by then: {ours[-1].heavy}")


def start(code: str, home: str) -> Start:
    """Run one start."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DESKTOP_AML_HOME": home}
    # Whoever starts a program for the second time finds it compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    words = [sys.executable, "-c", code, str(time.time())]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    figures, heavy = done.stdout.splitlines()[:2]
    seconds, cpu_s = map(float, figures.split())
    return Start(seconds, cpu_s, heavy)


if __name__ == "__main__":
    main()
