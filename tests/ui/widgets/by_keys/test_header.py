"""The titles of columns by keys alone: gone to, sorted by, moved, made wider; and back to the rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.by_keys.frame import FocusFrame
from desktop_aml.ui.widgets.list_table import Cell, ListTable

_Key, _Modifier = Qt.Key, Qt.KeyboardModifier


def table_of(qtbot: QtBot) -> ListTable:
    table = ListTable(("Name", "Size", "State"), "Things", numbers=(1,))
    qtbot.addWidget(table)
    table.fill((name, (Cell(name), Cell(str(size), size), Cell("Ready"))) for name, size in (("b", 1), ("a", 3)))
    table.resize(400, 200)
    table.show()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    return table


def names(table: ListTable) -> list[str]:
    return [table.topLevelItem(row).text(0) for row in range(table.topLevelItemCount())]


def test_a_table_is_sorted_by_a_title_that_tab_and_arrows_lead_to(qtbot: QtBot) -> None:
    table, header = (made := table_of(qtbot)), made.header()
    frame = header.findChild(FocusFrame)
    assert not frame.isVisible()
    qtbot.keyClick(table, _Key.Key_Tab)
    assert header.hasFocus()
    qtbot.keyClick(header, _Key.Key_Return)
    assert names(table) == ["a", "b"]
    qtbot.keyClick(header, _Key.Key_Right)
    assert frame.isVisible()
    assert frame.x() == header.sectionViewportPosition(1)
    qtbot.keyClick(header, _Key.Key_Space)
    assert names(table) == ["b", "a"]
    qtbot.keyClick(header, _Key.Key_Space)
    assert names(table) == ["a", "b"]
    assert header.accessibleDescription() == "Size, greatest first"
    qtbot.keyClick(header, _Key.Key_Down)
    assert table.hasFocus()
    assert not frame.isVisible()


def test_a_column_gets_wider_and_narrower_and_one_that_stays_in_its_place_does_not_move(qtbot: QtBot) -> None:
    header = table_of(qtbot).header()
    header.setFocus()
    qtbot.keyClick(header, _Key.Key_Right)
    width = header.sectionSize(1)
    qtbot.keyClick(header, _Key.Key_Right, _Modifier.ShiftModifier)
    assert header.sectionSize(1) > width
    qtbot.keyClick(header, _Key.Key_Left, _Modifier.ShiftModifier)
    assert header.sectionSize(1) == width
    header.setSectionsMovable(False)
    qtbot.keyClick(header, _Key.Key_Right, _Modifier.ControlModifier)
    assert header.visualIndex(1) == 1
    header.setSectionsMovable(True)
    qtbot.keyClick(header, _Key.Key_Right, _Modifier.ControlModifier)
    assert header.visualIndex(1) == 2
