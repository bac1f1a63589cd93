"""The command that answers questions in SQL."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json, show_table


@click.command()
@click.argument("sql", required=False)
@click.option("--views", is_flag=True, help="List the views and their columns.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, metavar="ROWS")
@click.option("--timeout", "timeout_s", type=click.FloatRange(0.01, 3600), default=30.0, show_default=True, metavar="S")
@workspace_option
@json_option
def query(
    sql: str | None,
    limit: int,
    timeout_s: float,
    workspace_path: Path | None,
    *,
    views: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Answer one SELECT over runs, metrics, params, tags and models; “-” reads it from standard input.

    Nothing can be written. Times are Unix times in seconds: datetime(created_at, 'unixepoch').

    Example: desktop-aml query "SELECT name, min FROM metrics WHERE name = 'loss' ORDER BY min LIMIT 5"
    """
    if as_csv and as_json:
        raise click.UsageError("Either --csv or --json.")
    if bool(sql) == views:
        raise click.UsageError("Write a SELECT, or ask for --views.")
    with opened(workspace_path) as workspace:
        if views:
            known = workspace.queries.views()
            if as_json:
                show_json(known)
            else:
                show_table(((name, ", ".join(names)) for name, names in known.items()), ("view", "columns"), "")
            return
        text = sys.stdin.read() if sql == "-" else str(sql)
        found = workspace.queries.ask(text, limit=limit, timeout_s=timeout_s)
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in found.rows)
    elif as_json:
        show_json([dict(zip(found.columns, row, strict=True)) for row in found.rows])
    else:
        rows = (["" if cell is None else cell for cell in row] for row in found.rows)
        show_table(rows, found.columns, "Nothing was found.")
    if found.more:
        click.echo(f"There are more than {limit:,} rows: --limit shows more.", err=True)


COMMANDS = (query,)
