"""What a script's own text says of the words that it takes: its options, switches and places, for several libraries."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

from desktop_aml.domain.scripts.arguments import Action, ScriptArgument, ScriptArguments
from desktop_aml.domain.scripts.click_reading import of_click
from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument, plain_name
from desktop_aml.domain.scripts.imported import describe_with_imports
from desktop_aml.domain.scripts.optparse_reading import of_absl, of_optparse
from desktop_aml.domain.scripts.reader import parsed
from desktop_aml.domain.scripts.typer_reading import of_typer

_OTHERS: Final[dict[str, Callable[[ast.Module], CommandLine]]] = {
    "typer": of_typer,
    "click": of_click,
    "absl": of_absl,
    "optparse": of_optparse,
}


def command_line_of(source: str, text_of: Callable[[str], str]) -> CommandLine:
    """Return what a script takes on its command line; nothing for one whose text does not tell.

    Parameters
    ----------
    text_of : callable
        Returns the text of a module of the script's own folders by its name; empty for others.
    """
    described = describe_with_imports(source, text_of)
    if described.arguments or described.commands:
        return _known(described)
    reads = next((_OTHERS[one] for one in described.uses if one in _OTHERS), None)
    return reads(parsed(source)) if reads is not None else CommandLine()


def _known(described: ScriptArguments) -> CommandLine:
    prefixes = "".join(dict.fromkeys("".join(one.prefixes for one in described.arguments))) or "-"
    return CommandLine(
        tuple(taken for one in described.arguments for taken in _taken(one)),
        tuple((name, _known(inner)) for name, inner in described.commands),
        prefixes,
    )


def _taken(one: ScriptArgument) -> Iterator[TakenArgument]:
    name = plain_name(one.key)
    if len(name) == 1 and one.dest:
        # A letter alone says less than what the script calls it.
        name = one.dest
    match one.action:
        case Action.YES_NO:
            yield TakenArgument(name=name, flags=one.flags, nargs=0)
            noes = tuple("--no-" + flag.removeprefix("--") for flag in one.flags if flag.startswith("--"))
            yield TakenArgument(name=name, flags=noes, nargs=0, text="False")
        case Action.SWITCH | Action.COUNT:
            yield TakenArgument(name=name, flags=one.flags, nargs=0, repeats=one.action is Action.COUNT)
        case _:
            repeats = one.action is not Action.STORE
            yield TakenArgument(name=name, flags=one.flags, nargs=one.nargs, repeats=repeats)
