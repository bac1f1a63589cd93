"""One call of ``add_argument``, read as the argument that it declares."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

from desktop_aml.domain.script_arguments import Action, ArgumentType, Scalar, ScriptArgument, Value
from desktop_aml.domain.static_values import NotPlain, PlainValues, dotted_name

_SUPPRESS: Final = "argparse.SUPPRESS"
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
_TYPES: Final = {
    "int": ArgumentType.INTEGER,
    "float": ArgumentType.NUMBER,
    "bool": ArgumentType.BOOLEAN,
    "open": ArgumentType.PATH,
    "argparse.FileType": ArgumentType.PATH,
}


class UnclearArgument(Exception):
    """The call declares an argument that cannot be told from the text."""


def argument_from_call(
    call: ast.Call, values: PlainValues, functions: Mapping[str, ast.FunctionDef]
) -> ScriptArgument | None:
    """Return the argument that `call` declares, or None when it declares nothing for a form (help, version, hidden).

    Parameters
    ----------
    functions : mapping of str to ast.FunctionDef
        The script's own functions, which may serve as ``type=``.

    Raises
    ------
    UnclearArgument
        When its name or its nature is worked out only when the script runs.
    """
    flags, dest = _names(call, values)
    given = _keywords(call, values)
    if _names_constant(given.get("help"), _SUPPRESS, values):
        return None
    action = _action(given.get("action"), values)
    if action is None:
        return None
    kind, words_for = _type(given.get("type"), values, functions)
    nargs = _nargs(given.get("nargs"), values)
    if action is Action.APPEND and nargs is not None:
        raise UnclearArgument(f"{(flags or (dest,))[0]} takes several words several times. Type it as extra text.")
    if action is Action.SWITCH:
        kind = ArgumentType.BOOLEAN
    default, known, default_text = _default(given.get("default"), action, values)
    default, known = _converted(default, known, kind, words_for)
    dest = _optional(given.get("dest"), values) or dest
    required = _optional(given.get("required"), values) == "True" or (not flags and nargs not in ("?", "*", "..."))
    return ScriptArgument(
        flags=flags,
        dest=dest,
        type=kind,
        action=action,
        choices=_choices(given.get("choices"), values),
        default=default,
        default_known=known,
        default_text=default_text,
        required=required,
        help=_help(_optional(given.get("help"), values), default_text, dest),
        nargs=nargs,
        metavar=_optional(given.get("metavar"), values),
        words_for=words_for,
        line=call.lineno,
    )


def _names(call: ast.Call, values: PlainValues) -> tuple[tuple[str, ...], str]:
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
    if not names[0].startswith("-"):
        return (), names[0]
    first_long = next((n for n in names if n.startswith("--")), names[0])
    return tuple(names), first_long.lstrip("-").replace("-", "_")


def _keywords(call: ast.Call, values: PlainValues) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = keyword.value
            continue
        try:
            spread = values.of(keyword.value)
        except NotPlain:
            continue
        if isinstance(spread, dict):
            found |= {str(key): _node(value) for key, value in spread.items()}
    return found


def _node(value: object) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body


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


def _type(
    node: ast.expr | None, values: PlainValues, functions: Mapping[str, ast.FunctionDef]
) -> tuple[ArgumentType, tuple[str, str]]:
    plain = ("True", "False")
    if node is None or isinstance(node, ast.Lambda):
        return ArgumentType.TEXT, plain
    name = dotted_name(node.func if isinstance(node, ast.Call) else node, values.imports)
    if name == "bool":
        return ArgumentType.BOOLEAN, ("True", "")
    if name in _TYPES:
        return _TYPES[name], plain
    last = name.rpartition(".")[2].lower()
    if last in functions or name in functions:
        returns = getattr(functions[name], "returns", None) if name in functions else None
        annotated = dotted_name(returns, values.imports) if isinstance(returns, ast.expr) else ""
        if annotated in _TYPES:
            return _TYPES[annotated], plain
    if "bool" in last:
        return ArgumentType.BOOLEAN, plain
    if name.startswith(("pathlib.", "os.path.")) or "path" in last or "file" in last:
        return ArgumentType.PATH, plain
    if name.startswith("numpy."):
        return (
            (ArgumentType.INTEGER, plain)
            if last.startswith(("int", "uint"))
            else (ArgumentType.NUMBER, plain)
            if last.startswith("float")
            else (ArgumentType.TEXT, plain)
        )
    return ArgumentType.TEXT, plain


def _nargs(node: ast.expr | None, values: PlainValues) -> int | str | None:
    if node is None:
        return None
    if dotted_name(node, values.imports) == "argparse.REMAINDER":
        return "..."
    try:
        value = values.of(node)
    except NotPlain:
        raise UnclearArgument("how many words it takes is known only when the script runs.") from None
    if isinstance(value, int) and value > 0:
        return value
    return value if isinstance(value, str) and value in ("?", "*", "+", "...") else None


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


def _converted(default: Value, known: bool, kind: ArgumentType, words_for: tuple[str, str]) -> tuple[Value, bool]:
    """Apply what argparse does to a default that is written as text: it goes through ``type=`` as a word would."""
    if not isinstance(default, str) or kind in (ArgumentType.TEXT, ArgumentType.PATH):
        return default, known
    try:
        return ScriptArgument(dest="", type=kind, words_for=words_for).value_of(default), known
    except ValueError:
        return None, False


def _help(text: str, default_text: str, dest: str) -> str:
    known = {"default": default_text or "None", "dest": dest}

    def fill(found: re.Match[str]) -> str:
        return "%" if found[0] == "%%" else known.get(found[1], found[1])

    return " ".join(re.sub(r"%\((\w+)\)[#0\- +]?[\d.]*[a-z]|%%", fill, text).split())
