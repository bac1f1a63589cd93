"""The names at the left of a wide tree stay while its columns are scrolled."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.frozen_names import FrozenNames


@pytest.fixture
def tree(qtbot: QtBot) -> QTreeWidget:
    made = QTreeWidget()
    qtbot.addWidget(made)
    made.setColumnCount(8)
    for section in ("Metrics", "Arguments"):
        top = QTreeWidgetItem([section])
        made.addTopLevelItem(top)
        top.addChildren([QTreeWidgetItem([f"name {row}", *"1234567"]) for row in range(20)])
        top.setExpanded(False)
    made.resize(400, 200)
    return made


@pytest.fixture
def names(tree: QTreeWidget, qtbot: QtBot) -> FrozenNames:
    made = FrozenNames(tree)
    tree.show()
    qtbot.waitExposed(tree)
    return made


def test_the_first_column_stays_when_the_others_are_scrolled(tree: QTreeWidget, names: FrozenNames) -> None:
    tree.horizontalScrollBar().setValue(tree.horizontalScrollBar().maximum())
    assert tree.columnViewportPosition(0) < 0
    assert names.geometry().left() == tree.frameWidth()
    assert names.width() == tree.columnWidth(0)
    assert [names.isColumnHidden(column) for column in range(8)] == [False, *[True] * 7]


def test_both_open_and_close_a_section_and_scroll_together(tree: QTreeWidget, names: FrozenNames) -> None:
    top = tree.topLevelItem(0)
    assert top is not None
    index = tree.indexFromItem(top)
    names.expand(index)
    assert top.isExpanded()
    top.setExpanded(False)
    assert not names.isExpanded(index)
    tree.expandAll()
    assert names.isExpanded(index)
    tree.verticalScrollBar().setValue(7)
    assert names.verticalScrollBar().value() == 7
    names.verticalScrollBar().setValue(3)
    assert tree.verticalScrollBar().value() == 3


def test_a_name_lies_at_the_height_of_its_row_and_selects_it(
    tree: QTreeWidget, names: FrozenNames, qtbot: QtBot
) -> None:
    tree.expandAll()
    row = tree.topLevelItem(0).child(2)
    index = tree.indexFromItem(row)
    place = names.visualRect(index)
    there = tree.visualItemRect(row)
    assert names.viewport().mapTo(tree, place.center()).y() == tree.viewport().mapTo(tree, there.center()).y()
    qtbot.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.left() + 5, place.center().y()))
    assert tree.selectedItems() == [row]
    assert tree.window().focusWidget() is tree, "the arrow keys go on from there"


def test_a_wider_first_column_widens_the_names(tree: QTreeWidget, names: FrozenNames) -> None:
    tree.setColumnWidth(0, 230)
    assert names.width() == names.columnWidth(0) == 230
