"""A button beside the tabs that lists all of them, with whole names."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu, QTabWidget, QToolButton

from desktop_aml.ui.widgets.widgets import IconButton


class TabList(IconButton):
    """Lists the pages of `tabs`; hidden while there is nothing to choose."""

    def __init__(self, tabs: QTabWidget) -> None:
        super().__init__("chevron-down", "", tabs)
        words = self.tr("List of open pages")
        self.setToolTip(words)
        self.setAccessibleName(words)
        self._tabs = tabs
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.hide()

    def look(self) -> None:
        """Show the button where there is more than one page."""
        self.setVisible(self._tabs.count() > 1)

    def open_menu(self) -> None:
        """Show the list without waiting for a choice."""
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _fill(self) -> None:
        self._menu.clear()
        for index in range(self._tabs.count()):
            entry = self._menu.addAction(self._tabs.tabIcon(index), self._tabs.tabText(index))
            entry.setCheckable(True)
            entry.setChecked(index == self._tabs.currentIndex())
            entry.triggered.connect(partial(self._tabs.setCurrentIndex, index))
        # Down and Enter go on from where one is.
        chosen = [entry for entry in self._menu.actions() if entry.isChecked()]
        if chosen:
            self._menu.setActiveAction(chosen[0])
