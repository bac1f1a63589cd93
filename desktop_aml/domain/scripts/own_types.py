"""What a script's own ``type=`` function makes of a word, worked out from its text.

Only plain functions are followed: comparisons, conditions, methods of text. Nothing of a script is executed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from desktop_aml.domain.scripts.spelling import Spelling
from desktop_aml.domain.scripts.static_values import NotPlain, PlainValues

OwnFunction = ast.FunctionDef | ast.Lambda
Convert = Callable[[str], object]
"""Returns what a word becomes; raises `Refused`, or `NotPlain` when it cannot be told."""

_TRUE: Final = ("True", "true", "yes", "1", "on", "y", "t", "TRUE", "Yes", "YES", "On", "ON", "Y", "T")
_FALSE: Final = ("False", "false", "no", "0", "off", "n", "f", "FALSE", "No", "NO", "Off", "OFF", "N", "F")
_NUMBERS: Final = ("7", "12", "1000000", "0", "-3")
_NO_NUMBERS: Final = ("5k", "auto", "none", "1,2", "")
_MAX_STATEMENTS: Final = 100


class Refused(Exception):
    """The function takes no such word."""


def converter(function: OwnFunction, values: PlainValues) -> Convert:
    """Return what works out `function` for a word."""

    def convert(word: str) -> object:
        return _Call(values).of(function, word)

    return convert


def spelling_of(convert: Convert) -> Spelling | None:
    """Return how true and false are spelled for a function of truth values; None when it is none, or cannot be told."""
    said: dict[bool, list[str]] = {True: [], False: []}
    try:
        for word in (*_TRUE, *_FALSE, *_NUMBERS):
            try:
                found = convert(word)
            except Refused:
                continue
            if not isinstance(found, bool) and found not in (0, 1):
                return None
            said[bool(found)].append(word)
    except NotPlain:
        return None
    # A word against its own sense is taken, too, but is not the one to say.
    true = sorted(said[True], key=lambda word: word not in _TRUE)
    false = sorted(said[False], key=lambda word: word not in _FALSE)
    has_sense = bool(true) and bool(false) and true[0] in _TRUE and false[0] in _FALSE
    return Spelling(tuple(true), tuple(false)) if has_sense else None


def is_whole_number(convert: Convert) -> bool:
    """Whether the function takes whole numbers as they are written, and nothing else."""
    taken = 0
    try:
        for word in _NUMBERS:
            try:
                found = convert(word)
            except Refused:
                continue
            if type(found) is not int or found != int(word):
                return False
            taken += 1
        return taken > 0 and all(_refuses(convert, word) for word in _NO_NUMBERS)
    except NotPlain:
        return False


def _refuses(convert: Convert, word: str) -> bool:
    try:
        convert(word)
    except Refused:
        return True
    return False


class _Returned(Exception):
    def __init__(self, value: object) -> None:
        self.value = value


class _Call:
    """One call of a function with one word."""

    def __init__(self, values: PlainValues) -> None:
        self._values = values
        self._left = _MAX_STATEMENTS

    def of(self, function: OwnFunction, word: str) -> object:
        parameters = [*function.args.posonlyargs, *function.args.args]
        if not parameters or len(parameters) - len(function.args.defaults) > 1:
            raise NotPlain
        rest = parameters[1:]
        defaults = function.args.defaults[-len(rest) :] if rest else []
        scope: dict[str, object] = {p.arg: self._values.of(d) for p, d in zip(rest, defaults, strict=True)}
        self._values.scopes.append(scope | {parameters[0].arg: word})
        try:
            if isinstance(function, ast.Lambda):
                return self._value(function.body)
            self._run(function.body)
        except _Returned as returned:
            return returned.value
        finally:
            self._values.scopes.pop()
        return None

    def _value(self, node: ast.expr) -> object:
        try:
            return self._values.of(node)
        except NotPlain as error:
            if isinstance(error.__cause__, ValueError | TypeError | LookupError | AttributeError):
                raise Refused from error
            raise

    def _run(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._left -= 1
            if self._left < 0:
                raise NotPlain
            self._step(statement)

    def _step(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Return(value=value):
                raise _Returned(None if value is None else self._value(value))
            case ast.If(test=test, body=body, orelse=other):
                self._run(body if self._value(test) else other)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._values.scopes[-1][name] = self._value(value)
            case ast.Raise():
                raise Refused
            case ast.Try(body=body, handlers=[handler, *_], orelse=other, finalbody=[]):
                try:
                    self._run(body)
                except Refused:
                    self._run(handler.body)
                else:
                    self._run(other)
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise NotPlain
