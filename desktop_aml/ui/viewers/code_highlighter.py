"""Colours for source text of any language that Pygments knows.

The whole text is read in small steps while nothing else is to be done, and what was found is kept per line: so a
string over many lines is right, painting costs nothing, and a change of theme needs no second reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from desktop_aml.ui.look import theme

_STEP_MS: Final = 6
"""How long one step of reading may hold the GUI thread."""
_MAX_CHARACTERS: Final = 1_000_000

_ROLES: Final = {
    "Token.Comment": "secondary",
    "Token.Keyword": "preparing",
    "Token.Keyword.Constant": "warning",
    "Token.Operator.Word": "preparing",
    "Token.Literal.String": "completed",
    "Token.Literal.String.Doc": "secondary",
    "Token.Literal.Number": "warning",
    "Token.Name.Function": "accent",
    "Token.Name.Class": "accent",
    "Token.Name.Decorator": "warning",
    "Token.Name.Builtin": "accent",
    "Token.Name.Exception": "accent",
    "Token.Name.Tag": "accent",
    "Token.Name.Attribute": "accent",
    "Token.Generic.Inserted": "completed",
    "Token.Generic.Deleted": "failed",
    "Token.Generic.Heading": "accent",
    "Token.Generic.Subheading": "preparing",
}

Span = tuple[int, int, str]
"""First column, length and colour role, within one line."""


class CodeHighlighter(QSyntaxHighlighter):
    """Colours a document that is set as a whole; typing in it is not followed."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._spans: list[list[Span]] = []
        self._tokens: Iterator[tuple[str, str]] | None = None
        self._shown = 0
        self._column = 0
        self._formats: dict[str, QTextCharFormat] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._read_on)
        theme.changed.connect(self._restyle)

    def start(self, text: str, file_name: str) -> None:
        """Colour `text`, which the document shows already; `file_name` tells the language."""
        self._spans, self._shown, self._column = [[]], 0, 0
        self._timer.stop()
        self._tokens = _roles_of(text, file_name) if len(text) <= _MAX_CHARACTERS else None
        if self._tokens is not None:
            self._timer.start()

    def is_reading(self) -> bool:
        """Whether part of the text has no colours yet."""
        return self._timer.isActive()

    def spans(self, line: int) -> list[Span]:
        """Return what is coloured in `line`, counted from 0."""
        return self._spans[line] if line < len(self._spans) else []

    def highlightBlock(self, _text: str) -> None:  # noqa: N802
        """Put on the colours found so far."""
        for start, length, role in self.spans(self.currentBlock().blockNumber()):
            self.setFormat(start, length, self._format(role))

    def _read_on(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        assert self._tokens is not None
        for role, value in self._tokens:
            self._add(role, value)
            if clock.elapsed() >= _STEP_MS:
                break
        else:
            self._timer.stop()
        last = len(self._spans) - 1 if self._timer.isActive() else len(self._spans)
        while self._shown < last:
            block = self.document().findBlockByNumber(self._shown)
            # A line without colours too: it may still wear those of the text before.
            if block.isValid():
                self.rehighlightBlock(block)
            self._shown += 1

    def _add(self, role: str, value: str) -> None:
        column = self._column
        for number, part in enumerate(value.split("\n")):
            if number:
                self._spans.append([])
                column = 0
            length = _utf16_length(part)
            if role and length:
                self._spans[-1].append((column, length, role))
            column += length
        self._column = column

    def _format(self, role: str) -> QTextCharFormat:
        if role not in self._formats:
            made = QTextCharFormat()
            made.setForeground(theme.color(role))
            if role == "secondary":
                made.setFontItalic(True)
            made.setFontWeight(QFont.Weight.Normal)
            self._formats[role] = made
        return self._formats[role]

    def _restyle(self) -> None:
        self._formats.clear()
        if self._spans:
            self.rehighlight()


def _utf16_length(text: str) -> int:
    """Return the length that Qt counts: characters beyond the first plane are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _roles_of(text: str, file_name: str) -> Iterator[tuple[str, str]] | None:
    lexer = lexer_of(file_name)
    if lexer is None:
        return None
    return ((_role(str(kind)), value) for kind, value in lexer(stripnl=False, ensurenl=False).get_tokens(text))


@cache
def lexer_of(file_name: str) -> Any | None:
    """Return the class that reads a language, told by the name of a file; None for one that Pygments does not know.

    Only Pygments' own: to look for those of other packages reads the metadata of every package there is.
    """
    from fnmatch import fnmatch

    from pygments.lexers import find_lexer_class, get_all_lexers

    name = file_name.rpartition("/")[2]
    fitting = [
        (lexer.priority + ("*" not in pattern) / 2, lexer)
        for title, _, patterns, _ in get_all_lexers(plugins=False)
        for pattern in patterns
        if fnmatch(name, pattern) and (lexer := find_lexer_class(title)) is not None
    ]
    return sorted(fitting, key=lambda one: one[0])[-1][1] if fitting else None


def get_ready() -> None:
    """Read a line of Python and one of YAML: to make ready for a language takes as long as a thousand lines of it."""
    for text, file in (("pass\n", "script.py"), ("a: 1\n", "environment.yml")):
        for _ in _roles_of(text, file) or ():
            pass


def _role(kind: str) -> str:
    while kind:
        if kind in _ROLES:
            return _ROLES[kind]
        kind = kind.rpartition(".")[0]
    return ""
