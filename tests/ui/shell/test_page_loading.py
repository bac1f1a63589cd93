"""A tab of the last time is opened when what it needs is there, loaded a little in each turn."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_LOADS = """
import sys, threading
from PySide6.QtWidgets import QApplication
app = QApplication([])
import desktop_aml.ui.shell.main_window
from desktop_aml.ui.session import turn_loading
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.shell import page_loading
from desktop_aml.ui.shell.pages import KINDS
steps, threads, load = [], {}, turn_loading.load
def counted(name):
    before = set(sys.modules)
    load(name)
    threads[name] = threading.current_thread() is threading.main_thread()
    steps.append((sum(one.startswith('desktop_aml') for one in sys.modules.keys() - before), name))
turn_loading.load = page_loading.load = counted
bridge, kind = Bridge(), sys.argv[1]
def over():
    print(max(steps)[0], f'desktop_aml.ui.{KINDS[kind].module}' in sys.modules)
    print(threads.get('numpy', 'not loaded'), sum(name.startswith('PySide6') for name in threads) > 100)
    bridge.is_busy() and print('busy')
    app.quit()
page_loading.load_for(bridge, bridge, kind, over)
app.exec()
"""


@pytest.mark.parametrize(("kind", "expected"), [("run", "False True"), ("runs", "not loaded False")])
def test_no_step_loads_much_and_what_needs_no_types_of_qt_is_loaded_elsewhere(kind: str, expected: str) -> None:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _LOADS, kind]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    first, second = done.stdout.splitlines()[:2]
    most, is_there = first.split()
    assert is_there == "True", done.stderr
    assert int(most) < 40
    assert second == expected
