"""Commands that make a run again, and say whether it gave the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from desktop_aml.cli.assignments import env_option, variables_of
from desktop_aml.cli.following import follow, tell_preparation, tell_submitted
from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.organising.script_command import ScriptCommand
from desktop_aml.cli.output import json_option, show_json
from desktop_aml.cli.paths import environment_of
from desktop_aml.cli.run_data import tell_changed
from desktop_aml.cli.run_facts import facts
from desktop_aml.domain.secret_words import VARIABLES_MISSING

if TYPE_CHECKING:
    from desktop_aml.domain.compare.repeated import Verdict
    from desktop_aml.domain.runs import RunDetail
    from desktop_aml.workspace import Workspace

_SHOWN: Final = 20


@click.command(cls=ScriptCommand)
@click.argument("run_id", metavar="RUN")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS...]")
@click.option("--environment", help="Another environment than the run had.")
@env_option
@click.option("--detach", is_flag=True, help="Return at once; the run goes on in the background.")
@workspace_option
@json_option
def rerun(
    run_id: str,
    arguments: tuple[str, ...],
    environment: str | None,
    env_words: Sequence[str],
    workspace_path: Path | None,
    *,
    detach: bool,
    as_json: bool,
) -> int:
    """Run an old run's own code again, with its arguments or with those after --.

    What has changed since of the data that the old run read is said first. Whether it gave the same: desktop-aml run
    verify

    Example: desktop-aml run rerun latest -- --kernel poly
    """
    with opened(workspace_path, acting=True, on_event=tell_preparation) as workspace:
        chosen = environment_of(workspace, environment) if environment else None
        new_id = _run_again(workspace, run_id, arguments or None, chosen, variables_of(env_words), quiet=as_json)
        code = 0 if detach else follow(workspace, new_id, quiet=as_json, stream=sys.stderr.buffer if as_json else None)
        if as_json:
            show_json(facts(workspace, new_id))
        return code


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--against", metavar="RUN", help="Run nothing: say whether RUN gives again what this earlier run gave.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0.0),
    default=1e-12,
    show_default=True,
    help="Relative difference up to which two numbers are called the same.",
)
@workspace_option
@json_option
def verify(run_id: str, against: str | None, tolerance: float, workspace_path: Path | None, *, as_json: bool) -> int:
    """Run an old run again as it was, and say whether it gives the same files and metrics.

    The code, the arguments, the environment and the variables are the old run's; data is read where it lies. The exit
    code is 0 when everything is the same, or all numbers are, and 1 when they differ.

    Example: desktop-aml run verify latest
    """
    with opened(workspace_path, acting=not against, on_event=tell_preparation) as workspace:
        new_id, origin = run_id, against or ""
        if not against:
            origin = workspace.runs.find(run_id)
            env_vars = workspace.runs.repeats.variables(origin)
            new_id = _run_again(workspace, origin, None, None, env_vars, quiet=as_json)
            follow(workspace, new_id, quiet=as_json, stream=sys.stderr.buffer if as_json else None)
        found = workspace.runs.repeats.verdict(new_id, origin, tolerance=tolerance)
    if as_json:
        show_json(asdict(found))
    else:
        _tell(found)
    return 0 if _is_same(found) else 1


def repeat_fields(workspace: Workspace, detail: RunDetail) -> Iterator[tuple[str, str]]:
    """Yield the field of `run show` for a run that was made again: of which, and whether it gave the same."""
    from desktop_aml.domain.compare.repeated import in_words
    from desktop_aml.domain.errors import NotFound

    origin = workspace.runs.repeats.origin(detail.summary.id)
    if not origin:
        return
    try:
        yield "Repeats", f"{origin}. {in_words(workspace.runs.repeats.verdict(detail.summary.id))}"
    except NotFound:
        yield "Repeats", f"{origin}, which is no longer in this workspace"


def _run_again(
    workspace: Workspace,
    run_id: str,
    arguments: Sequence[str] | None,
    environment: str | None,
    env_vars: dict[str, str],
    *,
    quiet: bool,
) -> str:
    """Submit a run again, and say before what is no longer as it was."""
    tell_changed(workspace.runs.data.changed(run_id))
    new_id = workspace.runs.rerun(run_id, arguments=arguments, environment=environment, env_vars=env_vars)
    missing = workspace.runs.get(new_id).properties.get(VARIABLES_MISSING)
    if missing:
        click.echo(f"Not kept, as they look like secrets: {missing}. To set one again: --env KEY=VALUE", err=True)
    if not quiet:
        tell_submitted(workspace, new_id)
    return new_id


def _is_same(found: Verdict) -> bool:
    from desktop_aml.domain.compare.repeated import Sameness

    return found.sameness in {Sameness.IDENTICAL, Sameness.SAME_NUMBERS}


def _tell(found: Verdict) -> None:
    from desktop_aml.domain.compare.repeated import file_in_words, in_words, metric_in_words

    click.echo(in_words(found))
    lines = [f"  {one.path}: {file_in_words(one)}" for one in found.files]
    lines += [f"  {one.name}: {metric_in_words(one)}" for one in found.metrics]
    if found.conditions:
        lines.append("These differed before the script began:")
        lines += [
            f"  {one.kind}: {one.name}  {one.before or 'none'} → {one.after or 'none'}" for one in found.conditions
        ]
    if found.times:
        lines.append(f"Not compared, as they are times: {', '.join(found.times)}")
    for line in lines[:_SHOWN]:
        click.echo(line)
    if len(lines) > _SHOWN:
        click.echo(f"  and {len(lines) - _SHOWN:,} more: --json shows all")
    if not _is_same(found) and not found.reason and not found.conditions:
        click.echo(
            "Nothing that is known differed before. A script that draws random numbers without a seed, or writes the"
            " time of day into its files, gives something else each time."
        )
