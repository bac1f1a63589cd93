"""Reading searches over runs: MLflow's filters and, beyond them, what a person writes.

What MLflow's grammar takes is read by it, so it means here what it means there. Everything else may have ``OR``,
``NOT`` and parentheses, names without a prefix, values without quotes, ``BETWEEN``, durations and dates; words that are
no comparison are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from desktop_aml.domain.filters import moments
from desktop_aml.domain.filters.clauses import Clause, InvalidFilter, Ordering, parsed, parsed_order
from desktop_aml.domain.filters.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    KeyOrdering,
    Loose,
    Node,
    Not,
    OwnKind,
    Source,
    Value,
    Words,
    Written,
)
from desktop_aml.domain.filters.tokens import END, Token, tokens_of

_NUMBER: Final = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
_ORDERED: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_TEXTUAL: Final = frozenset({"=", "!=", "~", "LIKE", "ILIKE", "IN"})
_DEEPEST, _LONGEST = 50, 400
"""How many parentheses may stand within each other, and how many words and marks there may be."""
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_OPENING, _CLOSING = "(", ")"

PREFIXES: Final = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), Source.PARAMETER),
    **dict.fromkeys(("arg", "args", "argument", "arguments"), Source.ARGUMENT),
    **dict.fromkeys(("tag", "tags"), Source.TAG),
    **dict.fromkeys(("attr", "attribute", "attributes", "run"), Source.OWN),
    **dict.fromkeys(("dataset", "datasets"), "dataset"),
    **{str(one): one for one in (Source.LAST, Source.BEST, Source.LEAST, Source.GREATEST, Source.FIRST)},
}
"""What may stand before the dot of a key."""

TEXTS: Final = {"log": ("log",), "source": ("source",), "text": ("log", "source")}
"""What ``~`` looks for words in; ``text`` is all there is, names and notes too. Other comparisons mean arguments."""

FLAGS: Final = ("starred", "archived", "deleted")
"""What a run may be; alone, such a word asks for those that are."""

OWN: Final = {
    **dict.fromkeys(
        ("name", "run_name", "notes", "description", "script", "environment", "target", "state", "status"), OwnKind.TEXT
    ),
    **dict.fromkeys(("experiment", "id", "run_id", "user", "user_id", "error", "parent"), OwnKind.TEXT),
    **dict.fromkeys(("duration", "number"), OwnKind.NUMBER),
    **dict.fromkeys(FLAGS, OwnKind.FLAG),
    **dict.fromkeys(("created", "started", "ended", "start_time", "end_time"), OwnKind.TIME),
}
"""What every run has, and what each of it is."""

_ALIASES: Final = {
    "run_name": "name",
    "description": "notes",
    "run_id": "id",
    "user_id": "user",
    "start_time": "started",
    "end_time": "ended",
}
_TRUTHS: Final = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
_IN_MLFLOW: Final = {"created": "start_time", "start_time": "start_time", "end_time": "end_time"}


def read(text: str, now: float) -> Node | None:
    """Read a search; None for an empty one.

    Parameters
    ----------
    now : float
        Unix time in seconds, for words such as ``yesterday``.

    Raises
    ------
    InvalidFilter
        When it cannot be read, with the column.
    """
    with suppress(InvalidFilter):
        clauses = parsed(text, typed=True)
        return AllOf(clauses) if clauses else None
    reader = _Reader(text, now)
    found = reader.alternatives()
    if not reader.is_done():
        raise reader.wrong(reader.peek(), "This parenthesis closes nothing.")
    return found


def read_order(text: str) -> Ordering | KeyOrdering:
    """Read one term of an order: MLflow's, or a key as searches have it, such as ``best.loss DESC`` or ``C``.

    Raises
    ------
    InvalidFilter
        When it is none, with the column.
    """
    with suppress(InvalidFilter):
        return parsed_order(text, typed=True)
    return _Reader(text, 0.0).order()


class _Reader:
    """Takes a search token by token."""

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
        return self._place >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else self._end

    def order(self) -> KeyOrdering:
        first = self.take("a key such as best.loss")
        if first.kind == "prefix":
            first = Token("key", first.text + self.take("a name").text, first.column)
        if first.kind in {"op", "mark"}:
            raise self.wrong(first, "An order begins with a key.", "Such as: best.loss DESC, duration, C")
        source, key = self._key(first)
        direction = "ASC" if self.is_done() else self.take("ASC or DESC").bare().upper()
        is_known = direction in {"ASC", "DESC"}
        if not (is_known and self.is_done()):
            raise self.wrong(self.peek(0 if is_known else -1), "After the key ASC or DESC may stand, nothing else.")
        if not isinstance(source, Source):
            raise self.wrong(first, "Runs cannot be ordered by data sets.")
        known = _ALIASES.get(key, key) if source is Source.OWN else key
        return KeyOrdering(source, known, direction == "DESC", first.column, len(first.text))

    def take(self, wanted: str) -> Token:
        token = self.peek()
        if token.kind == END:
            raise InvalidFilter(f"The search ends where {wanted} should stand.", column=token.column)
        self._place += 1
        return token

    def wrong(self, token: Token, words: str, hint: str = "") -> InvalidFilter:
        return InvalidFilter(words, hint, column=token.column, length=len(token.text))

    def alternatives(self) -> Node:
        parts = [self._together()]
        while self.peek().is_word("OR"):
            self._place += 1
            parts.append(self._together())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _together(self) -> Node:
        parts = [self._one()]
        while not self.is_done() and self.peek().text != _CLOSING and not self.peek().is_word("OR"):
            if self.peek().is_word("AND"):
                self._place += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self) -> Node:
        token = self.peek()
        if token.is_word("NOT"):
            return self._turned()
        if token.text == _OPENING and token.kind == "mark":
            self._place += 1
            self._depth += 1
            if self._depth > _DEEPEST:
                raise self.wrong(token, "These are too many parentheses within each other.")
            found = self.alternatives()
            self._depth -= 1
            if self.peek().text != _CLOSING:
                raise self.wrong(token, "This parenthesis is not closed.")
            self._place += 1
            return found
        if token.kind in {"op", "mark"} or token.is_word("AND") or token.is_word("OR"):
            raise self.wrong(token, f"Before “{token.text}” something is missing.", "Such as: loss < 1.1")
        return self._comparison() or Words(self.take("a word").bare())

    def _turned(self) -> Node:
        turns = 0
        while self.peek().is_word("NOT"):
            self._place += 1
            turns += 1
        found = self._one()
        return Not(found) if turns % 2 else found

    def _comparison(self) -> Node | None:
        """Return the comparison that begins here; None where no comparison follows the word."""
        begun, first = self._place, self.take("a name")
        if first.kind == "prefix":
            first = Token("key", first.text + self.take("a name").text, first.column)
        op, negated = self._op()
        if not op and first.kind == "word" and first.text.lower() in FLAGS:
            return Comparison(Source.OWN, first.text.lower(), "=", (1.0,), first.column, len(first.text))
        if not op:
            self._place = begun
            if first.kind == "key":
                raise self.wrong(first, f"After “{first.text}” a comparison should stand.", "Such as: < 1.1")
            return None
        found = self._compared(first, op)
        return Not(found) if negated else found

    def _op(self) -> tuple[str, bool]:
        """Take a comparison and whether it is turned; an empty one where none stands here."""
        negated = self.peek().is_word("NOT") and self.peek(1).text.upper() in {"IN", "LIKE", "ILIKE", "BETWEEN"}
        token, following = self.peek(int(negated)), self.peek(1 + int(negated))
        word = token.text.upper()
        if token.kind == "op":
            self._place += 1
            return {"==": "=", "<>": "!="}.get(word, word), False
        if token.kind != "word":
            return "", False
        if word == "IS" and following.is_word("NULL"):
            self._place += 2
            return "IS NOT NULL", True
        if word == "IS" and following.is_word("NOT") and self.peek(2).is_word("NULL"):
            self._place += 3
            return "IS NOT NULL", False
        is_op = (word == "IN" and following.text == _OPENING) or (
            word in {"LIKE", "ILIKE"} and following.kind == "text"
        )
        # A time may be two words: 2d ago.
        ends = (self.peek(2 + int(negated)), self.peek(3 + int(negated)))
        if is_op or (word == "BETWEEN" and any(token.is_word("AND") for token in ends)):
            self._place += 1 + int(negated)
            return word, negated
        return "", False

    def _compared(self, first: Token, op: str) -> Node:
        name = first.text.lower()
        if op == "~" and first.kind == "word" and name in TEXTS:
            return Written(TEXTS[name], self._value().bare(), anywhere=name == "text")
        source, key = self._key(first)
        if isinstance(source, Source):
            if source is Source.OWN:
                return self._own(first, key, op)
            if op == "IS NOT NULL":
                return Comparison(source, key, op, (), first.column, len(first.text))
            return self._of_values(first, source, key, op, self._plain)
        if source == "metric":
            return self._metric(first, key, op)
        if op not in _TEXTUAL or op == "~":
            raise self.wrong(first, f"Data sets are compared with =, !=, LIKE, ILIKE and IN, not with {op}.")
        values = self._values(op, lambda token: token.bare())
        texts = tuple(str(value) for value in values)
        return Clause("dataset", key, op, texts if op == "IN" else texts[0], first.column)

    def _key(self, first: Token) -> tuple[Source | str, str]:
        """Return where the values of a key are, and its name."""
        before, dot, after = first.text.partition(".")
        source = PREFIXES.get(before.lower()) if dot and first.kind in {"word", "key"} else None
        if source is not None:
            name = after[1:-1] if after[:1] in {"'", '"', "`"} and first.kind == "key" else after
            if not name:
                raise self.wrong(first, "After the dot a name should stand.", f"Such as: {before}.loss")
            known = source != Source.OWN or name.lower() in OWN
            if not known:
                raise self.wrong(first, f"A run has no “{name}”.", f"It has {', '.join(OWN)}.")
            if source == "dataset" and name not in {"name", "digest", "context"}:
                raise self.wrong(first, "Data sets are searched by name, digest and context.")
            return source, name
        name = first.bare()
        return (Source.OWN, name.lower()) if name.lower() in OWN and first.kind == "word" else (Source.ANY, name)

    def _metric(self, first: Token, key: str, op: str) -> Node:
        """Return a comparison of what MLflow calls the latest value."""
        if op == "IS NOT NULL":
            return Comparison(Source.LAST, key, op, (), first.column, len(first.text))
        if op not in _ORDERED | {"IN", "BETWEEN"}:
            raise self.wrong(first, f"A metric is compared as a number, not with {op}.", "Such as: metrics.loss < 1.1")
        numbers = [value for value in self._values(op, self._number) if isinstance(value, float)]
        clauses = [Clause("metric", key, one, value, first.column) for one, value in _apart(op, numbers)]
        return AnyOf(tuple(clauses)) if op == "IN" else AllOf(tuple(clauses))

    def _own(self, first: Token, key: str, op: str) -> Node:
        kind, known = OWN[key.lower()], _ALIASES.get(key.lower(), key.lower())
        if op == "IS NOT NULL":
            return Comparison(Source.OWN, known, op, (), first.column, len(first.text))
        if kind is OwnKind.TEXT:
            if op not in _TEXTUAL:
                hint = "Use =, !=, ~ (contains), LIKE, ILIKE or IN."
                raise self.wrong(first, f"“{key}” is a text, which {op} does not compare.", hint)
            return self._of_values(first, Source.OWN, known, op, self._text)
        if kind is OwnKind.FLAG:
            if op not in {"=", "!="}:
                raise self.wrong(first, f"A run is {key} or it is not.", f"Such as: {key} = true")
            return self._of_values(first, Source.OWN, known, op, self._truth)
        if op not in _ORDERED | {"IN", "BETWEEN"}:
            raise self.wrong(
                first, f"“{key}” is no text, so {op} does not compare it.", "Use <, <=, =, >=, > or BETWEEN."
            )
        if kind is OwnKind.NUMBER:
            return self._of_values(
                first, Source.OWN, known, op, self._duration if known == "duration" else self._number
            )
        milliseconds = self.peek().kind == "word" and _NUMBER.fullmatch(self.peek().text) and key.lower() in _IN_MLFLOW
        if milliseconds and op in _ORDERED:
            return Clause("attribute", _IN_MLFLOW[key.lower()], op, self._number(self.take("a time")), first.column)
        return self._of_values(first, Source.OWN, known, op, self._time)

    def _of_values(self, first: Token, source: Source, key: str, op: str, of: Callable[[Token], Value]) -> Comparison:
        return Comparison(source, key, op, self._values(op, of), first.column, len(first.text))

    def _values(self, op: str, of: Callable[[Token], Value]) -> tuple[Value, ...]:
        if op == "BETWEEN":
            least = of(self._value())
            if not self.take("AND").is_word("AND"):
                raise self.wrong(self.peek(-1), "Between two values AND stands.", "Such as: C BETWEEN 1 AND 10")
            return least, of(self._value())
        if op != "IN":
            return (of(self._value()),)
        self._place += 1
        found = [of(self._value())]
        while (mark := self.take("“)”")).text != _CLOSING:
            if mark.text != ",":
                raise self.wrong(mark, "The values of a list are parted by commas.", "Such as: (1, 10)")
            found.append(of(self._value()))
        return tuple(found)

    def _value(self) -> Token:
        token = self.take("a value")
        if token.kind in {"op", "mark", "prefix"}:
            raise self.wrong(token, f"Before “{token.text}” a value is missing.")
        if token.kind == "word" and (self.peek().is_word("ago") or _CLOCK.fullmatch(self.peek().text)):
            return Token("word", f"{token.text} {self.take('a word').text}", token.column)
        return token

    def _number(self, token: Token) -> float:
        if token.kind == "word" and _NUMBER.fullmatch(token.text):
            return float(token.text)
        raise self.wrong(token, f"“{token.bare()}” is no number.", "Such as: 1.1, 1e-3, inf")

    def _duration(self, token: Token) -> float:
        found = moments.seconds(token.text)
        if found is not None:
            return found
        if token.kind == "word" and _NUMBER.fullmatch(token.text):
            return float(token.text)
        raise self.wrong(token, f"“{token.bare()}” is no duration.", "Such as: 90 (seconds), 5m, 1h30m, 2d")

    def _truth(self, token: Token) -> float:
        found = _TRUTHS.get(token.bare().lower())
        if found is None:
            raise self.wrong(token, f"“{token.bare()}” is neither true nor false.")
        return found

    def _time(self, token: Token) -> Value:
        found = moments.span(token.bare(), self._now)
        if found is None:
            hint = "Such as: 2026-11-28, '2026-11-28 14:30', today, yesterday, 2d ago"
            raise self.wrong(token, f"“{token.bare()}” is no time.", hint)
        return found

    def _text(self, token: Token) -> Value:
        return Loose(token.text) if token.kind == "word" else token.bare()

    def _plain(self, token: Token) -> Value:
        if token.kind == "word" and _NUMBER.fullmatch(token.text):
            return float(token.text)
        return self._text(token)


def _apart(op: str, values: Sequence[float]) -> list[tuple[str, float]]:
    """Return the comparisons of single values that a comparison stands for."""
    if op == "BETWEEN":
        return [(">=", values[0]), ("<=", values[1])]
    return [("=" if op == "IN" else op, value) for value in values]
