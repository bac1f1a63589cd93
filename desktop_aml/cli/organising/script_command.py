"""A command with a script, whose own arguments stand after ``--``: who forgets that is told."""

from __future__ import annotations

import click

_NEAR = 0.75
_OF_OTHERS = {"--no-wait": "--detach", "--background": "--detach", "--async": "--detach"}
"""What the options of other command lines are called here."""


class ScriptCommand(click.Command):
    """A command that takes a script, and after ``--`` what the script gets."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words; an option that there is not may be one of the script's."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            # Imported here: only a slip needs it.
            from difflib import get_close_matches

            name = error.option_name
            # What click calls near is often another thing altogether.
            near = get_close_matches(name, error.possibilities or (), n=1, cutoff=_NEAR)
            own = _OF_OTHERS.get(name) or next(iter(near), "")
            meant = f" Did you mean “{own}”?" if own else ""
            named = next(one.make_metavar(ctx) for one in self.params if isinstance(one, click.Argument))
            raise click.UsageError(
                f"No such option “{name}”.{meant}\nWhat the script itself gets stands after “--”, behind all options:"
                f" {ctx.command_path} {named} -- {name} …",
                ctx,
            ) from error
