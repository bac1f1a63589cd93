"""A list of runs that shows none says why: none were made, or all are in the archive or the trash."""

from __future__ import annotations

# ruff: noqa: F811 - fixtures
from collections.abc import Callable

from pytestqt.qtbot import QtBot

from benchmarks.runs_table import add_one
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.ui.runs.list_page import RunsPage
from tests.ui.runs.test_table import calls, open_page, settle  # noqa: F401 - fixtures


def test_runs_that_are_all_archived_or_in_the_trash_are_said_to_be_there_and_shown(
    qtbot: QtBot, folder: WorkspaceFolder, open_page: Callable[..., RunsPage]
) -> None:
    kept, *deleted = (add_one(folder.database, name) for name in ("kept", "one", "other"))
    with Database(folder.database, read_only=False) as db, db.transaction():
        db.run("UPDATE run SET archived_at = 1 WHERE id = ?", (kept,))
        db.run("UPDATE run SET deleted_at = 1 WHERE id IN (?, ?)", deleted)
    page = open_page()
    assert page.stack.currentWidget() is page.empty
    assert page.empty.label.text() == "No runs here: 1 in the archive, 2 in the trash."
    page.empty.button.click()
    settle(qtbot, page)
    assert (page.heading.text(), page.table.rowCount()) == ("All runs: archive", 1)
    page.show_all()
    settle(qtbot, page)
    page.empty.trash_button.click()
    settle(qtbot, page)
    assert (page.heading.text(), page.table.rowCount()) == ("All runs: trash", 2)
