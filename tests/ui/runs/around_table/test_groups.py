"""Runs of the table in groups that fold to one line."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.ui.runs.around_table.test_search_box import COUNT, many  # noqa: F401 - a fixture
from tests.ui.runs.test_table import calls, column, open_page, settle  # noqa: F401 - fixtures


def test_a_group_says_mean_and_deviation_and_opens_by_enter(qtbot, many, open_page) -> None:  # noqa: F811
    page = open_page(rows=COUNT)
    group = next(one for one in page.more.menu().actions() if one.text() == "Group by").menu()
    next(one for one in group.actions() if one.text() == "kernel").trigger()
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    settle(qtbot, page)
    names = [page.table.row(place).text(column(page, "display_name")) for place in range(2)]
    assert [name.split("  ")[0] for name in names] == ["▸ linear", "▸ rbf"]
    assert "±" in page.table.row(0).text(column(page, "metric:loss"))
    assert page.count_label.text() == str(COUNT)
    page.list.viewport().repaint()
    size = int(names[0].rpartition("(")[2].rstrip(")"))
    page.list.setCurrentIndex(page.table.index(0, 1))
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.table.rowCount() == 2 + size)
    settle(qtbot, page)
    assert page.table.run_at(1).parameters["kernel"] == "linear"
    assert page.table.run_at(0) is None
    page.list.selectAll()
    assert len(page.table.ids(page.list.selected_ranges())) == size
    page.list.setCurrentIndex(page.table.index(0, 1))
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    page.more.group_by("")
    qtbot.waitUntil(lambda: page.table.rowCount() == COUNT)
