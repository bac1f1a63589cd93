"""Reading MLflow's filters: ``metrics.loss < 0.5 and params.kernel = "rbf"``. What it refuses there is refused here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.errors import InvalidInput

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    |(?P<tick>`[^`]*`)
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<op><=|>=|!=|<>|==|=|<|>)
    |(?P<mark>[(),.])
    |(?P<word>[A-Za-z_][\w\-/]*|[\w\-/]+)""",
    re.VERBOSE,
)
_PREFIXES: Final = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), "param"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("attr", "attribute", "attributes", "run"), "attribute"),
    **dict.fromkeys(("dataset", "datasets"), "dataset"),
}
_ORDERED: Final = frozenset({"=", "!=", ">", ">=", "<", "<="})
_TEXTUAL: Final = frozenset({"=", "!=", "LIKE", "ILIKE"})
_NULL: Final = frozenset({"IS NULL", "IS NOT NULL"})
_LISTS: Final = frozenset({"IN", "NOT IN"})

_NUMBERS_OF: Final = {
    "run": {"start_time", "end_time"},
    "experiment": {"creation_time", "last_update_time"},
    "logged model": {
        "creation_timestamp",
        "creation_time",
        "last_updated_timestamp",
        "last_updated_time",
    },
    "registered model": set[str](),
    "model version": {"version_number", "creation_timestamp", "last_updated_timestamp"},
}
_TEXTS_OF: Final = {
    "run": {"run_id", "run_name", "user_id", "status", "artifact_uri"},
    "experiment": {"name", "experiment_id"},
    "logged model": {"name", "model_id", "model_type", "status", "source_run_id"},
    "registered model": {"name"},
    "model version": {"name", "run_id", "source_path"},
}
_ENTITIES_OF: Final = {
    "run": {"metric", "param", "tag", "attribute", "dataset"},
    "experiment": {"tag", "attribute"},
    "logged model": {"metric", "param", "tag", "attribute"},
    "registered model": {"tag", "attribute"},
    "model version": {"tag", "attribute"},
}
_LISTED: Final = {"run_id", "experiment_id", "name", "model_id"}
_ALIASES: Final = {
    "created": "start_time",
    "created_at": "start_time",
    "run name": "run_name",
    "run-name": "run_name",
    "runname": "run_name",
    "id": "run_id",
}
_DATASET_KEYS: Final = frozenset({"name", "digest", "context"})


class InvalidFilter(InvalidInput):
    """A filter or an order that cannot be read.

    Parameters
    ----------
    column, length : int
        Where, counted from 1, and how many letters it concerns.

    Attributes
    ----------
    words : str
        The message without the column.
    text : str
        What was read, where who raised it knows.
    """

    text = ""

    def __init__(self, message: str, hint: str = "", *, column: int = 0, length: int = 1, details: str = "") -> None:
        super().__init__(f"{message} (column {column})" if column else message, hint, details=details)
        self.words = message
        self.column = column
        self.length = length


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison.

    Parameters
    ----------
    entity : str
        ``metric``, ``param``, ``tag``, ``attribute`` or ``dataset``.
    op : str
        In capitals, such as ``LIKE`` or ``IS NULL``.
    value : str, float, tuple of str or None
        None for ``IS NULL`` and ``IS NOT NULL``.
    """

    entity: str
    key: str
    op: str
    value: str | float | tuple[str, ...] | None
    column: int


@dataclass(frozen=True, slots=True)
class Ordering:
    """What to sort by."""

    entity: str
    key: str
    descending: bool


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def parsed(text: str, of: str = "run", *, typed: bool = False) -> tuple[Clause, ...]:
    """Read a filter; an empty one has no clauses.

    Parameters
    ----------
    of : str
        What is filtered: ``run``, ``experiment``, ``logged model``, ``registered model`` or ``model version``.
    typed : bool
        Whether parameters are compared as numbers, too, which MLflow does not: ``params.C > 0.5``.

    Raises
    ------
    InvalidFilter
        When it is none, with the column.
    """
    reader = _Reader(text, of, typed=typed)
    if reader.is_done():
        return ()
    clauses = [reader.clause()]
    while not reader.is_done():
        word = reader.take("AND")
        if word.text.upper() != "AND":
            raise reader.wrong(word, "Clauses are joined with AND; OR, NOT and parentheses are not understood.")
        clauses.append(reader.clause())
    return tuple(clauses)


def parsed_order(text: str, of: str = "run", *, typed: bool = False) -> Ordering:
    """Read one term of an order, such as ``metrics.loss DESC``; `of` and `typed` as for `parsed`.

    Raises
    ------
    InvalidFilter
        When it is none.
    """
    reader = _Reader(text, of, typed=typed)
    first = reader.peek()
    entity, key = reader.key(first)
    direction = "ASC"
    if not reader.is_done():
        word = reader.take("ASC or DESC")
        direction = word.text.upper()
        if direction not in {"ASC", "DESC"} or not reader.is_done():
            raise reader.wrong(word, "After the key ASC or DESC may stand, nothing else.")
    if entity == "dataset":
        raise reader.wrong(first, "Runs cannot be ordered by data sets.")
    return Ordering(entity, key, direction == "DESC")


class _Reader:
    """Takes a text word by word."""

    def __init__(self, text: str, of: str, *, typed: bool = False) -> None:
        self._of = of
        self._typed = typed
        self._tokens: list[_Token] = []
        self._place = 0
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise InvalidFilter(f"Invalid filter: nothing begins with {text[at]!a}.", column=at + 1)
            if found.lastgroup != "space":
                self._tokens.append(_Token(found.lastgroup, found.group(), at + 1))
            at = found.end()
        self._end = _Token("end", "", len(text) + 1)

    def is_done(self) -> bool:
        return self._place == len(self._tokens)

    def peek(self) -> _Token:
        return self._tokens[self._place] if not self.is_done() else self._end

    def take(self, wanted: str) -> _Token:
        if self.is_done():
            raise InvalidFilter(f"Invalid filter: it ends where {wanted} should stand.", column=self._end.column)
        self._place += 1
        return self._tokens[self._place - 1]

    def wrong(self, token: _Token, hint: str) -> InvalidFilter:
        return InvalidFilter(f"Invalid clause in filter at {token.text[:60]!a}.", hint, column=token.column)

    def clause(self) -> Clause:
        first = self.peek()
        entity, key = self.key(first)
        op = self._op()
        value = self._value(first, entity, key, op)
        return Clause(entity, key, op, value, first.column)

    def key(self, first: _Token) -> tuple[str, str]:
        """Return entity and key: ``metrics.loss``, ``tags.`a b```, or an attribute alone."""
        token = self.take("a key such as metrics.loss")
        if token.kind not in {"word", "text", "tick"}:
            raise self.wrong(token, "A clause begins with a key such as metrics.loss or attributes.status.")
        entity = _PREFIXES.get(token.text.lower()) if token.kind == "word" else None
        if entity is not None and self.peek().text == ".":
            self._place += 1
            key = self._rest_of_key()
        else:
            entity, key = "attribute", _bare(token)
        if entity not in _ENTITIES_OF[self._of]:
            raise self.wrong(first, f"A {self._of} has no {entity}s to search by.")
        if entity == "dataset" and key not in _DATASET_KEYS:
            raise self.wrong(first, f"Data sets are searched by {', '.join(sorted(_DATASET_KEYS))}.")
        return entity, self._attribute(first, key) if entity == "attribute" else key

    def _rest_of_key(self) -> str:
        """Return a key, which may have dots in it: ``tags.mlflow.user``."""
        token = self.take("a name")
        if token.kind in {"text", "tick"}:
            return _bare(token)
        if token.kind not in {"word", "number"}:
            raise self.wrong(token, "After the dot the name stands, in backticks where it has blanks.")
        key, end = token.text, token.column + len(token.text)
        while self.peek().kind in {"word", "number", "mark"} and self.peek().column == end:
            following = self.peek()
            if following.kind == "mark" and following.text != ".":
                break
            self._place += 1
            key, end = key + following.text, following.column + len(following.text)
        return key

    def _attribute(self, first: _Token, key: str) -> str:
        known = _ALIASES.get(key.lower(), key) if self._of == "run" else key
        # Where files are is the tracking server's word, which the language of the table and the terminal has not.
        there = (_NUMBERS_OF[self._of] | _TEXTS_OF[self._of]) - ({"artifact_uri"} if self._typed else set())
        if known not in there:
            names = ", ".join(sorted(there))
            raise self.wrong(first, f"Invalid attribute key '{key}' specified: a {self._of} is searched by {names}.")
        return known

    def _op(self) -> str:
        token = self.take("a comparison")
        word = token.text.upper()
        if token.kind == "op":
            return {"==": "=", "<>": "!="}.get(word, word)
        if word in {"LIKE", "ILIKE", "IN"}:
            return word
        following = self.peek().text.upper()
        if word == "NOT" and following == "IN":
            self._place += 1
            return "NOT IN"
        if word == "IS":
            self._place += 1
            if following == "NOT" and self.peek().text.upper() == "NULL":
                self._place += 1
                return "IS NOT NULL"
            if following == "NULL":
                return "IS NULL"
        raise self.wrong(token, "Comparisons are =, !=, <, <=, >, >=, LIKE, ILIKE, IN, NOT IN, IS NULL, IS NOT NULL.")

    def _value(self, first: _Token, entity: str, key: str, op: str) -> str | float | tuple[str, ...] | None:
        is_number = entity == "metric" or (entity == "attribute" and key in _NUMBERS_OF[self._of])
        allowed = _ORDERED if is_number else _TEXTUAL
        if entity in {"param", "tag"}:
            allowed = allowed | _NULL | (_ORDERED if self._typed and entity == "param" else frozenset())
        if entity == "dataset" or (entity == "attribute" and key in _LISTED):
            allowed = allowed | _LISTS
        if self._of == "logged model" and not is_number:
            allowed = allowed | _LISTS
        if op not in allowed:
            raise self.wrong(first, f"With {key} one of these is understood: {', '.join(sorted(allowed))}.")
        if op in _NULL:
            return None
        if op in _LISTS:
            return self._list()
        token = self.take("a value")
        if is_number:
            if token.kind != "number":
                raise self.wrong(token, "A number is compared with a number, without quotes.")
            return float(token.text)
        if self._typed and entity == "param" and op in _ORDERED and token.kind == "number":
            return float(token.text)
        if token.kind != "text" or (op not in _TEXTUAL and entity != "dataset"):
            raise self.wrong(token, f"Put the value in quotes: '{token.text}'.")
        return _bare(token)

    def _list(self) -> tuple[str, ...]:
        opening = self.take("a list in parentheses")
        found: list[str] = []
        if opening.text != "(":
            raise self.wrong(opening, "A list stands in parentheses: ('a', 'b').")
        while True:
            token = self.take("a value in quotes")
            if token.kind != "text":
                raise self.wrong(token, "The values of a list stand in quotes: ('a', 'b').")
            found.append(_bare(token))
            token = self.take("a comma or )")
            if token.text == ")":
                return tuple(found)
            if token.text != ",":
                raise self.wrong(token, "The values of a list are parted by commas.")


def _bare(token: _Token) -> str:
    return token.text if token.kind in {"word", "number"} else token.text[1:-1]
