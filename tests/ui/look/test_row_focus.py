from __future__ import annotations

import pytest
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeWidgetItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.look import theme
from desktop_aml.ui.look.row_focus import RowFocusTable, RowFocusTree
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_row_with_the_keyboard_has_a_flat_frame_and_the_others_none(
    qapp: QApplication, qtbot: QtBot, choice: str
) -> None:
    theme.apply(qapp, choice)
    around = QWidget()
    qtbot.addWidget(around)
    tree, table, field = RowFocusTree(around), ListTable(("Name", "Age"), "things", around), QLineEdit(around)
    layout = QVBoxLayout(around)
    for widget in (tree, table, field):
        layout.addWidget(widget)
    tree.setColumnCount(2)
    tree.addTopLevelItems([QTreeWidgetItem(["one", "1"]), QTreeWidgetItem(["two", "2"])])
    table.fill([("a", (Cell("a", 1), Cell("1", 1))), ("b", (Cell("b", 2), Cell("2", 2)))])
    around.resize(300, 400)
    around.show()
    around.activateWindow()
    accent, plain = theme.color("accent"), theme.color("selection")
    for view in (tree, table):
        for column in (0, 1):
            view.setCurrentItem(view.topLevelItem(1), column)
            view.setFocus()
            qtbot.waitUntil(view.hasFocus)
            rows = [view.visualItemRect(view.topLevelItem(number)) for number in (0, 1)]
            picture = view.viewport().grab().toImage()
            last = view.viewport().width() - 2
            edges = [picture.pixelColor(last, rows[1].top()), picture.pixelColor(last, rows[1].bottom())]
            assert edges == [accent, accent]
            # Nothing of a raised button: the same colour all the way down.
            middle = {picture.pixelColor(last, y).name() for y in range(rows[1].top() + 1, rows[1].bottom())}
            assert middle == {plain.name()}
            assert picture.pixelColor(last, rows[0].top()) != accent
        field.setFocus()
        qtbot.waitUntil(field.hasFocus)
        assert view.viewport().grab().toImage().pixelColor(last, rows[1].top()) != accent
    theme.apply(qapp, "light")


def test_the_frame_of_a_table_goes_round_the_whole_row_and_moves_with_it(qapp: QApplication, qtbot: QtBot) -> None:
    table = RowFocusTable()
    qtbot.addWidget(table)
    model = QStandardItemModel(3, 2, table)
    table.setModel(model)
    table.setItemDelegate(PaddedDelegate(table))
    table.setSelectionBehavior(RowFocusTable.SelectionBehavior.SelectRows)
    table.resize(400, 300)
    table.show()
    table.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    accent, last = theme.color("accent").name(), table.horizontalHeader().length() - 1
    for row in (0, 2):
        table.setCurrentIndex(model.index(row, 0))
        image = table.viewport().grab().toImage()
        tops = [table.rowViewportPosition(one) for one in range(3)]
        framed = [image.pixelColor(x, tops[row] + 5).name() == accent for x in (0, last)]
        assert framed == [True, True]
        # Between its cells there is no line.
        assert image.pixelColor(table.columnWidth(0) - 1, tops[row] + 5).name() != accent
        assert all(image.pixelColor(last, top + 5).name() != accent for top in tops if top != tops[row])
