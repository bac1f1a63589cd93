"""Runs leave the window as a file, and come into another one by the menu or by dropping the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace


@pytest.fixture
def run_id(tmp_path: Path) -> str:
    """Return an ended run of the workspace ``lab``; ``other`` is another one."""
    script = tmp_path / "train.py"
    script.write_text("print('trained')\n")
    Workspace.create(tmp_path / "other").close()
    with Workspace.create(tmp_path / "lab") as workspace:
        workspace.start_engine()
        found = workspace.runs.submit(script, experiment="first")
        workspace.runs.wait(found)
    return found


def choose(window: MainWindow, path: Path) -> None:
    (dialog,) = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    dialog.deleteLater()


def told(window: MainWindow, words: str) -> Callable[[], bool]:
    return lambda: any(words in kept.message.text for kept in window.messages.history)


def test_a_run_is_exported_from_its_page_and_imported_by_the_menu(
    window: MainWindow, run_id: str, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "mine.amlrun"
    assert window.open_folder(tmp_path / "lab")
    window.refresh_actions()
    assert not window.action_set["export_run"].isEnabled()
    window.go_to(Destination("run", run_id))
    qtbot.waitUntil(lambda: (window.refresh_actions(), window.action_set["export_run"].isEnabled())[1], timeout=15000)
    window.action_set["export_run"].trigger()
    choose(window, file)
    qtbot.waitUntil(told(window, "was written to"), timeout=30000)

    assert window.open_folder(tmp_path / "other")
    window.refresh_actions()
    window.action_set["import_runs"].trigger()
    choose(window, file)
    qtbot.waitUntil(told(window, "1 run was imported"), timeout=30000)
    assert window.tabs.destination() == Destination("run", run_id)
    window.commands.import_file(str(file))
    qtbot.waitUntil(told(window, "here already"), timeout=30000)


def test_a_report_of_the_run_in_front_is_saved(window: MainWindow, run_id: str, tmp_path: Path, qtbot: QtBot) -> None:
    assert window.open_folder(tmp_path / "lab")
    window.go_to(Destination("run", run_id))
    window.refresh_actions()
    window.action_set["report_runs"].trigger()
    choose(window, tmp_path / "report.html")
    qtbot.waitUntil(told(window, "The report was written"), timeout=30000)
    assert run_id in (tmp_path / "report.html").read_text()


def test_a_file_of_runs_that_is_opened_is_imported(
    window: MainWindow, run_id: str, tmp_path: Path, qtbot: QtBot
) -> None:
    with Workspace.open(tmp_path / "lab") as workspace:
        file = workspace.runs.bundles.export([run_id], tmp_path / "mine.amlrun")
    assert window.open_folder(tmp_path / "other")
    window.commands.open_named(str(file))
    qtbot.waitUntil(told(window, "1 run was imported"), timeout=30000)


def test_a_damaged_file_is_said_to_be_one(window: MainWindow, run_id: str, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.amlrun").write_bytes(b"nothing")
    assert window.open_folder(tmp_path / "other")
    window.commands.import_file(str(tmp_path / "bad.amlrun"))
    qtbot.waitUntil(told(window, "no export of runs"), timeout=30000)
