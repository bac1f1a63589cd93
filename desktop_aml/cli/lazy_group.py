"""A group of commands whose modules are imported once a command of theirs is asked for.

`--version`, `--help` and shell completion answer from the table alone, in a few hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyCommand(NamedTuple):
    """Where a command lives, and what the list of commands says of it.

    Parameters
    ----------
    module : str
        Full name of the module; its ``COMMANDS`` holds the command.
    summary : str
        The first sentence of the command's help. Empty for a hidden command.
    """

    module: str
    summary: str = ""


class LazyGroup(click.Group):
    """A click group over a table of commands that are not imported yet."""

    def __init__(self, *args: Any, table: Mapping[str, LazyCommand], **options: Any) -> None:
        super().__init__(*args, **options)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, sorted, hidden ones included."""
        return sorted(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of a command and return it; None when there is no such command."""
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        # Only now: settings are more than `--help` needs.
        from desktop_aml import settings

        settings.remember_interpreter()
        commands: tuple[click.Command, ...] = import_module(entry.module).COMMANDS
        return next(command for command in commands if command.name == cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the words name; where they name a path or a slip, say what was meant."""
        word = args[0]
        if word not in self._table and not word.startswith("-"):
            # Only now: hardly any start needs it.
            from desktop_aml.cli.meant_words import meant

            known = [name for name, entry in self._table.items() if entry.summary]
            if words := meant(args, known):
                raise click.UsageError(words, ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return commands and options that begin so, without importing a command."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=entry.summary)
            for name, entry in sorted(self._table.items())
            if entry.summary and name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing one."""
        shown = [(name, entry.summary) for name, entry in sorted(self._table.items()) if entry.summary]
        with formatter.section("Commands"):
            formatter.write_dl(shown)
