from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.list_table import Cell, ListTable

LONG, SHORT = "customer-churn-classifier", "Version 1"


@pytest.fixture
def table(qtbot: QtBot) -> ListTable:
    made = ListTable(("Name", "State", "Created"), "Things")
    qtbot.addWidget(made)
    for column in (1, 2):
        made.setColumnWidth(column, 160)
    made.show()
    return made


def show(table: ListTable, name: str, width: int) -> None:
    table.fill([(name, [Cell(name), Cell("Ready"), Cell("today")])])
    table.resize(width, 200)


def test_the_first_column_takes_what_the_others_leave(table: ListTable) -> None:
    show(table, LONG, 800)
    assert table.header().sectionSize(0) == table.viewport().width() - 320


def test_a_long_name_stays_readable_where_there_is_no_room_for_it(table: ListTable) -> None:
    show(table, LONG, 250)
    assert table.header().sectionSize(0) == 160


def test_a_short_name_does_not_make_a_table_scroll(table: ListTable) -> None:
    show(table, SHORT, 460)
    assert table.header().length() <= table.viewport().width()


def test_a_table_that_fits_its_rows_leaves_room_for_the_bar_below_them(table: ListTable) -> None:
    show(table, LONG, 800)
    table.fit_height()
    alone = table.height()
    table.resize(250, alone)
    assert table.height() > alone


WIDE = "conda, from a channel"


def fill_wide(table: ListTable, width: int) -> None:
    table.setColumnWidth(1, 40)
    table.fill([(SHORT, [Cell(SHORT), Cell(WIDE), Cell("today")])])
    table.resize(width, 200)


def test_a_column_grows_to_what_it_holds_where_there_is_room(qtbot: QtBot) -> None:
    table = ListTable(("Name", "State", "Created"), "Things")
    qtbot.addWidget(table)
    fill_wide(table, 900)
    table.show()
    assert table.header().sectionSize(1) >= table.sizeHintForColumn(1)
    assert table.header().length() <= table.viewport().width()
    table.resize(200, 200)
    assert table.header().length() > table.viewport().width()
    # A table that scrolls anyway has no reason to shorten anything.
    assert table.header().sectionSize(1) >= table.sizeHintForColumn(1)


def test_a_width_that_a_person_chose_stays(qtbot: QtBot) -> None:
    table = ListTable(("Name", "State", "Created"), "Things")
    qtbot.addWidget(table)
    fill_wide(table, 900)
    table.show()
    table.header().resizeSection(1, 70)
    for width in (800, 700):
        table.resize(width, 200)
        assert table.header().sectionSize(1) == 70


def test_a_table_does_not_scroll_for_room_that_its_columns_do_not_need(qtbot: QtBot) -> None:
    table = ListTable(("Name", "State", "Created"), "Things")
    qtbot.addWidget(table)
    for column in (1, 2):
        table.setColumnWidth(column, 300)
    table.fill([(SHORT, [Cell(SHORT), Cell("Ready"), Cell("today")])])
    table.resize(420, 200)
    table.show()
    assert table.header().length() <= table.viewport().width()
    table.resize(900, 200)
    assert [table.header().sectionSize(column) for column in (1, 2)] == [300, 300]


def numbered(count: int, state: str = "Ready") -> list[tuple[str, list[Cell]]]:
    return [(f"row {one}", [Cell(f"row {one}", one), Cell(state), Cell("today")]) for one in range(count)]


def test_rows_that_stay_keep_their_place_in_sight(table: ListTable) -> None:
    table.resize(600, 200)
    table.fill(numbered(100))
    table.choose("row 0")
    bar = table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    place, first = bar.value(), table.topLevelItem(0)
    table.fill(numbered(101, "Done"))
    assert place == bar.value() > 0
    assert table.topLevelItem(0) is first
    assert (table.topLevelItem(100).text(0), table.topLevelItem(100).text(1)) == ("row 100", "Done")
    assert table.topLevelItem(50).text(1) == "Done"
    assert table.current_key() == "row 0"
    table.fill(numbered(3))
    assert table.keys() == ["row 0", "row 1", "row 2"]


def test_a_sorted_table_stays_sorted_when_its_rows_change(table: ListTable) -> None:
    table.fill(numbered(3))
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    table.fill([(f"row {one}", [Cell(f"row {one}"), Cell(state), Cell("")]) for one, state in enumerate("bca")])
    assert table.keys() == ["row 1", "row 0", "row 2"]
    table.fill([(f"row {one}", [Cell(f"row {one}"), Cell(state), Cell("")]) for one, state in enumerate("bcad")])
    assert table.keys() == ["row 3", "row 1", "row 0", "row 2"]


def test_columns_that_can_be_spared_are_left_out_before_a_table_scrolls(qtbot: QtBot) -> None:
    table = ListTable(("Name", "State", "Made by", "Created"), "Things", spare=(3, 2))
    qtbot.addWidget(table)
    for column in (1, 2, 3):
        table.setColumnWidth(column, 60)
    table.fill([(SHORT, [Cell(SHORT), Cell("Ready"), Cell("somebody with a name"), Cell("two days ago")])])

    def shown_at(width: int) -> list[int]:
        table.resize(width, 200)
        assert table.header().length() <= table.viewport().width()
        return [column for column in range(4) if not table.header().isSectionHidden(column)]

    table.show()
    assert shown_at(700) == [0, 1, 2, 3]
    orders = [shown_at(width) for width in range(700, 180, -10)]
    assert [order for order, before in zip(orders[1:], orders, strict=False) if order != before] == [[0, 1, 2], [0, 1]]
    assert table.topLevelItem(0).toolTip(0) == f"{SHORT}\nMade by: somebody with a name\nCreated: two days ago"
    assert shown_at(700) == [0, 1, 2, 3]
    assert table.topLevelItem(0).toolTip(0) == SHORT


def test_a_column_that_the_page_hides_stays_hidden(qtbot: QtBot) -> None:
    table = ListTable(("Name", "State", "Image"), "Things", spare=(2, 1))
    qtbot.addWidget(table)
    table.setColumnHidden(2, True)
    table.show()
    table.fill([(SHORT, [Cell(SHORT), Cell(WIDE), Cell("120 MB")])])
    for width in (600, 150, 600):
        table.resize(width, 200)
    assert table.isColumnHidden(2)
    assert not table.isColumnHidden(1)
    table.setColumnHidden(2, False)
    table.resize(150, 200)
    table.setColumnHidden(2, True)
    table.resize(600, 200)
    assert table.isColumnHidden(2)
