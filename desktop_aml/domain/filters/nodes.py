"""What a search over runs is made of once it is read: a tree of comparisons, words, AND, OR and NOT."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop_aml.domain.filters.clauses import Clause


class Source(StrEnum):
    """Where the values come from that are compared. `ANY` is a name alone: an argument, a metric or a tag."""

    ANY = "any"
    PARAMETER = "param"
    ARGUMENT = "argument"
    TAG = "tag"
    LAST = "last"
    BEST = "best"
    LEAST = "min"
    GREATEST = "max"
    FIRST = "first"
    OWN = "own"


class OwnKind(StrEnum):
    """What a value is that every run has."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Loose:
    """A text without quotes: capitals do not matter."""

    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A time as it was written, such as a day: Unix seconds of its begin and its end."""

    begin: float
    end: float


Value = float | str | Loose | Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison beyond MLflow's.

    Parameters
    ----------
    op : str
        ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``~`` (contains), ``LIKE``, ``ILIKE``, ``IN``, ``BETWEEN`` or
        ``IS NOT NULL``.
    values : tuple
        One, for ``BETWEEN`` two, for ``IN`` any number, none for ``IS NOT NULL``.
    column, length : int
        Where its key stands, counted from 1.
    """

    source: Source
    key: str
    op: str
    values: tuple[Value, ...]
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Words:
    """A text that stands somewhere in a run: its name, notes, experiment, script, id, a parameter or a tag."""

    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """Words that stand in texts of a run; `places` are ``log`` and ``source``, `anywhere` as in `Words`, too."""

    places: tuple[str, ...]
    text: str
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; so it is for a run that has no such value."""

    part: Node


Node = Clause | Comparison | Words | Written | AllOf | AnyOf | Not


def own_keys(node: Node | None) -> frozenset[str]:
    """Return the names of what every run has that a search compares, such as ``archived``."""
    if isinstance(node, Comparison):
        return frozenset({node.key} if node.source is Source.OWN else ())
    if isinstance(node, AllOf | AnyOf):
        return frozenset().union(*map(own_keys, node.parts))
    return own_keys(node.part) if isinstance(node, Not) else frozenset()


def asks_texts(node: Node | None) -> bool:
    """Return whether a search asks what stands in logs or source."""
    if isinstance(node, AllOf | AnyOf):
        return any(map(asks_texts, node.parts))
    return asks_texts(node.part) if isinstance(node, Not) else isinstance(node, Written)


def stray_words(node: Node | None) -> tuple[str, ...]:
    """Return the words without quotes that a search looks for beside others, or beside comparisons.

    They may be the rest of a name or of a value that has blanks.
    """
    found = _words(node)
    return found if isinstance(node, AllOf | AnyOf) else ()


def _words(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, AllOf | AnyOf):
        return tuple(word for part in node.parts for word in _words(part))
    return (node.text,) if isinstance(node, Words) and " " not in node.text else ()


@dataclass(frozen=True, slots=True)
class KeyOrdering:
    """What to sort by, beyond MLflow's orders.

    Parameters
    ----------
    column, length : int
        Where the key stands, counted from 1, and how many letters it has.
    """

    source: Source
    key: str
    descending: bool
    column: int
    length: int
