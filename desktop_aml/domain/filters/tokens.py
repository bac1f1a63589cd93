"""The words, quotes and marks of a search."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.filters.clauses import InvalidFilter

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    |(?P<tick>`[^`]*`)
    |(?P<op><=|>=|!=|<>|==|=>|=<|=|<|>|~|≤|≥|≠)
    |(?P<mark>[(),])
    |(?P<prefix>[A-Za-z]+\.(?=['"`]))
    |(?P<turn>!(?=[^\s=]))
    |(?P<word>[^\s()'"`,=<>~≤≥≠][^\s()"`,=<>~≤≥≠]*?(?=!=|[\s()"`,=<>~≤≥≠]|$))""",
    re.VERBOSE,
)
END: Final = "end"
_SAME: Final = {"&&": "AND", "&": "AND", "||": "OR", "|": "OR", "!": "NOT"}
"""Words of the language as programmers write them."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, quote or mark; `column` counts from 1."""

    kind: str
    text: str
    column: int

    def is_word(self, word: str) -> bool:
        """Whether it is a word of the language, in any letters."""
        if self.kind == "turn":
            return word == "NOT"
        return self.kind == "word" and _SAME.get(self.text, self.text).upper() == word.upper()

    def bare(self) -> str:
        """Return the text without its quotes."""
        return self.text[1:-1] if self.kind in {"text", "tick"} else self.text


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a search.

    Raises
    ------
    InvalidFilter
        When a quote is not closed.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            words = f"The quote {text[at]} is not closed."
            raise InvalidFilter(words, "Close it, or leave it out.", column=at + 1, length=len(text) - at)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match.group(), at + 1))
        at = match.end()
    return found
