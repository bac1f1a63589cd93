"""Commands about runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop_aml.cli.assignments import env_option, tags_of, variables_of
from desktop_aml.cli.comparing.again import repeat_fields, rerun, verify
from desktop_aml.cli.comparing.compare import compare
from desktop_aml.cli.containers.of_run import container_options, shell
from desktop_aml.cli.following import follow, tell_preparation, tell_submitted
from desktop_aml.cli.mlflow.filters import filter_options, find_runs, refuse_both
from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.organising.needs import needs_options
from desktop_aml.cli.organising.queue import queue
from desktop_aml.cli.organising.runs import ORGANISING
from desktop_aml.cli.organising.script_command import ScriptCommand
from desktop_aml.cli.organising.stack import stack
from desktop_aml.cli.output import duration, json_option, moment, number, show_fields, show_json, show_table, size
from desktop_aml.cli.paths import TypedPath, environment_of, experiment_for
from desktop_aml.cli.run_collecting import collect, loss_fields
from desktop_aml.cli.run_data import data_fields
from desktop_aml.cli.run_facts import (
    captured_fields,
    dataset_fields,
    facts,
    metrics,
    organising_fields,
    parameter_fields,
    property_fields,
    source_words,
)
from desktop_aml.cli.sharing.bundles import export_runs, import_runs
from desktop_aml.cli.sharing.report import report
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.pythons import THIS_PYTHON
from desktop_aml.domain.runs import ATTACHED, RunQuery, RunState, RunSummary
from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.system.whole_paths import whole_path

if TYPE_CHECKING:
    from desktop_aml.domain.metrics import MetricSource, Scalar
    from desktop_aml.domain.organising.needs import Needs
    from desktop_aml.workspace import Workspace


@click.command(
    cls=ScriptCommand,
    epilog="Example: desktop-aml submit train.py --experiment iris --environment environment.yml -- --kernel rbf",
)
@click.argument("script", type=TypedPath())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS...]")
@click.option(
    "-m", "as_module", is_flag=True, help="SCRIPT is a module, such as pkg.train, of --source or this folder."
)
@click.option("--source", type=TypedPath(), help="Folder that is copied. Default: the script's folder.")
@click.option("--experiment", default="", help="Default: the name of the script's folder.")
@click.option(
    "--environment", default=THIS_PYTHON, show_default=True, help="A registered NAME or NAME:VERSION, or a file."
)
@click.option(
    "--target",
    default="local",
    show_default=True,
    help="Where it runs: local, a process of this computer; docker, a container with the environment as its image; or a"
    " cluster, see desktop-aml compute.",
)
@click.option("--name", "display_name", default="", help="What to call the run.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag; may be given more than once.")
@env_option
@click.option("--timeout", "timeout_s", type=float, metavar="S", help="Stop the script after S seconds.")
@click.option("--compatibility/--no-compatibility", default=None, help="Restore what newer libraries removed or not.")
@click.option("--capture/--no-capture", default=None, help="Record what the script does with scikit-learn or not.")
@needs_options
@container_options
@click.option("--detach", is_flag=True, help="Return at once; the run goes on in the background.")
@workspace_option
@json_option
def submit(
    script: Path,
    arguments: tuple[str, ...],
    source: Path | None,
    experiment: str,
    environment: str,
    target: str,
    display_name: str,
    tags: Sequence[str],
    env_words: Sequence[str],
    timeout_s: float | None,
    workspace_path: Path | None,
    *,
    needs: Needs,
    container: dict[str, str],
    as_module: bool,
    compatibility: bool | None,
    capture: bool | None,
    detach: bool,
    as_json: bool,
) -> int:
    """Run SCRIPT: copy its folder, prepare its environment, train, keep what it logs and writes.

    Prints the script's output as it comes. The exit code is 0 when the run completed, 1 when it failed, 130 when it
    was canceled (Ctrl+C cancels it). What follows -- goes to the script.
    """
    labels, variables = tags_of(tags), variables_of(env_words)
    with opened(workspace_path, acting=True, make=True, on_event=tell_preparation) as workspace:
        run_id = workspace.runs.submit(
            script,
            source_directory=source,
            experiment=experiment or experiment_for(source or ("" if as_module else whole_path(script).parent)),
            environment=environment_of(workspace, environment),
            target=target,
            arguments=arguments,
            display_name=display_name,
            tags=labels,
            env_vars={**variables, **container},
            properties=needs.as_properties(),
            timeout_s=timeout_s,
            compatibility=compatibility,
            capture=capture,
            as_module=as_module,
            warn=lambda words: click.echo(f"Note: {words}", err=True),
        )
        if not as_json:
            tell_submitted(workspace, run_id)
        code = 0 if detach else follow(workspace, run_id, quiet=as_json, stream=sys.stderr.buffer if as_json else None)
        if as_json:
            show_json(facts(workspace, run_id))
        elif detach:
            click.echo(run_id)
        return code


@click.group()
def run() -> None:
    """List, show, follow, cancel, repeat and organise runs. RUN is an id, the beginning of one, a name, or “latest”.

    The latest is the newest that somebody started: no trial of a sweep, and no child that a script made.
    """


@run.command("list")
@click.option("--experiment", help="Only runs of this experiment.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in RunState], case_sensitive=False),
    multiple=True,
    help="Only runs in this state; may be given more than once.",
)
@click.option("--search", default="", help="Only runs whose name, experiment, script or id holds this text.")
@filter_options
@click.option("--limit", default=50, show_default=True)
@workspace_option
@json_option
def list_runs(
    experiment: str | None,
    state: tuple[str, ...],
    search: str,
    filter_text: str,
    order_by: tuple[str, ...],
    limit: int,
    workspace_path: Path | None,
    *,
    as_json: bool,
) -> None:
    """List runs, newest first.

    Example: desktop-aml run list --experiment iris --state completed
    """
    query = RunQuery(text=search, experiment=experiment, states=tuple(RunState(name) for name in state))
    is_filtered = bool(filter_text or order_by)
    refuse_both(is_filtered=is_filtered, is_searched=bool(search or state))
    with opened(workspace_path) as workspace:
        if is_filtered:
            found = find_runs(workspace.path, filter_text, order_by, experiment=experiment, limit=limit)
        else:
            found = workspace.runs.list(query, limit=limit)
        stalled = {run.id for run in found if workspace.runs.queue.stalled(run)}
        is_narrowed = bool(filter_text or search or state or experiment is not None)
        none = "" if found else _none_words(workspace, is_narrowed=is_narrowed)
    if as_json:
        show_json(found)
        return
    now = time.time()
    show_table(
        (
            (
                run.id,
                run.display_name,
                run.experiment,
                f"{run.state}, stalled?" if run.id in stalled else run.state,
                moment(run.created_at),
                duration(run.duration_s(now)),
                _summary(run),
            )
            for run in found
        ),
        ("id", "name", "experiment", "state", "created", "duration", "metrics"),
        none,
    )


def _none_words(workspace: Workspace, *, is_narrowed: bool) -> str:
    if is_narrowed:
        return "No run matches. List all with: desktop-aml run list"
    if workspace.runs.list(RunQuery(shelf=Shelf.EVERYTHING), limit=1):
        return "All runs are in the archive or the trash: desktop-aml run list --filter 'archived or deleted'"
    return "There are no runs. Start one with: desktop-aml submit SCRIPT"


def _summary(run: RunSummary) -> str:
    return ", ".join(f"{name}={number(value)}" for name, value in run.summary[:3])


@run.command()
@click.argument("run_id", metavar="RUN")
@workspace_option
@json_option
def show(run_id: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show everything about a run.

    Example: desktop-aml run show latest
    """
    with opened(workspace_path) as workspace:
        if as_json:
            show_json(facts(workspace, run_id))
            return
        detail = workspace.runs.get(run_id)
        summary = detail.summary
        sources = workspace.runs.metrics(summary.id).sources()
        show_fields(
            (
                ("Id", summary.id),
                ("Name", summary.display_name),
                ("Experiment", summary.experiment),
                *organising_fields(detail),
                ("State", summary.state),
                ("Error", summary.error),
                ("Hint", detail.hint),
                ("Queue position", detail.queue_position),
                ("Waits because" if detail.queue_position else "Notice", workspace.runs.queue.reason(detail)),
                *loss_fields(detail),
                ("Script", summary.script),
                ("Arguments", " ".join(masked_arguments(detail.arguments))),
                ("Command", " ".join(masked_arguments(detail.command))),
                ("Environment", summary.environment),
                ("Python", detail.python_version),
                ("Target", summary.target),
                ("Created", moment(summary.created_at)),
                ("Started", moment(summary.started_at)),
                ("Ended", moment(summary.ended_at)),
                ("Duration", duration(summary.duration_s(time.time()))),
                ("Source", detail.source_directory),
                ("Attached", workspace.attachments.words_of(summary.id) if summary.target == ATTACHED else ""),
                ("Folder", detail.run_directory),
                *parameter_fields(detail),
                *((f"Tag {key}", value or "(set)") for key, value in detail.tags.items()),
                *dataset_fields(workspace, summary.id),
                *repeat_fields(workspace, detail),
                *data_fields(workspace, summary.id),
                *property_fields(detail),
                *captured_fields(workspace.runs.captured(summary.id)),
                *((f"Metric {name}", _value_words(value, sources.get(name))) for name, value in summary.summary),
            )
        )


def _value_words(value: Scalar, source: MetricSource | None) -> str:
    return f"{number(value)}  ({source_words(source)})" if source else number(value)


@run.command()
@click.argument("run_id", metavar="RUN")
@click.option("--follow", "-f", "following", is_flag=True, help="Keep printing until the run ends.")
@workspace_option
def log(run_id: str, workspace_path: Path | None, *, following: bool) -> int:
    """Print what a run printed.

    Example: desktop-aml run log latest --follow
    """
    with opened(workspace_path) as workspace:
        run_id = workspace.runs.find(run_id)
        if following:
            return follow(workspace, run_id, quiet=True)
        offset, chunk = 0, workspace.runs.files.read_log(run_id)
        while chunk.data:
            sys.stdout.buffer.write(chunk.data)
            offset = chunk.next_offset
            chunk = workspace.runs.files.read_log(run_id, offset)
    return 0


@run.command()
@click.argument("run_id", metavar="RUN")
@workspace_option
@json_option
def outputs(run_id: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """List the files that a run left behind.

    Example: desktop-aml run outputs latest
    """
    with opened(workspace_path) as workspace:
        found = workspace.runs.files.list(run_id)
    if as_json:
        show_json(found)
    else:
        show_table(
            ((file.path, size(file.size_bytes), file.sha256[:12]) for file in found),
            ("path", "size", "sha256"),
            "The run left no files.",
        )


@run.command()
@click.argument("run_id", metavar="RUN")
@click.argument("path", default="")
@click.option("--to", type=TypedPath(), default=Path(), help="Folder to write into. Default: this one.")
@workspace_option
@json_option
def download(run_id: str, path: str, to: Path, workspace_path: Path | None, *, as_json: bool) -> None:
    """Copy files of a run: one, a folder of them, or all.

    Example: desktop-aml run download latest outputs/model.joblib --to models
    """
    with opened(workspace_path) as workspace:
        written = workspace.runs.files.download(run_id, path, to)
    if as_json:
        show_json([str(target) for target in written])
    else:
        for target in written:
            click.echo(target)


@run.command()
@click.argument("run_id", metavar="RUN")
@workspace_option
def cancel(run_id: str, workspace_path: Path | None) -> None:
    """End a run: politely first, by force after the grace period.

    Example: desktop-aml run cancel swift-otter-12
    """
    with opened(workspace_path, acting=True) as workspace:
        found = workspace.runs.find(run_id)
        workspace.runs.cancel(found)
        click.echo(f"Asked {found} to end.")


for command in (
    collect,
    compare,
    export_runs,
    import_runs,
    metrics,
    queue,
    report,
    rerun,
    shell,
    stack,
    verify,
    *ORGANISING,
):
    run.add_command(command)
COMMANDS = (submit, run)
