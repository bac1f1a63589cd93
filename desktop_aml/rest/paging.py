"""Pages of a list: a token says where the next one begins."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TypeVar

from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.errors import INVALID, RestError

T = TypeVar("T")


def start_of(arguments: Arguments) -> int:
    """Return where the page begins that is asked for."""
    token = arguments.text("page_token", "")
    if not token:
        return 0
    try:
        found = json.loads(base64.b64decode(token, validate=True))["offset"]
    except (ValueError, KeyError, TypeError):
        found = -1
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise RestError(INVALID, "Invalid page token, could not base64-decode")
    return found


def size_of(arguments: Arguments, *, default: int, most: int) -> int:
    """Return how many are asked for at most."""
    size = arguments.whole("max_results", default)
    if size is not None and size < 1:
        raise RestError(
            INVALID, f"Invalid value {size} for parameter 'max_results' supplied. It must be a positive integer"
        )
    if size is None or size > most:
        raise RestError(
            INVALID, f"Invalid value {size} for parameter 'max_results' supplied: It must be at most {most}"
        )
    return size


def token_for(offset: int) -> dict[str, object]:
    """Return the field of a message that leads to the page at `offset`."""
    return {"next_page_token": base64.b64encode(json.dumps({"offset": offset}).encode()).decode()}


def paged(
    found: Sequence[T], arguments: Arguments, *, default: int, most: int
) -> tuple[Sequence[T], dict[str, object]]:
    """Return the page that is asked for, and what leads to the next one."""
    start, size = start_of(arguments), size_of(arguments, default=default, most=most)
    return found[start : start + size], token_for(start + size) if len(found) > start + size else {}
