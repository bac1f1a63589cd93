"""What commands and questions may ask of the window, which is made of them: they see this, the window fulfils it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow

from desktop_aml.system.whole_paths import real_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QStackedWidget

    from desktop_aml.ui.session.bridge import Destination
    from desktop_aml.ui.session.layout_memory import LayoutMemory
    from desktop_aml.ui.session.preferences import Preferences
    from desktop_aml.ui.session.session import Session
    from desktop_aml.ui.shell.actions import ActionSet
    from desktop_aml.ui.shell.messages import MessageCenter
    from desktop_aml.ui.shell.pages import PageTabs
    from desktop_aml.ui.shell.panes.docks import Docks
    from desktop_aml.ui.shell.toolbar import MainToolBar
    from desktop_aml.ui.shell.welcome import WelcomePage


class Shell(QMainWindow):
    """The window, as its commands know it.

    Attributes
    ----------
    session : Session, optional
        The workspace that is open; None for none.
    docks : Docks, optional
        Its panes, as long as one is open.
    log_file : Path, optional
        Where the program writes its log.
    is_safe : bool
        Whether it was started in safe mode: nothing of the last time is brought back.
    show_elsewhere : callable, optional
        Shows a workspace in a window of its own and returns that window; None where this is the only window.
    """

    window_wanted = Signal()
    """Another window shall open."""

    preferences: Preferences
    log_file: Path | None
    is_safe: bool
    memory: LayoutMemory
    messages: MessageCenter
    session: Session | None
    docks: Docks | None
    action_set: ActionSet
    tabs: PageTabs
    tool_bar: MainToolBar
    center: QStackedWidget
    welcome: WelcomePage
    show_elsewhere: Callable[[Path], Shell | None] | None = None

    def open_folder(self, path: Path) -> bool:
        """Open the workspace in a folder in place of the present one; False when it cannot be."""
        raise NotImplementedError

    def show_workspace(self, path: Path) -> Shell | None:
        """Show the workspace in a folder: here while nothing is open, else in a window of its own.

        Returns
        -------
        Shell or None
            The window that shows it; None when it cannot be opened.
        """
        if self.session is not None and self.session.workspace.path == real_path(path):
            self.raise_()
            self.activateWindow()
            return self
        if self.session is not None and self.show_elsewhere is not None:
            return self.show_elsewhere(path)
        return self if self.open_folder(path) else None

    def close_session(self) -> None:
        """Let go of the workspace; its runs and endpoints go on."""
        raise NotImplementedError

    def go_to(self, destination: Destination) -> None:
        """Open a page, or hand the destination to whoever acts on it."""
        raise NotImplementedError

    def refresh_soon(self) -> None:
        """Look at the actions again in the next turn."""
        raise NotImplementedError

    def refresh_actions(self) -> None:
        """Enable what can be done now."""
        raise NotImplementedError

    def close_now(self) -> None:
        """Close without a question; runs and endpoints go on."""
        raise NotImplementedError
