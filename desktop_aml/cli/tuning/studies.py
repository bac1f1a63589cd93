"""Sweeps as studies of Optuna: written for its own tools, and taken in from them."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, noun_of, show_json
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
        click.echo(
            f"Wrote {noun_of(count, 'trial')}. In Python: optuna.load_study(study_name={name!r}, storage='sqlite:///{to}')"
        )


@click.command("import")
@click.argument("file", type=TypedPath())
@click.option("--study", default="", help="Its name. Needed where the file holds several.")
@click.option("--experiment", default="imported", show_default=True, help="What its runs are gathered under.")
@workspace_option
@json_option
def import_study(file: Path, study: str, experiment: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Take in a study that Optuna keeps in a file of SQLite, as an ended sweep with its trials.

    Example: desktop-aml sweep import study.db --study tuning
    """
    with opened(workspace_path, acting=True) as workspace:
        run_id = workspace.sweeps.import_study(file, study=study, experiment=experiment)
        found = workspace.sweeps.get(run_id)
    if as_json:
        show_json({"run_id": run_id, "trials": len(found.trials)})
        return
    click.echo(
        f"Took in {noun_of(len(found.trials), 'trial')}. Look at them with: desktop-aml sweep show {run_id}", err=True
    )
    click.echo(run_id)


SWEEP_COMMANDS = (export, import_study)
