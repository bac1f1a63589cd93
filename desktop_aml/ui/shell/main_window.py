"""The main window: it places pages and panes and passes events on. Acts are in `commands`, pages make themselves."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.errors import DatabaseLost, DesktopAMLError
from desktop_aml.ui.session.bridge import Destination, Message
from desktop_aml.ui.session.layout_memory import LayoutMemory
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.shell.actions import MENUS, ActionSet
from desktop_aml.ui.shell.commands import Commands
from desktop_aml.ui.shell.drop_overlay import DropOverlay
from desktop_aml.ui.shell.messages import MessageCenter
from desktop_aml.ui.shell.nothing_open import NothingOpen
from desktop_aml.ui.shell.page_loading import load_for
from desktop_aml.ui.shell.pages import KINDS, PageTabs, make_page
from desktop_aml.ui.shell.panes.docks import Docks
from desktop_aml.ui.shell.panes.layouts import LayoutsMenu
from desktop_aml.ui.shell.recent_menu import RecentMenu
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.shell.spaces.banner import WorkspaceBanner
from desktop_aml.ui.shell.status import StatusBar
from desktop_aml.ui.shell.toolbar import MainToolBar
from desktop_aml.ui.shell.welcome import WelcomePage
from desktop_aml.ui.widgets.drop import Drop, act_on

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event
    from desktop_aml.ui.session.session import Session

_MINIMUM: Final = (800, 520)
_STALLED_EVERY_MS: Final = 60_000
"""How often runs are asked whether they seem stalled; that takes ten minutes anyway."""


def _pressed(event: QKeyEvent) -> QKeySequence:
    # The plus sign is Shift and another key on most keyboards; without Shift that key means the same.
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
        return QKeySequence("Ctrl++")
    return QKeySequence(event.keyCombination())


class MainWindow(Shell):
    """Places pages and panes, and passes on what happens to them.

    Parameters
    ----------
    is_safe : bool
        Whether nothing of the last time comes back by itself: no pages, no places of panes.
    """

    def __init__(
        self, preferences: Preferences, layout_file: Path, log_file: Path | None = None, *, is_safe: bool = False
    ) -> None:
        super().__init__()
        self.is_safe = is_safe
        self.setObjectName("main_window")
        self.setMinimumSize(*_MINIMUM)
        self.preferences = preferences
        self.log_file = log_file
        self.memory = LayoutMemory(layout_file)
        self.messages = MessageCenter(self)
        self.session: Session | None = None
        self.docks: Docks | None = None
        self.commands = Commands(self)
        self.messages.help_wanted.connect(self.commands.explain)
        self.action_set = ActionSet(self.commands, self)
        self.action_set.triggered.connect(self._on_action_set_triggered)
        self._is_closing = False
        self._tabs_to_come: list[Destination] = []
        self._refresh_timer = QTimer(self, singleShot=True, interval=0)
        self._refresh_timer.timeout.connect(self.refresh_actions)
        self._stalled_timer = QTimer(self, interval=_STALLED_EVERY_MS)
        self._stalled_timer.timeout.connect(self.commands.notify_of_stalled)
        self._stalled_timer.start()
        self._build()
        self.memory.restore_geometry(self)
        self.commands.restore_text_size()
        self.refresh_actions()

    def _build(self) -> None:
        self.welcome = WelcomePage(self.preferences)
        self.welcome.sample_wanted.connect(self.commands.open_sample)
        self.welcome.new_wanted.connect(self.commands.new_workspace)
        self.welcome.open_wanted.connect(self.commands.open_workspace)
        self.welcome.recent_wanted.connect(self.open_words)
        self.center = QStackedWidget()
        self.center.addWidget(self.welcome)
        self.banner = WorkspaceBanner()
        self.banner.trust_wanted.connect(self.commands.trust_workspace)
        self.banner.reopen_wanted.connect(self.commands.open_again)
        self.banner.open_other_wanted.connect(self.commands.open_workspace)
        self.banner.close_wanted.connect(self.close_session)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.center, 1)
        self.setCentralWidget(holder)
        self.messages.stand_in(holder)
        self.setDockOptions(self.DockOption.AllowTabbedDocks | self.DockOption.AllowNestedDocks)
        self._build_bars()
        self.overlay = DropOverlay(self)
        self.overlay.dropped.connect(self._on_overlay_dropped)
        self._name_window()

    def _build_bars(self) -> None:
        self.recent_menu = RecentMenu(self.preferences, self)
        self.recent_menu.open_wanted.connect(self.open_words)
        self._workspace_menu = QMenu(self)
        spaces = ("new_workspace", "open_workspace", "open_sample", "new_window", "close_workspace")
        self.action_set.add_to(self._workspace_menu, spaces)
        self._workspace_menu.insertMenu(self.action_set["close_workspace"], self.recent_menu)
        self.tool_bar = MainToolBar(self.action_set, self._workspace_menu)
        self.addToolBar(self.tool_bar)
        self.status = StatusBar(self.messages)
        self.setStatusBar(self.status)
        for name, _ in MENUS:
            menu = self.menuBar().addMenu(self.commands.menu_title(name))
            menu.setToolTipsVisible(True)
            self.action_set.fill_menu(menu, name)
            if name == "file":
                menu.insertMenu(self.action_set["open_sample"], self.recent_menu)
            elif name == "view":
                self.panes_menu = menu.addMenu(self.tr("Panes"))
                self.panes_menu.setEnabled(False)
                self.layouts_menu = LayoutsMenu(self.commands, menu)
                self.layouts_menu.setEnabled(False)
                menu.insertMenu(self.action_set["save_layout"], self.layouts_menu)
        self.tool_bar.set_workspace("")

    # Made when a workspace opens: the window is painted sooner without them.

    @cached_property
    def tabs(self) -> PageTabs:  # type: ignore[override]
        """The open pages."""
        tabs = PageTabs()
        tabs.page_changed.connect(lambda _: self._refresh_timer.start())
        tabs.emptied.connect(self.show_nothing)
        self.center.addWidget(tabs)
        return tabs

    @cached_property
    def nothing(self) -> NothingOpen:
        """What stands in the place of pages while none is open."""
        nothing = NothingOpen()
        nothing.run_wanted.connect(self.commands.start_run)
        nothing.script_wanted.connect(self.commands.choose_script)
        self.center.addWidget(nothing)
        return nothing

    def _shows_pages(self) -> bool:
        return self.session is not None and self.center.currentWidget() is self.tabs

    # Workspaces.

    def open_words(self, words: str, *, raise_window: bool = True) -> None:
        """Open what a start asks for: a workspace, a script, the sample, or nothing."""
        if raise_window:
            self.raise_()
            self.activateWindow()
        if words:
            self.commands.open_named(words)

    def open_folder(self, path: Path) -> bool:
        """Open the workspace in a folder in place of the present one; False when it cannot be."""
        # Imported after the first paint, as all that only an open workspace needs.
        from desktop_aml.ui.session.session import Session
        from desktop_aml.ui.shell.trust_question import ask_for_trust
        from desktop_aml.workspace import Workspace, remembered

        try:
            workspace = Workspace.open(path)
        except DatabaseLost as error:
            from desktop_aml.ui.shell.rebuild_question import ask_to_rebuild

            ask_to_rebuild(self, path, error)
            return False
        except DesktopAMLError as error:
            self.messages.show_message(Message.of_error(error))
            return False
        self.close_session()
        session = self.session = Session(workspace, self)
        session.bridge.destination_wanted.connect(self.go_to)
        session.bridge.message_raised.connect(self.messages.show_message)
        from desktop_aml.domain.events import CHANGES

        session.bridge.listen(self._on_event_happened, *CHANGES)
        self.docks = Docks(self, session)
        if not self.is_safe:
            remembered_sizes = self.memory.pane_sizes(workspace.path)
            if self.memory.restore_panes(self, workspace.path) and not remembered_sizes:
                self.docks.sizes.take_as_they_are()
            self.docks.sizes.choose(remembered_sizes)
        self.status.set_session(session)
        self.banner.set_session(session)
        self.panes_menu.clear()
        self.panes_menu.addActions(self.docks.toggle_actions())
        self.panes_menu.setEnabled(True)
        self.layouts_menu.setEnabled(True)
        self.preferences.put(remembered(self.preferences.value, workspace.path))
        self.recent_menu.open_workspace = str(workspace.path)
        self.tool_bar.set_workspace(workspace.name)
        self.show_nothing()
        session.start()
        if not self.is_safe:
            self._tabs_to_come = list(self.memory.tabs(workspace.path))
        ask_for_trust(self)
        self._refresh_timer.start()
        # After the first paint, unless it is asked for meanwhile: all together would hold up the window.
        in_turns(session, session.bridge, [lambda: None, lambda: None, self._begin_runner, self._reopen_next])
        return True

    def _begin_runner(self) -> None:
        self.commands.connect_runner()
        if not self.is_safe:
            self.commands.restore_script()

    def _reopen_next(self) -> None:
        """Open again the first of the tabs of the last time that are still to come, the next one in another turn."""
        if self.session is not None and self._tabs_to_come:
            load_for(self.session, self.session.bridge, self._tabs_to_come[0].kind, self._reopen)

    def _reopen(self) -> None:
        if self.session is None or not self._tabs_to_come:
            return
        destination = self._tabs_to_come.pop(0)
        if self._tabs_to_come:
            # First: one that cannot be opened keeps no other from it.
            self.session.bridge.soon(self._reopen_next)
        # Only the last one is in front in the end: each of them for a moment would be a flicker.
        self.center.setUpdatesEnabled(False)
        try:
            self.commands.reopen(destination)
        finally:
            self.center.setUpdatesEnabled(not self._tabs_to_come)

    def close_session(self) -> None:
        """Let go of the workspace; its runs and endpoints go on."""
        if self.session is None or self.docks is None:
            return
        self._save_layout()
        self._tabs_to_come = []
        self.center.setUpdatesEnabled(True)
        self.commands.keep_script()
        self.status.set_session(None)
        self.banner.set_session(None)
        self.tabs.clear_pages()
        self.center.setCurrentWidget(self.welcome)
        self.docks.close()
        self.panes_menu.clear()
        self.panes_menu.setEnabled(False)
        self.layouts_menu.setEnabled(False)
        self.session.close()
        self.session = self.docks = None
        self.recent_menu.open_workspace = ""
        self.tool_bar.set_workspace("")
        self._refresh_timer.start()

    def _save_layout(self) -> None:
        folder = self.session.workspace.path if self.session is not None else None
        sizes = self.docks.sizes.chosen() if self.docks is not None else {}
        self.memory.save(self, folder, (*self.tabs.destinations(), *self._tabs_to_come), sizes)

    # Pages.

    def show_nothing(self) -> None:
        """Show what to do when no page is open."""
        self.center.setCurrentWidget(self.welcome if self.session is None else self.nothing)
        self._refresh_timer.start()

    def go_to(self, destination: Destination) -> None:
        """Open a page, or hand the destination to whoever acts on it."""
        if destination.kind not in KINDS:
            self.commands.act_on_destination(destination)
            return
        if self.session is None:
            return
        self.center.setCurrentWidget(self.tabs)
        if not self.tabs.show_page(destination):
            page = make_page(self.session.workspace, self.session.bridge, destination)
            self.tabs.add_page(page, destination)
            page.windowTitleChanged.connect(lambda _: self._name_window())
        if not destination.preview:
            # A preview is looked at from a list that is walked through with the arrow keys.
            self.tabs.give_keyboard()
        self._name_window()

    def refresh_soon(self) -> None:
        """Look at the actions again in the next turn, once for all that changed in this one."""
        self._refresh_timer.start()

    def refresh_actions(self) -> None:
        """Enable what can be done now."""
        available = set(self.commands.available())
        self.action_set.set_available(available)
        if self.session is not None:
            self.nothing.set_ready("script" in available)
        destination = self.tabs.destination() if self._shows_pages() else None
        self.tool_bar.yield_search(destination is not None and destination.kind == "runs")
        self._name_window()

    def _on_action_set_triggered(self, action_id: str) -> None:
        # The palette never needs to offer itself.
        if action_id != "show_palette":
            self.memory.remember_action(action_id)

    def _name_window(self) -> None:
        page = self.tabs.currentWidget() if self._shows_pages() else None
        parts = [page.windowTitle().replace("[*]", "") if page is not None else ""]
        parts += [self.session.workspace.name if self.session else "", self.tr("Desktop AML")]
        self.setWindowTitle(" - ".join(part for part in parts if part))

    # Events.

    def _on_event_happened(self, event: Event) -> None:
        from desktop_aml.domain.events import DatasetChanged, EndpointChanged, EnvironmentOrganised, RunDeleted

        if isinstance(event, RunDeleted):
            self.tabs.close_gone("run", event.run_id)
        elif isinstance(event, EndpointChanged) and event.state is None:
            self.tabs.close_gone("endpoint", event.name)
        elif isinstance(event, EnvironmentOrganised) and not event.left:
            if self.tabs.close_gone("environment", event.name) and event.new_name:
                self.go_to(Destination("environment", event.new_name))
        elif isinstance(event, DatasetChanged) and not event.version:
            self.tabs.close_gone("dataset", event.name)
        self.commands.tell_of(event)
        self._refresh_timer.start()

    def _on_overlay_dropped(self, drop: Drop) -> None:
        if self.session is not None:
            act_on(drop, self.session.bridge)
        elif drop.is_accepted:
            self.commands.open_named(str(drop.path))
        else:
            self.messages.show_message(Message(f"{drop.verb}.", "warning", drop.reason))

    def show_foreseen(self, error: DesktopAMLError) -> None:
        """Show an error of ours that nobody caught on its way: it has words of its own."""
        self.messages.show_message(Message.of_error(error))
        self.banner.look()

    def show_unexpected(self, line: str, details: str) -> None:
        """Show an error that nobody foresaw."""
        hint = self.tr("Your runs and models are safe. The log holds the details; what you did last may not be done.")
        from desktop_aml.ui.widgets.error_dialog import ErrorDialog

        ErrorDialog(line, hint, details, self.log_file, self).open()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Hear the shortcuts that no pane took."""
        pressed = _pressed(event)
        if event.matches(QKeySequence.StandardKey.Find) and self.commands.find_in_page():
            return
        for keys, action in self.action_set.yielding():
            if keys == pressed and action.isEnabled():
                action.trigger()
                return
        super().keyPressEvent(event)

    def close_now(self) -> None:
        """Close without a question; runs and endpoints go on."""
        self._is_closing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close at once; work that is under way goes on without the window."""
        if not self._is_closing and not self.commands.may_close():
            event.ignore()
            return
        self._save_layout()
        self.close_session()
        self._is_closing = False
        event.accept()
