"""The open pages: which is in front, in which order they stand, which are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_aml.ui.shell.shell import Shell


class TabCommands:
    """Turns, moves and closes the tabs of the window."""

    _window: Shell

    def next_tab(self) -> None:
        """Bring the next tab to the front."""
        self._window.tabs.cycle(1)

    def previous_tab(self) -> None:
        """Bring the previous tab to the front."""
        self._window.tabs.cycle(-1)

    def move_tab_left(self) -> None:
        """Put the tab in front one place further to the left."""
        self._window.tabs.move_page(-1)

    def move_tab_right(self) -> None:
        """Put the tab in front one place further to the right."""
        self._window.tabs.move_page(1)

    def list_tabs(self) -> None:
        """List the open pages to choose one."""
        self._window.tabs.list_button.open_menu()

    def close_tab(self) -> None:
        """Close the tab in front."""
        self._window.tabs.close_page(self._window.tabs.currentIndex())

    def close_other_tabs(self) -> None:
        """Close all tabs but the one in front."""
        self._window.tabs.close_others(self._window.tabs.currentIndex())
