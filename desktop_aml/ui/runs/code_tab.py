"""The code that a run executes, as it was submitted."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop_aml.domain.runs import Artifact
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.file_tree import FileTree
from desktop_aml.ui.viewers.preview import Loaded, Preview, load

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class CodeTab(QWidget):
    """Files of the snapshot and a look into them."""

    def __init__(
        self, workspace: Workspace, bridge: Bridge, run_id: str, script: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._script = script
        self._line = 0
        self._files: tuple[Artifact, ...] = ()
        self.tree = FileTree(self.tr("Files of the code"), self)
        self.tree.selected.connect(self._on_tree_selected)
        self.preview = Preview(self)
        self.preview.page_wanted.connect(self._load)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self.tree)
        splitter.addWidget(self.preview)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([220, 580])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        call_for(self, bridge, lambda: workspace.runs.code.list(run_id), self._show)

    def show_place(self, path: str, line: int) -> bool:
        """Show a line, counted from 1, of the file that a traceback names; False when it is no file of the code.

        Where a run executed its code the folder was another one: the end of the path tells which file is meant.
        """
        wanted = PurePath(path).as_posix()
        fitting = [file.path for file in self._files if wanted == file.path or wanted.endswith(f"/{file.path}")]
        if not fitting:
            return False
        found = max(fitting, key=len)
        self._line = line
        if self.tree.path() == found:
            self._go_to_line()
        else:
            self.tree.select(found)
        return True

    def _go_to_line(self) -> None:
        line, self._line = self._line, 0
        if line:
            self.preview.code.mark_lines(frozenset({line}))
            self.preview.code.go_to(line)
            self.preview.code.setFocus()

    def _show_loaded(self, loaded: Loaded) -> None:
        if not self.preview.is_awaiting(loaded.name):
            return
        self.preview.code.mark_lines(frozenset())
        self.preview.show_loaded(loaded)
        self._go_to_line()

    def _show(self, files: tuple[Artifact, ...]) -> None:
        self._files = files
        self.tree.show_files(files)
        self.tree.select(self._script)

    def _on_tree_selected(self, path: str) -> None:
        if path:
            self.preview.begin(path)
            self._load(path, 0, None)

    def _load(self, path: str, first: int, total: int | None) -> None:
        call_for(
            self,
            self._bridge,
            lambda: load(self._workspace.runs.code.path(self._run_id, path), path, first, total),
            self._show_loaded,
        )
