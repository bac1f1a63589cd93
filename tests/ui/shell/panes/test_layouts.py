from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QInputDialog
from pytestqt.qtbot import QtBot

from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace


@pytest.fixture
def jobs(window: MainWindow, tmp_path: Path) -> QDockWidget:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    assert window.docks is not None
    dock = window.docks.pane("jobs").parentWidget()
    assert isinstance(dock, QDockWidget)
    return dock


def entries(window: MainWindow) -> list[str]:
    window.layouts_menu.fill()
    return [one.text() for one in window.layouts_menu.actions() if not one.isSeparator()]


def test_a_layout_is_saved_by_name_used_removed_and_each_act_is_undone(
    window: MainWindow, jobs: QDockWidget, qtbot: QtBot
) -> None:
    assert entries(window) == ["None yet"]
    jobs.close()
    window.action_set["save_layout"].trigger()
    [question] = window.findChildren(QInputDialog)
    question.setTextValue("R&D")
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert entries(window) == ["R&&D", "Remove"]
    window.action_set["reset_layout"].trigger()
    assert not jobs.isHidden()
    window.messages.undo_newest()
    assert jobs.isHidden()
    window.action_set["reset_layout"].trigger()
    window.layouts_menu.actions()[0].trigger()
    assert jobs.isHidden()
    window.messages.undo_newest()
    assert not jobs.isHidden()
    window.layouts_menu.actions()[-1].menu().actions()[0].trigger()
    assert entries(window) == ["None yet"]
    window.messages.undo_newest()
    assert entries(window) == ["R&&D", "Remove"]


def test_a_layout_that_cannot_be_read_is_left_out(window: MainWindow, jobs: QDockWidget) -> None:
    settings = window.memory._settings
    for kept in ("{", "[]", '{"a": 1, "b": {"state": 2, "pane_sizes": {}}}'):
        settings.setValue("layouts/named", kept)
        assert entries(window) == ["None yet"]
    settings.setValue("layouts/named", '{"of another program": {"state": "AAAA", "pane_sizes": {"jobs": 9}}}')
    entries(window)
    window.layouts_menu.actions()[0].trigger()
    assert not jobs.isHidden()
