"""The question where a new workspace is to be: a name and a place, from which its folder is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.system.whole_paths import with_home
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.labelled_fields import LabelledFields
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

_WIDTH: Final = 480
_FIRST_NAME: Final = "experiments"


def default_place() -> Path:
    """Return the folder that new workspaces come into unless another is chosen."""
    return Path.home() / "desktop-aml"


def free_name(place: Path) -> str:
    """Return a name that nothing in `place` has."""
    number, name = 1, _FIRST_NAME
    while os.path.lexists(place / name):
        number += 1
        name = f"{_FIRST_NAME}-{number}"
    return name


class NewWorkspaceDialog(QDialog):
    """Asks for a name and a place, and says which folder will be made.

    Parameters
    ----------
    place : Path
        Offered as the folder that holds the workspace's own.
    """

    chosen = Signal(Path, str)
    """The workspace's folder and its name."""
    existing_chosen = Signal(Path)
    """The folder is a workspace already, and shall be opened."""

    def __init__(self, place: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("new_workspace")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("New workspace"))
        self.setMinimumWidth(_WIDTH)
        self.name = QLineEdit(free_name(place))
        self.name.setAccessibleName(self.tr("Name of the workspace"))
        self.place = QLineEdit(str(place))
        self.place.setAccessibleName(self.tr("Folder that the workspace is made in"))
        browse = QPushButton(self.tr("Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        where = QHBoxLayout()
        where.setSpacing(theme.SPACE_S)
        where.addWidget(self.place, 1)
        where.addWidget(browse)
        self.result_line = SecondaryLabel()
        self.fault = ErrorLine()
        holder = QWidget()
        holder.setLayout(where)
        where.setContentsMargins(0, 0, 0, 0)
        form = LabelledFields()
        form.add(self.tr("&Name"), self.name, self.tr("Name of the workspace"))
        form.add(self.tr("&Place"), holder, self.tr("Folder that the workspace is made in"))
        self.make_button = PrimaryButton(self.tr("Create workspace"))
        self.make_button.setDefault(True)
        self.make_button.clicked.connect(self._accept)
        buttons = dialog_foot(self, self.tr("Cancel"), self.make_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(Heading(self.tr("New workspace"), 1))
        column.addLayout(form)
        column.addWidget(self.result_line)
        column.addWidget(self.fault)
        column.addStretch(1)
        column.addLayout(buttons)
        self.name.textChanged.connect(self._look)
        self.place.textChanged.connect(self._look)
        self._look()
        self.name.setFocus()
        self.name.selectAll()

    def folder(self) -> Path:
        """Return the folder that is meant now."""
        return with_home(self.place.text().strip()) / self.name.text().strip()

    def show_fault(self, words: str, hint: str = "") -> None:
        """Say why the folder could not be made; the question stays open."""
        self.fault.show_text(words, hint)

    def _is_workspace(self) -> bool:
        return (self.folder() / "config.json").is_file()

    def _look(self) -> None:
        fault = self._fault()
        self.fault.show_text(fault)
        self.make_button.setEnabled(not fault)
        exists = not fault and self._is_workspace()
        self.make_button.setText(self.tr("Open workspace") if exists else self.tr("Create workspace"))
        self.result_line.setText("" if fault else self._what_happens())

    def _fault(self) -> str:
        name, place = self.name.text().strip(), self.place.text().strip()
        if not name:
            return self.tr("Give the workspace a name.")
        if "/" in name or "\0" in name or name in {".", ".."}:
            return self.tr("A name of a folder holds no “/”.")
        if len(os.fsencode(name)) > 255:
            return self.tr("The name is too long for a folder.")
        if not place or not with_home(place).is_absolute():
            return self.tr("Name the whole path of the place.")
        folder = self.folder()
        try:
            if folder.exists() and not folder.is_dir():
                return self.tr("There is a file of that name. Choose another name.")
            # The nearest folder that is there tells whether a new one can be made.
            there = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
        except OSError as error:
            return self.tr("This place cannot be used: {0}.").format(error.strerror)
        if not os.access(there, os.W_OK | os.X_OK) and not self._is_workspace():
            return self.tr("You may not write in {0}. Choose another place.").format(there)
        return ""

    def _what_happens(self) -> str:
        folder = self.folder()
        if self._is_workspace():
            return self.tr("{0} is a workspace already.").format(folder)
        try:
            held = sum(1 for _ in folder.iterdir())
        except OSError:
            held = 0
        if held:
            words = self.tr("{0} holds {1} things already. They stay; the workspace's own folders come beside them.")
            return words.format(folder, f"{held:,}")
        return self.tr("Its folder: {0}").format(folder)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Place of the workspace"), self.place.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.place.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _accept(self) -> None:
        if self._fault():
            return
        if self._is_workspace():
            self.existing_chosen.emit(self.folder())
        else:
            self.chosen.emit(self.folder(), self.name.text().strip())
