from __future__ import annotations

import pytest
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
