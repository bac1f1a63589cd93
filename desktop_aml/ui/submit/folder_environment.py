"""The environment file of a script's folder or of one around it: used, and used again when it changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.submit.run_settings import RunSettings
from desktop_aml.ui.submit.script_reading import SpecFile

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class FolderEnvironment(QObject):
    """Follows the file as long as the environment that came from it is the chosen one."""

    changed = Signal()

    def __init__(self, workspace: Workspace, bridge: Bridge, settings: RunSettings) -> None:
        super().__init__(settings)
        self._workspace = workspace
        self._bridge = bridge
        self._settings = settings
        self._file: SpecFile | None = None
        self._used: SpecFile | None = None
        self._made: EnvironmentVersion | None = None
        self._fault = ""
        self._instead = ""
        settings.use_file_button.clicked.connect(self.use)
        settings.environment.currentIndexChanged.connect(lambda _: self._show())

    def forget(self) -> None:
        """Begin with another script."""
        self._file = self._used = self._made = None
        self._fault = self._instead = ""
        self.offer(None)

    def offer(self, found: SpecFile | None) -> None:
        """Take what lies beside the script now; use it again when it is followed and says something else."""
        self._file = found
        self._settings.offer_file(found.name if found is not None else "")
        is_same = found is not None and self._used is not None and found.path == self._used.path
        if is_same and found != self._used and (self.is_followed() or self._is_awaited()):
            self.use()
        else:
            self._show()

    def is_followed(self) -> bool:
        """Whether the environment that is chosen is the file's."""
        return self._made is not None and self._settings.chosen_environment() == self._made.name

    def _is_awaited(self) -> bool:
        """Whether the file could not be used at first, and nothing else was chosen since."""
        return bool(self._instead) and self._settings.chosen_environment() == self._instead

    def use(self) -> None:
        """Register what the file says and choose it."""
        found = self._file
        if found is None:
            return
        space, was_followed = self._workspace, self.is_followed()

        def done(made: EnvironmentVersion) -> None:
            if found != self._file:
                self.use()
                return
            self._used, self._made, self._fault, self._instead = found, made, "", ""
            self._settings.choose_environment(made.name)
            self._show()

        def failed(error: DesktopAMLError) -> None:
            if found != self._file:
                self.use()
                return
            self._used = found
            if was_followed:
                self._fault = error.message
            else:
                self._instead = self._settings.chosen_environment()
                self._bridge.tell_error(error)
            self._show()

        call_for(self, self._bridge, lambda: space.environments.register_file(found.path), done, failed)

    def fault(self) -> str:
        """Return why the followed file cannot be used; empty when it can."""
        if not self.is_followed() or not self._fault or self._file is None:
            return ""
        return self.tr("{0}: {1}").format(self._file.name, self._fault)

    def path_to_use(self) -> Path | None:
        """Return the file whose newest text a run has to use; None when the chosen environment is another one."""
        return self._file.path if self._file is not None and self.is_followed() else None

    def _show(self) -> None:
        self._settings.tell_of_file(self._words())
        self.changed.emit()

    def _words(self) -> str:
        if not self.is_followed() or self._made is None or self._used is None:
            return ""
        name = self._used.name
        if self._file is None or self._file.path != self._used.path:
            return self.tr("{0} is gone. {1}, its last version, is used.").format(name, self._made.label)
        if self._fault:
            return self.tr("{0} changed and cannot be used.").format(name)
        return self.tr("{0}, from {1}.").format(self._made.label, name)
