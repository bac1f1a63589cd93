"""Lines of a log of the form ``name: number``: what a plain script tells of its results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

VALUES_AT_MOST: Final = 20_000
NAMES_AT_MOST: Final = 100

_LINE: Final = re.compile(
    r"\s*(?P<name>[^\W\d][^:=\[\]{}<>|\\\"'`]{0,78}?)\s*[:=]\s*"
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf|nan)\s*(?P<percent>%?)"
    r"\s*(?:\((?:\+/-|\u00b1)\s*[\d.eE+-]+\)|(?:\+/-|\u00b1)\s*[\d.eE+-]+)?\s*[.,;]?\s*"
)
_LONGEST: Final = 200
# What libraries and tracebacks write in this form is no result.
_NO_NAME: Final = re.compile(
    r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|File|line|Desktop AML)\b|.*(?:Error|Warning|Exception)$"
)
_DECIMAL: Final = re.compile(r"\d+\.\d+")
_MEASURED: Final = 4
"""From so many digits on a decimal number is a result: its line tells of more than one. In a name: alpha 0.01."""


def printed_values(lines: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Give name and number of each line that is nothing but both, in the order of the lines.

    A number may be followed by ``%``, which becomes part of the name, and by a spread such as ``(+/- 0.02)``, which is
    left out. Names are kept as they were printed, with single spaces.

    Parameters
    ----------
    lines : iterable of str
        What was printed, without line feeds.
    """
    names: set[str] = set()
    count = 0
    for line in lines:
        found = _LINE.fullmatch(line) if len(line) <= _LONGEST and (":" in line or "=" in line) else None
        if found is None or _NO_NAME.match(found["name"].strip()) or _tells_more(found["name"]):
            continue
        name = " ".join(found["name"].split()) + (" (%)" if found["percent"] else "")
        if name not in names and len(names) >= NAMES_AT_MOST:
            continue
        names.add(name)
        count += 1
        if count > VALUES_AT_MOST:
            return
        yield name, float(found["number"])


def _tells_more(name: str) -> bool:
    digits = (one.replace(".", "").strip("0") for one in _DECIMAL.findall(name))
    return any(len(one) >= _MEASURED for one in digits)
