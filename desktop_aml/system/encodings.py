"""How the text of a file is written, where its first bytes tell, and what parts the cells of a table in it.

Spreadsheets save tables in more than one way.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS: Final = (
    # The mark of UTF-16 is the beginning of that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = ",;\t|"
MARK_BYTES: Final = 4
"""How many bytes tell."""


def encoding_of(start: bytes) -> str:
    """Return how a text is written that begins with these bytes.

    Parameters
    ----------
    start : bytes
        The first `MARK_BYTES` of it, or more.

    Returns
    -------
    str
        ``"utf-8-sig"`` where no mark says another one. It leaves out the mark that the text begins with.
    """
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8-sig")


def delimiter_of(first: str) -> str:
    r"""Return what parts the cells of a table, by its first line: commas, semicolons, tabs or bars; a comma in doubt.

    Examples
    --------
    >>> delimiter_of('"width, mm";length'), delimiter_of("a\tb"), delimiter_of("alone")
    (';', '\t', ',')
    """
    outside_quotes = re.sub(r'"[^"]*"?', "", first)
    return max(_DELIMITERS, key=outside_quotes.count)
