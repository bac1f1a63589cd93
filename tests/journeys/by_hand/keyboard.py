"""The keyboard alone: columns are sorted, moved and widened, lines and panes moved, menus opened where it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QHeaderView, QMenu, QSplitterHandle, QWidget

from desktop_aml.ui.compare.legend import RunLegend
from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.runs.list_page import RunsPage
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Destination
from tests.journeys.by_hand.hand import Hand
from tests.journeys.by_hand.stage import Stage

Side = Qt.DockWidgetArea
_MOST_STOPS = 80


def _tab_to(hand: Hand, kind: type[QWidget]) -> QWidget:
    """Press Tab until the keyboard is at a widget of a kind, and return it."""
    for _ in range(_MOST_STOPS):
        before = QApplication.focusWidget()
        if isinstance(before, kind):
            return before
        hand.keys("Tab")
        hand.until(lambda before=before: QApplication.focusWidget() is not before, "the next stop")
    raise AssertionError(f"Tab leads to no {kind.__name__}")


def columns(stage: Stage) -> None:
    """Sort by a column, move it, make it wider, open its menu, and go back to the rows."""
    hand, page = stage.hand, stage.open("runs")
    assert isinstance(page, RunsPage)
    hand.until(lambda: page.table.rowCount() == 30, "the runs")
    page.list.setFocus()
    header = _tab_to(hand, QHeaderView)
    assert isinstance(header, QHeaderView)
    asked = page.table.query
    hand.keys("Right", "Right", "Return")
    hand.until(lambda: page.table.query != asked, "the order")
    section = header.sortIndicatorSection()
    place, width = header.visualIndex(section), header.sectionSize(section)
    hand.keys("ctrl+Right")
    hand.until(lambda: header.visualIndex(section) > place, "the column further right")
    hand.keys("ctrl+Left", "shift+Right")
    hand.until(lambda: header.visualIndex(section) == place and header.sectionSize(section) > width, "a wider one")
    hand.keys("Menu")
    hand.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu of the columns")
    hand.keys("Escape")
    hand.until(lambda: QApplication.activePopupWidget() is None, "the menu to go")
    hand.keys("Down")
    hand.until(page.list.hasFocus, "the rows")
    page.show_query(asked)
    page.list.reset_columns()
    stage.calm()


def plots_and_panes(stage: Stage) -> None:
    """Hide a run by the legend, move the line beside it, open a plot's menu, make a pane larger."""
    hand, window = stage.hand, stage.window
    page = stage.open("compare", RUN_SEPARATOR.join(stage.seeded.completed[:3]))
    assert isinstance(page, ComparePage)
    page.tabs.setCurrentIndex(2)
    stage.calm()
    page.tabs.tabBar().setFocus()
    legend = _tab_to(hand, RunLegend)
    assert isinstance(legend, RunLegend)
    hand.keys("Down", "space")
    hand.until(lambda: len(legend.hidden()) == 1, "a run to be hidden")
    hand.keys("space")
    hand.until(lambda: not legend.hidden(), "the run again")
    line = _tab_to(hand, QSplitterHandle)
    assert isinstance(line, QSplitterHandle)
    sizes = line.splitter().sizes()
    hand.keys("Left")
    hand.until(lambda: line.splitter().sizes() != sizes, "another width of the legend")
    stage.open("run", stage.seeded.completed[0])
    stage.find(MetricPlot).setFocus()
    hand.keys("shift+F10")
    hand.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu of the plot")
    hand.keys("Escape")
    hand.until(lambda: QApplication.activePopupWidget() is None, "the menu to go")
    assert window.docks is not None
    tree = window.docks.pane("browser")
    hand.keys("F6")
    hand.until(lambda: tree.isAncestorOf(QApplication.focusWidget()), "the keyboard in the tree")
    wide = tree.width()
    hand.keys("ctrl+F6")
    hand.until(lambda: tree.width() > wide, "a wider tree")
    hand.keys("ctrl+shift+F6")
    hand.until(lambda: tree.width() == wide, "its width before")
    dock = tree.parentWidget()
    assert isinstance(dock, QDockWidget)
    for side in (Side.RightDockWidgetArea, Side.BottomDockWidgetArea):
        hand.keys("ctrl+F7")
        hand.until(lambda side=side: window.dockWidgetArea(dock) is side, f"the tree at {side}")
    window.docks.move(tree)  # a window of its own, which gets no keys without a window manager
    assert dock.isFloating()
    window.docks.move(tree)
    hand.until(lambda: window.dockWidgetArea(dock) is Side.LeftDockWidgetArea, "the tree back")
    assert not dock.isFloating()
    window.go_to(Destination("models"))
    stage.calm()
    page = window.tabs.currentWidget()
    assert window.tabs.indexOf(page) == 1
    page.setFocus()
    hand.keys("ctrl+shift+Prior")
    hand.until(lambda: window.tabs.indexOf(page) == 0, "the tab further left")
    hand.keys("ctrl+shift+Next")
    hand.until(lambda: window.tabs.indexOf(page) == 1, "the tab in its place")
    window.docks.reset()
    stage.calm()
