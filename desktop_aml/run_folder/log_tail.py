"""What the end of a log says of a failure, where the script itself left no note of how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.system.files import open_regular

_TAIL_BYTES: Final = 64 << 10
_MOST: Final = 500
_TRACEBACK: Final = re.compile(r"^(?P<margin>.*?)Traceback \(most recent call last\):\s*$", re.MULTILINE)
_GROUP: Final = re.compile(r"^ *\+ Exception Group $")
_INSIDE_GROUP: Final = re.compile(r"^[ |]*\| *$")
_LAST_LINE: Final = re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Warning|Interrupt|Exit|Iteration)?(: .*|:)?$")
_CELL: Final = re.compile(r"^Cell \d+ \(line \d+\): .+$", re.MULTILINE)
_SYNTAX: Final = re.compile(r"(?:SyntaxError|IndentationError|TabError): .*")
_PLACE: Final = re.compile(r'  File "([^"]+)", line (\d+)')
_FATAL: Final = re.compile(r"^Fatal Python error: .+$", re.MULTILINE)
_OF_PROCESS: Final = re.compile(r"^Process [^\n:]+:$")
_SAID: Final = re.compile(r"(?:Error|ERROR|error): (.*\S)")
_USAGE_LINES: Final = 12
_COLORS: Final = re.compile("\x1b\\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Told:
    """An error in one line, and its traceback; empty where there is none."""

    error: str = ""
    traceback: str = ""


def read(log: Path, until: int | None = None) -> str:
    """Return the end of a log without colours: what lies before the byte `until`, else all."""
    try:
        with open_regular(log) as stream:
            size = stream.seek(0, 2)
            end = size if until is None else max(0, min(until, size))
            start = stream.seek(max(0, end - _TAIL_BYTES))
            text = stream.read(end - start).decode("utf-8", "replace")
    except OSError:
        return ""
    return without_colors(text)


def without_colors(text: str) -> str:
    """Return text without what colours it in a terminal."""
    return _COLORS.sub("", text)


def last_error(text: str) -> Told:
    """Return the last error that was printed."""
    fatal = fatal_error(text)
    if fatal.error and not _TRACEBACK.search(fatal.traceback):
        return fatal
    for find in (_of_cell, _traceback, _of_syntax, _usage):
        told = find(text)
        if told is not None:
            return told
    return Told()


def fatal_error(text: str) -> Told:
    """Return what the interpreter itself said last of why it cannot go on, with all that it printed after that."""
    found = list(_FATAL.finditer(text))
    return Told(found[-1].group()[:_MOST], text[found[-1].start() :].strip()) if found else Told()


def deciding_error(text: str) -> Told:
    """Return the error that a log ends with, when it is known that none went uncaught in the script itself.

    Text after a traceback shows that the script went on; the traceback of a process that it had started counts.
    """
    found = list(_TRACEBACK.finditer(text))
    if found:
        heading = text[: found[-1].start()].rstrip().rpartition("\n")[2]
        told = _traceback(text)
        if told and (_OF_PROCESS.match(heading) or text.rstrip().endswith(told.error)):
            return told
    return _usage(text) or Told()


def last_line(text: str) -> str:
    """Return the last line that has anything in it."""
    return next((line.strip()[:_MOST] for line in reversed(text.splitlines()) if line.strip()), "")


def one_line(lines: list[str]) -> str:
    """Return a message of several lines in one: the first, and what it announces with a colon."""
    filled = [line.strip() for line in lines if line.strip()]
    if not filled:
        return ""
    announces = filled[0].endswith(":") and len(filled) > 1
    return (f"{filled[0]} {filled[1]}" if announces else filled[0])[:_MOST]


def _of_cell(text: str) -> Told | None:
    cells = list(_CELL.finditer(text))
    if not cells or text[cells[-1].end() :].strip():
        return None
    return Told(cells[-1].group()[:_MOST], text[max(0, text.rfind("Error in cell ")) :].strip())


def _traceback(text: str) -> Told | None:
    found = list(_TRACEBACK.finditer(text))
    if not found:
        return None
    last = len(found) - 1
    # What a group holds is printed after it, further in.
    while last > 0 and _INSIDE_GROUP.match(found[last]["margin"]):
        last -= 1
    head = found[last]
    begin = head.start() if _GROUP.match(head["margin"]) else head.start() + len(head["margin"])
    lines = _without_margin(text[head.end() :].splitlines()[1:], head["margin"])
    after = [number for number, line in enumerate(lines) if line.strip() and not line.startswith((" ", "\t"))]
    # Other threads may print between the lines of a traceback.
    first = next((number for number in after if _LAST_LINE.match(lines[number])), None)
    first = next(iter(after), None) if first is None else first
    error = "" if first is None else one_line(lines[first:])
    return Told(error, text[begin:].strip())


def _without_margin(lines: list[str], margin: str) -> list[str]:
    """Return lines as they are without what stands before each: a group's frame, or the rank of a process."""
    own = margin.replace("+ Exception Group", "|") if _GROUP.match(margin) else margin
    return [line[len(own) :] if line.startswith(own) else line for line in lines]


def _of_syntax(text: str) -> Told | None:
    error = last_line(text)
    if not _SYNTAX.match(error):
        return None
    # It has no traceback that would tell the place.
    found = list(_PLACE.finditer(text))
    place = f" ({Path(found[-1].group(1)).name}, line {found[-1].group(2)})" if found else ""
    return Told(f"{error}{place}"[:_MOST])


def _usage(text: str) -> Told | None:
    """Return what is wrong with how a script was called, as argparse, click and fire print it before they leave."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = next((line for line in reversed(lines[-3:]) if ": error: " in line), "")
    if found:
        return Told(found.split(": error: ", 1)[1][:_MOST])
    near = lines[-_USAGE_LINES:]
    is_usage = any(line.lower().startswith("usage:") for line in near)
    said = next((one for line in reversed(near if is_usage else near[-1:]) if (one := _SAID.match(line))), None)
    return Told(said[1].strip()[:_MOST]) if said else None
