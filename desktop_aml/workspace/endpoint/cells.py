"""What a cell of text means in a request: the value that the type of its column makes of it."""

from __future__ import annotations

import math


def cell_value(text: str, kind: str) -> object:
    """Return what a field holds: a number, truth or text by the type of its column; None when it is empty.

    A text in a number column stays a text, so that the endpoint itself says what is wrong with it.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if kind == "string":
        return text
    if kind in {"boolean", "any"} and stripped.lower() in {"true", "false"}:
        return stripped.lower() == "true"
    try:
        number = float(stripped)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    is_whole = stripped.lstrip("+-").isdigit()
    return int(stripped) if is_whole else number
