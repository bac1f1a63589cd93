"""Opening and making workspaces: what starts, drops and the File menu ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.ui.session.bridge import Destination, Message
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.widgets.drop import classify, destination_of


def _tr(text: str) -> str:
    return QCoreApplication.translate("workspaces", text)


class WorkspaceCommands:
    """The half of the commands that changes which workspace is open."""

    _window: Shell

    def show_docker(self) -> None:
        """Show what there is of ours on the Docker engine."""
        session = self._window.session
        assert session is not None
        from desktop_aml.ui.environments.docker_dialog import DockerDialog

        DockerDialog(session.bridge, self._window).open()

    def open_named(self, words: str) -> None:
        """Open the workspace, script or sample that a start or a drop names."""
        if words == "--sample":
            self.open_sample()
            return
        path = Path(words)
        if (path / "config.json").is_file():
            self._window.show_workspace(path)
        elif path.exists():
            window = self._window if self._window.session is not None else self._open_meant(whole_path(path))
            if window is not None:
                drop = classify([path])
                # What no drop would take is said by whoever reads scripts.
                wanted = destination_of(drop) if drop.is_accepted else Destination("script", str(path))
                window.go_to(wanted)
        else:
            self._window.messages.show_message(Message(_tr("There is nothing at {0}.").format(words), "warning"))

    def _open_meant(self, start: Path) -> Shell | None:
        """Show the workspace that a command would mean, so that `submit` and the window keep runs in the same one."""
        from desktop_aml.workspace import Workspace, default_workspace, locate

        # A start in safe mode leaves the workspace used last alone, which may be what a start fails on.
        path = (None if self._window.is_safe else locate(start)) or default_workspace()
        try:
            if not (path / "config.json").is_file():
                Workspace.create(path, "default").close()
        except DesktopAMLError as error:
            self._window.messages.show_message(Message.of_error(error))
            return None
        return self._window.show_workspace(path)

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
        """Ask for a name and a place, and make a workspace there."""
        from desktop_aml.ui.shell.spaces.new_dialog import NewWorkspaceDialog, default_place

        remembered = self._window.memory.choice("new_workspaces")
        place = Path(remembered) if remembered and Path(remembered).is_dir() else default_place()
        dialog = NewWorkspaceDialog(place, self._window)

        def make(path: Path, name: str) -> None:
            fault = self._make_workspace(path, name)
            if fault is not None:
                dialog.show_fault(fault.message, fault.hint)
                return
            dialog.accept()
            self._window.memory.remember_choice("new_workspaces", str(path.parent))
            self._window.show_workspace(path)

        def open_it(path: Path) -> None:
            dialog.accept()
            self._window.show_workspace(path)

        dialog.chosen.connect(make)
        dialog.existing_chosen.connect(open_it)
        dialog.open()

    def _make_workspace(self, path: Path, name: str) -> DesktopAMLError | None:
        from desktop_aml.workspace import Workspace

        try:
            Workspace.create(path, name).close()
        except DesktopAMLError as error:
            return error
        return None

    def open_workspace(self) -> None:
        """Ask for the folder of a workspace."""
        self._ask_folder(_tr("Open workspace"), lambda path: self._window.show_workspace(Path(path)))

    def open_sample(self) -> None:
        """Open the sample workspace, made on first use, with the sample script ready to run."""
        from desktop_aml import resources
        from desktop_aml.workspace import Workspace, sample_workspace

        path = sample_workspace()
        try:
            if not (path / "config.json").is_file():
                Workspace.create(path, "sample", is_passing=True).close()
        except DesktopAMLError as error:
            self._window.messages.show_message(Message.of_error(error))
            return
        window = self._window.show_workspace(path)
        if window is not None:
            script = resources.path("samples", "iris", "train.py")
            window.go_to(Destination("script", str(script)))

    def open_again(self) -> None:
        """Open the open workspace anew, after its folder changed under it."""
        session = self._window.session
        if session is not None:
            self._window.open_folder(session.workspace.path)

    def new_window(self) -> None:
        """Open another window, for another workspace."""
        self._window.window_wanted.emit()

    def trust_workspace(self) -> None:
        """Ask whether the open workspace, which was not made here, may run code."""
        from desktop_aml.ui.shell.trust_question import ask_for_trust

        ask_for_trust(self._window)

    def _ask_folder(self, title: str, then: Callable[[str], object]) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(then)
        dialog.open()
