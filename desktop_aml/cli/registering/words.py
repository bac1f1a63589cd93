"""Commands that change what is written about a version of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from desktop_aml.cli.assignments import tags_of
from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.output import json_option, show_json


@click.command()
@click.argument("label", metavar="MODEL")
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Add or change a tag; more than once.")
@click.option("--remove", multiple=True, metavar="KEY", help="Remove a tag; may be given more than once.")
@workspace_option
@json_option
def tag(label: str, words: Sequence[str], remove: Sequence[str], workspace_path: Path | None, *, as_json: bool) -> None:
    """Add, change and remove tags of a version of a model; without a number, of the newest.

    Example: desktop-aml model tag iris:3 --set reviewed=yes
    """
    if not words and not remove:
        raise click.UsageError("Say what: --set KEY=VALUE, --remove KEY.")
    labels = tags_of(words)
    name, version = split_label(label)
    with opened(workspace_path, acting=True) as workspace:
        version = workspace.models.get(name, version).version
        made = workspace.models.update(name, version, tags=labels, remove_tags=remove)
    if as_json:
        show_json({"name": made.name, "version": made.version, "tags": made.tags})
    else:
        click.echo(f"Tagged {made.label}")


@click.command()
@click.argument("label", metavar="MODEL")
@click.option("--text", required=True, help="What to write in the place of the note there is; empty removes it.")
@workspace_option
@json_option
def note(label: str, text: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Write a note on a version of a model: its description; without a number, on the newest.

    Example: desktop-aml model note iris:3 --text "trained on the cleaned rows"
    """
    name, version = split_label(label)
    with opened(workspace_path, acting=True) as workspace:
        version = workspace.models.get(name, version).version
        made = workspace.models.update(name, version, description=text)
    if as_json:
        show_json({"name": made.name, "version": made.version, "description": made.description})
    else:
        click.echo(f"Wrote on {made.label}")


ACTS = (tag, note)
