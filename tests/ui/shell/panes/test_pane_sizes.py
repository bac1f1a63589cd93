from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop_aml.ui.shell.panes.pane_sizes import PaneSizes

SIDE, BELOW = 200, 110


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QMainWindow:
    made = QMainWindow()
    made.setMinimumSize(300, 200)
    made.setCentralWidget(QWidget())
    qtbot.addWidget(made)
    made.resize(600, 400)
    return made


@pytest.fixture
def docks(window: QMainWindow) -> dict[str, QDockWidget]:
    made = {}
    for name, area in (
        ("tree", Qt.DockWidgetArea.LeftDockWidgetArea),
        ("jobs", Qt.DockWidgetArea.BottomDockWidgetArea),
    ):
        made[name] = QDockWidget(name, window)
        made[name].setWidget(QWidget())
        window.addDockWidget(area, made[name])
    return made


@pytest.fixture
def sizes(window: QMainWindow, docks: dict[str, QDockWidget], qtbot: QtBot) -> PaneSizes:
    made = PaneSizes(window, docks)
    window.show()
    made.choose({"tree": SIDE, "jobs": BELOW, "of another version": 7})
    qtbot.waitUntil(lambda: (docks["tree"].width(), docks["jobs"].height()) == (SIDE, BELOW))
    return made


def test_what_a_page_takes_from_the_panes_they_get_back_with_the_next_page(window, docks, sizes, qtbot) -> None:
    page = window.centralWidget()
    page.setMinimumSize(480, 340)
    qtbot.waitUntil(lambda: docks["tree"].width() < SIDE and docks["jobs"].height() < BELOW)
    page.setMinimumSize(100, 100)
    qtbot.waitUntil(lambda: (docks["tree"].width(), docks["jobs"].height()) == (SIDE, BELOW))
    assert sizes.chosen() == {"tree": SIDE, "jobs": BELOW}


def test_what_a_low_window_takes_from_the_panes_they_get_back_in_a_high_one(window, docks, sizes, qtbot) -> None:
    window.centralWidget().setMinimumSize(100, 250)
    window.resize(600, 320)
    qtbot.waitUntil(lambda: docks["jobs"].height() < BELOW)
    window.resize(600, 400)
    qtbot.waitUntil(lambda: docks["jobs"].height() == BELOW)


def test_a_separator_that_is_dragged_says_how_large_its_pane_is_to_be(window, docks, sizes, qtbot) -> None:
    edge = docks["tree"].geometry().topRight() + QPoint(1, 60)
    window.centralWidget().setMinimumSize(100, 340)  # the page takes from the jobs meanwhile
    qtbot.waitUntil(lambda: docks["jobs"].height() < BELOW)
    assert window.isSeparator(edge)
    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(window, edge + QPoint(40, 0))
    qtbot.waitUntil(lambda: docks["tree"].width() > SIDE)
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=edge + QPoint(40, 0))
    qtbot.waitUntil(lambda: sizes.chosen()["tree"] > SIDE)
    assert sizes.chosen()["jobs"] == BELOW
    window.centralWidget().setMinimumSize(100, 100)
    qtbot.waitUntil(lambda: docks["jobs"].height() == BELOW)
    assert docks["tree"].width() == sizes.chosen()["tree"]


def test_a_pane_that_was_moved_below_keeps_the_height_that_it_gets_there(window, docks, sizes, qtbot) -> None:
    docks["jobs"].hide()
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks["tree"])
    qtbot.waitUntil(lambda: docks["tree"].width() == 600)
    sizes.give_back()
    assert docks["tree"].height() < SIDE
    assert "tree" not in sizes.chosen()  # in the next window a width would be taken for a height
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["tree"])
    assert sizes.chosen()["tree"] == SIDE


def test_the_menu_of_a_separator_is_no_drag(window, docks, sizes, qtbot) -> None:
    edge = docks["tree"].geometry().topRight() + QPoint(1, 60)
    assert window.isSeparator(edge)
    QTest.mousePress(window, Qt.MouseButton.RightButton, pos=edge)  # and its release goes to the menu
    window.centralWidget().setMinimumSize(480, 100)
    qtbot.waitUntil(lambda: docks["tree"].width() < SIDE)
    window.centralWidget().setMinimumSize(100, 100)
    qtbot.waitUntil(lambda: docks["tree"].width() == SIDE)


def test_nothing_is_left_of_the_sizes_when_the_panes_go(window, sizes, qtbot) -> None:
    sizes.forget()
    qtbot.waitUntil(lambda: not isValid(sizes))


def test_sizes_that_came_with_a_layout_are_taken_as_they_are_once_it_is_seen(window, docks, qtbot) -> None:
    sizes = PaneSizes(window, docks)
    sizes.choose({"tree": SIDE, "jobs": BELOW})
    sizes.take_as_they_are()
    window.resizeDocks([docks["tree"]], [SIDE + 40], Qt.Orientation.Horizontal)
    assert sizes.chosen() == {}
    window.show()
    qtbot.waitUntil(lambda: sizes.chosen() != {})
    assert sizes.chosen()["tree"] == docks["tree"].width() != SIDE
