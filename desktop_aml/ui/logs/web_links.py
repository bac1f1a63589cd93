"""Addresses of the web in a log: which part of a line is one, and its colour. No Qt."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from desktop_aml.ui.logs.ansi import PLAIN, Line, Span, Style

LINK: Final = PLAIN._replace(foreground=4, underline=True)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}]{1,2000}")
_AFTER: Final = ".,;:!?*_"
"""What ends a sentence rather than an address."""


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each address of a line begins and ends; only what a browser opens is one."""
    if "://" not in text:
        return
    for found in _ADDRESS.finditer(text):
        address = found[0]
        while True:
            shorter = address.rstrip(_AFTER)
            for opens, closes in ("()", "[]"):
                if shorter.endswith(closes) and shorter.count(closes) > shorter.count(opens):
                    shorter = shorter[:-1]
            if shorter == address:
                break
            address = shorter
        if not address.endswith("//"):
            yield found.start(), found.start() + len(address)


def address_at(text: str, position: int) -> str:
    """Return the address of a line that is at a position; empty where there is none."""
    return next((text[start:end] for start, end in addresses_in(text) if start <= position <= end), "")


def first_address(text: str, position: int) -> str:
    """Return the address of a line at a position, else its first one; empty where there is none."""
    return address_at(text, position) or next((text[start:end] for start, end in addresses_in(text)), "")


def with_links(line: Line) -> Line:
    """Return a line with its addresses underlined; plain ones have the colour of links, too."""
    text = "".join(span.text for span in line)
    bounds = list(addresses_in(text))
    if not bounds:
        return line
    parts: list[Span] = []
    cuts = [0, *(edge for pair in bounds for edge in pair), len(text)]
    for number, (start, end) in enumerate(itertools.pairwise(cuts)):
        is_link = number % 2 == 1
        parts.extend(Span(words, _linked(style) if is_link else style) for words, style in _between(line, start, end))
    return tuple(parts)


def _linked(style: Style) -> Style:
    return LINK if style == PLAIN else style._replace(underline=True)


def _between(line: Line, start: int, end: int) -> Iterator[Span]:
    at = 0
    for span in line:
        words = span.text[max(0, start - at) : max(0, end - at)]
        if words:
            yield Span(words, span.style)
        at += len(span.text)
