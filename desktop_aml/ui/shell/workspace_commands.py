"""Opening and making workspaces: what starts, drops and the File menu ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.session.bridge import Destination, Message
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.shell.trust_question import ask_for_trust
from desktop_aml.ui.widgets.drop import RUNS_ENDING


def _tr(text: str) -> str:
    return QCoreApplication.translate("workspaces", text)


class WorkspaceCommands:
    """The half of the commands that changes which workspace is open."""

    _window: Shell

    def open_named(self, words: str) -> None:
        """Open the workspace, script or sample that a start or a drop names."""
        if words == "--sample":
            self.open_sample()
            return
        path = Path(words)
        if (path / "config.json").is_file():
            self._window.open_folder(path)
        elif path.exists():
            if self._window.session is None:
                self._open_default()
            if self._window.session is not None:
                kind = "import_runs" if path.suffix == RUNS_ENDING else "script"
                self._window.go_to(Destination(kind, str(path)))
        else:
            self._window.messages.show_message(Message(_tr("There is nothing at {0}.").format(words), "warning"))

    def _open_default(self) -> None:
        from desktop_aml.workspace import Workspace, default_workspace

        path = default_workspace()
        try:
            if not (path / "config.json").is_file():
                Workspace.create(path, "default").close()
        except DesktopAMLError as error:
            self._window.messages.show_message(Message(error.message, "error", error.hint, error.details))
            return
        self._window.open_folder(path)

    def reopen(self, destination: Destination) -> None:
        """Open a tab that was open the last time, unless what it showed is gone."""
        session = self._window.session
        assert session is not None
        look = {"run": session.workspace.runs.get, "endpoint": session.workspace.endpoints.get}.get(destination.kind)
        try:
            if look is not None:
                look(destination.key)
        except DesktopAMLError:
            return
        self._window.go_to(destination)

    def new_workspace(self) -> None:
        """Ask for a folder and make a workspace in it."""
        self._ask_folder(_tr("Folder of the new workspace"), self._make_workspace)

    def _make_workspace(self, path: str) -> None:
        from desktop_aml.workspace import Workspace

        try:
            Workspace.create(path).close()
        except DesktopAMLError as error:
            self._window.messages.show_message(Message(error.message, "error", error.hint, error.details))
            return
        self._window.open_folder(Path(path))

    def open_workspace(self) -> None:
        """Ask for the folder of a workspace."""
        self._ask_folder(_tr("Open workspace"), lambda path: self._window.open_folder(Path(path)))

    def open_sample(self) -> None:
        """Open the sample workspace, made on first use, with the sample script ready to run."""
        from desktop_aml import resources
        from desktop_aml.workspace import Workspace, sample_workspace

        path = sample_workspace()
        try:
            if not (path / "config.json").is_file():
                Workspace.create(path, "sample", is_passing=True).close()
        except DesktopAMLError as error:
            self._window.messages.show_message(Message(error.message, "error", error.hint, error.details))
            return
        if self._window.open_folder(path):
            script = resources.path("samples", "iris", "train.py")
            self._window.go_to(Destination("script", str(script)))

    def trust_workspace(self) -> None:
        """Ask whether the open workspace, which was not made here, may run code."""
        ask_for_trust(self._window)

    def _ask_folder(self, title: str, then: Callable[[str], object]) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(then)
        dialog.open()
