"""The command that prints what a shell needs to complete commands, options and paths."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from desktop_aml.domain.completion import PROGRAM, VARIABLE

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options and paths. It runs nothing.

    Example: desktop-aml completion bash >> ~/.bash_completion

    For zsh, into a folder of $fpath as _desktop-aml; for fish, ~/.config/fish/completions/desktop-aml.fish. Make the
    folder when it is not there.
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    writer = kind(context.find_root().command, {}, PROGRAM, VARIABLE)
    # Not `writer.source()`: for bash it looks for a version, and this may be read by another computer's shell.
    click.echo(writer.source_template % writer.source_vars())


COMMANDS = (completion,)
