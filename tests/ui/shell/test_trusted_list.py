"""The list of trusted workspaces in the settings."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.ui.shell.trusted_list import TrustedList
from desktop_aml.workspace import Workspace, trust


def test_a_workspace_is_listed_and_forgotten(qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("a", "b"):
        Workspace.create(tmp_path / name).close()
    shown = TrustedList()
    qtbot.addWidget(shown)
    assert [shown.list.item(row).text() for row in range(shown.list.count())] == [
        str(tmp_path / "a"),
        str(tmp_path / "b"),
    ]
    assert not shown.forget_button.isEnabled()
    shown.list.setCurrentRow(0)
    shown.forget_button.click()
    assert shown.list.count() == 1
    assert not trust.verdict(WorkspaceFolder(tmp_path / "a")).is_trusted
    assert trust.verdict(WorkspaceFolder(tmp_path / "b")).is_trusted
