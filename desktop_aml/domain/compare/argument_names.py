"""The arguments of a script by the option they belong to, without knowing its parser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_OPTION: Final = re.compile(r"-{1,2}[A-Za-z_]")
_ASSIGNED: Final = re.compile(r"\+{0,2}(?P<name>[A-Za-z_][\w./@-]*)=(?P<value>.*)", re.DOTALL)
"""What Hydra and others take: ``optimizer.lr=0.1``, ``+trainer.gpus=2``."""

_REMOVED: Final = re.compile(r"~[A-Za-z_][\w./@-]*")
_MOST_WORDS: Final = {
    **dict.fromkeys(("-m", "--multirun"), 0),
    **dict.fromkeys(("-cn", "--config-name", "-cp", "--config-path", "-cd", "--config-dir"), 1),
}
"""How many words belong to options of Hydra, which are followed by assignments."""

SET: Final = "(set)"
"""Stands for the value of an option that was given none."""


def arguments_by_name(arguments: Sequence[str], when_set: str = SET) -> dict[str, str]:
    """Return the arguments of a script by the option they belong to, without knowing its parser.

    What follows an option belongs to it up to the next option; a number below zero is no option. What belongs to none
    is named by what stands before its ``=``, as with Hydra, else by its place.

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
            continue
        assigned, taken = _ASSIGNED.fullmatch(word), len(found.get(name, ()))
        is_free = not name or taken >= _MOST_WORDS.get(name, taken + 1)
        if is_free and assigned is not None:
            found.setdefault(assigned["name"], []).append(assigned["value"])
        elif is_free and _REMOVED.fullmatch(word):
            found.setdefault(word, [])
        else:
            found.setdefault(name or f"argument {place}", []).append(word)
    return {name: " ".join(words) if words else when_set for name, words in found.items()}
