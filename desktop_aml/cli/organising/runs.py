"""Commands that keep runs in order: for runs that are named, or for all that a search finds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from desktop_aml.cli.assignments import tags_of
from desktop_aml.cli.mlflow.filters import find_runs
from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, moment, noun_of, show_json, show_table, size

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])
_EVERY = 1 << 62


def _of_runs(command: F) -> F:
    """Give a command the runs that it is about, and the options of all such commands."""
    for decorate in (
        json_option,
        workspace_option,
        click.option(
            "--filter", "filter_text", default="", metavar="WORDS", help="All runs that this finds, as for “run list”."
        ),
        click.argument("wanted", nargs=-1, metavar="[RUN...]"),
    ):
        command = decorate(command)
    return command


@contextmanager
def _chosen(
    path: Path | None, wanted: Sequence[str], filter_text: str, *, anywhere: bool = False
) -> Iterator[tuple[Workspace, list[str]]]:
    """Open the workspace for an act, with the ids of the runs that are meant."""
    if bool(wanted) == bool(filter_text):
        raise click.UsageError("Name runs, or say which with --filter WORDS.")
    with opened(path, acting=True) as workspace:
        if filter_text:
            found = find_runs(workspace.path, filter_text, (), experiment=None, limit=_EVERY, anywhere=anywhere)
            yield workspace, [run.id for run in found]
        else:
            yield workspace, list(dict.fromkeys(workspace.runs.find(one) for one in wanted))


def _tell(verb: str, ids: Sequence[str], *, as_json: bool, **more: object) -> None:
    if as_json:
        show_json({"runs": ids, **more})
    else:
        click.echo(f"{verb} {len(ids):,} run{'s' * (len(ids) != 1)}.")


@click.command()
@click.argument("run_id", metavar="RUN")
@click.argument("name")
@workspace_option
@json_option
def rename(run_id: str, name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Give a run another name.

    Example: desktop-aml run rename latest "the good one"
    """
    with _chosen(workspace_path, [run_id], "") as (workspace, ids):
        workspace.runs.organise.rename(ids, name)
        _tell("Renamed", ids, as_json=as_json)


@click.command()
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Add or change a tag; more than once.")
@click.option("--remove", multiple=True, metavar="KEY", help="Remove a tag; may be given more than once.")
@_of_runs
def tag(
    wanted: Sequence[str],
    filter_text: str,
    words: Sequence[str],
    remove: Sequence[str],
    workspace_path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Add, change and remove tags of runs.

    Example: desktop-aml run tag --filter "kernel = rbf and loss < 0.1" --set stage=candidate
    """
    if not words and not remove:
        raise click.UsageError("Say what: --set KEY=VALUE, --remove KEY.")
    labels = tags_of(words)
    with _chosen(workspace_path, wanted, filter_text) as (workspace, ids):
        workspace.runs.organise.tag(ids, labels, remove)
        _tell("Tagged", ids, as_json=as_json)


@click.command()
@click.option("--text", required=True, help="What to write in the place of the note there is; empty removes it.")
@_of_runs
def note(wanted: Sequence[str], filter_text: str, text: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Write a note on runs.

    Example: desktop-aml run note latest --text "try again with more data"
    """
    with _chosen(workspace_path, wanted, filter_text) as (workspace, ids):
        workspace.runs.organise.note(ids, text)
        _tell("Wrote on", ids, as_json=as_json)


@click.command()
@click.option("--off", is_flag=True, help="Take the star away.")
@_of_runs
def star(wanted: Sequence[str], filter_text: str, workspace_path: Path | None, *, off: bool, as_json: bool) -> None:
    """Give runs a star; a starred run cannot be deleted.

    Example: desktop-aml run star swift-otter-12
    """
    with _chosen(workspace_path, wanted, filter_text) as (workspace, ids):
        workspace.runs.organise.star(ids, starred=not off)
        _tell("Took the star from" if off else "Starred", ids, as_json=as_json)


@click.command()
@click.option("--to", required=True, metavar="EXPERIMENT", help="Made where there is none of this name.")
@_of_runs
def move(wanted: Sequence[str], filter_text: str, to: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Move runs to another experiment.

    Example: desktop-aml run move --filter "tags.stage = candidate" --to candidates
    """
    with _chosen(workspace_path, wanted, filter_text) as (workspace, ids):
        workspace.runs.organise.move(ids, to)
        _tell("Moved", ids, as_json=as_json)


@click.command()
@_of_runs
def archive(wanted: Sequence[str], filter_text: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Put runs into the archive: lists leave them out unless they are asked for “archived”.

    Example: desktop-aml run archive --filter "created < 2026-01-01 and not starred"
    """
    with _chosen(workspace_path, wanted, filter_text) as (workspace, ids):
        workspace.runs.organise.archive(ids)
        _tell("Archived", ids, as_json=as_json)


@click.command()
@click.option("--forever", is_flag=True, help="Remove them and their files at once; there is no way back.")
@_of_runs
def delete(
    wanted: Sequence[str], filter_text: str, workspace_path: Path | None, *, forever: bool, as_json: bool
) -> None:
    """Put ended runs into the trash, where they stay until it is emptied; a starred run is not deleted.

    What models and other runs share with them stays in any case.

    Example: desktop-aml run delete swift-otter-12
    """
    with _chosen(workspace_path, wanted, filter_text) as (workspace, ids):
        taken = workspace.runs.space(ids)
        workspace.runs.organise.delete(ids)
        if forever:
            workspace.runs.organise.empty_trash(ids)
        _tell("Removed" if forever else "Deleted", ids, as_json=as_json, bytes=taken)
    if not as_json and ids:
        words = "became free" if forever else "become free with: desktop-aml run trash --empty"
        click.echo(f"{size(taken)} of the disk {words}", err=True)


@click.command("delete-file")
@click.argument("run_id", metavar="RUN")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@workspace_option
@json_option
def delete_file(run_id: str, paths: tuple[str, ...], workspace_path: Path | None, *, as_json: bool) -> None:
    """Remove files that an ended run left, for good; a starred run loses none. Its log and record stay.

    Example: desktop-aml run delete-file swift-otter-12 outputs/checkpoint-1.bin
    """
    with opened(workspace_path, acting=True) as workspace:
        found = workspace.runs.find(run_id)
        workspace.runs.files.delete(found, paths)
    if as_json:
        show_json({"run": found, "paths": paths})
    else:
        click.echo(f"Removed {len(paths):,} file{'s' * (len(paths) != 1)} of {found}.")


@click.command()
@_of_runs
def restore(wanted: Sequence[str], filter_text: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Take runs out of the trash and out of the archive.

    Example: desktop-aml run restore swift-otter-12
    """
    with _chosen(workspace_path, wanted, filter_text, anywhere=True) as (workspace, ids):
        workspace.runs.organise.restore(ids)
        _tell("Restored", ids, as_json=as_json)


@click.command()
@click.option("--empty", is_flag=True, help="Remove what is in it, with all files; there is no way back.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@workspace_option
@json_option
def trash(workspace_path: Path | None, *, empty: bool, yes: bool, as_json: bool) -> None:
    """List the deleted runs and the room that they take, or remove them for good.

    Example: desktop-aml run trash --empty
    """
    with opened(workspace_path, acting=empty) as workspace:
        found = workspace.runs.organise.trash()
        taken = workspace.runs.space([run.id for run in found])
        if empty and found:
            if not yes and sys.stdin.isatty():
                click.confirm(
                    f"Remove {noun_of(len(found), 'run')} for good? {size(taken)} become free.", abort=True, err=True
                )
            elif not yes:
                raise click.UsageError("To remove runs for good without being asked: --empty --yes")
            workspace.runs.organise.empty_trash()
    if as_json:
        show_json({"runs": [run.id for run in found], "bytes": taken, "emptied": empty})
    elif empty:
        click.echo(f"Removed {len(found):,} run{'s' * (len(found) != 1)}; {size(taken)} of the disk became free.")
    else:
        show_table(
            ((run.id, run.display_name, run.experiment, moment(run.deleted_at)) for run in found),
            ("id", "name", "experiment", "deleted"),
            "The trash is empty.",
        )
        if found:
            click.echo(f"{size(taken)} of the disk become free with: desktop-aml run trash --empty", err=True)


ORGANISING = (rename, tag, note, star, move, archive, delete, delete_file, restore, trash)
"""Commands of ``run``."""
