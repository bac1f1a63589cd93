"""Commands that rename, delete and restore environments."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.output import json_option, moment, show_json, show_table


@click.command()
@click.argument("name")
@click.argument("new_name")
@workspace_option
@json_option
def rename(name: str, new_name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Give an environment another name; labels of before, as runs and models have them, go on to mean its versions.

    Example: desktop-aml environment rename iris flowers
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.environments.organise.rename(name, new_name)
    _tell("Renamed", new_name, as_json=as_json)


@click.command()
@click.argument("labels", nargs=-1, required=True, metavar="NAME[:VERSION]...")
@click.option("--forever", is_flag=True, help="Remove them at once; there is no way back.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, with --forever.")
@workspace_option
@json_option
def delete(labels: tuple[str, ...], workspace_path: Path | None, *, forever: bool, yes: bool, as_json: bool) -> None:
    """Put environments into the trash, all versions or one; not what a run under way or an endpoint uses.

    Runs keep what they record of their packages. Numbers of versions are never given again.

    Example: desktop-aml environment delete iris:2
    """
    chosen = dict.fromkeys(map(split_label, labels))
    if forever and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("To remove environments for good without being asked: --forever --yes")
        click.confirm(f"Remove {', '.join(labels)} for good?", abort=True, err=True)
    with opened(workspace_path, acting=True) as workspace:
        organise = workspace.environments.organise
        for name, version in chosen:
            there = {one.version for one in workspace.environments.versions(name)}
            if not forever or (version in there if version else there):
                organise.delete(name, version)
            if forever:
                organise.remove(name, version)
        waiting = [label for name, _ in chosen for label in organise.models_of(name)]
    _tell("Removed" if forever else "Deleted", *labels, as_json=as_json)
    if waiting and not as_json:
        click.echo(f"Not deployed without it any more: {', '.join(dict.fromkeys(waiting))}.", err=True)


@click.command()
@click.argument("labels", nargs=-1, required=True, metavar="NAME[:VERSION]...")
@workspace_option
@json_option
def restore(labels: tuple[str, ...], workspace_path: Path | None, *, as_json: bool) -> None:
    """Take environments out of the trash, all versions there or one.

    Example: desktop-aml environment restore iris
    """
    chosen = dict.fromkeys(map(split_label, labels))
    with opened(workspace_path, acting=True) as workspace:
        for name, version in chosen:
            workspace.environments.organise.restore(name, version)
    _tell("Restored", *labels, as_json=as_json)


def list_trash(workspace_path: Path | None, *, as_json: bool) -> None:
    """Show what is in the trash."""
    with opened(workspace_path) as workspace:
        found = workspace.environments.organise.trash()
    if as_json:
        show_json(found)
        return
    rows = ((one.name, one.version, moment(one.deleted_at)) for one in found)
    show_table(rows, ("name", "version", "deleted"), "The trash holds no environments.")


def _tell(verb: str, *names: str, as_json: bool) -> None:
    if as_json:
        show_json({"environments": names})
    else:
        click.echo(f"{verb} {', '.join(f'“{name}”' for name in names)}.")


ORGANISING = (rename, delete, restore)
