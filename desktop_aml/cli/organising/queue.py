"""Commands about the queue: what waits and why, its order, a pause."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json, show_table


@click.group()
def queue() -> None:
    """Runs that wait: their order, why they wait, a pause."""


@queue.command("list")
@json_option
@workspace_option
def list_queue(workspace_path: Path | None, *, as_json: bool) -> None:
    """List the runs that wait, those that begin first on top, and why each waits.

    Example: desktop-aml run queue list
    """
    with opened(workspace_path) as workspace:
        is_paused = workspace.runs.queue.is_paused()
        found = [workspace.runs.get(run_id) for run_id in workspace.runs.queue.waiting()]
        reasons = [workspace.runs.queue.reason(detail) for detail in found]
    if as_json:
        rows = [
            {"id": detail.summary.id, "priority": detail.priority, "reason": reason}
            for detail, reason in zip(found, reasons, strict=True)
        ]
        show_json({"paused": is_paused, "waiting": rows})
        return
    if is_paused:
        click.echo("The queue is paused.")
    show_table(
        [
            (number, detail.summary.display_name, detail.summary.target, detail.priority, reason)
            for number, (detail, reason) in enumerate(zip(found, reasons, strict=True), 1)
        ],
        ("", "name", "target", "priority", "waits because"),
        "No run waits.",
    )


@queue.command()
@workspace_option
def pause(workspace_path: Path | None) -> None:
    """Let no further run begin; what executes goes on.

    Example: desktop-aml run queue pause
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.runs.queue.pause()
    click.echo("The queue is paused.")


@queue.command()
@workspace_option
def resume(workspace_path: Path | None) -> None:
    """Let queued runs begin again.

    Example: desktop-aml run queue resume
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.runs.queue.resume()
    click.echo("The queue goes on.")


# A number below 0 is no option.
@queue.command(context_settings={"ignore_unknown_options": True})
@click.argument("run_id", metavar="RUN")
@click.argument("number", type=int)
@workspace_option
def priority(run_id: str, number: int, workspace_path: Path | None) -> None:
    """Give the queued RUN a priority: those of a higher NUMBER begin first, 0 is usual.

    Example: desktop-aml run queue priority swift-otter-12 10
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.runs.queue.set_priority(run_id, number)


@queue.command()
@click.argument("run_id", metavar="RUN")
@click.option("--before", metavar="OTHER", help="The queued run that it is to stand before. Default: the first.")
@click.option("--last", is_flag=True, help="To the end of those of its priority.")
@workspace_option
def move(run_id: str, before: str | None, workspace_path: Path | None, *, last: bool) -> None:
    """Put the queued RUN elsewhere in the queue.

    Example: desktop-aml run queue move swift-otter-12 --before calm-wren-3
    """
    if before and last:
        raise click.UsageError("Give either --before OTHER or --last.")
    with opened(workspace_path, acting=True) as workspace:
        if before or last:
            workspace.runs.queue.move(run_id, before or "")
        else:
            workspace.runs.queue.put_first(run_id)
