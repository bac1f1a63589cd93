"""What a clean-up removes is seen before it goes, with the reason of everything that stays."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environment_space import BuildUse, CleanUp, EnvironmentSpace
from desktop_aml.domain.errors import StorageError
from desktop_aml.ui.environments.clean_up_dialog import CleanUpDialog
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.workspace import Workspace

GOES = BuildUse("a" * 64, 3_000_000, ("old:1",), (), 0.0)
TORN = BuildUse("b" * 64, 1_000_000)
STAYS = BuildUse("c" * 64, 9_000_000, ("iris:2",), ("the model iris:1 was trained in it",), 0.0)


class Space:
    """The only part of a workspace that the dialog asks."""

    def __init__(self, *builds: BuildUse, unread: tuple[str, ...] = (), broken: bool = False) -> None:
        self.found, self.unread, self.broken = builds, unread, broken
        self.environments = self.builds = self

    def space(self) -> EnvironmentSpace:
        return EnvironmentSpace("/builds", self.found, self.unread)

    def clean(self) -> CleanUp:
        if self.broken:
            raise StorageError("The folder cannot be changed.", "See who owns it.")
        return CleanUp(tuple(one for one in self.found if one.may_go), ())


@pytest.fixture
def heard(qtbot: QtBot) -> list[Message]:
    return []


def opened(qtbot: QtBot, heard: list[Message], space: Space) -> CleanUpDialog:
    bridge = Bridge()
    bridge.message_raised.connect(heard.append)
    dialog = CleanUpDialog(cast(Workspace, space), bridge)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.summary.text() != "Measuring…")
    return dialog


def rows(dialog: CleanUpDialog) -> list[list[str]]:
    items = [dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items if item is not None]


def test_what_goes_stands_first_and_what_stays_says_why(qtbot: QtBot, heard: list[Message]):
    dialog = opened(qtbot, heard, Space(STAYS, GOES, TORN, unread=("/lost",)))
    assert [row[2] for row in rows(dialog)] == ["goes", "goes", "stays"]
    assert rows(dialog)[1][0].startswith("bbbbbbbbbbbb")
    assert rows(dialog)[1][3] == "torn, cannot be used"
    assert rows(dialog)[2][3] == "the model iris:1 was trained in it"
    assert "4.0 MB would be free again" in dialog.summary.text()
    assert dialog.warning.isVisible()
    qtbot.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert heard[0].text == "Clean-up done: 2 removed, 4.0 MB free again."


def test_with_nothing_to_remove_the_button_is_off(qtbot: QtBot, heard: list[Message]):
    dialog = opened(qtbot, heard, Space(STAYS))
    assert not dialog.remove_button.isEnabled()
    assert not opened(qtbot, heard, Space()).table.isVisible()


def test_a_folder_that_cannot_be_cleaned_is_said_in_the_dialog(qtbot: QtBot, heard: list[Message]):
    dialog = opened(qtbot, heard, Space(GOES, broken=True))
    dialog.clean_up()
    qtbot.waitUntil(lambda: dialog.error.isVisible())
    assert dialog.isVisible()
    assert heard == []
