"""The question where something is to be saved to; it stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where_to_save(
    parent: QWidget,
    title: str,
    chosen: Callable[[Path], object],
    *,
    name: str = "",
    filters: Sequence[str] = (),
    suffix: str = "",
) -> QFileDialog:
    """Open the question; `chosen` is told the file, and the dialog goes when it is closed.

    Parameters
    ----------
    name : str
        What is offered.
    filters : sequence of str
        Kinds of files, such as ``"CSV (*.csv)"``; none for all files.
    suffix : str
        What a name without an ending gets, without the dot.
    """
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if filters:
        dialog.setNameFilters(list(filters))
    dialog.setDefaultSuffix(suffix)
    if name:
        dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
