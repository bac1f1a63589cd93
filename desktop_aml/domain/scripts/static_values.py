"""The value of an expression that is plain from the source text alone.

Nothing is executed: only literals, names bound to literals, arithmetic within bounds, and a few harmless functions
are worked out. Everything else is `NotPlain`.
"""

from __future__ import annotations

import ast
import math
import operator
import posixpath
from collections.abc import Callable, Mapping
from typing import Final

_MAX_SIZE: Final = 10_000
_MAX_NUMBER: Final = 10**30
_MAX_TEXT_BASE: Final = 200

_BINARY: Final[dict[type[ast.operator], Callable[..., object]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
}
_UNARY: Final[dict[type[ast.unaryop], Callable[..., object]]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[..., object]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_TYPES: Final[dict[str, type]] = {"str": str, "bool": bool, "int": int, "float": float, "list": list}
_CONSTANTS: Final = {
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
    "numpy.pi": math.pi,
    "numpy.inf": math.inf,
    "os.sep": "/",
    "os.path.sep": "/",
    "os.curdir": ".",
    "os.pardir": "..",
}
_FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "sorted": sorted,
    "dict": dict,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "len": len,
    "min": min,
    "max": max,
    "round": round,
    "abs": abs,
    "os.path.join": posixpath.join,
    "os.path.normpath": posixpath.normpath,
    "pathlib.Path": posixpath.join,
    "pathlib.PurePath": posixpath.join,
    "pathlib.PosixPath": posixpath.join,
    "os.fspath": str,
}
_METHODS: Final = frozenset(
    [
        "casefold",
        "capitalize",
        "title",
        "startswith",
        "endswith",
        "isdigit",
        "isnumeric",
        "keys",
        "values",
        "items",
        "get",
        "copy",
        "split",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "join",
        "removeprefix",
        "removesuffix",
    ]
)


def _truth(word: str) -> int:
    """Return what ``distutils.util.strtobool`` returns."""
    if word.lower() in ("y", "yes", "t", "true", "on", "1"):
        return 1
    if word.lower() in ("n", "no", "f", "false", "off", "0"):
        return 0
    raise ValueError(f"invalid truth value {word!r}")


TRUTH_FUNCTIONS: Final[dict[str, Callable[[str], int]]] = {
    "distutils.util.strtobool": _truth,
    "setuptools._distutils.util.strtobool": _truth,
}


class NotPlain(Exception):
    """The value cannot be told from the source text alone."""


def dotted_name(node: ast.expr, imports: Mapping[str, str]) -> str:
    """Return the full dotted name that `node` spells, with import aliases resolved; empty when it is no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(imports.get(node.id, node.id))
    return ".".join(reversed(parts))


class PlainValues:
    """Works out expressions against names whose values are known.

    Parameters
    ----------
    imports : mapping of str to str
        What an imported name stands for: ``{"np": "numpy", "AP": "argparse.ArgumentParser"}``.
    """

    def __init__(self, imports: Mapping[str, str]) -> None:
        self.imports = imports
        self.scopes: list[dict[str, object]] = [{}]
        self._spreads: dict[str, dict[str, ast.expr]] = {}

    def remember(self, name: str, node: ast.expr) -> None:
        """Let the scope know `name` for the value of `node`; for words of a call where that is not plain."""
        try:
            self.scopes[-1][name] = self.of(node)
        except NotPlain:
            self.scopes[-1][name] = NotPlain
        try:
            self._spreads[name] = self.spread(node)
        except NotPlain:
            self._spreads.pop(name, None)

    def spread(self, node: ast.expr) -> dict[str, ast.expr]:
        """Return the words that ``**node`` gives a call, each with its text.

        Raises
        ------
        NotPlain
            When they cannot be told from the text.
        """
        match node:
            case ast.Dict(keys=keys, values=values):
                found: dict[str, ast.expr] = {}
                for key, value in zip(keys, values, strict=True):
                    found |= self.spread(value) if key is None else {str(self.of(key)): value}
                return found
            case ast.Call(func=ast.Name(id="dict"), args=args, keywords=keywords) if len(args) < 2:
                found = self.spread(args[0]) if args else {}
                for keyword in keywords:
                    found |= self.spread(keyword.value) if keyword.arg is None else {keyword.arg: keyword.value}
                return found
            case ast.Name(id=name) if name in self._spreads:
                return dict(self._spreads[name])
        plain = self.of(node)
        if not isinstance(plain, dict):
            raise NotPlain
        return {str(key): ast.parse(repr(one), mode="eval").body for key, one in plain.items()}

    def of(self, node: ast.expr) -> object:
        """Return the value of `node`.

        Raises
        ------
        NotPlain
            When it cannot be told from the text, or is too large to be meant seriously.
        """
        try:
            value = self._value(node)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
            raise NotPlain from error
        if _weight(value, _MAX_SIZE) > _MAX_SIZE:
            raise NotPlain
        return value

    def now(self, node: ast.expr) -> ast.expr:
        """Return the text of the value that `node` has at this place; `node` itself where that cannot be told."""
        try:
            return ast.parse(repr(self.of(node)), mode="eval").body
        except (NotPlain, SyntaxError):
            return node

    def _value(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Tuple(elts=items):
                return tuple(self.of(item) for item in items)
            case ast.List(elts=items):
                return [self.of(item) for item in items]
            case ast.Set(elts=items):
                return sorted({self.of(item) for item in items}, key=str)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return {self.of(key): self.of(value) for key, value in pairs if key is not None}
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return _UNARY[type(op)](self.of(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _arithmetic(op, self.of(left), self.of(right), self._is_path(left))
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared(left, ops, others)
            case ast.BoolOp(op=op, values=parts):
                found: object = None
                for part in parts:
                    found = self.of(part)
                    if bool(found) is isinstance(op, ast.Or):
                        break
                return found
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.of(body) if self.of(test) else self.of(other)
            case ast.JoinedStr(values=parts):
                return "".join(self._part(part) for part in parts)
            case ast.Subscript(value=base, slice=index):
                return self._item(base, index)
            case ast.Call():
                return self._call(node)
        raise NotPlain

    def _compared(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> bool:
        before = self.of(left)
        for op, other in zip(ops, others, strict=True):
            after = self.of(other)
            if not _COMPARISONS[type(op)](before, after):
                return False
            before = after
        return True

    def _named(self, name: str) -> object:
        for scope in reversed(self.scopes):
            if name in scope:
                value = scope[name]
                if value is NotPlain:
                    break
                return value
        raise NotPlain

    def _attribute(self, node: ast.Attribute) -> object:
        name = dotted_name(node, self.imports)
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        return self._named(name)

    def _part(self, part: ast.expr) -> str:
        if isinstance(part, ast.FormattedValue):
            if part.format_spec is not None or part.conversion != -1:
                raise NotPlain
            return str(self.of(part.value))
        return str(self.of(part))

    def _item(self, base: ast.expr, index: ast.expr) -> object:
        container = self.of(base)
        if isinstance(container, dict | list | tuple | str) and not isinstance(index, ast.Slice):
            return container[self.of(index)]  # type: ignore[index, call-overload]
        raise NotPlain

    def _is_path(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp):
            return self._is_path(node.left)
        return isinstance(node, ast.Call) and dotted_name(node.func, self.imports).startswith("pathlib.")

    def _call(self, node: ast.Call) -> object:
        if isinstance(node.func, ast.Name) and node.func.id == "isinstance" and len(node.args) == 2:
            return isinstance(self.of(node.args[0]), self._types(node.args[1]))
        arguments = [self.of(argument) for argument in node.args]
        keywords = {str(keyword.arg): self.of(keyword.value) for keyword in node.keywords if keyword.arg}
        name = dotted_name(node.func, self.imports)
        if name == "range":
            return list(_short_range(arguments))
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](*arguments, **keywords)
        if name in TRUTH_FUNCTIONS:
            return TRUTH_FUNCTIONS[name](str(arguments[0]))
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            base = self.of(node.func.value)
            if isinstance(base, dict) or (isinstance(base, str) and len(base) <= _MAX_TEXT_BASE):
                result = getattr(base, node.func.attr)(*arguments, **keywords)
                return list(result) if node.func.attr in ("keys", "values", "items") else result
        raise NotPlain

    def _types(self, node: ast.expr) -> tuple[type, ...]:
        names = [dotted_name(n, self.imports) for n in (node.elts if isinstance(node, ast.Tuple) else [node])]
        if not all(name in _TYPES for name in names):
            raise NotPlain
        return tuple(_TYPES[name] for name in names)


def _weight(value: object, limit: int) -> int:
    """Count the characters and items in `value`, and stop counting past `limit`: shared parts count each time."""
    if isinstance(value, str):
        return len(value)
    items = [*value, *value.values()] if isinstance(value, dict) else value
    if not isinstance(items, list | tuple | set | frozenset):
        return 1
    total = len(items)
    for item in items:
        if total > limit:
            break
        total += _weight(item, limit - total)
    return total


def _short_range(arguments: list[object]) -> range:
    numbers = range(*arguments)  # type: ignore[call-overload]
    if len(numbers) > _MAX_SIZE:
        raise NotPlain
    return numbers  # type: ignore[no-any-return]


def _arithmetic(op: ast.operator, left: object, right: object, is_path: bool) -> object:
    if isinstance(op, ast.Div) and is_path:
        return posixpath.join(str(left), str(right))
    if isinstance(op, ast.Mod) and isinstance(left, str):
        raise NotPlain  # a width in a format, such as %999999999d, costs memory
    for side in (left, right):
        if isinstance(side, int) and abs(side) > _MAX_NUMBER:
            raise NotPlain
    if isinstance(op, ast.Pow) and isinstance(right, int | float) and abs(right) > 64:
        raise NotPlain
    if isinstance(op, ast.Mult) and not (isinstance(left, int | float) and isinstance(right, int | float)):
        size = len(left if not isinstance(left, int) else right)  # type: ignore[arg-type]
        count = left if isinstance(left, int) else right
        if not isinstance(count, int) or size * max(count, 1) > _MAX_SIZE:
            raise NotPlain
    return _BINARY[type(op)](left, right)
