"""A viewer for source text: line numbers, colours, selection and copying, no changes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.viewers.code_highlighter import CodeHighlighter
from desktop_aml.ui.viewers.code_text import CodeText

MAX_CHARACTERS: Final = 2_000_000
"""Text beyond this is not shown."""


class CodeView(CodeText):
    """Shows one text at a time, read-only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setProperty("flat", True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(self.tr("Code"))
        self.highlighter = CodeHighlighter(self.document())
        self._file_name = ""

    def show_text(self, text: str, file_name: str) -> None:
        """Show `text` from its beginning; the ending of `file_name` tells the language."""
        shown = (
            text.removeprefix("\ufeff")
            .replace("\r\n", "\n")
            .replace("\r", "\n")
            .replace("\x00", "\N{REPLACEMENT CHARACTER}")
        )
        if len(shown) > MAX_CHARACTERS:
            shown = shown[:MAX_CHARACTERS] + "\n" + self.tr("[the rest of this file is not shown]")
        self._file_name = file_name
        self.setPlainText(shown)
        self.highlighter.start(shown, file_name)

    def file_name(self) -> str:
        """Return the name of what is shown."""
        return self._file_name
