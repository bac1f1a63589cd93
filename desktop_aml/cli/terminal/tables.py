"""Tables that fit the terminal: what people copy stays whole, what is long is cut, what has no room is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_GAP: Final = 2
# With fewer characters a cut name or list of metrics tells its row from no other one.
_LEAST: Final = 12
# An id of an experiment with a short name; a longer one goes on in the next line.
_ID: Final = 27
_IDS: Final = frozenset({"id", "run"})
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)")
_TO_THE_MINUTE: Final = len("2026-11-30 09:41")
_WHOLE: Final = frozenset({"state", "version", "points", "last", "size", "files", "runs", "duration", "kind"})
_FIRST_TO_GO: Final = (
    "experiment",
    "framework",
    "asked for",
    "registered",
    "made",
    "last run",
    "created",
    "size",
    "image",
)
"""Columns that a narrow terminal does without, the least missed of them first: an id begins with the experiment."""
_NUMBER: Final = re.compile(r"[-+]?[\d,.:]+(e[-+]?\d+)?( ?([kMGT]?B|s|ms|%))?")
_STYLES: Final = {
    "Completed": "green",
    "Ready": "green",
    "Healthy": "green",
    "Failed": "red",
    "Unhealthy": "red",
    "Canceled": "yellow",
    "Running": "cyan",
    "Preparing": "cyan",
}


def print_table(cells: Sequence[Sequence[str]], headings: Sequence[str], stream: TextIO) -> None:
    """Print rows of text in columns that are together no wider than the terminal.

    Parameters
    ----------
    cells : sequence of rows
        Text without line breaks or control characters, as many in each row as there are headings.
    stream : file
        The terminal.
    """
    console = Console(file=stream, highlight=False)
    columns = {heading: [row[place] for row in cells] for place, heading in enumerate(headings)}
    natural = _natural(columns)
    widths = _fitted(natural, console.width)
    if widths != natural:
        # Seconds are the first that a narrow terminal can spare.
        columns = {name: [_to_the_minute(cell) for cell in column] for name, column in columns.items()}
        widths = _fitted(_natural(columns), console.width)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for name, width in widths.items():
        title = Text(name.upper(), no_wrap=True, overflow="ellipsis")
        is_of_numbers = _is_of_numbers(columns[name])
        table.add_column(
            title,
            width=width,
            justify="right" if is_of_numbers else "left",
            overflow="fold" if name in _IDS else "ellipsis",
        )
    for row in range(len(cells)):
        table.add_row(*(_cell(name, columns[name][row]) for name in widths))
    console.print(table)
    if missing := [name for name in columns if name not in widths]:
        words = f"Not shown in so narrow a terminal: {', '.join(missing)}. A wider one, a pipe and --json have all."
        console.print(Text(words, style="dim"))


def _cell(name: str, words: str) -> Text:
    if name in _IDS:
        return Text(words)
    return Text(words, style=_STYLES.get(words, ""), no_wrap=True, overflow="ellipsis")


def _fitted(natural: dict[str, int], room: int) -> dict[str, int]:
    """Return the columns that are shown and how wide they are: the widest give way to the others."""
    kept = dict(natural)
    first, _, *others = (*natural, "")
    # The first columns say what a row is; where the others have no room either, the last go first.
    for name in (*(name for name in _FIRST_TO_GO if name != first), *reversed(others)):
        if sum(_least(one, width) + _GAP for one, width in kept.items()) - _GAP <= room:
            break
        kept.pop(name, None)
    free = room - _GAP * (len(kept) - 1)
    cap = max(kept.values())
    while cap > 1 and sum(min(width, max(cap, _least(name, width))) for name, width in kept.items()) > free:
        cap -= 1
    return {name: min(width, max(cap, _least(name, width))) for name, width in kept.items()}


def _least(name: str, width: int) -> int:
    if name in _WHOLE:
        return width
    if name in _IDS:
        return min(width, _ID)
    return min(width, _LEAST if width != _TO_THE_MINUTE else width)


def _natural(columns: dict[str, list[str]]) -> dict[str, int]:
    return {name: max(map(cell_len, [name, *column])) for name, column in columns.items()}


def _to_the_minute(cell: str) -> str:
    return cell[:_TO_THE_MINUTE] if _TIME.fullmatch(cell) else cell


def _is_of_numbers(column: Sequence[str]) -> bool:
    present = [cell for cell in column if cell]
    return bool(present) and all(_NUMBER.fullmatch(cell) for cell in present)
