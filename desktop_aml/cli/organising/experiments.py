"""Commands that keep experiments in order."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, moment, noun_of, show_fields, show_json, show_table, size
from desktop_aml.domain.organising.shelf import Shelf


@click.group()
def experiment() -> None:
    """List, show, rename, archive, delete and restore experiments."""


@experiment.command("list")
@click.option("--archived", "shelf", flag_value=Shelf.ARCHIVE.value, help="Those in the archive.")
@click.option("--deleted", "shelf", flag_value=Shelf.TRASH.value, help="Those in the trash.")
@click.option("--all", "shelf", flag_value=Shelf.EVERYTHING.value, help="All, wherever they are.")
@workspace_option
@json_option
def list_experiments(shelf: str | None, workspace_path: Path | None, *, as_json: bool) -> None:
    """List the experiments, with the runs and files of each.

    Example: desktop-aml experiment list
    """
    with opened(workspace_path) as workspace:
        found = workspace.experiments.list(Shelf(shelf or Shelf.ACTIVE), sizes=True)
    if as_json:
        show_json(found)
        return
    show_table(
        ((one.name, one.run_count, moment(one.last_run_at), size(one.file_bytes), _where(one.shelf)) for one in found),
        ("name", "runs", "last run", "files", ""),
        "There is no such experiment." if shelf else "There are no experiments. Start one with: desktop-aml submit",
    )


def _where(shelf: Shelf) -> str:
    return {Shelf.ARCHIVE: "archived", Shelf.TRASH: "deleted"}.get(shelf, "")


@experiment.command()
@click.argument("name")
@workspace_option
@json_option
def show(name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show an experiment: its runs by state, and what of the disk its deletion would free.

    Example: desktop-aml experiment show iris
    """
    with opened(workspace_path) as workspace:
        found = workspace.experiments.find(name)
        taken = workspace.runs.space(workspace.experiments.run_ids(name))
        states = workspace.runs.state_counts(name)
    if as_json:
        facts = {
            "name": found.name,
            "runs": found.run_count,
            "last_run_at": found.last_run_at,
            "archived_at": found.archived_at,
            "deleted_at": found.deleted_at,
            "states": {str(state): count for state, count in states.items()},
            "bytes": taken,
        }
        show_json(facts)
        return
    show_fields(
        (
            ("Name", found.name),
            ("Runs", found.run_count),
            *((f"  {state}", count) for state, count in states.items()),
            ("Last run", moment(found.last_run_at)),
            ("Archived", moment(found.archived_at) if found.archived_at else ""),
            ("Deleted", moment(found.deleted_at) if found.deleted_at else ""),
            ("Disk", f"{size(taken)} become free when it is removed"),
        )
    )


@experiment.command()
@click.argument("name")
@click.argument("new_name")
@workspace_option
@json_option
def rename(name: str, new_name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Give an experiment another name; its runs go with it and keep their numbers.

    Example: desktop-aml experiment rename iris iris-2026
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.experiments.rename(name, new_name)
    _tell("Renamed", new_name, as_json=as_json)


@experiment.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@workspace_option
@json_option
def archive(names: tuple[str, ...], workspace_path: Path | None, *, as_json: bool) -> None:
    """Put experiments with their runs into the archive: lists leave them out.

    Example: desktop-aml experiment archive iris
    """
    with opened(workspace_path, acting=True) as workspace:
        for name in dict.fromkeys(names):
            workspace.experiments.archive(name)
    _tell("Archived", *names, as_json=as_json)


@experiment.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--forever", is_flag=True, help="Remove them with all runs and files at once; there is no way back.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, with --forever.")
@workspace_option
@json_option
def delete(names: tuple[str, ...], workspace_path: Path | None, *, forever: bool, yes: bool, as_json: bool) -> None:
    """Put experiments with their runs into the trash; one with a starred run, or one under way, is not deleted.

    What models and other runs share with them stays in any case.

    Example: desktop-aml experiment delete iris
    """
    with opened(workspace_path, acting=True) as workspace:
        chosen = list(dict.fromkeys(names))
        runs = [
            run_id for name in chosen for run_id in workspace.experiments.run_ids(workspace.experiments.find(name).name)
        ]
        taken = workspace.runs.space(runs)
        if forever and not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("To remove experiments for good without being asked: --forever --yes")
            click.confirm(
                f"Remove {noun_of(len(runs), 'run')} for good? {size(taken)} become free.", abort=True, err=True
            )
        for name in chosen:
            workspace.experiments.delete(name)
            if forever:
                workspace.experiments.remove(name)
    _tell("Removed" if forever else "Deleted", *chosen, as_json=as_json, bytes=taken)
    if not as_json and not forever:
        click.echo(f"{size(taken)} of the disk become free with: desktop-aml experiment delete --forever", err=True)


@experiment.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@workspace_option
@json_option
def restore(names: tuple[str, ...], workspace_path: Path | None, *, as_json: bool) -> None:
    """Take experiments out of trash and archive, with the runs that went there with them.

    Example: desktop-aml experiment restore iris
    """
    with opened(workspace_path, acting=True) as workspace:
        for name in dict.fromkeys(names):
            workspace.experiments.restore(name)
    _tell("Restored", *names, as_json=as_json)


def _tell(verb: str, *names: str, as_json: bool, **more: object) -> None:
    if as_json:
        show_json({"experiments": names, **more})
    else:
        click.echo(f"{verb} {', '.join(f'“{name}”' for name in names)}.")


COMMANDS = (experiment,)
