"""Ask before something that cannot be undone, without stopping the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def confirm(
    parent: QWidget, question: str, consequence: str, verb: str, act: Callable[[], object], *, danger: bool = True
) -> QMessageBox:
    """Open a question whose button is named after the verb; `act` runs when it is pressed.

    Esc and Enter both keep everything as it is.
    """
    box = QMessageBox(parent)
    box.setObjectName("confirm")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(verb)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(consequence)
    do = box.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
    do.setProperty("danger", danger)
    do.clicked.connect(lambda: act())
    keep = box.addButton(QCoreApplication.translate("confirm", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.open()
    return box
