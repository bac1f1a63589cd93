"""What a cell of text means in a request: the value that the type of its column makes of it."""

from __future__ import annotations

import math
from typing import Final

_MISSING: Final = frozenset({"na", "nan", "null"})
"""What R, pandas and databases write for no number."""


def cell_value(text: str, kind: str) -> object:
    """Return what a field holds: a number, truth or text by the type of its column; None when it is empty.

    A number column takes truth values, too, as models do, and what programs write for a missing number. Another text
    in it stays a text, so that the endpoint itself says what is wrong with it.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if kind == "string":
        return text
    if stripped.lower() in {"true", "false"}:
        return stripped.lower() == "true"
    if kind in {"number", "integer"} and stripped.lower() in _MISSING:
        return None
    if "_" in stripped:
        return text  # Python alone takes 2020_01 for a number
    try:
        number = float(stripped)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    is_whole = stripped.lstrip("+-").isdigit()
    return int(stripped) if is_whole else number
