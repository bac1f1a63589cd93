"""Commands about workspaces."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml import settings
from desktop_aml.cli.opened import opened, tell_waiting, workspace_option
from desktop_aml.cli.output import json_option, moment, noun_of, show_fields, show_json, show_table, size
from desktop_aml.cli.paths import TypedPath
from desktop_aml.workspace import Workspace, database_fault, forget, rebuild, trusted_workspaces


@click.group()
def workspace() -> None:
    """Make, show and fix workspaces."""


@workspace.command()
@click.argument("path", type=TypedPath())
@click.option("--name", default="", help="Default: the folder's name.")
@json_option
def create(path: Path, name: str, *, as_json: bool) -> None:
    """Make a workspace in the folder PATH; commands that name none mean it from now on.

    Example: desktop-aml workspace create ~/iris --name iris
    """
    made = Workspace.create(path, name)
    made.close()
    settings.save(settings.load().with_opened(made.path))
    if as_json:
        show_json({"name": made.name, "path": str(made.path)})
    else:
        click.echo(f"Made the workspace “{made.name}” in {made.path}")


@workspace.command()
@workspace_option
@json_option
def show(workspace_path: Path | None, *, as_json: bool) -> None:
    """Show which workspace is meant and what it holds.

    Example: desktop-aml workspace show -w ~/iris
    """
    with opened(workspace_path) as found:
        facts = {
            "name": found.name,
            "path": str(found.path),
            "experiments": len(found.experiments.list()),
            "runs": sum(found.runs.state_counts().values()),
            "environments": len(found.environments.list()),
            "models": len(found.models.list()),
            "endpoints": len(found.endpoints.list()),
            "size_bytes": found.disk_usage(),
            "trusted": found.verdict().is_trusted,
        }
    if as_json:
        show_json(facts)
    else:
        facts["size"] = size(int(str(facts.pop("size_bytes"))))
        show_fields((name.capitalize(), value) for name, value in facts.items())


@workspace.command("capture")
@click.argument("wanted", type=click.Choice(["on", "off"]), required=False)
@workspace_option
@json_option
def capture_command(wanted: str | None, workspace_path: Path | None, *, as_json: bool) -> None:
    """Say whether runs of a workspace are captured: what plain scripts do with scikit-learn and print of results.

    With on or off it is so for runs submitted from now on; submit --capture or --no-capture decides for one.

    Example: desktop-aml workspace capture off
    """
    with opened(workspace_path) as found:
        if wanted is not None:
            found.set_captures(wanted=wanted == "on")
        captures = found.captures()
    if as_json:
        show_json({"capture": captures})
    else:
        click.echo("Runs are captured." if captures else "Runs are not captured.")


@workspace.command("trust")
@click.argument("path", type=TypedPath(), required=False)
@click.option("--list", "wants_list", is_flag=True, help="List what is trusted instead.")
@click.option("--forget", "is_unwanted", is_flag=True, help="Let PATH run nothing any more.")
@json_option
def trust_command(path: Path | None, *, wants_list: bool, is_unwanted: bool, as_json: bool) -> None:
    """Let the workspace PATH of somebody else run its code as you: queued runs, requests, endpoints.

    Those that you made on this computer are trusted already.

    Example: desktop-aml workspace trust /media/stick/iris
    """
    if wants_list:
        known = trusted_workspaces()
        if as_json:
            show_json(known)
        else:
            show_table(((one.path, moment(one.at)) for one in known), ("path", "since"), "No workspace is trusted.")
        return
    if path is None:
        raise click.UsageError("Name the workspace, or use --list.")
    if is_unwanted:
        known_before = forget(path)
        click.echo(f"Nothing runs in “{path}” any more." if known_before else f"“{path}” was not trusted.", err=True)
        return
    found = Workspace.open(path)
    try:
        if not found.verdict().is_trusted:
            tell_waiting(found)
            found.trust()
    finally:
        found.leave_work()
        found.close()
    if as_json:
        show_json({"name": found.name, "path": str(found.path)})
    else:
        click.echo(f"The workspace “{found.name}” in {found.path} may run code.")


@workspace.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
def clean(workspace_path: Path | None, *, dry_run: bool, yes: bool) -> None:
    """Remove files that nothing needs any more, such as working copies of ended runs; says first how much that is.

    Example: desktop-aml workspace clean -w ~/iris
    """
    with opened(workspace_path, acting=not dry_run) as found:
        unused = found.unused_space()
        if not unused:
            click.echo(f"All files in {found.path} are needed.")
            return
        click.echo(f"Nothing needs {size(unused)} of the files in {found.path} any more.")
        if dry_run:
            return
        if not yes:
            click.confirm("Remove them?", abort=True)
        click.echo(f"{size(found.clean_store())} of the disk are free again.")


@workspace.command("rebuild")
@click.argument("path", type=TypedPath())
@click.option("--yes", is_flag=True, help="Do not ask, also when the database is healthy.")
def rebuild_command(path: Path, *, yes: bool) -> None:
    """Make a new database from the folders of a workspace, for one that is damaged, empty or gone. The old one is kept.

    Example: desktop-aml workspace rebuild ~/iris
    """
    if not yes and not database_fault(path):
        click.confirm("The database of this workspace is healthy. Make a new one all the same?", abort=True)
    report = rebuild(path)
    counts = (
        (report.runs, "run"),
        (report.models, "model"),
        (report.datasets, "dataset"),
        (report.environments, "environment"),
        (report.endpoints, "endpoint"),
    )
    click.echo(f"Rebuilt: {', '.join(noun_of(count, noun) for count, noun in counts)}.")
    if report.kept_as is not None:
        click.echo(f"The old database is kept as {report.kept_as}")
    for problem in report.problems:
        click.echo(f"Passed over: {problem}", err=True)


COMMANDS = (workspace,)
