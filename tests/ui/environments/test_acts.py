"""Environments are renamed, deleted and brought back in the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.ui.environments.list_page import EnvironmentsPage
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.workspace import Workspace


@pytest.fixture
def page(tmp_path: Path, bridge: Bridge, qtbot: QtBot) -> Iterator[EnvironmentsPage]:
    workspace = Workspace.create(tmp_path / "ws")
    workspace.start_engine(bridge.event_happened.emit)
    workspace.environments.register("mine", "numpy\n")
    made = EnvironmentsPage(workspace, bridge)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: "mine" in listed(made))
    yield made
    workspace.close()


def listed(page: EnvironmentsPage) -> list[str]:
    return [page.table.topLevelItem(row).text(0) for row in range(page.table.topLevelItemCount())]


def choose(page: EnvironmentsPage, name: str, words: str) -> None:
    next(action for action in page.menu(name).actions() if action.text() == words).trigger()


def test_a_deleted_environment_is_in_the_trash_and_comes_back(
    page: EnvironmentsPage, bridge: Bridge, qtbot: QtBot
) -> None:
    told: list[Message] = []
    bridge.message_raised.connect(told.append)
    choose(page, "mine", "Delete")
    qtbot.waitUntil(lambda: "mine" not in listed(page) and page.trash_button.isVisible())
    told[-1].action[1]()
    qtbot.waitUntil(lambda: "mine" in listed(page) and not page.trash_button.isVisible())
    choose(page, "mine", "Delete")
    qtbot.waitUntil(lambda: "mine" not in listed(page) and page.trash_button.isVisible())
    page.trash_menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: "mine" in listed(page))


def test_a_search_that_finds_no_environment_says_so_and_shows_all_again(page: EnvironmentsPage) -> None:
    page.stack.search.setText("no such thing")
    assert page.stack.nothing.isVisible()
    page.stack.nothing.button.click()
    assert page.table.isVisible()
    assert "mine" in listed(page)


def test_an_environment_is_renamed_and_one_of_the_program_is_not(page: EnvironmentsPage, qtbot: QtBot) -> None:
    choose(page, "mine", "Rename…")
    box = page.findChild(QInputDialog, "text_question")
    box.setTextValue(" yours ")
    box.accept()
    qtbot.waitUntil(lambda: "yours" in listed(page) and "mine" not in listed(page))
    assert not {"Rename…", "Delete"} & {action.text() for action in page.menu("sklearn-1.5").actions()}


def test_a_shell_is_opened_in_a_terminal_with_the_python_of_the_environment(
    page: EnvironmentsPage, bridge: Bridge, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.open(tmp_path / "ws") as own:
        own.environments.register("here", sys.executable, EnvironmentKind.EXISTING)
    qtbot.waitUntil(lambda: "here" in listed(page))
    told, terminal = tmp_path / "told", tmp_path / "x-terminal-emulator"
    typed = f'-- python -c "import sys; print(sys.executable)" > {told}.part'
    terminal.write_text(f'#!/bin/sh\nshift\n"$@" {typed}\nmv {told}.part {told}\n')
    terminal.chmod(0o755)
    monkeypatch.delenv("TERMINAL", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    choose(page, "here", "Open a shell")
    qtbot.waitUntil(told.exists, timeout=60_000)
    assert told.read_text().strip() == sys.executable
    refused: list[Message] = []
    bridge.message_raised.connect(refused.append)
    choose(page, "mine", "Open a shell")
    qtbot.waitUntil(lambda: len(refused) == 1)
    assert "“mine:1” is not built on this computer" in refused[0].text
