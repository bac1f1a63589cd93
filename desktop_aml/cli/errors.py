"""How commands show errors. Apart from the rest of the output: also a command that was never loaded can fail."""

from __future__ import annotations

import click

from desktop_aml.domain.errors import DesktopAMLError, InvalidSpec


def show_error(error: DesktopAMLError) -> None:
    """Print an error: what, where, what now."""
    place = f" (line {error.line}, column {error.column})" if isinstance(error, InvalidSpec) and error.line else ""
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {error.message}{place}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)
    if error.code:
        click.echo(click.style(f"More: desktop-aml explain {error.code}", dim=True), err=True)
