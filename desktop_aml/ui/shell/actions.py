"""Every action of the window, in one table. Menus, toolbar, palette and the list of shortcuts read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from desktop_aml.domain.values import dataclass
from desktop_aml.ui.look import icons
from desktop_aml.ui.look.texts import QT_TRANSLATE_NOOP

_Key = QKeySequence.StandardKey

NEEDS: Final = {
    "workspace": QT_TRANSLATE_NOOP("actions", "Open a workspace first"),
    "untrusted": QT_TRANSLATE_NOOP("actions", "The open workspace may run code already"),
    "script": QT_TRANSLATE_NOOP("actions", "Choose a script first"),
    "run": QT_TRANSLATE_NOOP("actions", "Open a run first"),
    "ended_run": QT_TRANSLATE_NOOP("actions", "Open a run that has ended"),
    "reportable": QT_TRANSLATE_NOOP("actions", "Open a run, or compare some"),
    "active_run": QT_TRANSLATE_NOOP("actions", "Open a run that has not ended"),
    "tab": QT_TRANSLATE_NOOP("actions", "No tab is open"),
    "log_file": QT_TRANSLATE_NOOP("actions", "The log file could not be written"),
}
"""What an action may need, with the reason that is shown while it is missing."""

MENUS: Final = (
    ("file", QT_TRANSLATE_NOOP("actions", "&File")),
    ("edit", QT_TRANSLATE_NOOP("actions", "&Edit")),
    ("view", QT_TRANSLATE_NOOP("actions", "&View")),
    ("run", QT_TRANSLATE_NOOP("actions", "&Run")),
    ("environment", QT_TRANSLATE_NOOP("actions", "E&nvironment")),
    ("model", QT_TRANSLATE_NOOP("actions", "&Model")),
    ("tools", QT_TRANSLATE_NOOP("actions", "&Tools")),
    ("window", QT_TRANSLATE_NOOP("actions", "&Window")),
    ("help", QT_TRANSLATE_NOOP("actions", "&Help")),
)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One line of the table.

    Parameters
    ----------
    id : str
        Also the name of the method of `commands.Commands` that carries it out.
    text : str
        Sentence case, with ``…`` when it asks for more.
    menu : str
        Where it is listed; ``""`` for the palette only. A trailing ``-`` starts a new group.
    shortcut : str or StandardKey
        A standard key where the system has one.
    yields : bool
        Whether a pane's own use of the shortcut comes first. The main window then listens for what is left over,
        and no shortcut is registered.
    needs : str
        A key of `NEEDS`.
    """

    id: str
    text: str
    menu: str
    icon: str = ""
    shortcut: str | QKeySequence.StandardKey = ""
    needs: str = ""
    yields: bool = False

    def key_sequence(self) -> QKeySequence:
        """Return the shortcut on this system."""
        if isinstance(self.shortcut, QKeySequence.StandardKey):
            bindings = QKeySequence.keyBindings(self.shortcut)
            return bindings[0] if bindings else QKeySequence()
        return QKeySequence(self.shortcut)

    def translated(self) -> str:
        """Return the text in the language of the window."""
        return QCoreApplication.translate("actions", self.text)


_A = ActionSpec
TABLE: Final = (
    _A("new_workspace", QT_TRANSLATE_NOOP("actions", "New workspace…"), "file", "plus", "Ctrl+Shift+N"),
    _A("new_window", QT_TRANSLATE_NOOP("actions", "New window"), "file", "", "Ctrl+Alt+N"),
    _A("open_workspace", QT_TRANSLATE_NOOP("actions", "Open workspace…"), "file", "folder-open", _Key.Open),
    _A("open_sample", QT_TRANSLATE_NOOP("actions", "Open sample workspace"), "file", "sample"),
    _A("choose_script", QT_TRANSLATE_NOOP("actions", "Choose script…"), "file-", "script", "Ctrl+Shift+O", "workspace"),
    _A("choose_folder", QT_TRANSLATE_NOOP("actions", "Choose source folder…"), "file", "folder", "", "workspace"),
    _A("register_data", QT_TRANSLATE_NOOP("actions", "Register data…"), "file", "", "", "workspace"),
    _A("import_runs", QT_TRANSLATE_NOOP("actions", "Import runs…"), "file", "", "", "workspace"),
    _A(
        "show_workspace_folder",
        QT_TRANSLATE_NOOP("actions", "Show workspace folder"),
        "file-",
        "external",
        "",
        "workspace",
    ),
    _A("trust_workspace", QT_TRANSLATE_NOOP("actions", "Trust workspace…"), "file", "", "", "untrusted"),
    _A("close_workspace", QT_TRANSLATE_NOOP("actions", "Close workspace"), "file", "", "", "workspace"),
    _A("close_window", QT_TRANSLATE_NOOP("actions", "Close window"), "file", "", "Ctrl+Shift+W"),
    _A("show_settings", QT_TRANSLATE_NOOP("actions", "Settings"), "file-", "gear", "Ctrl+,"),
    _A("quit", QT_TRANSLATE_NOOP("actions", "Quit"), "file-", "", _Key.Quit),
    _A("edit_undo", QT_TRANSLATE_NOOP("actions", "Undo"), "edit", "", _Key.Undo, yields=True),
    _A("edit_redo", QT_TRANSLATE_NOOP("actions", "Redo"), "edit", "", _Key.Redo, yields=True),
    _A("edit_cut", QT_TRANSLATE_NOOP("actions", "Cut"), "edit-", "", _Key.Cut, yields=True),
    _A("edit_copy", QT_TRANSLATE_NOOP("actions", "Copy"), "edit", "copy", _Key.Copy, yields=True),
    _A("edit_paste", QT_TRANSLATE_NOOP("actions", "Paste"), "edit", "", _Key.Paste, yields=True),
    _A("edit_select_all", QT_TRANSLATE_NOOP("actions", "Select all"), "edit", "", _Key.SelectAll, yields=True),
    _A("show_context_menu", QT_TRANSLATE_NOOP("actions", "Menu of the selection"), "edit-", "", "Shift+F10"),
    _A(
        "search_runs",
        QT_TRANSLATE_NOOP("actions", "Search runs"),
        "edit-",
        "search",
        _Key.Find,
        "workspace",
        yields=True,
    ),
    _A("show_palette", QT_TRANSLATE_NOOP("actions", "Command palette"), "view", "palette", "Ctrl+Shift+P"),
    _A(
        "quick_open",
        QT_TRANSLATE_NOOP("actions", "Go to run, model, environment…"),
        "view",
        "search",
        "Ctrl+P",
        "workspace",
    ),
    _A("show_welcome", QT_TRANSLATE_NOOP("actions", "Welcome"), "view-", "home"),
    _A("use_system_colors", QT_TRANSLATE_NOOP("actions", "Colors of the system"), "view-", "computer"),
    _A("use_light_colors", QT_TRANSLATE_NOOP("actions", "Light colors"), "view", "sun"),
    _A("use_dark_colors", QT_TRANSLATE_NOOP("actions", "Dark colors"), "view", "moon"),
    _A("larger_text", QT_TRANSLATE_NOOP("actions", "Larger text"), "view-", "", "Ctrl++", yields=True),
    _A("smaller_text", QT_TRANSLATE_NOOP("actions", "Smaller text"), "view", "", "Ctrl+-", yields=True),
    _A("normal_text", QT_TRANSLATE_NOOP("actions", "Normal text size"), "view", "", "Ctrl+0", yields=True),
    _A("save_layout", QT_TRANSLATE_NOOP("actions", "Save layout…"), "view-", "", "", "workspace"),
    _A("reset_layout", QT_TRANSLATE_NOOP("actions", "Reset layout"), "view", "", "", "workspace"),
    _A("start_run", QT_TRANSLATE_NOOP("actions", "Run"), "run", "run", "F5", "script"),
    _A("cancel_run", QT_TRANSLATE_NOOP("actions", "Cancel run"), "run", "cancel", "Shift+F5", "active_run"),
    _A("run_again", QT_TRANSLATE_NOOP("actions", "Run again"), "run", "rerun", "Ctrl+F5", "run"),
    _A(
        "run_again_changed",
        QT_TRANSLATE_NOOP("actions", "Run again with changes…"),
        "run",
        "edit",
        "Ctrl+Shift+F5",
        "run",
    ),
    _A("show_runs", QT_TRANSLATE_NOOP("actions", "All runs"), "run-", "table", "Ctrl+Shift+R", "workspace"),
    _A("show_latest_run", QT_TRANSLATE_NOOP("actions", "Latest run"), "run", "history", "Ctrl+L", "workspace"),
    _A("show_queue", QT_TRANSLATE_NOOP("actions", "Queue…"), "run", "", "", "workspace"),
    _A("show_datasets", QT_TRANSLATE_NOOP("actions", "Datasets"), "run", "table", "", "workspace"),
    _A("show_computes", QT_TRANSLATE_NOOP("actions", "Computes"), "run", "computer", "", "workspace"),
    _A("export_run", QT_TRANSLATE_NOOP("actions", "Export run…"), "run-", "download", "", "ended_run"),
    _A("report_runs", QT_TRANSLATE_NOOP("actions", "Save report…"), "run", "", "", "reportable"),
    _A("show_run_folder", QT_TRANSLATE_NOOP("actions", "Show run folder"), "run", "folder", "", "run"),
    _A(
        "show_environments", QT_TRANSLATE_NOOP("actions", "Environments"), "environment", "environment", "", "workspace"
    ),
    _A("new_environment", QT_TRANSLATE_NOOP("actions", "New environment…"), "environment", "plus", "", "workspace"),
    _A(
        "show_docker",
        QT_TRANSLATE_NOOP("actions", "Docker images and containers…"),
        "environment-",
        "",
        "",
        "workspace",
    ),
    _A("show_models", QT_TRANSLATE_NOOP("actions", "Model registry"), "model", "model", "Ctrl+Shift+M", "workspace"),
    _A("show_endpoints", QT_TRANSLATE_NOOP("actions", "Endpoints"), "model", "endpoint", "", "workspace"),
    _A("show_log_file", QT_TRANSLATE_NOOP("actions", "Open the program's log"), "tools", "log", "", "log_file"),
    _A("copy_description", QT_TRANSLATE_NOOP("actions", "Copy system information"), "tools", "copy"),
    _A("focus_next_pane", QT_TRANSLATE_NOOP("actions", "Next pane"), "window", "", "F6"),
    _A("focus_previous_pane", QT_TRANSLATE_NOOP("actions", "Previous pane"), "window", "", "Shift+F6"),
    _A("larger_pane", QT_TRANSLATE_NOOP("actions", "Larger pane"), "window", "", "Ctrl+F6", "workspace"),
    _A("move_pane", QT_TRANSLATE_NOOP("actions", "Pane to another side"), "window", "", "Ctrl+F7", "workspace"),
    _A("smaller_pane", QT_TRANSLATE_NOOP("actions", "Smaller pane"), "window", "", "Ctrl+Shift+F6", "workspace"),
    _A("next_tab", QT_TRANSLATE_NOOP("actions", "Next tab"), "window-", "", "Ctrl+PgDown", "tab"),
    _A("previous_tab", QT_TRANSLATE_NOOP("actions", "Previous tab"), "window", "", "Ctrl+PgUp", "tab"),
    _A("move_tab_left", QT_TRANSLATE_NOOP("actions", "Move tab left"), "window", "", "Ctrl+Shift+PgUp", "tab"),
    _A("move_tab_right", QT_TRANSLATE_NOOP("actions", "Move tab right"), "window", "", "Ctrl+Shift+PgDown", "tab"),
    _A("list_tabs", QT_TRANSLATE_NOOP("actions", "List of open pages"), "window", "", "Ctrl+Shift+E", "tab"),
    _A("close_tab", QT_TRANSLATE_NOOP("actions", "Close tab"), "window", "close", "Ctrl+W", "tab"),
    _A("close_other_tabs", QT_TRANSLATE_NOOP("actions", "Close other tabs"), "window", "", "", "tab"),
    _A("close_message", QT_TRANSLATE_NOOP("actions", "Close message"), "window-", "", "Ctrl+Shift+X"),
    _A("show_help", QT_TRANSLATE_NOOP("actions", "Help"), "help", "help", _Key.HelpContents),
    _A("show_shortcuts", QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"), "help", "keyboard", "Ctrl+/"),
    _A("show_about", QT_TRANSLATE_NOOP("actions", "About Desktop AML"), "help-", "info"),
)


class ActionSet(QObject):
    """The `QAction` of each line, shared by everything that offers it.

    Parameters
    ----------
    commands : object
        Has a method for each id.
    """

    triggered = Signal(str)
    """The id of what was carried out."""

    def __init__(self, commands: object, parent: QObject) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._drawn: set[str] = set()
        self._enabled: dict[str, bool] = {}
        self._specs = {spec.id: spec for spec in TABLE}
        for spec in TABLE:
            self._actions[spec.id] = self._make(spec, getattr(commands, spec.id))
        self.set_available(())

    def _make(self, spec: ActionSpec, handler: Callable[[], object]) -> QAction:
        action = QAction(spec.translated(), self)
        action.setObjectName(spec.id)
        keys = spec.key_sequence()
        if spec.yields and not keys.isEmpty():
            # Shown like any shortcut, but not registered: see `ActionSpec.yields`.
            action.setText(f"{spec.translated()}\t{keys.toString(QKeySequence.SequenceFormat.NativeText)}")
        elif not keys.isEmpty():
            action.setShortcut(keys)
        if spec.id == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        action.triggered.connect(lambda: self._carry_out(spec.id, handler))
        return action

    def _carry_out(self, action_id: str, handler: Callable[[], object]) -> None:
        self.triggered.emit(action_id)
        handler()

    def __getitem__(self, action_id: str) -> QAction:
        self._draw(action_id)
        return self._actions[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def spec(self, action_id: str) -> ActionSpec:
        """Return the line of the table."""
        return self._specs[action_id]

    def set_available(self, available: Iterable[str]) -> None:
        """Enable the actions whose need is among `available` (keys of `NEEDS`); explain the others."""
        have = set(available)
        for spec in TABLE:
            enabled = not spec.needs or spec.needs in have
            if self._enabled.get(spec.id) is enabled:
                continue
            self._enabled[spec.id] = enabled
            action = self._actions[spec.id]
            action.setEnabled(enabled)
            action.setToolTip(self._tool_tip(spec, enabled))

    def reason(self, action_id: str) -> str:
        """Return why an action is disabled; empty when it is not."""
        spec = self._specs[action_id]
        if self._actions[action_id].isEnabled() or not spec.needs:
            return ""
        return QCoreApplication.translate("actions", NEEDS[spec.needs])

    def _tool_tip(self, spec: ActionSpec, enabled: bool) -> str:
        keys = spec.key_sequence().toString(QKeySequence.SequenceFormat.NativeText)
        words = f"{spec.translated().rstrip('…')} ({keys})" if keys else spec.translated().rstrip("…")
        if enabled or not spec.needs:
            return words
        return f"{words}\n{QCoreApplication.translate('actions', NEEDS[spec.needs])}"

    def fill_menu(self, menu: QMenu, name: str) -> None:
        """Add the actions of the menu `name` in the order of the table."""
        mine = [spec for spec in TABLE if spec.menu.rstrip("-") == name]
        for spec in mine:
            if spec.menu.endswith("-"):
                menu.addSeparator()
            menu.addAction(self._actions[spec.id])
        self._draw_when_shown(menu, [spec.id for spec in mine])

    def add_to(self, menu: QMenu, action_ids: Sequence[str]) -> None:
        """Add single actions to a menu."""
        for action_id in action_ids:
            menu.addAction(self._actions[action_id])
        self._draw_when_shown(menu, action_ids)

    def _draw_when_shown(self, menu: QMenu, action_ids: Sequence[str]) -> None:
        # Drawing every icon of every menu takes a fifth of the time to the window's first paint.
        def draw() -> None:
            for action_id in action_ids:
                self._draw(action_id)

        menu.aboutToShow.connect(draw)

    def _draw(self, action_id: str) -> None:
        spec = self._specs[action_id]
        if spec.icon and action_id not in self._drawn:
            self._drawn.add(action_id)
            icons.set_icon(self._actions[action_id], spec.icon, "secondary")

    def yielding(self) -> tuple[tuple[QKeySequence, QAction], ...]:
        """Return the shortcuts that the main window hears last, with their actions."""
        return tuple((spec.key_sequence(), self._actions[spec.id]) for spec in TABLE if spec.yields)
