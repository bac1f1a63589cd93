"""The user's settings while the window is open: one value, saved at once, with a signal for whoever shows it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop_aml import settings
from desktop_aml.domain.errors import StorageError
from desktop_aml.settings import Settings

_log = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the settings.

    Parameters
    ----------
    path : Path, optional
        The settings file, if not the user's own.
    """

    changed = Signal(object, object)
    """The settings before and after."""
    save_failed = Signal(object)
    """A `StorageError`; the settings hold until the program ends."""

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._value = settings.load(path)

    @property
    def value(self) -> Settings:
        """The settings now."""
        return self._value

    def change(self, **changes: Any) -> None:
        """Change settings by name, and save them."""
        self.put(replace(self._value, **changes))

    def put(self, value: Settings) -> None:
        """Take other settings, and save them."""
        if value == self._value:
            return
        before, self._value = self._value, value
        try:
            settings.save(value, self._path)
        except StorageError as error:
            _log.warning("%s", error)
            self.save_failed.emit(error)
        self.changed.emit(before, value)

    def forget_missing(self) -> None:
        """Drop the workspaces of the recent list whose folder is gone, unless they are pinned."""
        value = self._value
        for recent in value.recent_workspaces:
            if not recent.pinned and not (Path(recent.path) / "config.json").is_file():
                value = value.without_workspace(Path(recent.path))
        self.put(value)
