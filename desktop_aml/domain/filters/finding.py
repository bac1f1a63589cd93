"""Reading searches over runs: MLflow's filters and, beyond them, what a person writes.

What MLflow's grammar takes is read by it, so it means here what it means there. Everything else may have ``OR``,
``NOT`` and parentheses, names without a prefix, values without quotes, ``BETWEEN``, durations and dates; words that are
no comparison are looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from desktop_aml.domain.filters import moments, slips
from desktop_aml.domain.filters.clauses import Clause, InvalidFilter, Ordering, parsed, parsed_order
from desktop_aml.domain.filters.keys import ALIASES, FLAGS, IN_MLFLOW, OWN, PREFIXES, STATES, TEXTS
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
    Span,
    Value,
    Words,
    Written,
)
from desktop_aml.domain.filters.reading import CLOSING, MOST_WORDS, NUMBER, ValueReader
from desktop_aml.domain.filters.tokens import Token

_ORDERED: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_TEXTUAL: Final = frozenset({"=", "!=", "~", "LIKE", "ILIKE", "IN"})
_DEEPEST: Final = 50
"""How many parentheses may stand within each other."""
_SAID: Final = {
    OwnKind.TIME: {"AFTER": ">", "SINCE": ">=", "BEFORE": "<"},
    OwnKind.TEXT: {"CONTAINS": "~", "LIKE": "LIKE", "ILIKE": "ILIKE"},
}
"""Words that compare what every run has; after any other name they are words that are looked for."""
_OPENING: Final = "("


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


class _Reader(ValueReader):
    """Takes a search token by token."""

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
        known = ALIASES.get(key, key) if source is Source.OWN else key
        return KeyOrdering(source, known, direction == "DESC", first.column, len(first.text))

    def alternatives(self) -> Node:
        parts = [self._together()]
        while self.peek().is_word("OR"):
            self._place += 1
            parts.append(self._together())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _together(self) -> Node:
        parts = [self._one()]
        while not self.is_done() and self.peek().text != CLOSING and not self.peek().is_word("OR"):
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
            if self.peek().text != CLOSING:
                raise self.wrong(token, "This parenthesis is not closed.")
            self._place += 1
            return found
        if token.kind in {"op", "mark"} or token.is_word("AND") or token.is_word("OR"):
            hint = slips.COMMA if token.text == "," else "Such as: loss < 1.1"
            raise self.wrong(token, f"Before “{token.text}” something is missing.", hint)
        compared = self._comparison()
        if compared is None and (hint := slips.of_word(token)):
            raise self.wrong(token, f"“{token.text}” is no comparison.", hint)
        return compared or Words(self.take("a word").bare())

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
        if first.kind == "word" and (flag := self._alone(first)) is not None:
            return flag
        if first.kind == "prefix":
            first = Token("key", first.text + self.take("a name").text, first.column)
        op, negated = self._op(OWN.get(first.text.lower()) if first.kind == "word" else None)
        if not op:
            self._place = begun
            if first.kind == "key":
                raise self.wrong(first, f"After “{first.text}” a comparison should stand.", "Such as: < 1.1")
            return None
        found = self._compared(first, op)
        return Not(found) if negated else found

    def _alone(self, first: Token) -> Comparison | None:
        """Return what a word asks for that needs no comparison, as ``starred`` and ``failed`` do."""
        begun, name = self._place, first.text.lower()
        if OWN.get(name) is OwnKind.TIME and (when := self.longest(self.span)) is not None and when.end > when.begin:
            return Comparison(Source.OWN, ALIASES.get(name, name), "=", (when,), first.column, len(first.text))
        self._place = begun
        if not (name in FLAGS or name in STATES) or self._op()[0]:
            self._place = begun
            return None
        key, value = ("status", Loose(STATES[name])) if name in STATES else (name, 1.0)
        return Comparison(Source.OWN, key, "=", (value,), first.column, len(first.text))

    def _op(self, kind: OwnKind | None = None) -> tuple[str, bool]:
        """Take a comparison and whether it is turned; an empty one where none stands here.

        Parameters
        ----------
        kind : OwnKind, optional
            What the name before it is, where every run has it.
        """
        negated = self.peek().is_word("NOT") and self.peek(1).text.upper() in {"IN", "LIKE", "ILIKE", "BETWEEN"}
        token, following = self.peek(int(negated)), self.peek(1 + int(negated))
        word = token.text.upper()
        if token.kind == "op":
            self._place += 1
            return slips.SAME.get(word, word), False
        if token.kind != "word":
            return "", False
        said = _SAID.get(kind, {}).get(word) if kind is not None else None
        if said is not None and following.kind in {"word", "text"}:
            self._place += 1 + int(negated)
            return said, negated
        if word == "IS" and following.is_word("NULL"):
            self._place += 2
            return "IS NOT NULL", True
        if word == "IS" and following.is_word("NOT") and self.peek(2).is_word("NULL"):
            self._place += 3
            return "IS NOT NULL", False
        is_op = (word == "IN" and following.text == _OPENING) or (
            word in {"LIKE", "ILIKE"} and following.kind == "text"
        )
        # A time may be a few words: 7 days ago.
        furthest = MOST_WORDS if kind in {OwnKind.TIME, OwnKind.NUMBER} else 2
        ends = [self.peek(ahead + int(negated)) for ahead in range(2, 2 + furthest)]
        if is_op or (word == "BETWEEN" and any(token.is_word("AND") for token in ends)):
            self._place += 1 + int(negated)
            return word, negated
        return "", False

    def _compared(self, first: Token, op: str) -> Node:
        name = first.text.lower()
        if first.kind == "word" and NUMBER.fullmatch(first.text):
            hint = f"Such as: loss > {first.text}; between two numbers: loss BETWEEN 0.1 AND 0.9"
            raise self.wrong(first, "The name stands before the comparison, the number after it.", hint)
        if op == "~" and first.kind == "word" and name in TEXTS:
            return Written(TEXTS[name], self.value().bare(), anywhere=name == "text")
        source, key = self._key(first)
        if isinstance(source, Source):
            if source is Source.OWN:
                return self._own(first, key, op)
            if op == "IS NOT NULL":
                return Comparison(source, key, op, (), first.column, len(first.text))
            return self._of_values(first, source, key, op, self.plain)
        if source == "metric":
            return self._metric(first, key, op)
        if op not in _TEXTUAL or op == "~":
            raise self.wrong(first, f"Data sets are compared with =, !=, LIKE, ILIKE and IN, not with {op}.")
        values = self.values(op, lambda: self.value().bare())
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
        numbers = [value for value in self.values(op, self.numeral) if isinstance(value, float)]
        clauses = [Clause("metric", key, one, value, first.column) for one, value in _apart(op, numbers)]
        return AnyOf(tuple(clauses)) if op == "IN" else AllOf(tuple(clauses))

    def _own(self, first: Token, key: str, op: str) -> Node:
        kind, known = OWN[key.lower()], ALIASES.get(key.lower(), key.lower())
        if op == "IS NOT NULL":
            return Comparison(Source.OWN, known, op, (), first.column, len(first.text))
        if kind is OwnKind.TEXT:
            if op not in _TEXTUAL:
                hint = "Use =, !=, ~ (contains), LIKE, ILIKE or IN."
                raise self.wrong(first, f"“{key}” is a text, which {op} does not compare.", hint)
            if known in {"state", "status"} and op in {"=", "!=", "IN"}:
                return self._of_states(first, known, op)
            return self._of_values(first, Source.OWN, known, op, self.text)
        if kind is OwnKind.FLAG:
            if op not in {"=", "!="}:
                raise self.wrong(first, f"A run is {key} or it is not.", f"Such as: {key} = true")
            return self._of_values(first, Source.OWN, known, op, self.truth)
        if op not in _ORDERED | {"IN", "BETWEEN"}:
            raise self.wrong(
                first, f"“{key}” is no text, so {op} does not compare it.", "Use <, <=, =, >=, > or BETWEEN."
            )
        if kind is OwnKind.NUMBER:
            of = self.duration if known == "duration" else self.numeral
            return self._of_values(first, Source.OWN, known, op, of)
        number = self.peek().kind == "word" and NUMBER.fullmatch(self.peek().text)
        is_age = any(self.longest(of, ahead=True) is not None for of in (self.span, moments.seconds))
        if number and op in _ORDERED and key.lower() in IN_MLFLOW and not is_age:
            return Clause("attribute", IN_MLFLOW[key.lower()], op, self.number(self.take("a time")), first.column)
        found = self._of_values(first, Source.OWN, known, op, self.time)
        when = found.values[0] if op == ">" else None
        if isinstance(when, Span) and when.begin <= self._now < when.end:
            # Nothing is later than a day that is not over: whoever asks so means since it began.
            return replace(found, op=">=")
        return found

    def _of_states(self, first: Token, key: str, op: str) -> Comparison:
        """Compare with states, ours and MLflow's; one without quotes that is none is a slip."""
        begun = self._place
        found = self._of_values(first, Source.OWN, key, op, self.text)
        for token in self._tokens[begun : self._place]:
            if token.kind == "word" and Loose(token.text) in found.values and (hint := slips.of_state(token.text)):
                raise self.wrong(token, f"There is no state “{token.text}”.", hint)
        loose = [value.text for value in found.values if isinstance(value, Loose)]
        if len(loose) < len(found.values):
            return found
        return replace(found, key="status", values=tuple(Loose(STATES[text.lower()]) for text in loose))

    def _of_values(self, first: Token, source: Source, key: str, op: str, of: Callable[[], Value]) -> Comparison:
        return Comparison(source, key, op, self.values(op, of), first.column, len(first.text))


def _apart(op: str, values: Sequence[float]) -> list[tuple[str, float]]:
    """Return the comparisons of single values that a comparison stands for."""
    if op == "BETWEEN":
        return [(">=", values[0]), ("<=", values[1])]
    return [("=" if op == "IN" else op, value) for value in values]
