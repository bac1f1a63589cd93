"""The words of a search taken one by one, and the values that may stand in it: numbers, durations, times, texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeVar

from desktop_aml.domain.filters import moments
from desktop_aml.domain.filters.clauses import InvalidFilter
from desktop_aml.domain.filters.keys import TRUTHS
from desktop_aml.domain.filters.nodes import Loose, Span, Value
from desktop_aml.domain.filters.tokens import END, Token, tokens_of

T = TypeVar("T")
NUMBER: Final = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
MOST_WORDS: Final = 6
"""How many words a time or a duration may have: 1 h 30 min 5 s."""
_LONGEST: Final = 400
"""How many words and marks a search may have."""
CLOSING: Final = ")"


class ValueReader:
    """Takes the words of a search, and values."""

    def __init__(self, text: str, now: float) -> None:
        self._tokens = tokens_of(text)
        self._now = now
        self._place = self._depth = 0
        if len(self._tokens) > _LONGEST:
            raise self.wrong(
                self._tokens[_LONGEST], "The search is too long.", f"It may have {_LONGEST} words and marks."
            )
        self._end = Token(END, "", len(text) + 1)

    def is_done(self) -> bool:
        """Whether every word was taken."""
        return self._place >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token:
        """Return the next word, or one after it, and leave it where it is."""
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else self._end

    def take(self, wanted: str) -> Token:
        """Return the next word and go on; `wanted` says in an error what is missing."""
        token = self.peek()
        if token.kind == END:
            raise InvalidFilter(f"The search ends where {wanted} should stand.", column=token.column)
        self._place += 1
        return token

    def wrong(self, token: Token, words: str, hint: str = "") -> InvalidFilter:
        """Return an error about a word."""
        return InvalidFilter(words, hint, column=token.column, length=len(token.text))

    def values(self, op: str, of: Callable[[], Value]) -> tuple[Value, ...]:
        """Take as many values as a comparison has."""
        if op == "BETWEEN":
            least = of()
            if not self.take("AND").is_word("AND"):
                raise self.wrong(self.peek(-1), "Between two values AND stands.", "Such as: C BETWEEN 1 AND 10")
            return least, of()
        if op != "IN":
            return (of(),)
        self._place += 1
        found = [of()]
        while (mark := self.take("“)”")).text != CLOSING:
            if mark.text != ",":
                raise self.wrong(mark, "The values of a list are parted by commas.", "Such as: (1, 10)")
            found.append(of())
        return tuple(found)

    def value(self) -> Token:
        """Take what must be a value."""
        token = self.take("a value")
        if token.kind in {"op", "mark", "prefix"}:
            raise self.wrong(token, f"Before “{token.text}” a value is missing.")
        return token

    def longest(self, of: Callable[[str], T | None], *, ahead: bool = False) -> T | None:
        """Take as many words as mean something together, ``2 h 30 min``; none where none do, or only to look ahead."""
        for count in range(MOST_WORDS, 0, -1):
            tokens = [self.peek(place) for place in range(count)]
            whole = count == 1 and tokens[0].kind == "text"
            if not whole and any(token.kind != "word" for token in tokens):
                continue
            found = of(" ".join(token.bare() for token in tokens))
            if found is not None:
                self._place += 0 if ahead else count
                return found
        return None

    def number(self, token: Token) -> float:
        """Return what a word is as a number."""
        if token.kind == "word" and NUMBER.fullmatch(token.text):
            return float(token.text)
        raise self.wrong(token, f"“{token.bare()}” is no number.", "Such as: 1.1, 1e-3, inf")

    def numeral(self) -> float:
        """Take a number."""
        return self.number(self.value())

    def duration(self) -> float:
        """Take a duration, in seconds."""
        found = self.longest(moments.seconds)
        if found is not None:
            return found
        token = self.value()
        if token.kind == "word" and NUMBER.fullmatch(token.text):
            return float(token.text)
        raise self.wrong(token, f"“{token.bare()}” is no duration.", "Such as: 90 (seconds), 5m, 1h30m, 2d, 1:30:00")

    def truth(self) -> float:
        """Take what is true or false, as 1 and 0."""
        token = self.value()
        found = TRUTHS.get(token.bare().lower())
        if found is None:
            raise self.wrong(token, f"“{token.bare()}” is neither true nor false.")
        return found

    def span(self, text: str) -> Span | None:
        """Return the time that a text means; None for any other."""
        return moments.span(text, self._now)

    def time(self) -> Value:
        """Take a time."""
        found = self.longest(self.span)
        if found is not None:
            return found
        begun = self._place
        hint = "Such as: 2026-11-28, '2026-11-28 14:30', today, yesterday, 2d ago, last week"
        if self.longest(moments.seconds) is None:
            token = self.value()
            raise self.wrong(token, f"“{token.bare()}” is no time.", hint)
        age = " ".join(token.bare() for token in self._tokens[begun : self._place])
        raise self.wrong(self._tokens[begun], f"“{age}” is a duration, no time.", f"Write: {age} ago")

    def text(self) -> Value:
        """Take a text."""
        token = self.value()
        return Loose(token.text) if token.kind == "word" else token.bare()

    def plain(self) -> Value:
        """Take a number or a text."""
        if self.peek().kind == "word" and NUMBER.fullmatch(self.peek().text):
            return float(self.value().text)
        return self.text()
