"""Tells when any of a few files was changed, replaced, made or removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

_SETTLE_MS: Final = 200

Mark = tuple[int, int, int]
Marks = tuple[Mark | None, ...]


class FileWatch(QObject):
    """Watches files by their folders, too: an editor replaces a file, which ends the watch of the file itself."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._paths: tuple[Path, ...] = ()
        self._marks: dict[Path, Mark | None] = {}
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._look)
        self._watcher.fileChanged.connect(lambda _: self._settle.start())
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())

    def watch(self, paths: Sequence[Path]) -> None:
        """Watch `paths` from now on, whether they are there or not; of those watched before, no change is missed."""
        if tuple(paths) == self._paths:
            return
        old = [*self._watcher.files(), *self._watcher.directories()]
        if old:
            self._watcher.removePaths(old)
        self._paths = tuple(paths)
        self._marks = {path: mark for path, mark in self._marks.items() if path in self._paths}
        if not self._paths:
            return
        self._watcher.addPaths([str(folder) for folder in dict.fromkeys(path.parent for path in self._paths)])
        self._look()

    def _look(self) -> None:
        """Compare the files with what they were, away from the GUI thread: a folder changes for other files, too."""
        paths = self._paths

        def show(marks: Marks) -> None:
            if paths != self._paths:
                return
            there = [str(path) for path, mark in zip(paths, marks, strict=True) if mark is not None]
            unwatched = [path for path in there if path not in self._watcher.files()]
            if unwatched:
                self._watcher.addPaths(unwatched)
            before, self._marks = self._marks, dict(zip(paths, marks, strict=True))
            if any(before[path] != mark for path, mark in self._marks.items() if path in before):
                self.changed.emit()

        call_for(self, self._bridge, lambda: tuple(_mark(path) for path in paths), show)


def _mark(path: Path) -> Mark | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
