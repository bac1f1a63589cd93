"""A metric at a step is asked for in words, becomes a column, and is remembered and saved with the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.ui.runs.around_table.step_dialog import StepDialog
from desktop_aml.ui.runs.list_page import RunsPage
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace

_KEY = "at:2:val/loss"


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[RunsPage]:
    with Workspace.create(tmp_path / "ws") as workspace:
        with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
            for name, value in (("low", 1.5), ("high", 22.0), ("without", None)):
                asked = SubmitRun(run_id=name, experiment="e", script="t.py", environment="e", display_name=name)
                runs.insert(db, asked, environment="e", version=None, seed=1, at=0.0)
                points = [("val/loss", 1, 1.0, 9.0)]
                metrics.add_points(db, name, points if value is None else [*points, ("val/loss", 2, 1.0, value)])
        page = opened(qtbot, workspace)
        yield page


def opened(qtbot: QtBot, workspace: Workspace) -> RunsPage:
    page = RunsPage(workspace, Bridge())
    qtbot.addWidget(page)
    page.resize(1000, 500)
    page.show()
    qtbot.waitUntil(lambda: page.table.rowCount() == 3)
    return page


def ask(qtbot: QtBot, page: RunsPage, step: str) -> StepDialog:
    next(one for one in page.list.column_menu().actions() if one.text() == "Metric at a step…").trigger()
    dialog = page.findChild(StepDialog)
    assert dialog is not None
    qtbot.keyClicks(dialog.step, step)
    return dialog


def shown(page: RunsPage) -> list[str]:
    """Return what the column says, from the top; nothing where there is none."""
    keys = [column.key for column in page.table.shown_columns]
    if _KEY not in keys or page.list.isColumnHidden(keys.index(_KEY)):
        return []
    return [page.table.row(position).text(keys.index(_KEY)) for position in range(3)]


def test_it_is_a_column_that_sorts_and_stays_until_it_is_not_chosen_any_more(qtbot: QtBot, page: RunsPage) -> None:
    dialog = ask(qtbot, page, "2")
    qtbot.keyClick(dialog.step, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sorted(shown(page)) == ["1.5", "22.0", "–"])
    number = [column.key for column in page.table.shown_columns].index(_KEY)
    assert page.table.shown_columns[number].title == "val/loss @ 2"
    page.list.horizontalHeader().sectionClicked.emit(number)
    qtbot.waitUntil(lambda: shown(page) == ["22.0", "1.5", "–"])
    again = opened(qtbot, page._workspace)
    qtbot.waitUntil(lambda: len(shown(again)) == 3)
    next(one for one in page.list.column_menu().actions() if one.text() == "val/loss @ 2").trigger()
    qtbot.waitUntil(lambda: shown(page) == [])
    assert page.table.query.at_steps == ()
    assert "val/loss @ 2" not in [one.text() for one in page.list.column_menu().actions()]


def test_a_saved_view_has_it(qtbot: QtBot, page: RunsPage) -> None:
    page.list.hide_column(_KEY, hidden=False)
    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    page.more.save_view("at two")
    page.list.reset_columns()
    qtbot.waitUntil(lambda: shown(page) == [])
    page.more.show_view("at two")
    qtbot.waitUntil(lambda: len(shown(page)) == 3)


@pytest.mark.parametrize("step", ["1.5", "1,000", "last", "9223372036854775808"])
def test_what_is_no_step_is_told_at_once(qtbot: QtBot, page: RunsPage, step: str) -> None:
    dialog = ask(qtbot, page, step)
    assert dialog.error.message.text() == "A step is a whole number."
    assert not dialog.add_button.isEnabled()
    dialog.step.clear()
    assert not dialog.error.isVisible()
