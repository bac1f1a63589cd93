from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_aml.settings import load
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.welcome import RecentRow, WelcomePage


@pytest.fixture
def preferences(tmp_path: Path, qtbot: QtBot) -> Preferences:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "config.json").write_text("{}")
    made = Preferences(tmp_path / "settings.json")
    made.put(made.value.with_opened(tmp_path / "gone").with_opened(tmp_path / "there"))
    return made


@pytest.fixture
def page(preferences: Preferences, qtbot: QtBot) -> WelcomePage:
    made = WelcomePage(preferences)
    qtbot.addWidget(made)
    made.show()
    return made


def rows(page: WelcomePage) -> list[RecentRow]:
    return [row for row in page.findChildren(RecentRow) if row.isVisible()]


def test_the_sample_is_one_click_away(page: WelcomePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.sample_wanted):
        page.sample_button.click()


def test_a_recent_workspace_opens(page: WelcomePage, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.recent_wanted) as wanted:
        rows(page)[0].findChildren(QPushButton)[0].click()
    assert wanted.args == [str(tmp_path / "there")]


def test_a_missing_one_is_marked_and_cannot_be_opened(page: WelcomePage) -> None:
    assert not rows(page)[1].findChildren(QPushButton)[0].isEnabled()


def test_pinning_and_forgetting_are_saved(page: WelcomePage, tmp_path: Path, qtbot: QtBot) -> None:
    page._pin(str(tmp_path / "gone"), True)
    assert load(tmp_path / "settings.json").recent_workspaces[0].path == str(tmp_path / "gone")
    page._forget(str(tmp_path / "gone"))
    qtbot.waitUntil(lambda: len(rows(page)) == 1)
    assert len(load(tmp_path / "settings.json").recent_workspaces) == 1
