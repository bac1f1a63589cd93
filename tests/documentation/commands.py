"""The commands of the program, each with the words that call it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from desktop_aml.cli import cli


def command_below(group: click.Command, word: str) -> click.Command | None:
    """Return the command that a group has by this name, loading it where that was put off; None when there is none."""
    return group.get_command(click.Context(group), word) if isinstance(group, click.Group) else None


def every_command(group: click.Command = cli, words: str = "") -> Iterator[tuple[str, click.Command]]:
    """Return every command that is shown, groups before their own, with its words."""
    if isinstance(group, click.Group):
        for word in group.list_commands(click.Context(group)):
            command = command_below(group, word)
            if command and not command.hidden:
                name = f"{words} {word}".strip()
                yield name, command
                yield from every_command(command, name)
