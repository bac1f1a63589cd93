"""The window on a workspace that was made elsewhere: it can be looked at; nothing runs without a yes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from desktop_aml.domain.requests import RegisterModel
from desktop_aml.engine.core import spool
from desktop_aml.store.database import migrate
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.ui.shell.main_window import MainWindow
from tests.strangers_workspace import WOULD_RUN, with_work


@pytest.fixture
def foreign(tmp_path: Path) -> WorkspaceFolder:
    folder = WorkspaceFolder(tmp_path / "stick")
    folder.make("stick")
    migrate(folder.database)
    (folder.requests / "0-a.json").write_bytes(spool.encode(RegisterModel(name="m", file="/nowhere")))
    return folder


def question(window: MainWindow, qtbot: QtBot) -> QMessageBox:
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "trust_question") is not None, timeout=15000)
    found = window.findChild(QMessageBox, "trust_question")
    assert found is not None
    return found


def press(box: QMessageBox, text: str) -> None:
    next(button for button in box.buttons() if button.text() == text).click()


def test_it_says_what_would_run_and_runs_it_after_a_yes(
    window: MainWindow, foreign: WorkspaceFolder, qtbot: QtBot
) -> None:
    assert window.open_folder(foreign.root)
    box = question(window, qtbot)
    assert "1 waiting request" in box.informativeText()
    assert window.status.engine.text() == "Nothing runs: not trusted"
    assert not foreign.owner_lock.exists()
    press(box, "Trust and run")
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15000)
    assert not window.action_set["trust_workspace"].isEnabled()


def test_it_names_each_queued_run_request_and_endpoint(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    assert window.open_folder(with_work(tmp_path / "stick", tmp_path / "source").root)
    box = question(window, qtbot)
    lines = box.informativeText().splitlines()
    assert [line.removeprefix("  •  ") for line in lines if "•" in line] == list(WOULD_RUN)
    press(box, "Cancel")


def test_without_a_yes_it_is_looked_at_and_can_be_trusted_later(
    window: MainWindow, foreign: WorkspaceFolder, qtbot: QtBot
) -> None:
    assert window.open_folder(foreign.root)
    press(question(window, qtbot), "Cancel")
    qtbot.waitUntil(lambda: window.action_set["trust_workspace"].isEnabled())
    assert window.session is not None
    assert window.preferences.value.last_workspace == ""
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "trust_question") is None)
    window.action_set["trust_workspace"].trigger()
    press(question(window, qtbot), "Cancel")
    window.close_session()
    assert not foreign.owner_lock.exists()
    assert [path.name for path in foreign.requests.iterdir()] == ["0-a.json"]
