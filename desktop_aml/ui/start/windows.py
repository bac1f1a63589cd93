"""The windows of the program: one for each workspace that is open, all in one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop_aml.system.whole_paths import real_path
from desktop_aml.ui.shell.main_window import MainWindow

_STEP_PX: Final = 24
"""How far a window stands from the one that it was opened from."""


class Windows(QObject):
    """Opens, finds and raises them. A window that was closed is kept, and is the next one that opens.

    Parameters
    ----------
    make : callable
        Returns a new window that nobody sees yet.
    """

    def __init__(self, make: Callable[[], MainWindow], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._windows: list[MainWindow] = []

    def first(self) -> MainWindow:
        """Return the window that the program begins with."""
        return self._windows[0] if self._windows else self._add()

    def all(self) -> tuple[MainWindow, ...]:
        """Return the windows that can be seen."""
        return tuple(window for window in self._windows if window.isVisible())

    def _add(self) -> MainWindow:
        window = self._make()
        window.show_elsewhere = self.show_workspace
        window.window_wanted.connect(self.open_empty)
        self._windows.append(window)
        return window

    def _front(self) -> MainWindow | None:
        active = QApplication.activeWindow()
        shown = self.all()
        return active if isinstance(active, MainWindow) and active in shown else next(reversed(shown), None)

    def open_empty(self) -> MainWindow:
        """Show a window with no workspace, and return it: a closed one where there is one."""
        front = self._front()
        window = next((one for one in self._windows if not one.isVisible()), None) or self._add()
        if front is not None:
            window.resize(front.size())
            window.move(front.x() + _STEP_PX, front.y() + _STEP_PX)
        window.show()
        _raise(window)
        return window

    def window_of(self, path: Path) -> MainWindow | None:
        """Return the window that shows the workspace at `path`."""
        wanted = real_path(path)
        return next((w for w in self.all() if w.session is not None and w.session.workspace.path == wanted), None)

    def show_workspace(self, path: Path) -> MainWindow | None:
        """Show a workspace in a window of its own; None when it cannot be opened, which its window says then."""
        window = self.window_of(path)
        if window is not None:
            _raise(window)
            return window
        empty = next((one for one in self.all() if one.session is None), None)
        window = empty or self.open_empty()
        _raise(window)
        return window if window.open_folder(path) else None

    def open_words(self, words: str) -> None:
        """Do what a second start of the program asks for: a workspace, a script, the sample, or nothing."""
        window = self._front() or self.open_empty()
        window.open_words(words)

    def close_now(self) -> None:
        """Close all without a question; runs and endpoints go on."""
        for window in self.all():
            window.close_now()


def _raise(window: MainWindow) -> None:
    window.raise_()
    window.activateWindow()
