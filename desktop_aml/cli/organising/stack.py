"""The command that asks a run where it is."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json
from desktop_aml.domain.summaries.stacks import in_words


@click.command()
@click.argument("run_id", metavar="RUN")
@json_option
@workspace_option
def stack(run_id: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Print where each thread of RUN's Python processes is just now; the run goes on as before.

    Example: desktop-aml run stack latest
    """
    with opened(workspace_path) as workspace:
        found = workspace.runs.queue.stacks(run_id)
    if as_json:
        show_json([{"pid": one.pid, "command": one.command, "text": one.text} for one in found])
    else:
        click.echo(in_words(found), nl=False)
