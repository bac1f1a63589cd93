"""What runs read from elsewhere, in the words of the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from desktop_aml.domain.files_read import DataDifference, FileRead
    from desktop_aml.workspace import Workspace

_SHOWN = 20


def data_fields(workspace: Workspace, run_id: str) -> Iterator[tuple[str, str]]:
    """Return what a run read, and where that differs from the run it repeats or from those that repeat it."""
    from desktop_aml.domain.files_read import in_words

    files = workspace.runs.data.list(run_id)
    yield from (("Read elsewhere", in_words(file)) for file in files[:_SHOWN])
    if len(files) > _SHOWN:
        yield "Read elsewhere", f"and {len(files) - _SHOWN:,} more: desktop-aml run show {run_id} --json"
    if workspace.runs.data.has_more(run_id):
        yield "Read elsewhere", f"and more than the {len(files):,} that are kept"
    found = workspace.runs.data.differences(run_id)
    yield from (("Data differs", _difference(one)) for one in found[:_SHOWN])
    if len(found) > _SHOWN:
        yield "Data differs", f"and {len(found) - _SHOWN:,} more: desktop-aml run show {run_id} --json"


def _difference(one: DataDifference) -> str:
    return f"{one.path}: {one.here or 'not read'}; in {one.other_run}: {one.there or 'not read'}"


def tell_changed(changed: Sequence[FileRead]) -> None:
    """Say before a run what has changed of the data of the run that it repeats."""
    from desktop_aml.domain.files_read import change_in_words

    if changed:
        click.echo(
            "Warning: the data that this run read has changed since. The new run takes it as it is now:", err=True
        )
    for file in changed[:_SHOWN]:
        click.echo(f"  {change_in_words(file)}", err=True)
    if len(changed) > _SHOWN:
        click.echo(f"  and {len(changed) - _SHOWN:,} more", err=True)
