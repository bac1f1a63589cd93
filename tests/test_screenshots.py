"""The tool that takes pictures of the window works over today's window and workspace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage


def test_a_picture_of_a_pane_is_taken_in_both_themes(tmp_path: Path) -> None:
    more = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "1", "LC_ALL": "C.UTF-8"}
    more["DESKTOP_AML_SHOT"] = "1024 640 1"
    command = [sys.executable, "-m", "tests.screenshots", str(tmp_path), "nothing open"]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, env={**os.environ, **more}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "still changing" not in done.stderr
    pictures = sorted(tmp_path.rglob("*.png"))
    assert [one.parent.name for one in pictures] == ["dark", "light"]
    dark, light = (QImage(str(one)) for one in pictures)
    assert dark.size() == light.size()
    assert dark.pixelColor(2, 2).lightness() < light.pixelColor(2, 2).lightness()
