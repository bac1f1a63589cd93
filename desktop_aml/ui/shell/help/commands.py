"""The commands of the Help menu and of the text's size, and what is told at the start and when runs end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import zoom
from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.shell.shell import Shell

if TYPE_CHECKING:
    from desktop_aml.domain.runs import RunDetail
    from desktop_aml.ui.session.desktop_notice import Send
    from desktop_aml.ui.shell.help.window import HelpWindow


def _tr(text: str) -> str:
    return QCoreApplication.translate("help", text)


def _send_notice(key: str, title: str, body: str) -> None:
    # Imported here: the window is painted without the bus of the desktop.
    from desktop_aml.ui.session import desktop_notice

    desktop_notice.send(key, title, body)


class HelpCommands:
    """Help, shortcuts, the size of text, reports of crashes, notices."""

    _window: Shell
    _help: HelpWindow | None = None
    _told_stalled: frozenset[str] = frozenset()
    send_notice: Send = staticmethod(_send_notice)

    def _help_window(self) -> HelpWindow:
        from desktop_aml.ui.shell.help.window import HelpWindow

        if self._help is None:
            self._help = HelpWindow(self._window)
        return self._help

    def show_help(self) -> None:
        """Show the pages of the documentation inside the program."""
        self._help_window().show_help()

    def explain(self, code: str) -> None:
        """Show what the documentation says of the code of an error."""
        self._help_window().show_help("reference/error-codes.md", code)

    def show_shortcuts(self) -> None:
        """Show the sheet of shortcuts."""
        self._help_window().show_shortcuts()

    def show_about(self) -> None:
        """Say what this is."""
        from desktop_aml.ui.shell.about import AboutDialog

        AboutDialog(self._window).open()

    def larger_text(self) -> None:
        """Make all text larger."""
        self._zoom(zoom.next_step(1))

    def smaller_text(self) -> None:
        """Make all text smaller."""
        self._zoom(zoom.next_step(-1))

    def normal_text(self) -> None:
        """Give text the size that the desktop wants."""
        self._zoom(100)

    def restore_text_size(self) -> None:
        """Give text the size that was chosen the last time."""
        remembered = self._window.memory.choice("zoom")
        if remembered.isdecimal():
            self._zoom(int(remembered))

    def _zoom(self, percent: int) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            zoom.apply(app, percent)
            self._window.memory.remember_choice("zoom", str(zoom.percent()))

    def tell_of_crash(self, report: Path) -> None:
        """Say that the program ended in a crash the last time, and offer what is known of it."""
        text = _tr("Desktop AML crashed the last time. Your runs went on, and what they recorded is safe.")
        hint = _tr("The report is kept in {0}. If it happens again: start with --safe-mode.").format(report.parent)

        def show() -> None:
            details = report.read_text("utf-8", errors="replace")
            # Imported here: the window is painted without it.
            from desktop_aml.ui.widgets.error_dialog import ErrorDialog

            dialog = ErrorDialog(text, hint, details, self._window.log_file, self._window)
            dialog.toggle_details()
            dialog.open()

        self._window.messages.show_message(Message(text, "error", hint, action=(_tr("Show report"), show)))

    def notify_of_stalled(self) -> None:
        """Have the desktop tell of runs that seem stalled, once of each, unless the window is in front."""
        session = self._window.session
        if session is None or self._window.isActiveWindow():
            return

        def look() -> list[tuple[str, str, str]]:
            from desktop_aml.domain.runs import RunQuery, RunState

            space = session.workspace
            running = space.runs.list(RunQuery(states=(RunState.RUNNING,)))
            told = ((run.id, run.display_name, space.runs.queue.stalled(run)) for run in running)
            return [one for one in told if one[2]]

        def tell(found: list[tuple[str, str, str]]) -> None:
            for run_id, name, words in found:
                if run_id not in self._told_stalled:
                    self.send_notice(run_id, name, words)
            self._told_stalled = frozenset(run_id for run_id, _, _ in found)

        call_for(self._window, session.bridge, look, tell, lambda _: None)

    def notify_of_end(self, run_id: str) -> None:
        """Have the desktop tell of a run that ended, unless the window is in front."""
        session = self._window.session
        if session is None or self._window.isActiveWindow():
            return

        def tell(run: RunDetail) -> None:
            from desktop_aml.domain.runs import RunState
            from desktop_aml.ui.session.desktop_notice import is_worth_it

            summary = run.summary
            failed = summary.state is RunState.FAILED
            duration_s = summary.duration_s(summary.ended_at or 0.0)
            is_in_front = self._window.isActiveWindow()
            if is_worth_it(has_failed=failed, duration_s=duration_s, is_in_front=is_in_front):
                words = _tr("{0} failed") if failed else _tr("{0} completed")
                body = summary.error or summary.experiment
                self.send_notice(run_id, words.format(summary.display_name), body)

        call_for(self._window, session.bridge, lambda: session.workspace.runs.get(run_id), tell, lambda _: None)
