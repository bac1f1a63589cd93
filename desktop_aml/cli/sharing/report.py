"""Runs as one page to read: ``run report``."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json
from desktop_aml.cli.paths import TypedPath
from desktop_aml.cli.sharing.new_file import force_option, refuse_existing


@click.command("report")
@click.argument("run_ids", metavar="RUN...", nargs=-1)
@click.option(
    "--to",
    type=TypedPath(),
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="The file: a web page, or a PDF by its name.",
)
@click.option("--title", default="", help="Its heading. Default: the name of the run, or how many there are.")
@click.option("--check", type=TypedPath(), metavar="FILE", help="Say which runs of this report changed since.")
@force_option
@workspace_option
@json_option
def report(
    run_ids: tuple[str, ...],
    to: Path,
    title: str,
    check: Path | None,
    workspace_path: Path | None,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Write runs into one file to read: where they differ, curves, pictures, files, and what each was.

    With --check: exit code 1 when a run of that report changed since, or is gone.

    Example: desktop-aml run report swift-otter-12 calm-heron-7 --to report.html
    """
    if bool(run_ids) == (check is not None):
        raise click.UsageError("Name runs to report on, or a report with --check.")
    with opened(workspace_path) as workspace:
        if check is None:
            refuse_existing(to, force=force)
            written = workspace.runs.reports.write(run_ids, to, title=title)
            show_json({"file": str(written)}) if as_json else click.echo(f"Wrote {written}")
            return 0
        found = workspace.runs.reports.check(check)
    if as_json:
        show_json(found)
    else:
        for one in found:
            changed = f"changed: {', '.join(one.changed)}" if one.changed else "as it was"
            click.echo(f"{one.run_id}  {changed if one.is_here else 'is gone'}")
    return 1 if any(one.changed or not one.is_here for one in found) else 0
