"""Terminal output to styled lines: SGR colours kept, carriage returns and backspaces applied, the rest stripped.

Pure text work, no Qt. The input may be cut anywhere; feeding it in pieces gives the same lines as feeding it whole.
Nothing that arrives here is ever executed, answered or followed: cursor moves over several lines, links, titles and
terminal queries vanish; other control characters become visible pictures so that they can be copied safely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

LINE_CAP: Final = 5000
"""Characters of one line that are kept; a longer line is cut and says so."""

_ESCAPE_CAP: Final = 2048

Color = int | tuple[int, int, int]
"""Index from 0 to 255 in the xterm palette, or red, green and blue from 0 to 255."""


class Style(NamedTuple):
    """How a span of text is drawn."""

    foreground: Color | None = None
    background: Color | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False
    strike: bool = False


PLAIN: Final = Style()


class Span(NamedTuple):
    """Neighbouring characters of one style."""

    text: str
    style: Style


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one piece of input made: the lines it completed, and the line that is still open."""

    lines: tuple[Line, ...]
    open_line: Line


# A CSI sequence; a string sequence (OSC, DCS, SOS, PM, APC) up to its terminator; any other escape. String sequences
# end at a line break too: a stray introducer must not swallow the rest of the log.
_ESCAPE = re.compile(
    r"\x1b(?:"
    r"\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)"
    r"|[PX^_][^\x1b\n]*\x1b\\"
    r"|(?![\[\]PX^_])[ -/]*[0-~]"
    r")"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]*\x1b?|[ -/]*)?\Z")
# Characters that QTextDocument would take as block or line borders, or as its own markers.
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufdd0\ufdd1\ufffc]")


def _pictures() -> dict[int, str]:
    """Return what stands for each control character that is neither obeyed nor dropped."""
    pictures = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\x07\b\t\n\r\x1b"}
    pictures |= dict.fromkeys((*range(0x80, 0xA0), 0xFDD0, 0xFDD1, 0xFFFC), "\ufffd")
    return pictures | {0x7F: "\u2421", 0x2028: " ", 0x2029: " "}


_PICTURES: Final = _pictures()
_OBEYED = re.compile("[\x07\b\r\x1b]")
_OBEYED_BUT_RETURN = re.compile("[\x07\b\x1b]")


def parse_sgr(parameters: str, style: Style) -> Style:
    """Apply the parameters of one SGR sequence (ECMA-48 section 8.3.117, ITU T.416 colours) to `style`.

    Unknown and malformed parameters change nothing.
    """
    codes = [[_number(part) for part in field.split(":")] for field in parameters.split(";")] if parameters else [[0]]
    position = 0
    while position < len(codes):
        code = codes[position]
        if code[0] in (38, 48):
            color, used = _extended_color(codes, position)
            position += used
            if color is not None:
                style = _colored(style, color, behind=code[0] == 48)
        else:
            style = _plain_code(code[0], style)
            position += 1
    return style


_SWITCHES: Final[dict[int, dict[str, Any]]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"inverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"inverse": False},
    29: {"strike": False},
    39: {"foreground": None},
    49: {"background": None},
}


def _plain_code(code: int, style: Style) -> Style:
    if code == 0:
        return PLAIN
    if code in _SWITCHES:
        return style._replace(**_SWITCHES[code])
    for first, shift, behind in ((30, 0, False), (40, 0, True), (90, 8, False), (100, 8, True)):
        if first <= code <= first + 7:
            return _colored(style, code - first + shift, behind=behind)
    return style


def _colored(style: Style, color: Color, *, behind: bool) -> Style:
    return style._replace(background=color) if behind else style._replace(foreground=color)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0 if not text else -1


def _extended_color(codes: list[list[int]], position: int) -> tuple[Color | None, int]:
    """Return the colour that 38 or 48 at `position` introduces, and how many fields it took."""
    code = codes[position]
    if len(code) > 1:
        # With colons, RGB may carry an empty colour space before red.
        return _color_of(code[1], code[2:] if code[1] == 5 else code[2:][-3:]), 1
    rest = [field[0] for field in codes[position + 1 : position + 5]]
    if not rest:
        return None, 1
    count = {5: 1, 2: 3}.get(rest[0], 0)
    return _color_of(rest[0], rest[1 : 1 + count]), 2 + count


def _color_of(kind: int, values: list[int]) -> Color | None:
    if any(not 0 <= value <= 255 for value in values):
        return None
    if kind == 5 and values:
        return values[0]
    if kind == 2 and len(values) == 3:
        return values[0], values[1], values[2]
    return None


class _OpenLine:
    """The line under construction: cells that a cursor may overwrite."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.styles: list[Style] = []
        self.cursor = 0
        self.dropped = 0

    def write(self, text: str, style: Style) -> None:
        if not text:
            return
        room = LINE_CAP - self.cursor
        if len(text) > room:
            self.dropped += len(text) - max(room, 0)
            text = text[: max(room, 0)]
        end = self.cursor + len(text)
        if self.cursor > len(self.characters):
            gap = self.cursor - len(self.characters)
            self.characters.extend(" " * gap)
            self.styles.extend([PLAIN] * gap)
        self.characters[self.cursor : end] = text
        self.styles[self.cursor : end] = [style] * len(text)
        self.cursor = end

    def move_to(self, column: int) -> None:
        self.cursor = min(max(column, 0), LINE_CAP)

    def carriage_return(self) -> None:
        self.cursor = 0
        self.dropped = 0

    def erase(self, mode: int) -> None:
        if mode == 0:
            del self.characters[self.cursor :]
            del self.styles[self.cursor :]
        elif mode == 1:
            count = min(self.cursor + 1, len(self.characters))
            self.characters[:count] = " " * count
            self.styles[:count] = [PLAIN] * count
        elif mode == 2:
            self.characters.clear()
            self.styles.clear()

    def spans(self) -> Line:
        result: list[Span] = []
        start = 0
        for position in range(1, len(self.styles) + 1):
            if position == len(self.styles) or self.styles[position] != self.styles[start]:
                result.append(Span("".join(self.characters[start:position]), self.styles[start]))
                start = position
        if self.dropped:
            result.append(Span(cut_mark(self.dropped), PLAIN))
        return tuple(result)


def cut_mark(dropped: int) -> str:
    """Return the mark at the end of a line that was cut: how many characters are not shown."""
    return f" … [{dropped:,} more characters]"


def _start_of_unfinished_escape(text: str) -> int | None:
    """Return where an escape sequence begins that the end of `text` cuts."""
    last = text.rfind("\x1b")
    # The last escape character may be half of the terminator of the sequence before it.
    for start in (text.rfind("\x1b", 0, max(last, 0)), last):
        if start >= 0 and _UNFINISHED.match(text, start):
            return start
    return None


class AnsiParser:
    """Turns terminal output, fed in pieces of any size, into styled lines."""

    def __init__(self) -> None:
        self._pending = ""
        self._style = PLAIN
        self._line = _OpenLine()

    def feed(self, text: str) -> Rendered:
        """Take the next piece of output and return what it completed."""
        text = self._pending + text
        self._pending = ""
        start = _start_of_unfinished_escape(text)
        if start is not None and len(text) - start <= _ESCAPE_CAP:
            self._pending = text[start:]
            text = text[:start]
        *complete, rest = text.split("\n")
        lines = tuple([self._complete(part) for part in complete])
        self._write(rest)
        return Rendered(lines, self._line.spans())

    def _complete(self, part: str) -> Line:
        line = self._line
        untouched = not (line.characters or line.cursor or line.dropped)
        if untouched and len(part) <= LINE_CAP and not _SPECIAL.search(part):
            # Nearly every line of nearly every log: no cells needed.
            return (Span(part, self._style),) if part else ()
        self._write(part)
        spans = self._line.spans()
        self._line = _OpenLine()
        return spans

    def _write(self, part: str) -> None:
        if not _SPECIAL.search(part):
            self._line.write(part, self._style)
            return
        part = part.translate(_PICTURES)
        if "\r" in part and not _OBEYED_BUT_RETURN.search(part):
            self._write_overlaid(part)
        else:
            self._write_cells(part)

    def _write_overlaid(self, part: str) -> None:
        """Write plain text with carriage returns without drawing each of its states.

        A column shows the last segment that reached it, so walking backwards visits each column once: a million
        updates of a progress bar cost one pass over the text.
        """
        first, *segments = part.split("\r")
        self._line.write(first, self._style)
        self._line.carriage_return()
        result = ""
        for segment in reversed(segments):
            if len(segment) > len(result):
                result += segment[len(result) :]
        self._line.write(result, self._style)
        self._line.move_to(len(segments[-1]))
        self._line.dropped = max(len(segments[-1]) - LINE_CAP, 0)

    def _write_cells(self, part: str) -> None:
        position = 0
        for match in _OBEYED.finditer(part):
            if match.start() < position:
                continue
            self._line.write(part[position : match.start()], self._style)
            position = self._apply(part, match.start())
        self._line.write(part[position:], self._style)

    def _apply(self, part: str, position: int) -> int:
        """Obey the control at `position` and return where the text goes on."""
        character = part[position]
        if character == "\x1b":
            match = _ESCAPE.match(part, position)
            if match is not None and match.end() - position <= _ESCAPE_CAP:
                if match["final"] is not None:
                    self._control(match["parameters"], match["final"])
                return match.end()
        elif character == "\r":
            self._line.carriage_return()
        elif character == "\b":
            self._line.move_to(self._line.cursor - 1)
        return position + 1

    def _control(self, parameters: str, final: str) -> None:
        if final == "m" and parameters[:1] not in ("<", "=", ">", "?"):
            self._style = parse_sgr(parameters, self._style)
            return
        count = max(_number(parameters.split(";")[0]), 0)
        if final == "K":
            self._line.erase(count)
        elif final == "D":
            self._line.move_to(self._line.cursor - max(count, 1))
        elif final == "C":
            self._line.move_to(self._line.cursor + max(count, 1))
        elif final == "G":
            self._line.move_to(max(count, 1) - 1)
