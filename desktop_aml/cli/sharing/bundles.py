"""Runs as one file: ``run export`` and ``run import``."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json, size
from desktop_aml.cli.paths import TypedPath
from desktop_aml.cli.sharing.new_file import force_option, refuse_existing


@click.command("export")
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@click.option("--to", type=TypedPath(), metavar="FILE", help="The file, or its folder. Default: RUN.amlrun, here.")
@force_option
@workspace_option
@json_option
def export_runs(
    run_ids: tuple[str, ...], to: Path | None, workspace_path: Path | None, *, force: bool, as_json: bool
) -> None:
    """Write ended runs into one file: record, code, packages, logs, metrics, outputs, with their children.

    What looks like a password among arguments and variables is masked; look through logs and outputs yourself.

    Example: desktop-aml run export swift-otter-12 --to best.amlrun
    """
    with opened(workspace_path) as workspace:
        refuse_existing(workspace.runs.bundles.place(run_ids, to), force=force)
        written = workspace.runs.bundles.export(run_ids, to)
    if as_json:
        show_json({"file": str(written), "size_bytes": written.stat().st_size})
    else:
        click.echo(f"Wrote {written} ({size(written.stat().st_size)})")


@click.command("import")
@click.argument("file", type=TypedPath())
@workspace_option
@json_option
def import_runs(file: Path, workspace_path: Path | None, *, as_json: bool) -> None:
    """Take in the runs of an exported file. Nothing of them is run; those that are here already stay as they are.

    Example: desktop-aml run import best.amlrun
    """
    with opened(workspace_path, acting=True, make=True) as workspace:
        found = workspace.runs.bundles.take_in(file)
    if as_json:
        show_json({"runs": found.runs, "here_already": found.here_already, "origin": found.origin})
        return
    for run_id in found.runs:
        click.echo(f"Imported {run_id}")
    for run_id in found.here_already:
        click.echo(f"Here already: {run_id}", err=True)
    click.echo(f"From {found.origin}", err=True)
