"""What ``type=`` of an argument says about its words."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from desktop_aml.domain.scripts.arguments import ArgumentType
from desktop_aml.domain.scripts.other_parsers import YAML, reads_yaml
from desktop_aml.domain.scripts.own_types import Convert, OwnFunction, Refused, converter, is_whole_number, spelling_of
from desktop_aml.domain.scripts.spelling import ANY_WORD, PLAIN, Spelling
from desktop_aml.domain.scripts.static_values import TRUTH_FUNCTIONS, NotPlain, PlainValues, dotted_name

_PLAIN_TYPES: Final = {
    "str": ArgumentType.TEXT,
    "int": ArgumentType.INTEGER,
    "float": ArgumentType.NUMBER,
    "numpy.str": ArgumentType.TEXT,
    "numpy.str_": ArgumentType.TEXT,
    "numpy.int": ArgumentType.INTEGER,
    "numpy.float": ArgumentType.NUMBER,
}
_ANY_WORD_TYPES: Final = ("bool", "numpy.bool", "numpy.bool_")
_FILES: Final = ("open", "argparse.FileType")


@dataclass(frozen=True, slots=True)
class Kind:
    """How the words of an argument are read.

    Parameters
    ----------
    is_own : bool
        What the script makes of a word is not what the form shows: a word that was typed is always said.
    conversion : callable or None
        Works out what the script's own function makes of a word.
    """

    type: ArgumentType = ArgumentType.TEXT
    spelling: Spelling = PLAIN
    is_own: bool = False
    conversion: Convert | None = None

    def convert(self, word: str) -> object:
        """Return what the script makes of `word`.

        Raises
        ------
        ValueError, Refused
            When it would refuse it.
        NotPlain
            When that cannot be told.
        """
        if self.type is ArgumentType.BOOLEAN:
            return self.spelling.value_of(word)
        if self.conversion is not None:
            return self.conversion(word)
        if self.type is ArgumentType.INTEGER:
            return int(word)
        if self.type is ArgumentType.NUMBER:
            return float(word)
        if self.is_own:
            raise NotPlain
        return word

    def keeps(self, choice: object) -> bool:
        """Whether the word that is written like `choice` becomes it."""
        if self.type is ArgumentType.BOOLEAN:
            return isinstance(choice, bool)
        try:
            found = self.convert(str(choice))
        except (ValueError, Refused, NotPlain):
            return False
        return found == choice and type(found) is type(choice)


def kind_of(node: ast.expr | None, values: PlainValues, functions: Mapping[str, ast.FunctionDef]) -> Kind:
    """Return how the words of an argument with ``type=node`` are read."""
    if node is None:
        return Kind()
    if isinstance(node, ast.Constant) and node.value is None:
        return Kind()
    name = dotted_name(node.func if isinstance(node, ast.Call) else node, values.imports)
    own = node if isinstance(node, ast.Lambda) else functions.get(name)
    if own is None and not isinstance(node, ast.Call):
        if name in _ANY_WORD_TYPES:
            return Kind(ArgumentType.BOOLEAN, YAML if reads_yaml(values.imports) else ANY_WORD)
        if name in _PLAIN_TYPES:
            return Kind(_PLAIN_TYPES[name])
        if name in TRUTH_FUNCTIONS:
            own = _calling(node)
        elif name.startswith("str."):
            return Kind(is_own=True, conversion=converter(_method(name), values))
    if own is not None:
        return _own_kind(own, values, name)
    is_file = name in _FILES or name.startswith(("pathlib.", "os.path."))
    last = name.rpartition(".")[2].lower()
    if name.startswith("numpy."):
        if last.startswith(("int", "uint")):
            return Kind(ArgumentType.INTEGER, is_own=True)
        if last.startswith("float"):
            return Kind(ArgumentType.NUMBER, is_own=True)
    is_file = is_file or "path" in last or "file" in last
    return Kind(ArgumentType.PATH if is_file else ArgumentType.TEXT, is_own=True)


def _own_kind(function: OwnFunction, values: PlainValues, name: str) -> Kind:
    convert = converter(function, values)
    spelling = spelling_of(convert)
    if spelling is not None:
        return Kind(ArgumentType.BOOLEAN, spelling, is_own=True, conversion=convert)
    if is_whole_number(convert):
        return Kind(ArgumentType.INTEGER, is_own=True, conversion=convert)
    is_file = "path" in name.lower() or "file" in name.lower()
    return Kind(ArgumentType.PATH if is_file else ArgumentType.TEXT, is_own=True, conversion=convert)


def _calling(node: ast.expr) -> ast.Lambda:
    """Return a function of one word that calls the function `node`."""
    made = ast.parse(f"lambda word: {ast.unparse(node)}(word)", mode="eval").body
    assert isinstance(made, ast.Lambda)
    return made


def _method(name: str) -> ast.Lambda:
    """Return a function of one word that calls the method of text `name`, such as ``str.upper``."""
    made = ast.parse(f"lambda word: word.{name.removeprefix('str.')}()", mode="eval").body
    assert isinstance(made, ast.Lambda)
    return made
