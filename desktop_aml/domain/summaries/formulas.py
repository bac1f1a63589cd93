"""Metrics of one's own: a formula over what runs logged and were given. Read by a grammar of its own, never by Python.

``gap = "val/loss" - "train/loss"``. Numbers, ``+ - * / ^``, brackets, `FUNCTIONS`, and names: of a metric by its last
value, with ``min.``, ``max.`` or ``first.`` before it by another one, with ``param.`` of an argument or parameter.
What is no plain word stands in quotes. Where a run lacks something, the formula has no value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from desktop_aml.domain.errors import InvalidInput

T = TypeVar("T")

LONGEST: Final = 400
_DEEPEST: Final = 40
PARTS: Final = ("last", "min", "max", "first", "param")
FUNCTIONS: Final = MappingProxyType({"min": None, "max": None, "abs": 1, "sqrt": 1, "log": 1, "log10": 1, "exp": 1})
"""Names of functions, and how many values each takes; None for two and more."""

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*(?:\.\w+)*\.?)"
    r"|(?P<quoted>\"[^\"]+\"|'[^']+'|`[^`]+`)"
    r"|(?P<sign>\*\*|[-+*/^(),]))",
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A value of a run: `part` is one of `PARTS`."""

    part: str
    name: str

    def given(self, parameters: Mapping[str, T]) -> T | None:
        """Return what a run was given under this name; ``param.batch_size`` means ``--batch-size``, too."""
        return parameters.get(self.name, parameters.get(self.name.replace("_", "-")))


@dataclass(frozen=True, slots=True)
class Operation:
    """``+``, ``-``, ``*``, ``/``, ``^`` of two, or a function of `FUNCTIONS`."""

    sign: str
    of: tuple[Node, ...]


Node = Number | Name | Operation


@dataclass(frozen=True, slots=True)
class Formula:
    """A metric by a formula.

    Parameters
    ----------
    text : str
        As it was written.
    """

    name: str
    text: str
    node: Node

    def names(self) -> tuple[Name, ...]:
        """Return what it needs of a run."""
        return tuple(dict.fromkeys(_names(self.node)))

    def value(self, lookup: Callable[[Name], float]) -> float:
        """Return its value for a run; NaN where something is missing or there is none, such as by a division by 0."""
        return _value(self.node, lookup)


def read(name: str, text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    InvalidInput
        When it has no name, or cannot be read; the words say where.
    """
    if not name.strip():
        raise InvalidInput("The metric has no name.", "Name it, for example: gap")
    if len(text) > LONGEST:
        raise InvalidInput(f"The formula has {len(text)} letters.", f"{LONGEST} at most can be read.")
    return Formula(name.strip(), text.strip(), _Reader(text).whole())


class _Reader:
    """Reads one text from the left."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str, int]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                rest = text[at:].strip()
                raise InvalidInput(f"“{rest[:12]}” cannot be read.", 'Names such as "val/loss" stand in quotes.')
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind], found.start(kind)))
            at = found.end()
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._sum()
        if self._next < len(self._tokens):
            raise self._wrong()
        return node

    def _peek(self) -> str:
        kind, text, _ = self._tokens[self._next] if self._next < len(self._tokens) else ("", "", 0)
        return text if kind == "sign" else ""

    def _wrong(self) -> InvalidInput:
        if self._next >= len(self._tokens):
            return InvalidInput("The formula ends too early.", 'For example: "val/loss" - "train/loss"')
        text, at = self._tokens[self._next][1:]
        words = f"“{text}” is not expected at letter {at + 1}."
        return InvalidInput(words, "Between two values stands + - * / or ^; names with other signs stand in quotes.")

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._wrong()
        self._next += 1

    def _sum(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InvalidInput("The formula is nested too deep.", f"{_DEEPEST} brackets within each other at most.")
        node = self._product()
        while (sign := self._peek()) in ("+", "-"):
            self._next += 1
            node = Operation(sign, (node, self._product()))
        self._depth -= 1
        return node

    def _product(self) -> Node:
        node = self._signed()
        while (sign := self._peek()) in ("*", "/"):
            self._next += 1
            node = Operation(sign, (node, self._signed()))
        return node

    def _signed(self) -> Node:
        signs = 0
        while self._peek() in ("+", "-"):
            signs += self._peek() == "-"
            self._next += 1
        node = self._power()
        return Operation("-", (Number(0.0), node)) if signs % 2 else node

    def _power(self) -> Node:
        node = self._atom()
        if self._peek() in ("^", "**"):
            self._next += 1
            self._depth += 1
            if self._depth > _DEEPEST:
                raise InvalidInput("The formula is nested too deep.", f"{_DEEPEST} powers within each other at most.")
            node = Operation("^", (node, self._signed()))
            self._depth -= 1
        return node

    def _atom(self) -> Node:
        if self._next >= len(self._tokens):
            raise self._wrong()
        kind, text, _ = self._tokens[self._next]
        if text == "(":
            self._next += 1
            node = self._sum()
            self._take(")")
            return node
        if kind == "sign":
            raise self._wrong()
        self._next += 1
        if kind == "number":
            return Number(float(text))
        if kind == "quoted":
            return Name("last", text[1:-1])
        return self._named(text)

    def _named(self, text: str) -> Node:
        if self._peek() == "(":
            return self._call(text)
        part, dot, name = text.partition(".")
        if not dot or part not in PARTS:
            if text.endswith("."):
                self._next -= 1
                raise self._wrong()
            return Name("last", text)
        if name:
            return Name(part, name)
        if self._next < len(self._tokens) and self._tokens[self._next][0] == "quoted":
            self._next += 1
            return Name(part, self._tokens[self._next - 1][1][1:-1])
        raise self._wrong()

    def _call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            words = f"There is no function “{function}”."
            raise InvalidInput(words, f"There are {', '.join(FUNCTIONS)}.")
        self._take("(")
        values = [self._sum()]
        while self._peek() == ",":
            self._next += 1
            values.append(self._sum())
        self._take(")")
        wanted = FUNCTIONS[function]
        if (wanted is None and len(values) < 2) or (wanted is not None and len(values) != wanted):
            how_many = "two values or more" if wanted is None else "one value"
            raise InvalidInput(f"{function}() takes {how_many}, and was given {len(values)}.", "")
        return Operation(function, tuple(values))


def _names(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    elif isinstance(node, Operation):
        for one in node.of:
            yield from _names(one)


def _value(node: Node, lookup: Callable[[Name], float]) -> float:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        return lookup(node)
    values = [_value(one, lookup) for one in node.of]
    if any(math.isnan(value) for value in values):
        return math.nan
    try:
        found = _OPERATIONS[node.sign](*values)
    except (ArithmeticError, ValueError):
        return math.nan
    # A root of what is below 0 would be a complex number.
    return float(found) if isinstance(found, (int, float)) else math.nan


_OPERATIONS: Final[MappingProxyType[str, Callable[..., float]]] = MappingProxyType(
    {
        "+": lambda one, other: one + other,
        "-": lambda one, other: one - other,
        "*": lambda one, other: one * other,
        "/": lambda one, other: one / other,
        "^": lambda one, other: one**other,
        "min": min,
        "max": max,
        "abs": abs,
        "sqrt": math.sqrt,
        "log": math.log,
        "log10": math.log10,
        "exp": math.exp,
    }
)
