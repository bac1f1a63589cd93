from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.start.app import is_broken_pyside

HEAVY = (
    "numpy", "sklearn", "pyqtgraph", "docker", "sqlite_utils", "sqlite3", "requests", "pandas", "scipy", "uvloop",
    "asyncio", "ssl", "subprocess", "logging.handlers", "pickle", "PySide6.QtNetwork", "PySide6.QtDBus",
)  # fmt: skip

FIRST_PAINT = """
import json, sys, time
begin = time.process_time()
from pathlib import Path
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QTimer
from desktop_aml.ui.look import theme
from desktop_aml import doctor, settings
from desktop_aml.ui.start import app, logging_setup
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.session.preferences import Preferences
qapp = theme.application("x")
theme.apply(qapp, "light")
window = MainWindow(Preferences(Path(sys.argv[1]) / "s.json"), Path(sys.argv[1]) / "layout.ini", None)
window.show()
def painted():
    used = time.process_time() - begin
    made = [name for name in ("QStyle", "QUrl", "QGradient", "QImage") for module in (QtCore, QtGui, QtWidgets)
            if name in vars(module)]
    print(json.dumps({"cpu_s": used, "modules": sorted(sys.modules), "types": made, "tabs": "tabs" in vars(window)}))
    qapp.quit()
QTimer.singleShot(0, painted)
qapp.exec()
"""


@pytest.mark.timing
def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    env_vars = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=True, env=env_vars,
    )  # fmt: skip
    shown = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in HEAVY if name in shown["modules"]] == []
    lower = tuple(f"desktop_aml.{layer}" for layer in ("store", "engine", "workspace", "executors", "serving"))
    assert [name for name in shown["modules"] if name.startswith(lower)] == []
    # Values that only an open workspace has are many classes, made in a tenth of the time to the first paint.
    assert not {"desktop_aml.domain.events", "desktop_aml.domain.runs"} & set(shown["modules"])
    # Nor what PySide makes in Python of each enumeration that a type of Qt has: styles, addresses, gradients.
    assert shown["types"] == []
    # Pages are for an open workspace.
    assert not shown["tabs"]
    # By processor time, so that a busy computer does not decide; the promise is 0.5 s on a warm one.
    assert shown["cpu_s"] < 1.0


def test_the_broken_pyside_is_refused_only_where_it_breaks() -> None:
    assert is_broken_pyside((6, 12, 0), (3, 11))
    assert not is_broken_pyside((6, 12, 0), (3, 12))
    assert not is_broken_pyside((6, 11, 3), (3, 11))


def test_the_source_of_a_module_is_not_read_as_it_is_imported(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imported_by_a_window.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    read: list[object] = []
    monkeypatch.setattr(inspect, "getsource", lambda what: read.append(what) or "")
    # By the statement: PySide puts itself in its way.
    exec("import imported_by_a_window", {})
    assert "imported_by_a_window" in sys.modules
    assert read == []
