"""What a script takes on its command line, as far as it tells which words belong to which argument.

Small values that travel with a request: `command_line_reading` makes them of source text, `word_sorting` uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from desktop_aml.domain.values import dataclass

TRUE: Final = "True"
"""The value of an option that was given none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenArgument:
    """One argument, and the words that belong to it.

    Parameters
    ----------
    name : str
        What its value is known by.
    flags : tuple of str
        The words that begin it; empty for one that is told by its place.
    nargs : int or str or None
        How many words follow, as `argparse` spells it; 0 for a switch, None for one word.
    repeats : bool
        Given again it adds to what was given, where others take the last; a switch is counted.
    text : str
        The value of a switch.
    """

    name: str
    flags: tuple[str, ...] = ()
    nargs: int | str | None = None
    repeats: bool = False
    text: str = TRUE


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The arguments of a script, and of each of its subcommands; nothing where they are not known."""

    arguments: tuple[TakenArgument, ...] = ()
    commands: tuple[tuple[str, CommandLine], ...] = ()
    prefixes: str = "-"

    def is_known(self) -> bool:
        """Whether anything is known."""
        return bool(self.arguments or self.commands)

    def options(self) -> Iterator[tuple[str, TakenArgument]]:
        """Yield each flag with its argument, those of subcommands first."""
        for _, inner in self.commands:
            yield from inner.options()
        yield from ((flag, one) for one in self.arguments for flag in one.flags)


UNKNOWN: Final = CommandLine()


def plain_name(option: str) -> str:
    """Return what the value of an option is known by: ``--learning-rate`` is ``learning_rate``."""
    return option.lstrip("-").replace("-", "_") if option.startswith("-") else option
