"""The command that takes a run's files again, and the words about those that could not be kept."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json
from desktop_aml.domain.runs import RunDetail

_SHOWN = 10


@click.command()
@click.argument("run_id", metavar="RUN")
@workspace_option
@json_option
def collect(run_id: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Take the outputs of an ended run again: those that could not be kept at its end, and new ones.

    What is kept already stays as it is.

    Example: desktop-aml run collect latest
    """
    with opened(workspace_path, acting=True) as workspace:
        found = workspace.runs.find(run_id)
        known = {artifact.path for artifact in workspace.runs.files.list(found)}
        workspace.runs.external.take_in(found)
        added = [artifact for artifact in workspace.runs.files.list(found) if artifact.path not in known]
        detail = workspace.runs.get(found)
    if as_json:
        show_json({"added": added, "left_out": detail.left_out})
        return
    for artifact in added:
        click.echo(artifact.path)
    if not added and not detail.left_out:
        click.echo("Every file of the run is kept already.")
    tell_left_out(detail)


def loss_fields(detail: RunDetail) -> list[tuple[str, object]]:
    """Return what of a run could not be kept, as names and values."""
    files = [(f"Not kept {file.path}", file.reason) for file in detail.left_out[:_SHOWN]]
    return [("Damaged records", detail.damaged_records or ""), *files]


def tell_left_out(detail: RunDetail) -> None:
    """Name the files of a run that could not be kept."""
    for file in detail.left_out[:_SHOWN]:
        click.echo(f"Not kept: {file.path}: {file.reason}", err=True)
    more = len(detail.left_out) - _SHOWN
    if more > 0:
        click.echo(f"Not kept: {more:,} more.", err=True)
    if detail.left_out:
        click.echo(f"Fix what is wrong, then: desktop-aml run collect {detail.summary.id}", err=True)
