"""The code that a run executes, as it was submitted."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.runs import Artifact
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.text_editor import edit
from desktop_aml.ui.viewers.file_tree import FileTree
from desktop_aml.ui.viewers.preview import Loaded, Preview, load
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.widgets import ElidedLabel, Hairline, IconButton

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class CodeTab(QWidget):
    """Files of the snapshot and a look into them.

    Parameters
    ----------
    source : str
        The folder that the code was copied from; empty where nobody knows.
    """

    def __init__(
        self,
        workspace: Workspace,
        bridge: Bridge,
        run_id: str,
        script: str,
        source: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._script = script
        self._source = source
        self._line = 0
        self._files: tuple[Artifact, ...] = ()
        self.tree = FileTree(self.tr("Files of the code"), self)
        self.tree.selected.connect(self._on_tree_selected)
        self.preview = Preview(self)
        self.preview.page_wanted.connect(self._load)
        splitter = KeyedSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self.tree)
        splitter.addWidget(self.preview)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([220, 580])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._bar())
        layout.addWidget(Hairline(self))
        layout.addWidget(splitter, 1)
        call_for(self, bridge, lambda: workspace.runs.code.list(run_id), self._show)

    def _bar(self) -> QHBoxLayout:
        words = self.tr("As it was submitted from {0}").format(self._source) if self._source else ""
        self.place = ElidedLabel(words, self)
        self.place.setProperty("role", "secondary")
        self.place.setFont(theme.font("small"))
        self.edit_button = QPushButton(self.tr("Edit in my editor"), self)
        icons.set_icon(self.edit_button, "edit", "secondary")
        self.edit_button.setToolTip(self.tr("Edit the file that this one was copied from, at the line of the cursor"))
        self.edit_button.clicked.connect(self.edit)
        self.edit_button.setVisible(bool(self._source))
        self.edit_button.setEnabled(False)
        self.folder_button = IconButton("folder-open", self.tr("Open the folder as a whole in my editor"), self)
        self.folder_button.clicked.connect(lambda: edit(self, self._bridge, Path(self._source)))
        self.folder_button.setVisible(bool(self._source))
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_M)
        bar.addWidget(self.place, 1)
        bar.addWidget(self.folder_button)
        bar.addWidget(self.edit_button)
        return bar

    def edit(self) -> None:
        """Edit the file that was copied: what a run executed stays as it was."""
        shown = self.preview.code
        line = shown.textCursor().blockNumber() + 1 if self.preview.currentWidget() is shown else 1
        edit(self, self._bridge, Path(self._source) / self.tree.path(), line)

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
        self.edit_button.setEnabled(bool(path))
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
