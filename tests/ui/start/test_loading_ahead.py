from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_aml.ui.shell.pages import KINDS
from desktop_aml.ui.start.loading_ahead import LoadingAhead, modules_of_panes
from desktop_aml.workspace import Workspace

_LOADS_ALL = """
import os, sys, threading
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from desktop_aml.ui.start.loading_ahead import LoadingAhead
app, elsewhere = QApplication([]), set()
class Look:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            elsewhere.add(name)
sys.meta_path.insert(0, Look())
ahead = LoadingAhead(app)
ahead.loaded.connect(app.quit)
ahead.begin()
app.exec()
ahead.stop()
print('numpy' in elsewhere, 'pyqtgraph' in sys.modules)
print(sorted(one for one in elsewhere if one.startswith(('PySide6', 'pyqtgraph', 'desktop_aml.ui'))))
"""

_OPENS = """
import sys, threading
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.start.loading_ahead import OF_AN_OPENING, load_in_turns
app, home, late = QApplication([]), Path(sys.argv[1]), []
class Look:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            late.append(name)
window = MainWindow(Preferences(home / 'settings.json'), home / 'layout.ini', None)
def open_it():
    sys.meta_path.insert(0, Look())
    from desktop_aml.ui.session.session import Session
    Session.start = lambda self: None
    window.open_folder(home / 'workspace')
    ending.start()
ending = QTimer(interval=5)
ending.timeout.connect(lambda: window.docks.is_made('runner') and not window.session.bridge.is_busy() and app.quit())
load_in_turns(app, OF_AN_OPENING, open_it)
app.exec()
print(*late)
window.close_session()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("wrong", ["import a_package_that_is_not_there", "import math\nmath.no_such_word"])
def test_modules_are_loaded_whatever_is_wrong_with_one(
    qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.delitem(sys.modules, "second_ahead", raising=False)
    (folder / "first_ahead.py").write_text(wrong)
    (folder / "second_ahead.py").write_text("")
    owner = QObject()
    ahead = LoadingAhead(owner, ["first_ahead", "second_ahead"])
    with qtbot.waitSignal(ahead.loaded):
        ahead.begin()
    ahead.stop()
    assert "second_ahead" in sys.modules


def test_a_window_that_closes_loads_no_other_module(qtbot: QtBot, folder: Path) -> None:
    (folder / "last_ahead.py").write_text("from tests.ui.start import test_loading_ahead as it\nit.during()")
    (folder / "never_ahead.py").write_text("")
    owner = QObject()
    ahead = LoadingAhead(owner, ["last_ahead", "never_ahead"])
    globals()["during"] = ahead._is_over.set
    ahead.begin()
    qtbot.waitUntil(lambda: "last_ahead" in sys.modules)
    ahead.stop()
    assert "never_ahead" not in sys.modules


def test_types_of_qt_are_made_by_the_windows_thread_alone(qtbot: QtBot) -> None:
    # Qt reads what PySide6 knows of types without Python's lock: one that another thread makes ends the program.
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", _LOADS_ALL], env=environ, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["True True", "[]"], done.stderr


def test_every_page_is_loaded_ahead_and_what_its_plots_need(qtbot: QtBot) -> None:
    names = list(modules_of_panes())
    assert {f"desktop_aml.ui.{kind.module}" for kind in KINDS.values()} <= set(names)
    assert {"desktop_aml.ui.plots.grid", "desktop_aml.ui.runs.tuning.contour"} <= set(names)


def test_no_module_makes_an_object_of_qt_as_it_is_loaded(qtbot: QtBot) -> None:
    # It would belong to the thread that loads.
    made = {
        f"{name}.{word}"
        for name in modules_of_panes()
        for word, value in vars(importlib.import_module(name)).items()
        if isinstance(value, QObject)
    }
    assert made == set()


def test_what_a_first_workspace_needs_is_there_before_it_is_opened(tmp_path: Path) -> None:
    # Each in a turn of its own: loaded while it is opened, it held up the window for twice as long as the opening.
    Workspace.create(tmp_path / "workspace", "test").close()
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DESKTOP_AML_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", _OPENS, str(tmp_path)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) < 12, done.stdout
