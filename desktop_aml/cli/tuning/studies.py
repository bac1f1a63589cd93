"""Sweeps as studies of Optuna: written for its own tools."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.paths import TypedPath


@click.command()
@click.argument("sweep_id", metavar="SWEEP")
@click.option("--to", type=TypedPath(), required=True, metavar="FILE", help="A new file, such as study.db.")
@workspace_option
def export(sweep_id: str, to: Path, workspace_path: Path | None) -> None:
    """Write a sweep as a study of Optuna.

    Example: desktop-aml sweep export latest --to study.db
    """
    with opened(workspace_path) as workspace:
        count = workspace.sweeps.export(sweep_id, to)
        name = workspace.sweeps.find(sweep_id)
        click.echo(f"Wrote {count} trials. In Python: optuna.load_study(study_name={name!r}, storage='sqlite:///{to}')")


COMMANDS = (export,)
