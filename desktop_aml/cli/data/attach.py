"""The command that attaches what other tools recorded, where it lies."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json, show_table
from desktop_aml.cli.paths import TypedPath


@click.command()
@click.argument("path", type=TypedPath(), required=False)
@click.option("--name", default="", help="What to call it. Default: the name of the folder or file.")
@click.option("--refresh", is_flag=True, help="Read again what is attached, or what --name says.")
@click.option("--detach", metavar="NAME", help="Forget an attachment; nothing of it is touched.")
@workspace_option
@json_option
def attach(
    path: Path | None, name: str, detach: str | None, workspace_path: Path | None, *, refresh: bool, as_json: bool
) -> None:
    """Show the runs of other tools beside your own, read where they lie.

    PATH is an mlruns folder, an mlflow.db, a folder of TensorBoard or an Optuna storage (SQLite).

    Nothing is copied but an index, and nothing of the source is ever changed. Without PATH it lists what is attached.

    Example: desktop-aml attach ~/old/mlruns
    """
    if sum((path is not None, refresh, detach is not None)) > 1:
        raise click.UsageError("Say one thing at a time: a PATH, --refresh or --detach NAME.")
    with opened(workspace_path) as workspace:
        attachments = workspace.attachments
        failed: dict[str, str] = {}
        if path is not None:
            made = attachments.attach(path, name)
            if not as_json:
                click.echo(f"Attached “{made.name}”: {made.runs:,} runs. Nothing of it is changed.")
                return
        elif detach is not None:
            attachments.detach(detach)
            if not as_json:
                click.echo(f"Detached “{detach}”. Nothing of it was changed.")
                return
        elif refresh:
            failed = attachments.refresh([name] if name else [])
        found = attachments.list()
    for one, words in failed.items():
        click.echo(f"“{one}” was not read: {words}", err=True)
    if as_json:
        show_json(found)
        return
    show_table(
        (
            (one.name, one.kind, one.runs, one.path, one.error or ("changed since; --refresh" if one.changed else ""))
            for one in found
        ),
        ("name", "kind", "runs", "path", ""),
        "Nothing is attached. Attach something with: desktop-aml attach PATH",
    )


COMMANDS = (attach,)
