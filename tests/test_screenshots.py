"""The tool that takes pictures of the window works over today's window and workspace."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.shell.actions import TABLE
from desktop_aml.ui.shell.pages import KINDS
from tests import screenshots
from tests.screenshots import THEMES, panes

ROOT = Path(__file__).parents[1]


def test_a_picture_of_a_pane_is_taken_in_both_themes(tmp_path: Path) -> None:
    more = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "1", "LC_ALL": "C.UTF-8"}
    more["DESKTOP_AML_SHOT"] = "1024 640 1"
    command = [sys.executable, "-m", "tests.screenshots", str(tmp_path), "nothing open"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "still changing" not in done.stderr
    pictures = sorted(tmp_path.rglob("*.png"))
    assert [one.parent.name for one in pictures] == ["dark", "light"]
    dark, light = (QImage(str(one)) for one in pictures)
    assert dark.size() == light.size()
    assert dark.pixelColor(2, 2).lightness() < light.pixelColor(2, 2).lightness()


LOOKED_AT = ("screenshots", "banner_panes", "dialog_panes", "environment_panes", "run_panes", "sweep_panes")
BY_ACTION = {
    "AboutDialog": "show_about",
    "HelpWindow": "show_help",
    "NewWorkspaceDialog": "new_workspace",
    "Picker": "show_palette",
    "QueueDialog": "show_queue",
    "RegisterDataDialog": "register_data",
    "SettingsDialog": "show_settings",
}
"""Dialogs that an entry of a menu opens."""


def test_no_page_and_no_dialog_of_the_window_is_without_a_picture() -> None:
    shown: set[str] = set()
    actions = {one.id for one in TABLE}
    for name in LOOKED_AT:
        tree = ast.parse((ROOT / "tests" / f"{name}.py").read_text("utf-8"))
        # An import alone shows nothing.
        shown |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        shown |= {
            str(node.args[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and (getattr(node.func, "attr", "") == "show" or getattr(node.func, "id", "") == "Destination")
        }
        shown |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in actions}
    dialogs = {
        found
        for file in (ROOT / "desktop_aml" / "ui").rglob("*.py")
        for found in re.findall(r"^class (\w+)\(.*Q(?:Dialog|MessageBox)\b", file.read_text("utf-8"), re.M)
    }
    assert len(KINDS) > 10
    assert len(dialogs) > 10
    assert sorted(KINDS.keys() - shown) == []
    assert sorted(one for one in dialogs if one not in shown and BY_ACTION.get(one) not in shown) == []


def test_every_pane_has_a_name_of_its_own_and_a_line_of_its_own() -> None:
    names = [pane.name for pane in panes(MagicMock())]
    assert len(names) > 60
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_each_size_is_taken_and_all_lie_on_one_sheet_in_both_themes(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    scales = {}

    def taken(_command: list[str], *, env: dict[str, str], check: bool) -> None:
        width, height, scale = map(int, env["DESKTOP_AML_SHOT"].split())
        scales[width, height, scale] = env["QT_SCALE_FACTOR"]
        for theme in THEMES:
            for number in range(3):
                file = tmp_path / f"{width}x{height}@{scale}" / theme / f"{number:02} pane.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                image = QImage(40, 25, QImage.Format.Format_RGB32)
                image.fill(QColor("#ff0000"))
                image.save(str(file))

    monkeypatch.setattr(subprocess, "run", taken)
    monkeypatch.setattr(screenshots, "QApplication", lambda _: MagicMock())
    screenshots.main(tmp_path, ())
    assert scales == {(1024, 640, 1): "1", (1280, 800, 1): "1", (1920, 1080, 1): "1", (1280, 800, 2): "2"}
    assert THEMES == ("light", "dark")
    sheet = QImage(str(tmp_path / "contact-sheet.png"))
    columns, rows = 8, 3
    wide, high = sheet.width() // columns, (sheet.height() - 24) // rows
    places = [(x * wide + 200, 24 + y * high + 100) for x in range(columns) for y in range(rows)]
    assert {sheet.pixelColor(*place).name() for place in places} == {"#ff0000"}
