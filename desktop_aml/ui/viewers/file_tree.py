"""A tree of files with their sizes, from their paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from desktop_aml.domain.runs import Artifact
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate

_PATH: Final = Qt.ItemDataRole.UserRole
_ICONS: Final = {
    ".py": "code",
    ".png": "image",
    ".jpg": "image",
    ".joblib": "model",
    ".pkl": "model",
    ".csv": "table",
    ".txt": "log",
    ".log": "log",
}


class FileTree(QTreeWidget):
    """Folders and files; tells which file is selected."""

    selected = Signal(str)
    """Path of the selected file; empty for a folder or nothing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(16, 16))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegateForColumn(1, PaddedDelegate(self))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, self.header().ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, self.header().ResizeMode.ResizeToContents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.currentItemChanged.connect(lambda _now, _before: self.selected.emit(self.path()))
        self._files: tuple[Artifact, ...] = ()

    def show_files(self, files: Sequence[Artifact]) -> None:
        """Show other files; the selection stays where the file is still there."""
        if tuple(files) == self._files:
            return
        self._files, kept = tuple(files), self.path()
        self.blockSignals(True)
        self.clear()
        folders: dict[str, QTreeWidgetItem] = {}
        for file in files:
            parts = PurePosixPath(file.path).parts
            parent = self.invisibleRootItem()
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in folders:
                    folders[folder] = self._folder(parts[depth - 1], parent)
                parent = folders[folder]
            parent.addChild(self._file(file, parts[-1]))
        self.expandToDepth(2)
        self.blockSignals(False)
        self.select(kept)

    def _folder(self, name: str, parent: QTreeWidgetItem) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [name, ""])
        item.setIcon(0, icons.icon("folder", "secondary"))
        item.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
        return item

    def _file(self, file: Artifact, name: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([name, formats.size(file.size_bytes)])
        item.setData(0, _PATH, file.path)
        item.setToolTip(0, file.path)
        item.setIcon(0, icons.icon(_ICONS.get(PurePosixPath(name).suffix.lower(), "file"), "secondary"))
        item.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(1, theme.color("secondary"))
        return item

    def path(self) -> str:
        """Return the path of the selected file; empty for a folder or nothing."""
        item = self.currentItem()
        return str(item.data(0, _PATH) or "") if item is not None else ""

    def select(self, path: str) -> bool:
        """Select a file by its path."""
        found = [item for item in self._items(self.invisibleRootItem()) if path and item.data(0, _PATH) == path]
        if found:
            self.setCurrentItem(found[0])
        return bool(found)

    def _items(self, parent: QTreeWidgetItem) -> list[QTreeWidgetItem]:
        children = (parent.child(row) for row in range(parent.childCount()))
        below = [child for child in children if child is not None]
        return [item for child in below for item in (child, *self._items(child))]
