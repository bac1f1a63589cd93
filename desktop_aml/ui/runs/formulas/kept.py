"""The metrics by a formula of a workspace, as a person keeps them; every page that shows them is told of a change."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings, Signal

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.formulas import Formula, read

_KEY: Final = "formulas"


class _Notifier(QObject):
    changed = Signal(str)


@cache
def _notifier() -> _Notifier:
    """Return the one of this process. Made when it is asked for, in the window's thread: modules load in others."""
    return _Notifier()


class KeptFormulas(QObject):
    """Reads and writes them in the settings of the window of one workspace."""

    changed = Signal()

    def __init__(self, workspace_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = str(workspace_path / "window.ini")
        self._settings = QSettings(self._path, QSettings.Format.IniFormat, self)
        _notifier().changed.connect(self._on_changed)

    def all(self) -> tuple[Formula, ...]:
        """Return the formulas in the order in which they were added; what cannot be read is left out."""
        try:
            kept = json.loads(str(self._settings.value(_KEY, "{}")))
        except ValueError:
            return ()
        found = []
        for name, text in kept.items() if isinstance(kept, dict) else ():
            try:
                found.append(read(str(name), str(text)))
            except InvalidInput:
                continue
        return tuple(found)

    def add(self, formula: Formula) -> None:
        """Keep a formula; one of its name gives way."""
        self._write({**{one.name: one.text for one in self.all()}, formula.name: formula.text})

    def remove(self, name: str) -> None:
        """Keep it no more."""
        self._write({one.name: one.text for one in self.all() if one.name != name})

    def _write(self, kept: dict[str, str]) -> None:
        self._settings.setValue(_KEY, json.dumps(kept))
        _notifier().changed.emit(self._path)

    def _on_changed(self, path: str) -> None:
        if path == self._path:
            self.changed.emit()
