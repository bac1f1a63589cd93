from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from desktop_aml.domain.events import EngineChanged
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.shell.spaces.standing import Standing, standing_of
from desktop_aml.workspace import Workspace


def said(window: MainWindow) -> str:
    return window.banner.text.text() if window.banner.isVisible() else ""


def test_a_workspace_that_vanished_is_told_and_comes_back(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15_000)
    assert said(window) == ""
    (tmp_path / "lab").rename(tmp_path / "away")
    qtbot.waitUntil(lambda: "is gone" in said(window), timeout=15_000)
    assert str(tmp_path / "lab") in said(window)
    assert window.banner.leave.isVisible()
    (tmp_path / "away").rename(tmp_path / "lab")
    qtbot.waitUntil(lambda: "is back" in said(window), timeout=15_000)
    qtbot.mouseClick(window.banner.reopen, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15_000)
    assert said(window) == ""


def test_a_window_whose_workspace_is_deleted_still_closes(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15_000)
    # At once: an engine makes and removes files of its own all the while.
    (tmp_path / "lab").rename(tmp_path / "deleted")
    shutil.rmtree(tmp_path / "deleted", ignore_errors=True)
    qtbot.waitUntil(lambda: "is gone" in said(window), timeout=15_000)
    qtbot.mouseClick(window.banner.leave, Qt.MouseButton.LeftButton)
    assert window.center.currentWidget() is window.welcome
    assert said(window) == ""
    assert not (tmp_path / "lab").exists()
    assert window.close()


def test_a_workspace_that_is_unknown_to_this_computer_offers_trust(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    shutil.copytree(tmp_path / "lab", tmp_path / "copy")
    assert window.open_folder(tmp_path / "copy")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "trust_question") is not None)
    window.findChild(QMessageBox, "trust_question").reject()
    assert "not made by you on this computer" in said(window)
    qtbot.mouseClick(window.banner.trust, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "trust_question") is not None)
    question = window.findChild(QMessageBox, "trust_question")
    next(button for button in question.buttons() if "Trust" in button.text()).click()
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15_000)
    qtbot.waitUntil(lambda: said(window) == "")


def test_a_fault_that_healed_is_not_shown_any_more(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    assert window.session is not None
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15_000)
    window.session.bridge.event_happened.emit(EngineChanged("fault", "The disk is full.", "Free some space.", "ENOSPC"))
    assert said(window) == "The disk is full."
    assert window.banner.details.isVisible()
    window.session.bridge.event_happened.emit(EngineChanged("ready"))
    assert said(window) == ""


def test_what_cannot_be_written_is_read_only(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert standing_of(tmp_path / "lab") is Standing.FINE
    assert standing_of(tmp_path / "nowhere") is Standing.GONE
    # Of this the system says neither that it is there nor that it is not, as of a disk that went away.
    assert standing_of(tmp_path / ("x" * 300)) is Standing.GONE
    # As root every folder can be written; what the system answers for a read-only disk is put in its place.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert standing_of(tmp_path / "lab") is Standing.READ_ONLY
    assert window.open_folder(tmp_path / "lab")
    qtbot.waitUntil(lambda: "read-only" in said(window), timeout=15_000)
    assert "you can look at everything, not run" in said(window)
