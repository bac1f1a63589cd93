"""Commands about compute targets: the names that Azure ML code has for places, and what they mean here."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, moment, show_json, show_table


@click.group()
def compute() -> None:
    """Compute targets of Azure ML code: names for places on this computer."""


@compute.command("list")
@json_option
@workspace_option
def list_computes(workspace_path: Path | None, *, as_json: bool) -> None:
    """List the compute targets and where their runs execute.

    Example: desktop-aml compute list
    """
    with opened(workspace_path) as workspace:
        found = workspace.computes.list()
    if as_json:
        show_json([{"name": name, "kind": one.kind, "runs_on": one.runs_on} for name, one in found.items()])
        return
    show_table(
        [(name, one.kind, one.vm_size, one.runs_on, moment(one.created_at)) for name, one in found.items()],
        ("name", "kind", "asked for", "runs on", "made"),
        "No Azure ML code has made a compute target here. Name one with: desktop-aml compute map NAME TARGET",
    )


@compute.command("map")
@click.argument("name")
@click.argument("target", type=click.Choice(["local", "docker"]))
@workspace_option
def map_compute(name: str, target: str, workspace_path: Path | None) -> None:
    """Have the runs that Azure ML code submits to the compute target NAME execute in TARGET.

    Example: desktop-aml compute map cpu-cluster docker
    """
    with opened(workspace_path) as workspace:
        workspace.computes.map(name, target)
    click.echo(f"Runs for “{name}” execute in {target} from now on.")


@compute.command("delete")
@click.argument("name")
@workspace_option
def delete_compute(name: str, workspace_path: Path | None) -> None:
    """Forget the compute target NAME; its runs stay.

    Example: desktop-aml compute delete cpu-cluster
    """
    with opened(workspace_path) as workspace:
        workspace.computes.delete(name)
    click.echo(f"Forgot “{name}”.")


COMMANDS = (compute,)
