"""What a run leaves behind: its files as a tree, a look into them, and what can be done with them."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QProcess, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.registry import MODEL_ENDINGS
from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.summaries.results import likeliest_first
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.file_tree import FileTree
from desktop_aml.ui.viewers.preview import Loaded, Preview, load
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.widgets import EmptyState, Hairline, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 1000
MODELS: Final = frozenset(MODEL_ENDINGS)
"""Endings of files that can be registered as models."""


class OutputsTab(QWidget):
    """Files that the script wrote or uploaded, live while the run goes on."""

    register_wanted = Signal(str)
    """Path of an artifact to register as a model."""
    files_changed = Signal(object)
    """The artifacts, whenever they are read."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._build()
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        self.total = SecondaryLabel("", self, small=True)
        self.total.setWordWrap(False)
        self.download_button = QPushButton(self.tr("Download all…"), self)
        icons.set_icon(self.download_button, "download", "secondary")
        self.download_button.clicked.connect(lambda: self._choose_folder(""))
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.addWidget(self.total, 1)
        bar.addWidget(self.download_button)
        # From the outside in: to put what is full into something else has each widget in it styled once more.
        self.stack = QStackedWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(Hairline(self))
        layout.addWidget(self.stack, 1)
        self.empty = EmptyState(
            "folder",
            self.tr("No files yet. What the script writes into its folder is kept."),
            parent=self.stack,
        )
        self.splitter = KeyedSplitter(Qt.Orientation.Horizontal, self.stack)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.splitter)
        self.tree = FileTree(self.tr("Files of the run"), self.splitter)
        self.setFocusProxy(self.tree)
        self.tree.selected.connect(self._on_tree_selected)
        self.tree.customContextMenuRequested.connect(self._on_tree_menu)
        self.preview = Preview(self.splitter)
        self.preview.page_wanted.connect(self._load)
        self.splitter.addWidget(self.tree)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([280, 520])

    def set_active(self, active: bool) -> None:
        """Look again every second while the run goes on, once more when it has ended."""
        if active:
            self._timer.start()
        else:
            self._timer.stop()
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Be up to date."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        call_for(self, self._bridge, lambda: self._workspace.runs.files.list(self._run_id), self._show, lambda _: None)

    def _show(self, files: tuple[Artifact, ...]) -> None:
        # What a person looks for comes before what is kept beside it.
        self.tree.show_files(sorted(files, key=lambda file: likeliest_first(file.path)))
        self.stack.setCurrentWidget(self.splitter if files else self.empty)
        size = formats.size(sum(file.size_bytes for file in files))
        self.total.setText(self.tr("{0}, {1}").format(formats.files(len(files)), size) if files else "")
        self.download_button.setVisible(bool(files))
        self.files_changed.emit(files)

    def _on_tree_selected(self, path: str) -> None:
        if path:
            self.preview.begin(path)
            self._load(path, 0, None)

    def _load(self, path: str, first: int, total: int | None) -> None:
        call_for(
            self,
            self._bridge,
            lambda: load(self._workspace.runs.files.path(self._run_id, path), path, first, total),
            self._show_loaded,
        )

    def _show_loaded(self, loaded: Loaded) -> None:
        # What is read of a large file may come after what was chosen later.
        if self.preview.is_awaiting(loaded.name):
            self.preview.show_loaded(loaded)

    def _on_tree_menu(self, at: QPoint) -> None:
        path = self.tree.path()
        if path:
            self.menu_for(path).popup(self.tree.viewport().mapToGlobal(at))

    def menu_for(self, path: str) -> RowMenu:
        """Return the menu of one file."""
        menu = RowMenu(self)
        menu.entry("external", self.tr("Open"), lambda: self.open_file(path))
        menu.entry("external", self.tr("Open with…"), lambda: self._choose_program(path))
        if PurePosixPath(path).suffix.lower() in MODELS:
            menu.entry("model", self.tr("Register model…"), lambda: self.register_wanted.emit(path))
        menu.entry("download", self.tr("Download…"), lambda: self._choose_folder(path))
        menu.entry("copy", self.tr("Copy path"), lambda: QGuiApplication.clipboard().setText(path))
        menu.entry("folder-open", self.tr("Show run folder"), self.show_folder)
        return menu

    def open_file(self, path: str, program: str = "") -> None:
        """Open a copy of a file in a program, or in the one that the desktop has for it.

        A copy: what a run left is kept by its content, and must not be changed by whoever looks at it.
        """
        folder = Path(tempfile.mkdtemp(prefix="desktop-aml-"))

        def copied(files: tuple[Path, ...]) -> None:
            copy = str(files[0])
            by_desktop = not program and QDesktopServices.openUrl(QUrl.fromLocalFile(copy))
            if not by_desktop and not (program and QProcess.startDetached(program, [copy])[0]):
                self._bridge.tell(self.tr("No program opens this file here."), "warning", copy)

        call_for(self, self._bridge, lambda: self._workspace.runs.files.download(self._run_id, path, folder), copied)

    def _choose_program(self, path: str) -> None:
        dialog = QFileDialog(self, self.tr("Open with"), "/usr/bin")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda program: self.open_file(path, program))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_folder(self) -> None:
        """Show the run's folder in the system's file manager."""
        folder = Path(self._workspace.runs.get(self._run_id).run_directory)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _choose_folder(self, path: str) -> None:
        dialog = QFileDialog(self, self.tr("Download to"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self._download(path, Path(folder)))
        dialog.open()

    def _download(self, path: str, to: Path) -> None:
        done = self.tr("Downloaded {0} to {1}.")
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.runs.files.download(self._run_id, path, to),
            lambda files: self._bridge.tell(done.format(formats.files(len(files)), to), "success"),
        )
