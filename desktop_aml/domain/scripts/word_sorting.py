"""The words of a command line by the argument they belong to, read as the script's own parser reads them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument
from desktop_aml.domain.scripts.quiet_parser import QuietParser

COMMAND: Final = "command"
"""The name of a chosen subcommand."""

_By = dict[str, str]


def sorted_words(line: CommandLine, words: Sequence[str]) -> dict[str, str] | None:
    """Return what `words` give, as texts by the names of the arguments, in the order in which the script has them.

    Several words of one argument are joined by spaces. None when the words do not fit what is known.
    """
    try:
        parser, names = _parser(line)
        space, rest = parser.parse_known_args(list(words))
    except (ValueError, TypeError, IndexError, argparse.ArgumentError):
        return None
    if rest:
        return None
    found: dict[str, str] = {}
    for dest, name in names.items():
        value = getattr(space, dest, None)
        if value is None or value == []:
            continue
        text = " ".join(_flat(value)) if isinstance(value, list) else str(value)
        # A subcommand of a subcommand is told behind it.
        found[name] = f"{found[name]} {text}" if name == COMMAND and name in found else text
    return found


def _flat(words: Sequence[object]) -> list[str]:
    return [one for word in words for one in (_flat(word) if isinstance(word, list) else [str(word)])]


@lru_cache(maxsize=64)
def _parser(line: CommandLine) -> tuple[argparse.ArgumentParser, _By]:
    # A sweep has very many trials of one script: what reads their words is made once.
    names: _By = {}
    parser = QuietParser(
        add_help=False, argument_default=argparse.SUPPRESS, conflict_handler="resolve", prefix_chars=line.prefixes
    )
    _fill(parser, line, names)
    return parser, names


def _fill(parser: argparse.ArgumentParser, line: CommandLine, names: _By) -> None:
    switches: dict[str, str] = {}
    for one in line.arguments:
        dest = f"a{len(names)}"
        if one.nargs == 0:
            # The switches for yes and for no have one name: the last that is given holds.
            dest = switches.setdefault(one.name, dest)
        names[dest] = one.name
        _add(parser, one, dest)
    if line.commands:
        dest = f"a{len(names)}"
        names[dest] = COMMAND
        choices = parser.add_subparsers(dest=dest)
        for name, inner in line.commands:
            own = choices.add_parser(
                name,
                add_help=False,
                argument_default=argparse.SUPPRESS,
                conflict_handler="resolve",
                prefix_chars=inner.prefixes,
            )
            _fill(own, inner, names)


def _add(parser: argparse.ArgumentParser, one: TakenArgument, dest: str) -> None:
    if not one.flags:
        parser.add_argument(dest, nargs=one.nargs)
    elif one.nargs == 0 and one.repeats:
        parser.add_argument(*one.flags, dest=dest, action="count")
    elif one.nargs == 0:
        parser.add_argument(*one.flags, dest=dest, action="store_const", const=one.text)
    elif one.repeats:
        parser.add_argument(*one.flags, dest=dest, nargs=one.nargs, action="append")
    elif one.nargs == "?":
        parser.add_argument(*one.flags, dest=dest, nargs="?", const=one.text)
    else:
        parser.add_argument(*one.flags, dest=dest, nargs=one.nargs)
