"""The command that puts runs side by side."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, number, show_fields, show_json, show_table


@click.command()
@click.argument("runs", metavar="RUN RUN...", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Show what is the same in all of them, too.")
@workspace_option
@json_option
def compare(runs: tuple[str, ...], workspace_path: Path | None, *, everything: bool, as_json: bool) -> None:
    """Show where two to a hundred runs differ: metrics, arguments, tags, properties.

    How the packages of two runs differ: desktop-aml environment diff RUN RUN

    Example: desktop-aml run compare latest iris_1764000000_ab12
    """
    with opened(workspace_path) as workspace:
        found = workspace.runs.compare(runs)
    if as_json:
        rows = [
            {"section": row.section, "name": row.name, "values": row.values, "differs": row.differs()}
            for row in found.rows
        ]
        show_json({"runs": [run.id for run in found.runs], "rows": rows})
        return
    # Ids are too long to stand above columns.
    show_fields((str(place), f"{run.id}  {run.display_name}") for place, run in enumerate(found.runs, 1))
    click.echo()
    shown = [row for row in found.rows if everything or row.differs()]
    show_table(
        ((row.section, row.name, *("" if value is None else number(value) for value in row.values)) for row in shown),
        ("", "name", *(str(place) for place in range(1, len(found.runs) + 1))),
        "These runs do not differ. --all shows what they have in common.",
    )
