"""Closing windows: work that is under way goes on without them, and a person is told so."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from desktop_aml.domain.errors import DesktopAMLError, InvalidTransition
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.shell.shell import Shell


def _tr(text: str) -> str:
    return QCoreApplication.translate("closing", text)


class ClosingCommands:
    """The commands that close a window, or all."""

    _window: Shell

    def quit(self) -> None:
        """Close every window."""
        for window in QApplication.topLevelWidgets():
            if isinstance(window, Shell):
                window.close()

    def close_window(self) -> None:
        """Close this window; the others stay."""
        self._window.close()

    def may_close(self) -> bool:
        """Say that runs go on without the window, until a person has heard enough of it."""
        session, memory = self._window.session, self._window.memory
        if session is None or memory.choice("close") == "told" or not self._has_active_runs():
            return True
        from PySide6.QtWidgets import QCheckBox, QMessageBox

        box = QMessageBox(self._window)
        box.setWindowTitle(_tr("Runs go on"))
        box.setText(_tr("Runs are under way. They go on without the window."))
        box.setInformativeText(_tr("Open the workspace again to see them."))
        close = box.addButton(_tr("Close window"), QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(_tr("Cancel runs and close"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(_tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        often = QCheckBox(_tr("Do not ask again"), box)
        box.setCheckBox(often)
        # Nothing is lost by closing, so Enter may do it.
        box.setDefaultButton(close)
        close.clicked.connect(lambda: self._close(remember=often.isChecked()))
        cancel.clicked.connect(self._cancel_runs_and_close)
        box.open()
        return False

    def _has_active_runs(self) -> bool:
        assert self._window.session is not None
        try:
            return bool(self._window.session.workspace.runs.active())
        except DesktopAMLError:
            # Of a workspace that cannot be read any more nothing can be said, and the window must still close.
            return False

    def _cancel_runs_and_close(self) -> None:
        session = self._window.session
        assert session is not None
        space = session.workspace

        def cancel() -> None:
            for run in space.runs.active():
                # One that ended meanwhile needs nothing.
                with contextlib.suppress(InvalidTransition):
                    space.runs.cancel(run.id)

        call_for(self._window, session.bridge, cancel, lambda _: self._close())

    def _close(self, *, remember: bool = False) -> None:
        if remember:
            self._window.memory.remember_choice("close", "told")
        self._window.close_now()
