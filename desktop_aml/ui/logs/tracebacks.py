"""Tracebacks and standard error in a log: their colours, and which place in a file a line names. No Qt."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from desktop_aml.ui.logs.ansi import PLAIN, Line, Span
from desktop_aml.ui.logs.web_links import LINK, with_links

_BEGIN: Final = re.compile(r"\s*(?:[|+ ]*)(?:Traceback \(most recent call last\):|Exception Group Traceback)")
_FRAME: Final = re.compile(r'(?P<before>[\s|+]*File ")(?P<path>[^"]+)(?P<between>", line )(?P<line>\d+)')
_ERROR: Final = re.compile(
    r"[|+\s]*(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Interrupt|Exit|Warning|Iteration)?(?::|$)"
)
_RED: Final = PLAIN._replace(foreground=1)
_BOLD_RED: Final = PLAIN._replace(foreground=1, bold=True)
_ERROR_STREAM: Final = PLAIN._replace(foreground=3)


class Place(NamedTuple):
    """A place in a file, as a traceback names it: lines are counted from 1."""

    path: str
    line: int


def place_in(text: str) -> Place | None:
    """Return the place that a line of a log names."""
    found = _FRAME.match(text)
    return None if found is None else Place(found["path"], int(found["line"][:9]))


class TracebackMarker:
    """Colours lines that come one after the other; what has colours of its own keeps them."""

    def __init__(self) -> None:
        self._is_inside = False

    def mark(self, line: Line, *, is_error: bool = False) -> Line:
        """Return `line` with the colours of a traceback or of standard error, and its addresses as links."""
        marked = self._marked(line)
        if is_error and marked is line and not self._is_inside:
            marked = _colored(line, _ERROR_STREAM)
        return with_links(marked)

    def _marked(self, line: Line) -> Line:
        text = "".join(span.text for span in line)
        if _BEGIN.match(text):
            self._is_inside = True
            return _colored(line, _RED)
        frame = _FRAME.match(text)
        if frame is not None:
            return _with_link(line, frame)
        if not self._is_inside or not text or text[0] in " \t|+":
            return line
        # The first line that is not indented is the exception, and ends it.
        self._is_inside = False
        return _colored(line, _BOLD_RED) if _ERROR.match(text) else line


def _is_plain(line: Line) -> bool:
    return all(span.style == PLAIN for span in line)


def _colored(line: Line, style: object) -> Line:
    return tuple(Span(span.text, style) for span in line) if _is_plain(line) else line  # type: ignore[arg-type]


def _with_link(line: Line, frame: re.Match[str]) -> Line:
    if not _is_plain(line):
        return line
    text = frame.string
    start, end = frame.span("path")
    return (Span(text[:start], PLAIN), Span(text[start:end], LINK), Span(text[end:], PLAIN))
