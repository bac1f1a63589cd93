"""One call of ``add_argument``, read as the argument that it declares."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from desktop_aml.domain.scripts.argument_types import Kind, kind_of
from desktop_aml.domain.scripts.arguments import Action, ArgumentType, Scalar, ScriptArgument, Value
from desktop_aml.domain.scripts.other_parsers import has_other_defaults
from desktop_aml.domain.scripts.own_types import Refused
from desktop_aml.domain.scripts.static_values import NotPlain, PlainValues, dotted_name

_SUPPRESS: Final = "argparse.SUPPRESS"
_NUMBERS: Final = {
    "argparse.OPTIONAL": "?",
    "argparse.ZERO_OR_MORE": "*",
    "argparse.ONE_OR_MORE": "+",
    "argparse.REMAINDER": "...",
}
_MAX_CHOICES: Final = 1000
_ACTIONS: Final = {
    "store": Action.STORE,
    "append": Action.APPEND,
    "extend": Action.EXTEND,
    "count": Action.COUNT,
    "store_true": Action.SWITCH,
    "store_false": Action.SWITCH,
    "store_const": Action.SWITCH,
    "append_const": Action.SWITCH,
}


class UnclearArgument(Exception):
    """The call declares an argument that cannot be told from the text."""


@dataclass(frozen=True, slots=True)
class ParserWays:
    """What the parser says about all its arguments.

    Parameters
    ----------
    prefixes : str
        Characters that begin a flag.
    file_prefixes : str
        Characters that begin the name of a file with words.
    default : ast.expr or None
        The default of arguments that name none.
    """

    prefixes: str = "-"
    file_prefixes: str = ""
    default: ast.expr | None = None


def argument_from_call(
    call: ast.Call,
    values: PlainValues,
    functions: Mapping[str, ast.FunctionDef],
    ways: ParserWays = ParserWays(),
) -> ScriptArgument | None:
    """Return the argument that `call` declares, or None when it declares nothing for a form (help, version, hidden).

    Parameters
    ----------
    functions : mapping of str to ast.FunctionDef
        The script's own functions, which may serve as ``type=``.
    ways : ParserWays
        What the parser says about all its arguments.

    Raises
    ------
    UnclearArgument
        When its name or its nature is worked out only when the script runs.
    """
    flags, dest = _names(call, values, ways.prefixes)
    given, is_whole = _keywords(call, values)
    if _names_constant(given.get("help"), _SUPPRESS, values):
        return None
    action = _action(given.get("action"), values)
    if action is None:
        return None
    if action is Action.YES_NO and not any(flag.startswith("--") for flag in flags):
        action = Action.SWITCH
    kind = Kind(ArgumentType.BOOLEAN) if action is Action.SWITCH else kind_of(given.get("type"), values, functions)
    nargs = _nargs(given.get("nargs"), values)
    if action is Action.APPEND and nargs is not None:
        raise UnclearArgument(f"{(flags or (dest,))[0]} takes several words several times. Type it as extra text.")
    choices = _choices(given.get("choices"), values)
    if kind.is_own and not all(kind.keeps(choice) for choice in choices):
        choices = ()
    written = given.get("default") or ways.default
    default, known, default_text = _default(written, action, values)
    default, known = _converted(default, known and (is_whole or written is not None), kind)
    if _reads_otherwise(written, default, kind, nargs, action):
        known, default_text = False, ast.unparse(written) if written is not None else ""
    if has_other_defaults(values.imports) and action not in (Action.SWITCH, Action.COUNT):
        known = False
    dest = _optional(given.get("dest"), values) or dest
    required = _optional(given.get("required"), values) == "True" or (not flags and nargs not in ("?", "*", "..."))
    return ScriptArgument(
        flags=flags,
        dest=dest,
        type=kind.type,
        action=action,
        choices=choices,
        default=default if known else None,
        default_known=known,
        default_text=default_text,
        required=required,
        help=_help(_optional(given.get("help"), values), default_text, dest),
        nargs=nargs,
        metavar=_optional(given.get("metavar"), values),
        spelling=kind.spelling,
        is_own_type=kind.is_own,
        prefixes=ways.prefixes,
        file_prefixes=ways.file_prefixes,
        line=call.lineno,
    )


def _reads_otherwise(written: ast.expr | None, default: Value, kind: Kind, nargs: object, action: Action) -> bool:
    """Whether the default cannot be shown as words that would give it: a list where one word is taken, and the like."""
    if written is None or default is None or isinstance(default, str):
        return False
    if isinstance(default, tuple) and nargs in (None, "?") and action not in (Action.APPEND, Action.EXTEND):
        return True
    items = default if isinstance(default, tuple) else (default,)
    return kind.is_own and not all(kind.keeps(item) for item in items)


def _names(call: ast.Call, values: PlainValues, prefixes: str) -> tuple[tuple[str, ...], str]:
    names: list[str] = []
    for node in call.args:
        try:
            found = values.of(node.value if isinstance(node, ast.Starred) else node)
        except NotPlain:
            raise UnclearArgument(f"the name {ast.unparse(node)} is known only when the script runs.") from None
        names += [str(n) for n in found] if isinstance(found, list | tuple) else [str(found)]
    if not names:
        dest = next((_optional(k.value, values) for k in call.keywords if k.arg == "dest"), "")
        if not dest:
            raise UnclearArgument("an argument without a name.")
        return (), dest
    if not names[0] or names[0][0] not in prefixes:
        return (), names[0]
    first_long = next((n for n in names if len(n) > 1 and n[1] in prefixes), names[0])
    return tuple(names), first_long.lstrip(prefixes).replace("-", "_")


def _keywords(call: ast.Call, values: PlainValues) -> tuple[dict[str, ast.expr], bool]:
    """Return the words of a call by name, and whether these are all."""
    found: dict[str, ast.expr] = {}
    is_whole = True
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = keyword.value
            continue
        try:
            found |= values.spread(keyword.value)
        except NotPlain:
            is_whole = False
    return found, is_whole


def _optional(node: ast.expr | None, values: PlainValues) -> str:
    if node is None:
        return ""
    try:
        value = values.of(node)
    except NotPlain:
        return ""
    return "" if value is None else " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _names_constant(node: ast.expr | None, name: str, values: PlainValues) -> bool:
    if node is None:
        return False
    return dotted_name(node, values.imports) == name or _optional(node, values) == "==SUPPRESS=="


def _action(node: ast.expr | None, values: PlainValues) -> Action | None:
    if node is None:
        return Action.STORE
    name = _optional(node, values)
    if name in ("help", "version"):
        return None
    if name:
        return _ACTIONS.get(name, Action.STORE)
    ends = dotted_name(node, values.imports)
    return Action.YES_NO if ends == "argparse.BooleanOptionalAction" else Action.STORE


def _nargs(node: ast.expr | None, values: PlainValues) -> int | str | None:
    if node is None:
        return None
    name = dotted_name(node, values.imports)
    if name in _NUMBERS:
        return _NUMBERS[name]
    try:
        value = values.of(node)
    except NotPlain:
        raise UnclearArgument("how many words it takes is known only when the script runs.") from None
    if isinstance(value, int) and value > 0:
        return value
    if value is None or (isinstance(value, str) and value in ("?", "*", "+", "...")):
        return value
    raise UnclearArgument(f"it takes its words in a way that a form does not know ({value}).")


def _choices(node: ast.expr | None, values: PlainValues) -> tuple[Scalar, ...]:
    if node is None:
        return ()
    try:
        found = values.of(node)
    except NotPlain:
        return ()
    items = list(found) if isinstance(found, list | tuple | dict | str | set | frozenset) else []
    if len(items) > _MAX_CHOICES:
        return ()
    return tuple(item for item in items if isinstance(item, int | float | str))


def _default(node: ast.expr | None, action: Action, values: PlainValues) -> tuple[Value, bool, str]:
    if node is None:
        return (False, True, "") if action is Action.SWITCH else (None, True, "")
    if _names_constant(node, _SUPPRESS, values):
        return None, True, ""
    try:
        found: Any = values.of(node)
    except NotPlain:
        return None, False, ast.unparse(node)
    if isinstance(found, list | set | frozenset):
        found = tuple(found)
    items = found if isinstance(found, tuple) else (found,)
    if found is not None and not all(isinstance(item, int | float | str) for item in items):
        return None, False, ast.unparse(node)
    text = "" if found is None else " ".join(map(str, items))
    return found, True, text


def _converted(default: Value, known: bool, kind: Kind) -> tuple[Value, bool]:
    """Apply what argparse does to a default that is written as text: it goes through ``type=`` as a word would."""
    if not isinstance(default, str):
        return default, known
    try:
        found = kind.convert(default)
    except (ValueError, NotPlain, Refused):
        # What it becomes is not known, but the word itself is.
        return (default, known) if kind.type is ArgumentType.TEXT else (None, False)
    return (found, known) if isinstance(found, int | float | str) else (default, known)


def _help(text: str, default_text: str, dest: str) -> str:
    known = {"default": default_text or "None", "dest": dest}

    def fill(found: re.Match[str]) -> str:
        return "%" if found[0] == "%%" else known.get(found[1], found[1])

    return " ".join(re.sub(r"%\((\w+)\)[#0\- +]?[\d.]*[a-z]|%%", fill, text).split())
