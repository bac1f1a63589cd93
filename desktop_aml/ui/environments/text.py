"""The editor of a specification: line numbers, colours, two blanks for a tab, wavy lines under problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop_aml.domain.environments import SpecProblem
from desktop_aml.ui.environments.completing import Offer, offer
from desktop_aml.ui.environments.completion_list import CompletionList
from desktop_aml.ui.look import theme
from desktop_aml.ui.viewers.code_highlighter import CodeHighlighter
from desktop_aml.ui.viewers.code_text import CodeText

_INDENT: Final = "  "


class EnvironmentText(CodeText):
    """Edits YAML or requirements."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Specification"))
        self.setProperty("flat", True)
        self.highlighter = CodeHighlighter(self.document())
        self._problems: tuple[SpecProblem, ...] = ()
        self.textChanged.connect(self._color)
        self._colored = ""
        self._file_name = "environment.yml"
        self._packages: tuple[str, ...] = ()
        self.completions = CompletionList(self, self._offer)

    def set_packages(self, names: Sequence[str]) -> None:
        """Say which packages are known, to complete their names."""
        self._packages = tuple(names)

    def _offer(self, before: str) -> Offer:
        return offer(before, self._file_name, self._packages)

    def set_file_name(self, name: str) -> None:
        """Colour the text as that of a file of this name."""
        self._file_name, self._colored = name, ""
        self._color()

    def _color(self) -> None:
        # The highlighter changes formats, which Qt reports as a change of the text too.
        text = self.toPlainText()
        if text != self._colored:
            self._colored = text
            self.highlighter.start(text, self._file_name)

    def mark(self, problems: Sequence[SpecProblem]) -> None:
        """Underline the places of problems."""
        self._problems = tuple(problems)
        marks = []
        for problem in problems:
            block = self.document().findBlockByNumber(problem.line - 1)
            if problem.line < 1 or not block.isValid():
                continue
            mark = QTextEdit.ExtraSelection()
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            style.setUnderlineColor(theme.color("failed" if problem.severity == "error" else "warning"))
            mark.format = style
            cursor = QTextCursor(block)
            indent = len(block.text()) - len(block.text().lstrip())
            start = min(max(indent, problem.column - 1), max(0, block.length() - 2))
            cursor.setPosition(block.position() + start)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            mark.cursor = cursor
            marks.append(mark)
        self.setExtraSelections(marks)

    def go_to_place(self, line: int, column: int) -> None:
        """Put the cursor there."""
        block = self.document().findBlockByNumber(max(0, line - 1))
        if block.isValid():
            cursor = QTextCursor(block)
            cursor.setPosition(block.position() + min(max(0, column - 1), max(0, block.length() - 1)))
            self.setTextCursor(cursor)
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Insert two blanks for a tab; keep the indentation on a new line; complete what is typed."""
        if self.completions.keeps(event):
            event.ignore()
            return
        self._take_key(event)
        self.completions.after_key(event)

    def _take_key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Tab and not event.modifiers():
            self.insertPlainText(_INDENT)
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            line = self.textCursor().block().text()
            indent = line[: len(line) - len(line.lstrip(" "))]
            self.insertPlainText("\n" + indent + (_INDENT if line.rstrip().endswith(":") else ""))
            return
        if event.key() != Qt.Key.Key_Space or event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
