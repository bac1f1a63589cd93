"""What the actions of the table do. One method for each line of `actions.TABLE`, named by its id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from desktop_aml.settings import Theme
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Destination, Message
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.shell.actions import MENUS
from desktop_aml.ui.shell.edit_commands import EditCommands
from desktop_aml.ui.shell.help.commands import HelpCommands
from desktop_aml.ui.shell.panes.layouts import LayoutCommands
from desktop_aml.ui.shell.sharing_commands import SharingCommands
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.shell.spaces.closing import ClosingCommands
from desktop_aml.ui.shell.tab_commands import TabCommands
from desktop_aml.ui.shell.workspace_commands import WorkspaceCommands
from desktop_aml.ui.widgets.drop import PATH_SEPARATOR

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event


def _takes_keys(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _open_outside(path: Path | None) -> None:
    # Imported here: addresses and what opens them are types of Qt that the first paint does without.
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class Commands(
    EditCommands, WorkspaceCommands, SharingCommands, ClosingCommands, HelpCommands, LayoutCommands, TabCommands
):
    """Carries the actions out on the window."""

    def __init__(self, window: Shell) -> None:
        super().__init__(window)
        self._window = window
        self._ended: set[str] = set()

    # What is open and possible.

    def menu_title(self, name: str) -> str:
        """Return how a menu of `MENUS` is called in the language of the window."""
        return QCoreApplication.translate("actions", dict(MENUS)[name])

    def available(self) -> Iterator[str]:
        """Return which needs of actions are met now."""
        window = self._window
        if window.log_file is not None:
            yield "log_file"
        if window.session is None:
            return
        yield "workspace"
        if not window.session.is_trusted:
            yield "untrusted"
        if window.docks is not None and window.docks.is_made("runner") and self._runner().can_run():
            yield "script"
        if window.tabs.count():
            yield "tab"
        destination = window.tabs.destination()
        if destination is not None and destination.kind in {"run", "compare"}:
            yield "reportable"
        page = self._run_page()
        if page is not None:
            yield "run"
            # The page reads its run again a moment after the event.
            yield "active_run" if page.is_active() and page.run_id not in self._ended else "ended_run"

    def _runner(self) -> Any:
        assert self._window.docks is not None
        return self._window.docks.pane("runner")

    def _run_page(self) -> Any:
        destination = self._window.tabs.destination()
        return self._window.tabs.currentWidget() if destination is not None and destination.kind == "run" else None

    def connect_runner(self) -> None:
        """Look at the actions again whenever the script runner changes."""
        self._runner().ready_changed.connect(self._window.refresh_soon)
        self._window.refresh_soon()

    def restore_script(self) -> None:
        """Show the script that the script runner held when the workspace was closed."""
        self._runner().restore()

    def keep_script(self) -> None:
        """Have the script runner remember what it holds."""
        if self._window.docks is not None and self._window.docks.is_made("runner"):
            self._runner().keep()

    def _tell(self, text: str, severity: str = "info", hint: str = "") -> None:
        self._window.messages.show_message(Message(text, severity, hint))

    def _go(self, kind: str, key: str = "") -> None:
        self._window.go_to(Destination(kind, key))

    # Destinations that are no pages.

    def act_on_destination(self, destination: Destination) -> None:
        """Do what a destination names that is no page."""
        key = destination.key
        if destination.kind == "workspace":
            self._window.show_workspace(Path(key))
        elif destination.kind == "welcome":
            self.show_welcome()
        elif destination.kind in {"script", "rerun"} and self._window.docks is not None:
            runner = self._window.docks.reveal("runner")
            if destination.kind == "rerun":
                runner.load_run(key)  # type: ignore[attr-defined]
            elif key:
                runner.load_script(Path(key))  # type: ignore[attr-defined]
            else:
                runner.choose_script()  # type: ignore[attr-defined]
        elif destination.kind == "use_environment":
            self._reveal_runner().settings.choose_environment(key)
        elif destination.kind == "import_environment":
            self._import_environment(Path(key))
        elif destination.kind == "import_model":
            self._import_model(key)
        elif destination.kind == "import_data":
            self.register_data(*(Path(one) for one in key.split(PATH_SEPARATOR)))
        elif destination.kind == "import_runs":
            self.import_file(key)

    def _import_environment(self, path: Path) -> None:
        session = self._window.session
        assert session is not None

        call_for(
            self,
            session.bridge,
            lambda: session.workspace.environments.register_file(path),
            lambda made: self._go("environment", made.name),
        )

    def _import_model(self, path: str) -> None:
        if not path:
            # The registry asks whether it is trusted, and for the file.
            from desktop_aml.ui.models.list_page import ModelRegistry

            self._go("models")
            page = self._window.tabs.currentWidget()
            assert isinstance(page, ModelRegistry)
            page.import_model()
            return
        from desktop_aml.ui.models.register_dialog import RegisterDialog

        session = self._window.session
        assert session is not None
        RegisterDialog(session.workspace, session.bridge, file=path, parent=self._window).open()

    def register_data(self, *paths: Path) -> None:
        """Ask for files that become a version of a dataset."""
        from desktop_aml.ui.datasets.register_dialog import RegisterDataDialog

        session = self._window.session
        assert session is not None
        RegisterDataDialog(session.workspace, session.bridge, self._window, paths=paths).open()

    # File.

    def choose_script(self) -> None:
        """Choose a script for the script runner."""
        self._reveal_runner().choose_script()

    def choose_folder(self) -> None:
        """Choose a source folder for the script runner."""
        self._reveal_runner().choose_folder()

    def _reveal_runner(self) -> Any:
        assert self._window.docks is not None
        return self._window.docks.reveal("runner")

    def show_workspace_folder(self) -> None:
        """Show the workspace's folder in the system's file manager."""
        if self._window.session is not None:
            _open_outside(self._window.session.workspace.path)

    def close_workspace(self) -> None:
        """Let go of the workspace."""
        self._window.close_session()

    def show_settings(self) -> None:
        """Open the settings."""
        from desktop_aml.ui.shell.settings_dialog import SettingsDialog

        SettingsDialog(self._window.preferences, self._window.session, self._window).open()

    # View.

    def search_runs(self) -> None:
        """Show the table of runs with the keyboard in its search."""
        self._go("runs")
        self.find_in_page()

    def find_in_page(self) -> bool:
        """Let the page in front find in what it shows; False when it has nothing to find in."""
        find = getattr(self._window.tabs.currentWidget(), "find_in_page", None)
        return bool(find is not None and find())

    def show_palette(self) -> None:
        """Open the command palette."""
        from desktop_aml.ui.shell.palette import CommandPalette

        CommandPalette(self._window.action_set, self._window.memory.recent_actions(), self._window).open()

    def quick_open(self) -> None:
        """Open the list of runs, models, environments and endpoints."""
        from desktop_aml.ui.shell.palette import QuickOpen

        if self._window.session is not None:
            QuickOpen(self._window.session.workspace, self._window.session.bridge, self._window).open()

    def show_welcome(self) -> None:
        """Show the welcome page."""
        self._window.center.setCurrentWidget(self._window.welcome)

    def use_system_colors(self) -> None:
        """Follow the system's colours."""
        self._use(Theme.SYSTEM)

    def use_light_colors(self) -> None:
        """Use light colours."""
        self._use(Theme.LIGHT)

    def use_dark_colors(self) -> None:
        """Use dark colours."""
        self._use(Theme.DARK)

    def _use(self, choice: Theme) -> None:
        self._window.preferences.change(theme=choice)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, str(choice))

    # Run.

    def start_run(self) -> None:
        """Run what the script runner holds."""
        self._runner().start_run()

    def cancel_run(self) -> None:
        """Cancel the run in front."""
        self._run_page().cancel()

    def run_again(self) -> None:
        """Run the run in front again."""
        self._run_page().run_again()

    def run_again_changed(self) -> None:
        """Fill the script runner from the run in front."""
        self._go("rerun", self._run_page().run_id)

    def show_runs(self) -> None:
        """Show all runs."""
        self._go("runs")

    def show_latest_run(self) -> None:
        """Show the run that was submitted last."""
        session = self._window.session
        assert session is not None
        call_for(
            self, session.bridge, lambda: session.workspace.runs.find("latest"), lambda found: self._go("run", found)
        )

    def show_run_folder(self) -> None:
        """Show the folder of the run in front."""
        self._run_page().show_folder()

    # Things.

    def show_environments(self) -> None:
        """Show the environments."""
        self._go("environments")

    def new_environment(self) -> None:
        """Open the editor on a new environment."""
        self._go("environment")

    def show_models(self) -> None:
        """Show the model registry."""
        self._go("models")

    def show_datasets(self) -> None:
        """Show the datasets."""
        self._go("datasets")

    def show_queue(self) -> None:
        """Show what waits, in its order."""
        session, docks = self._window.session, self._window.docks
        assert session is not None
        assert docks is not None
        from desktop_aml.ui.runs.queue.dialog import QueueDialog

        # It goes with the workspace, as the list of jobs does.
        jobs = docks.pane("jobs")
        dialog = jobs.findChild(QueueDialog) or QueueDialog(session.workspace, session.bridge, jobs)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def show_computes(self) -> None:
        """Show the computes."""
        self._go("computes")

    def show_endpoints(self) -> None:
        """Show the endpoints."""
        self._go("endpoints")

    # Tools, window, help.

    def show_log_file(self) -> None:
        """Open the program's log."""
        _open_outside(self._window.log_file)

    def copy_description(self) -> None:
        """Copy versions of the program and the system."""
        from desktop_aml.ui.widgets.computer_text import description_of_computer

        QGuiApplication.clipboard().setText(description_of_computer())
        self._tell(self.tr("Copied the system information."))

    def focus_next_pane(self) -> None:
        """Give the keyboard to the next pane."""
        self._focus_pane(1)

    def focus_previous_pane(self) -> None:
        """Give the keyboard to the previous pane."""
        self._focus_pane(-1)

    def _focus_pane(self, step: int) -> None:
        window = self._window
        panes: list[QWidget] = [window.center, *(window.docks.visible_panes() if window.docks else [])]
        focused = QApplication.focusWidget()
        at = next((i for i, pane in enumerate(panes) if focused is not None and pane.isAncestorOf(focused)), 0)
        target = panes[(at + step) % len(panes)]
        takers = [child for child in target.findChildren(QWidget) if _takes_keys(child)]
        wanted = next((child for child in takers if child.property("first_of_pane")), takers[0] if takers else target)
        wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_message(self) -> None:
        """Close the newest message."""
        self._window.messages.close_newest()

    # Events.

    def tell_of(self, event: Event) -> None:
        """Tell a person of what ended while they looked elsewhere."""
        from desktop_aml.domain.environments import BuildState
        from desktop_aml.domain.events import BuildProgressed, RunMoved
        from desktop_aml.domain.runs import RunState

        if isinstance(event, RunMoved) and event.state.is_terminal():
            self._ended.add(event.run_id)
        if isinstance(event, RunMoved) and event.state in {RunState.COMPLETED, RunState.FAILED}:
            page = self._run_page()
            if page is None or page.run_id != event.run_id or not self._window.isActiveWindow():
                QApplication.alert(self._window)
            self.notify_of_end(event.run_id)
        elif isinstance(event, BuildProgressed) and event.state is BuildState.FAILED and event.asked:
            words = self.tr("The environment {0}:{1} could not be built.").format(event.name, event.version)
            self._window.messages.show_message(Message(words, "error", event.message))
