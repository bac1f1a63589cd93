"""What a person types in a search instead of what it has: understood where it can mean one thing, else a hint."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from desktop_aml.domain.filters.keys import FLAGS, OWN, PREFIXES, STATES
from desktop_aml.domain.filters.nodes import OwnKind, Source
from desktop_aml.domain.filters.tokens import Token

SAME: Final = {"==": "=", "<>": "!=", "≠": "!=", "≥": ">=", "=>": ">=", "≤": "<=", "=<": "<="}
"""Comparisons in another hand."""

COMMA: Final = "Values of a list stand in parentheses: C IN (1, 10). A number has a point: 0.1"


def of_word(token: Token) -> str:
    """Return what to write for ``tag:x`` or ``is:starred``; empty for a word that is to be looked for."""
    before, colon, after = token.text.partition(":")
    name = before.lower()
    if token.kind != "word" or not colon or not after or after[0] in "/\\:":
        return ""
    if name == "is":
        return f"Write: {after}" if after.lower() in {*FLAGS, *STATES} else ""
    if name in PREFIXES and PREFIXES[name] is not Source.OWN:
        return f"Write: {name}.{after} IS NOT NULL, or {name}.{after} = …"
    if name in OWN and OWN[name] is not OwnKind.FLAG:
        return f"Write: {name} {'=' if name in {'state', 'status'} or OWN[name] is not OwnKind.TEXT else '~'} {after}"
    return ""


def of_state(word: str) -> str:
    """Return which states there are, for a word that is none; empty for one that is."""
    if word.lower() in STATES:
        return ""
    near = get_close_matches(word.lower(), STATES, 1)
    return f"Did you mean {STATES[near[0]]}?" if near else f"There is: {', '.join(dict.fromkeys(STATES.values()))}"
