"""The questions for a script or its folder, for everybody who does not drop one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_for_script(parent: QWidget, start: Path | None, done: Callable[[Path], object]) -> None:
    """Ask for a script, then call `done` with it."""
    dialog = _dialog(parent, _tr("Choose a script"), start, done)
    dialog.setNameFilter(_tr("Scripts and notebooks (*.py *.ipynb)"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.open()


def ask_for_folder(parent: QWidget, start: Path | None, done: Callable[[Path], object]) -> None:
    """Ask for a folder, then call `done` with it."""
    dialog = _dialog(parent, _tr("Choose the source folder"), start, done)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.open()


def _dialog(parent: QWidget, title: str, start: Path | None, done: Callable[[Path], object]) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(start or Path.home()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: done(Path(path)))
    return dialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("script_choosing", text)
