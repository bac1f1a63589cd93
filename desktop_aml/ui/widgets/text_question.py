"""Ask for a text without stopping the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QInputDialog, QPlainTextEdit, QWidget


def ask_text(
    parent: QWidget,
    title: str,
    words: str,
    verb: str,
    act: Callable[[str], object],
    *,
    present: str = "",
    choices: Sequence[str] = (),
    lines: bool = False,
) -> QInputDialog:
    """Open a question for a text; `act` is given it when the button named by `verb` is pressed.

    Parameters
    ----------
    present : str
        What the field begins with.
    choices : sequence of str
        Offered beside any other text.
    lines : bool
        Whether the text may have several lines.
    """
    box = QInputDialog(parent)
    box.setObjectName("text_question")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setLabelText(words)
    box.setOkButtonText(verb)
    if choices:
        box.setComboBoxItems(list(choices))
        box.setComboBoxEditable(True)
    box.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput, lines)
    box.setTextValue(present)
    for field in box.findChildren(QPlainTextEdit):
        # There Enter begins a line, and a tab is no part of such a text.
        field.setTabChangesFocus(True)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), field).activated.connect(box.accept)
    box.textValueSelected.connect(act)
    box.open()
    return box
