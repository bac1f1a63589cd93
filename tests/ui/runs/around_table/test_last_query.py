"""The order, the search and the states of a runs table come back by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from benchmarks.runs_table import fill
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunState
from desktop_aml.store.folder import WorkspaceFolder
from tests.ui.runs.test_table import calls, column, names, open_page, settle  # noqa: F401 - fixtures

COUNT = 60


@pytest.fixture
def some(folder: WorkspaceFolder) -> WorkspaceFolder:
    fill(folder.database, COUNT, whole=False)
    return folder


def test_order_search_and_states_come_back_and_the_archive_does_not(qtbot, some, open_page):  # noqa: F811
    first = open_page(rows=COUNT)
    first.list.horizontalHeader().sectionClicked.emit(column(first, "display_name"))
    settle(qtbot, first)
    first.search.setText("kernel = linear")
    first.chips.chip(RunState.COMPLETED).click()
    settle(qtbot, first)
    found = first.table.rowCount()
    assert 0 < found < COUNT
    second = open_page(rows=found)
    assert (second.search.text(), second.chips.states()) == ("kernel = linear", (RunState.COMPLETED,))
    assert names(second, found) == names(first, found)
    header = second.list.horizontalHeader()
    assert header.sortIndicatorSection() == column(second, "display_name")
    assert header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
    experiment = first.table.run_at(0).experiment
    assert open_page(experiment).search.text() == ""
    second.show_shelf(Shelf.ARCHIVE)
    second.show_all()
    second.show_shelf(Shelf.ARCHIVE)
    settle(qtbot, second)
    third = open_page(rows=COUNT)
    assert third.table.query.shelf is Shelf.ACTIVE
    assert third.search.text() == ""


def test_a_search_whose_names_are_gone_is_told_and_hides_no_run(qtbot, some, open_page):  # noqa: F811
    first = open_page(rows=COUNT)
    first._last.keep(replace(first.table.query, search="gone < 1", order_by="metric:gone"))
    second = open_page(rows=COUNT)
    assert second.search_error.message.text().startswith("No run has")
    assert second.search.text() == "gone < 1"
    second.show_all()
    settle(qtbot, second)
    assert second.table.rowCount() == COUNT
