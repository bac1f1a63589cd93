"""What a parser of a script is told, in its order, and the arguments that come of it.

A later argument may take the flags of an earlier one, defaults are set before and after what they are for, and parsers
take what others hold: only in the order of the text is it known what stands in the end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from desktop_aml.domain.scripts.argument_call import ParserWays, UnclearArgument, argument_from_call
from desktop_aml.domain.scripts.arguments import ScriptArgument
from desktop_aml.domain.scripts.static_values import PlainValues

Reading = tuple[PlainValues, Mapping[str, ast.FunctionDef]]
"""What a call is read with: the values of names, and the functions of the script."""


@dataclass(frozen=True, slots=True)
class Added:
    """One argument of a parser, or the words why it could not be read."""

    argument: ScriptArgument | None
    call: ast.Call
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What one ``set_defaults`` says: the text of each value by its `dest`; `is_all` when others may be among them."""

    values: Mapping[str, ast.expr]
    is_all: bool = False


@dataclass(slots=True, eq=False)
class Parser:
    """What a variable that takes arguments stands for.

    Parameters
    ----------
    kind : str
        ``"main"``, ``"subparsers"``, ``"subparser"``, ``"unknown"``, or ``"slot"``: a parameter of a function.
    name, owner : str, Parser or None
        Of a subcommand, empty where it is known only when the script runs; whose subcommands, or subcommand, it is.
    items : list
        In their order: arguments, defaults, and other parsers whose items are taken at this place with the name of
        their group.
    resolves : bool
        Whether a later argument takes the flags of an earlier one: ``conflict_handler="resolve"``.
    """

    kind: str
    ways: ParserWays = field(default_factory=ParserWays)
    items: list[Added | Defaults | tuple[Parser, str]] = field(default_factory=list)
    resolves: bool = False
    line: int = 0
    name: str = ""
    owner: Parser | None = None
    is_needed: bool = False
    is_parent: bool = False
    is_read: bool = False
    is_used: bool = False


def taken(parser: Parser, reading: Reading) -> list[Added]:
    """Return the arguments of a parser as they stand after all that was said to it, in its order."""
    found: list[Added] = []
    defaults: dict[str, ast.expr] = {}
    is_open = False
    for item in _flattened(parser, "", frozenset()):
        if isinstance(item, Defaults):
            defaults |= item.values
            is_open = is_open or item.is_all
            found = [_told(added, item.values, reading) for added in found]
            continue
        if parser.resolves and item.argument is not None:
            found = _without_flags(found, item.argument.flags)
        names_one = any(keyword.arg in ("default", None) for keyword in item.call.keywords)
        found.append(item if names_one else _told(item, defaults, reading))
    return [_with_open_default(added) for added in found] if is_open else found


def _flattened(parser: Parser, group: str, above: frozenset[int]) -> Iterator[Added | Defaults]:
    if id(parser) in above:
        return
    for item in parser.items:
        if isinstance(item, Added):
            is_placed = item.argument is not None and not item.argument.group and group
            yield replace(item, argument=replace(item.argument, group=group)) if is_placed and item.argument else item
        elif isinstance(item, Defaults):
            yield item
        else:
            yield from _flattened(item[0], item[1] or group, above | {id(parser)})


def _without_flags(taken: list[Added], flags: tuple[str, ...]) -> list[Added]:
    """Return `taken` as an argument leaves it that takes `flags` for itself; without any an argument is gone."""
    left: list[Added] = []
    for added in taken:
        argument = added.argument
        if argument is None or not argument.flags or not set(argument.flags) & set(flags):
            left.append(added)
        elif own := tuple(flag for flag in argument.flags if flag not in flags):
            left.append(replace(added, argument=replace(argument, flags=own)))
    return left


def _with_open_default(added: Added) -> Added:
    """Return `added` with a default that may be another: one of ``set_defaults(**config)``."""
    if added.argument is None or not added.argument.default_known:
        return added
    text = f"{added.argument.default_text} or what the script reads".removeprefix(" or ")
    return replace(added, argument=replace(added.argument, default=None, default_known=False, default_text=text))


def keep(arguments: dict[str, ScriptArgument], argument: ScriptArgument) -> None:
    """Take an argument into the form; of two that are written alike the first, whose default is known if both agree."""
    first = arguments.setdefault(argument.key, argument)
    if first.default_known and not (argument.default_known and argument.default == first.default):
        texts = dict.fromkeys(text for text in (first.default_text, argument.default_text) if text)
        arguments[argument.key] = replace(
            first,
            default=None,
            default_known=False,
            default_text=" or ".join(texts) or "depends",
        )


def _told(added: Added, defaults: Mapping[str, ast.expr], reading: Reading) -> Added:
    if added.argument is None or added.argument.dest not in defaults:
        return added
    return _with_default(added, defaults[added.argument.dest], reading)


def _with_default(item: Added, default: ast.expr, reading: Reading) -> Added:
    argument = item.argument
    assert argument is not None
    others = [keyword for keyword in item.call.keywords if keyword.arg not in ("default", None)]
    # Its names were read when it was added, perhaps in a round of a loop.
    names: list[ast.expr] = [ast.Constant(name) for name in argument.flags or (argument.dest,)]
    call = ast.Call(item.call.func, names, [*others, ast.keyword("default", default)])
    ast.copy_location(call, item.call)
    try:
        ways = ParserWays(prefixes=argument.prefixes, file_prefixes=argument.file_prefixes)
        found = argument_from_call(call, *reading, ways)
    except UnclearArgument:
        found = None
    if found is None:
        same = replace(argument, default=None, default_known=False, default_text=ast.unparse(default))
        return replace(item, argument=same)
    same = replace(argument, default=found.default, default_known=found.default_known)
    return replace(item, argument=replace(same, default_text=found.default_text, help=found.help), call=call)
