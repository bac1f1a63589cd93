"""Commands about datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from desktop_aml.cli.assignments import tags_of
from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.output import json_option, moment, noun_of, number, show_fields, show_json, show_table, size
from desktop_aml.cli.paths import TypedPath
from desktop_aml.workspace.dataset.profiling import ColumnProfile

_SHOWN: Final = 20
_FIRST: Final = 10
_BARS: Final = " ▁▂▃▄▅▆▇█"


@click.group()
def dataset() -> None:
    """Register, show and compare data. DATASET is NAME or NAME:VERSION."""


@dataset.command()
@click.argument("paths", nargs=-1, required=True, type=TypedPath(), metavar="PATH...")
@click.option("--name", required=True)
@click.option("--description", default="")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE")
@workspace_option
@json_option
def register(
    paths: tuple[Path, ...],
    name: str,
    description: str,
    tags: tuple[str, ...],
    workspace_path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Register files or folders as the next version of a name. The data stays where it is; its hashes are kept.

    Example: desktop-aml dataset register rows.csv --name rows
    """
    with opened(workspace_path, acting=True) as workspace:
        made = workspace.datasets.register_files(paths, name=name, description=description, tags=tags_of(tags))
    if as_json:
        show_json(made)
    else:
        click.echo(f"{made.label}: {noun_of(len(made.files), 'file')}, {size(made.size_bytes)}")


@dataset.command("list")
@workspace_option
@json_option
def list_datasets(workspace_path: Path | None, *, as_json: bool) -> None:
    """List the datasets, each with its newest version.

    Example: desktop-aml dataset list
    """
    with opened(workspace_path) as workspace:
        found = workspace.datasets.list()
    if as_json:
        show_json(found)
        return
    show_table(
        ((one.label, one.kind, len(one.files), size(one.size_bytes), moment(one.created_at)) for one in found),
        ("dataset", "kind", "files", "size", "registered"),
        "There is no dataset yet. Register one with: desktop-aml dataset register PATH --name NAME",
    )


@dataset.command()
@click.argument("label", metavar="DATASET")
@click.option("--columns", is_flag=True, help="Read the data and say what each column holds.")
@workspace_option
@json_option
def show(label: str, workspace_path: Path | None, *, columns: bool, as_json: bool) -> None:
    """Show a dataset: its files, whether they changed since, its versions, the runs that used it.

    Example: desktop-aml dataset show rows --columns
    """
    with opened(workspace_path) as workspace:
        found = workspace.datasets.get(*split_label(label))
        changed = {file.path for file in workspace.datasets.changed_files(found)}
        versions = workspace.datasets.versions(found.name)
        used_by = workspace.datasets.used_by(found)
        table = workspace.datasets.profile(found) if columns else None
    if as_json:
        show_json(
            {
                "dataset": found,
                "changed": sorted(changed),
                "versions": [one.version for one in versions],
                "used_by": used_by,
                "columns": table,
            }
        )
        return
    fields: list[tuple[str, object]] = [
        ("Dataset", found.label),
        ("Kind", found.kind),
        ("Registered", moment(found.created_at)),
        ("Description", found.description),
        ("Tags", ", ".join(f"{key}={value}" for key, value in found.tags.items())),
        ("Versions", ", ".join(str(one.version) for one in versions)),
        ("Used by", ", ".join(used_by[:_SHOWN]) or "no run yet"),
    ]
    show_fields(fields)
    click.echo()
    rows = ((file.path, size(file.size_bytes), file.sha256[:16], _state(file.path in changed)) for file in found.files)
    show_table(list(rows)[:_SHOWN], ("file", "size", "sha-256", "now"), "It has no files.")
    if len(found.files) > _SHOWN:
        click.echo(f"{len(found.files) - _SHOWN:,} more files. --json lists all.")
    if table is not None:
        click.echo(f"\n{table.rows:,} rows{'' if table.is_whole else ' were read; there are more'}")
        _show_columns(table.columns)


@dataset.command()
@click.argument("label", metavar="DATASET")
@click.option("--rows", "limit", type=click.IntRange(1, 1000), default=_FIRST, show_default=True, help="How many rows.")
@workspace_option
@json_option
def preview(label: str, limit: int, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show the first rows of a table.

    Example: desktop-aml dataset preview rows --rows 5
    """
    with opened(workspace_path) as workspace:
        rows = workspace.datasets.rows(workspace.datasets.get(*split_label(label)), limit)
    if as_json:
        show_json(rows)
        return
    # Not every JSON line names every column.
    columns = list(dict.fromkeys(name for row in rows for name in row))
    show_table(([row.get(name) for name in columns] for row in rows), columns, "It has no rows.")


def _state(has_changed: bool) -> str:
    return "changed or gone" if has_changed else "as it was"


def _show_columns(columns: tuple[ColumnProfile, ...]) -> None:
    show_table(
        (
            (
                one.name,
                one.kind,
                one.missing or "",
                "over 10,000" if one.distinct is None else one.distinct,
                _shown(one.least),
                _shown(one.greatest),
                _shown(one.mean),
                _bars(one.histogram) or ", ".join(f"{text} ({times:,})" for text, times in one.top[:3]),
            )
            for one in columns
        ),
        ("column", "kind", "missing", "distinct", "least", "greatest", "mean", "values"),
        "It has no columns.",
    )


def _shown(value: float | None) -> str:
    return "" if value is None else number(value)


def _bars(histogram: tuple[int, ...]) -> str:
    most = max(histogram, default=0)
    # A part that holds anything is never shown as empty.
    return "".join(_BARS[-(-one * (len(_BARS) - 1) // most)] for one in histogram) if most else ""


@dataset.command()
@click.argument("before", metavar="DATASET")
@click.argument("after", metavar="DATASET")
@workspace_option
@json_option
def diff(before: str, after: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show how two versions differ: files by their hashes, columns where both can still be read.

    Example: desktop-aml dataset diff rows:1 rows:2
    """
    with opened(workspace_path) as workspace:
        one, other = (workspace.datasets.get(*split_label(label)) for label in (before, after))
        found = workspace.datasets.diff(one, other)
    if as_json:
        show_json(found)
        return
    for words, paths in (("Added", found.added), ("Removed", found.removed), ("Changed", found.changed)):
        for path in paths[:_SHOWN]:
            click.echo(f"{words}: {path}")
        if len(paths) > _SHOWN:
            click.echo(f"{words}: {len(paths) - _SHOWN:,} more")
    if not found.differs():
        click.echo("They hold the same files with the same bytes.")
    if found.rows is not None:
        click.echo(f"Rows: {found.rows[0]:,} before, {found.rows[1]:,} after")
    if found.why_no_columns:
        click.echo(f"Columns are not compared. {found.why_no_columns}", err=True)
    for change in found.columns:
        if change.before is None or change.after is None:
            click.echo(f"Column {change.name}: {'new' if change.before is None else 'gone'}")
        else:
            click.echo(f"Column {change.name}: {_change(change.before, change.after)}")


def _change(before: ColumnProfile, after: ColumnProfile) -> str:
    facts = (
        ("kind", before.kind, after.kind),
        ("missing", before.missing, after.missing),
        ("distinct", before.distinct, after.distinct),
        ("least", _shown(before.least), _shown(after.least)),
        ("greatest", _shown(before.greatest), _shown(after.greatest)),
        ("mean", _shown(before.mean), _shown(after.mean)),
    )
    told = [f"{name} {old} → {new}" for name, old, new in facts if old != new]
    return ", ".join(told) or "other values"


@dataset.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
def delete(name: str, workspace_path: Path | None, *, yes: bool) -> None:
    """Forget every version of a dataset; its files stay, and runs keep what they used.

    Example: desktop-aml dataset delete rows
    """
    with opened(workspace_path, acting=True) as workspace:
        count = len(workspace.datasets.versions(workspace.datasets.get(name).name))
        if not yes:
            click.confirm(f"Forget {count:,} version{'s' * (count > 1)} of “{name}”?", abort=True)
        workspace.datasets.unregister(name)
        click.echo(f"Forgot {name}; its files stay where they are.")


COMMANDS = (dataset,)
