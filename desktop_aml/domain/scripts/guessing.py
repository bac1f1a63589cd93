"""The words of a command line by the argument they belong to, where the script's parser is not known, or in part."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from desktop_aml.domain.scripts.command_lines import TRUE, TakenArgument, plain_name

_OPTION: Final = re.compile(r"-{1,2}[A-Za-z_]")
_ASSIGNED: Final = re.compile(r"\+{0,2}(?P<name>[A-Za-z_][\w./@-]*)=(?P<value>.*)", re.DOTALL)
"""What Hydra and others take: ``optimizer.lr=0.1``, ``+trainer.gpus=2``."""

_REMOVED: Final = re.compile(r"~[A-Za-z_][\w./@-]*")
_ANY: Final = 1 << 30
_MOST_ASSIGNED: Final = {
    **dict.fromkeys(("-m", "--multirun"), 0),
    **dict.fromkeys(("-cn", "--config-name", "-cp", "--config-path", "-cd", "--config-dir"), 1),
}
"""How many words belong to options of Hydra before the assignments that follow them."""


def guessed_words(words: Sequence[str], known: Mapping[str, TakenArgument]) -> dict[str, str]:
    """Return the words by the option they belong to.

    What follows an option belongs to it up to the next option, and `TRUE` is the value of one that was given none; a
    number below zero is no option. What belongs to none is named by what stands before its ``=``, as with Hydra, else
    by its place.

    Parameters
    ----------
    known : mapping of str to TakenArgument
        Options that are known, by their flags: they take no more words than they can.
    """
    found: dict[str, list[str]] = {}
    name, left, left_assigned = "", _ANY, _ANY
    for place, word in enumerate(words, 1):
        if _OPTION.match(word):
            option, equals, value = word.partition("=")
            one = known.get(option)
            name = one.name if one is not None else plain_name(option)
            before = found.get(name, []) if one is None or one.repeats else []
            found[name] = [*before, value] if equals else _alone(one, before)
            left, left_assigned = _most(one), _MOST_ASSIGNED.get(option, _ANY)
            name = "" if equals or not left else name
            continue
        assigned, removed = _ASSIGNED.fullmatch(word), _REMOVED.fullmatch(word)
        is_free = not name or left_assigned <= 0
        if is_free and assigned is not None:
            found.setdefault(assigned["name"], []).append(assigned["value"])
        elif is_free and removed is not None:
            found.setdefault(word, [])
        else:
            found.setdefault(name or f"argument {place}", []).append(word)
            left, left_assigned = left - 1, left_assigned - 1
            name = name if left > 0 else ""
    return {name: " ".join(words) if words else TRUE for name, words in found.items()}


def _alone(known: TakenArgument | None, before: list[str]) -> list[str]:
    """Return the values of an option as it is met, before any word follows it."""
    if known is None or known.nargs != 0:
        return before
    return [str(int(before[0]) + 1 if before else 1)] if known.repeats else [known.text]


def _most(known: TakenArgument | None) -> int:
    """Return how many words can belong to an option."""
    nargs = known.nargs if known is not None else "*"
    return nargs if isinstance(nargs, int) else 1 if nargs in (None, "?") else _ANY
