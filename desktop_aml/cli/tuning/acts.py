"""What is done with a sweep that came to something: its best run again, its space narrowed, its model registered."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, noun_of, show_json
from desktop_aml.domain.sweeps.space import arguments_of
from desktop_aml.workspace import Workspace

_RUNS = 5
_TRIALS = 10


def tell_missing(workspace: Workspace, sweep_id: str) -> None:
    """Say which secrets the further trials of an ended sweep will lack."""
    missing = workspace.sweeps.missing_secrets(sweep_id)
    if missing:
        names = ", ".join(missing)
        click.echo(f"Note: {names} went with the end of the sweep and is not set here; its trials lack it.", err=True)


@click.command()
@click.argument("sweep_id", metavar="SWEEP")
@click.option("--trial", "trials", multiple=True, type=int, metavar="N", help="Whose setting is meant. Default: best.")
@click.option("--runs", default=_RUNS, show_default=True, help="How many more runs of each.")
@click.option("--seed-argument", "seed", default="", metavar="NAME", help="Default: the argument called a seed.")
@workspace_option
def repeat(sweep_id: str, trials: tuple[int, ...], runs: int, seed: str, workspace_path: Path | None) -> None:
    """Run the best setting of a sweep, or others, again with further seeds; also when the sweep has ended.

    Example: desktop-aml sweep repeat latest --runs 10
    """
    with opened(workspace_path, acting=True) as workspace:
        tell_missing(workspace, sweep_id)
        planned = workspace.sweeps.repeat(sweep_id, trials, runs=runs, seed=seed)
        click.echo(f"{workspace.sweeps.find(sweep_id)}: {noun_of(len(planned), 'more trial')}")
        for values in planned:
            click.echo("  " + " ".join(arguments_of((), values)))


@click.command()
@click.argument("sweep_id", metavar="SWEEP")
@click.option("--trials", default=_TRIALS, show_default=True, help="How many more trials are drawn from it.")
@workspace_option
def narrow(sweep_id: str, trials: int, workspace_path: Path | None) -> None:
    """Make the space of a sweep half as wide around the best, and go on in it; also when the sweep has ended.

    Example: desktop-aml sweep narrow latest --trials 20
    """
    with opened(workspace_path, acting=True) as workspace:
        tell_missing(workspace, sweep_id)
        space = workspace.sweeps.narrow(sweep_id, trials)
        click.echo(f"{workspace.sweeps.find(sweep_id)}: {noun_of(trials, 'more trial')}")
        for one in space:
            click.echo(f"  {one.key}={one.expression}")


@click.command()
@click.argument("sweep_id", metavar="SWEEP")
@click.option("--name", default="", help="Of the model. Default: that of the experiment.")
@click.option("--path", default="", help="File or folder that the trial left. Default: the one model in outputs.")
@workspace_option
@json_option
def register(sweep_id: str, name: str, path: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Register the model of the best trial; asked again, it stays the same version.

    Example: desktop-aml sweep register latest --name iris
    """
    with opened(workspace_path, acting=True) as workspace:
        model = workspace.sweeps.register_best(sweep_id, name=name, path=path)
    if as_json:
        show_json({"name": model.name, "version": model.version, "run_id": model.run_id, "path": model.path})
        return
    click.echo(f"{model.name}:{model.version} is {model.path} of {model.run_id}")


SWEEP_COMMANDS = (repeat, narrow, register)
