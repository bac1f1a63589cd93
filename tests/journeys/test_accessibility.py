"""The main journey by the accessibility tree alone, on a real X server and a session bus of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.accessibility_tree import LAUNCHER
from tests.conftest import wait_until
from tests.journeys.window_driver import Display

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(300)]

SCRIPT = """
import os, joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
X, y = load_iris(return_X_y=True)
os.makedirs("outputs", exist_ok=True)
joblib.dump(LogisticRegression(max_iter=500).fit(X, y), "outputs/model.joblib")
"""


def test_a_screen_reader_gets_from_the_script_to_an_answer_and_everything_on_the_way_has_a_name(
    tmp_path: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    if not Path(LAUNCHER).exists() or shutil.which("dbus-run-session") is None:
        pytest.skip("at-spi2-core or dbus is missing: packaging/setup.sh test installs them")
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    display = Display.start()
    try:
        words = ["dbus-run-session", "--", sys.executable, "-m", "tests.accessibility_tree", str(script)]
        environ = {**os.environ, "DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=280, check=False)
    finally:
        display.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "read: text “Response”" in done.stdout
    assert "without a name" not in done.stdout
    wait_until(lambda: not marked_processes(), "every process to be gone", 15)
