"""A workspace whose database is damaged or gone: the window says so, and makes it again after a yes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from desktop_aml.engine.core.owner import OwnerLock
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    script = tmp_path / "train.py"
    script.write_text("from azureml.core import Run\nRun.get_context().log('loss', 0.5)\n")
    with Workspace.create(tmp_path / "lab") as workspace:
        workspace.start_engine()
        workspace.runs.wait(workspace.runs.submit(script, experiment="first"))
    for log in ("-wal", "-shm"):
        (tmp_path / f"lab/desktop_aml.db{log}").unlink(missing_ok=True)
    return tmp_path / "lab"


def damage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 400)


def remove(path: Path) -> None:
    path.unlink()


def press(box: QMessageBox, text: str) -> None:
    next(button for button in box.buttons() if button.text() == text).click()


@pytest.mark.parametrize("spoil", [damage, remove])
def test_a_lost_database_is_made_again_from_the_folders(window: MainWindow, lab: Path, qtbot: QtBot, spoil) -> None:
    spoil(lab / "desktop_aml.db")
    assert not window.open_folder(lab)
    box = window.findChild(QMessageBox, "rebuild_question")
    assert box is not None
    assert "not a database" in box.text() or "its folders hold 1 run" in box.text()
    press(box, "Rebuild")
    qtbot.waitUntil(lambda: window.session is not None, timeout=60000)
    assert window.session is not None
    runs = window.session.workspace.runs
    (run,) = runs.list()
    assert runs.metrics(run.id).curves[0].points[0].value == 0.5


def test_without_a_yes_nothing_is_changed(window: MainWindow, lab: Path) -> None:
    damage(lab / "desktop_aml.db")
    before = (lab / "desktop_aml.db").read_bytes()
    assert not window.open_folder(lab)
    box = window.findChild(QMessageBox, "rebuild_question")
    assert box is not None
    press(box, "Cancel")
    assert window.session is None
    assert (lab / "desktop_aml.db").read_bytes() == before


def test_a_workspace_that_another_program_has_is_left_alone(window: MainWindow, lab: Path, qtbot: QtBot) -> None:
    damage(lab / "desktop_aml.db")
    lock = OwnerLock(WorkspaceFolder(lab).owner_lock, "headless")
    assert lock.acquire()
    try:
        assert not window.open_folder(lab)
        box = window.findChild(QMessageBox, "rebuild_question")
        assert box is not None
        press(box, "Rebuild")
        told = window.messages
        qtbot.waitUntil(lambda: any("another program" in one.message.text for one in told.history), timeout=60000)
        assert window.session is None
    finally:
        lock.release()
