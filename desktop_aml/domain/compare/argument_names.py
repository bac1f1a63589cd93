"""The arguments of a script by the option they belong to, without knowing its parser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_OPTION: Final = re.compile(r"-{1,2}[A-Za-z_]")
SET: Final = "(set)"
"""Stands for the value of an option that was given none."""


def arguments_by_name(arguments: Sequence[str], when_set: str = SET) -> dict[str, str]:
    """Return the arguments of a script by the option they belong to, without knowing its parser.

    What follows an option belongs to it up to the next option; a number below zero is no option. What belongs to none
    is named by its place.

    Parameters
    ----------
    when_set : str
        The value of an option that was given none.
    """
    found: dict[str, list[str]] = {}
    name = ""
    for place, word in enumerate(arguments, 1):
        if _OPTION.match(word):
            name, equals, value = word.partition("=")
            found.setdefault(name, []).extend([value] if equals else [])
            name = "" if equals else name
        else:
            found.setdefault(name or f"argument {place}", []).append(word)
    return {name: " ".join(words) if words else when_set for name, words in found.items()}
