"""Read YAML that may be hostile into a small tree that knows its lines.

The limits are checked while the parser's events stream by, before anything is composed, so that a bomb costs
nothing. This module knows nothing of conda and never constructs an object from a tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from desktop_aml.domain.errors import InvalidSpec

MAX_SIZE_BYTES = 128 * 1024
"""A specification is a page of text. The parser needs about half a second for this much of the worst input."""
MAX_LINE = 4096
MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_NODES = 10_000
# The scanner compares each bracket with all open ones: 5,000 of them take 18 s before the first event.
MAX_OPEN_BRACKETS = 64

_PLAIN_TAGS = frozenset({None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map", "int", "float"))})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or a number, as it is written."""

    text: str
    line: int
    column: int
    quoted: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written here (YAML's null)."""
        return not self.quoted and self.text in {"", "~", "null"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the text."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


Node = Scalar | Sequence | Mapping


def read(text: str) -> Node:
    """Return the one document in `text`.

    Raises
    ------
    InvalidSpec
        With line and column, when the text is not YAML, is larger or deeper than a specification can be, or carries
        tags.
    """
    check_size(text)
    _check_shape(text)
    try:
        return _Composer(YAML(typ="safe", pure=True).parse(text)).document()
    except ReaderError as error:
        before = text[: error.position]
        line = before.count("\n") + 1
        raise InvalidSpec(
            f"Line {line} holds a character that YAML does not allow: U+{ord(text[error.position]):04X}.",
            "Remove it; it is often pasted in by accident.",
            line=line,
            column=error.position - (before.rfind("\n") + 1) + 1,
        ) from None
    except MarkedYAMLError as error:
        raise _syntax_error(error, text) from None
    except (YAMLError, ValueError) as error:
        raise InvalidSpec(f"The text is not YAML: {str(error).splitlines()[0]}.", line=1) from None


def check_size(text: str, most: int = MAX_SIZE_BYTES) -> None:
    """Refuse a text that is too large to be a specification.

    Raises
    ------
    InvalidSpec
        When it is longer than `most` or has a line longer than `MAX_LINE` characters.
    """
    if len(text) > most:
        raise InvalidSpec(
            f"The text is too large for an environment: {len(text):,} characters, at most {most:,} are read.",
            "Check that this is the right file.",
            line=1,
        )
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise InvalidSpec(
                f"Line {number} is too long for an environment: {len(line):,} characters.",
                "Check that this is the right file.",
                line=number,
            )


def _check_shape(text: str) -> None:
    open_brackets = 0
    line = 1
    for character in text:
        if character == "\n":
            line += 1
        elif character in "[{":
            open_brackets += 1
            if open_brackets > MAX_OPEN_BRACKETS:
                raise InvalidSpec(f"Line {line}: brackets are nested too deeply for an environment.", line=line)
        elif character in "]}":
            open_brackets = max(0, open_brackets - 1)


def _syntax_error(error: MarkedYAMLError, text: str) -> InvalidSpec:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = str(error.problem or error.context or "not YAML").strip()
    hint = "Check the indentation and the dashes of this line and of the one above."
    lines = text.split("\n")
    if line <= len(lines) and "\t" in lines[line - 1]:
        hint = "YAML does not allow tabs for indentation: use spaces."
    return InvalidSpec(f"Line {line} is not valid YAML: {problem}.", hint, line=line, column=column)


@dataclass(slots=True)
class _Composer:
    """Builds the tree from parser events, counting as it goes. Recursion is bounded by `MAX_DEPTH`."""

    events: Iterator[Any]
    anchors: dict[str, Node] = field(default_factory=dict)
    nodes: int = 0
    aliases: int = 0

    def document(self) -> Node:
        """Return the first document and make sure that it is the only one."""
        root: Node = Scalar("", 1, 1)
        documents = 0
        for event in self.events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    raise InvalidSpec(f"Line {line} starts a second YAML document.", "Keep one.", line=line, column=1)
                root = self._node(next(self.events), 0)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise InvalidSpec(f"Line {line}: more than {MAX_NODES:,} entries.", line=line, column=column)
        if depth > MAX_DEPTH:
            raise InvalidSpec(f"Line {line}: nested deeper than {MAX_DEPTH} levels.", line=line, column=column)
        if type(event).__name__ == "AliasEvent":
            return self._alias(event, line, column)
        if event.tag not in _PLAIN_TAGS:
            raise InvalidSpec(
                f"Line {line} carries the YAML tag {str(event.tag)[:80]!r}, which an environment cannot have.",
                "Write the value without a tag.",
                line=line,
                column=column,
            )
        node = self._content(event, depth, line, column)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _content(self, event: Any, depth: int, line: int, column: int) -> Node:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            return Scalar(event.value, line, column, quoted=event.style in ("'", '"'))
        if kind == "SequenceStartEvent":
            items = []
            while type(following := next(self.events)).__name__ != "SequenceEndEvent":
                items.append(self._node(following, depth + 1))
            return Sequence(tuple(items), line, column)
        entries: dict[str, tuple[Scalar, Node]] = {}
        while type(following := next(self.events)).__name__ != "MappingEndEvent":
            key = self._node(following, depth + 1)
            if not isinstance(key, Scalar):
                raise InvalidSpec(f"Line {key.line}: a key must be a word.", line=key.line, column=key.column)
            if key.text in entries:
                raise InvalidSpec(
                    f"Line {key.line}: {key.text[:80]!r} is there twice.", line=key.line, column=key.column
                )
            entries[key.text] = (key, self._node(next(self.events), depth + 1))
        return Mapping(tuple(entries.values()), line, column)

    def _alias(self, event: Any, line: int, column: int) -> Node:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise InvalidSpec(f"Line {line}: more than {MAX_ALIASES} aliases.", line=line, column=column)
        if event.anchor not in self.anchors:
            raise InvalidSpec(f"Line {line}: *{str(event.anchor)[:80]} names nothing above.", line=line, column=column)
        return self.anchors[event.anchor]
