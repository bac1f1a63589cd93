"""The few last values that lists show of a run, as the row of the run holds them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache

Shown = tuple[tuple[str, float | int | str], ...]


def read(text: str) -> Shown:
    """Return names and values, in the order in which they were first logged.

    Raises
    ------
    ValueError, TypeError
        When another program wrote the text.
    """
    # Where it is loaded already: a list of a few runs begins sooner without it.
    if "msgspec" in sys.modules:
        return _quickly()(text)
    return _read(text)


def _read(text: str) -> Shown:
    return tuple([(name, value) for name, value in json.loads(text)])


@cache
def _quickly() -> Callable[[str], Shown]:
    import msgspec

    decode = msgspec.json.Decoder(Shown).decode

    def read_one(text: str) -> Shown:
        try:
            return decode(text)
        except msgspec.DecodeError:
            # NaN and infinities are no JSON elsewhere.
            return _read(text)

    return read_one
