"""Commands about sweeps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path

import click

from desktop_aml.cli.assignments import env_option, tags_of, variables_of
from desktop_aml.cli.following import tell_preparation
from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.organising.needs import needs_options
from desktop_aml.cli.organising.script_command import ScriptCommand
from desktop_aml.cli.output import duration, json_option, moment, number, show_fields, show_json, show_table
from desktop_aml.cli.paths import TypedPath, environment_of, experiment_for
from desktop_aml.cli.sweep_following import follow_sweep, given
from desktop_aml.cli.tuning import acts, studies
from desktop_aml.cli.tuning.standings import show_standings, standing_facts
from desktop_aml.domain.environments import THIS_PYTHON
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.organising.needs import Needs
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import Expression, parse
from desktop_aml.domain.sweeps.records import Sweep, SweepLine, SweepSpec
from desktop_aml.domain.sweeps.space import Search, describe, new_seed, size_of, space_of
from desktop_aml.domain.sweeps.standings import best_of
from desktop_aml.domain.sweeps.stopping import parse_rule
from desktop_aml.run_folder.script_env import WARM_VARIABLE
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace import Workspace

_TRIALS = 20


class _ScriptOrCommand(click.Group):
    """A group whose command may be left out: a script means that a sweep is begun."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command before the words that name none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            # A plain word that is no file: a module (-m) and a script have a dot or a slash, or are there.
            is_script = "-m" in args or "." in args[0] or "/" in args[0] or Path(args[0]).exists()
            near = () if is_script else get_close_matches(args[0], self.commands, n=1)
            if near:
                raise click.UsageError(f"No such command “{args[0]}”. Did you mean “{near[0]}”?", ctx)
            args = ["start", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_ScriptOrCommand,
    epilog="Example: desktop-aml sweep train.py --vary '--C=loguniform(0.01,100)' --metric Accuracy --maximize",
)
def sweep() -> None:
    """Tune a script: run it again and again with other arguments, and find the best.

    SWEEP is an id, the beginning of one, a name, or “latest”. “sweep SCRIPT …” is short for “sweep start SCRIPT …”.
    """


vary_option = click.option(
    "--vary",
    "varied",
    multiple=True,
    metavar="NAME=HOW",
    help="An argument and how it varies: choice(linear,rbf), uniform(0,1), loguniform(0.01,100), integers(1,9), …",
)


@sweep.command(cls=ScriptCommand)
@click.argument("script", type=TypedPath())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS...]")
@vary_option
@click.option("--metric", required=True, help="What trials are compared by: its name, exactly as the script logs it.")
@click.option("--maximize/--minimize", "is_maximized", default=None, help="Whether more of the metric is better.")
@click.option("--trials", type=int, help=f"How many at most. Default: {_TRIALS}, or all of a grid.")
@click.option("--concurrent", default=2, show_default=True, help="How many at once.")
@click.option("--search", type=click.Choice([one.value for one in Search]), default="random", show_default=True)
@click.option("--seed", type=int, help="The same seed gives the same trials. Default: a new one, which is shown.")
@click.option("--stop", "rule", default="", metavar="RULE", help="End bad trials early: bandit(slack_factor=0.1), …")
@click.option("--time-limit", "time_limit_s", type=float, metavar="S", help="Seconds for the whole sweep.")
@click.option("-m", "as_module", is_flag=True, help="SCRIPT is a module, such as pkg.train, of --source.")
@click.option("--source", type=TypedPath(), help="Folder that is copied. Default: the script's folder.")
@click.option("--experiment", default="", help="Default: the name of the script's folder.")
@click.option("--environment", default=THIS_PYTHON, show_default=True, help="A registered NAME[:VERSION], or a file.")
@click.option("--target", default="local", show_default=True, help="Where trials run: local, docker or a cluster.")
@click.option("--name", "display_name", default="", help="What to call the sweep.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag of the sweep and its trials.")
@env_option
@click.option("--timeout", "timeout_s", type=float, metavar="S", help="Stop each trial after S seconds.")
@needs_options
@click.option("--cold", is_flag=True, help="Start each trial by itself, none from an interpreter made ready before.")
@click.option("--detach", is_flag=True, help="Return at once; the sweep goes on in the background.")
@workspace_option
@json_option
def start(
    script: Path,
    arguments: tuple[str, ...],
    varied: tuple[str, ...],
    metric: str,
    is_maximized: bool | None,
    trials: int | None,
    concurrent: int,
    search: str,
    seed: int | None,
    rule: str,
    time_limit_s: float | None,
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
    as_module: bool,
    cold: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Begin a sweep of SCRIPT and follow it. What follows -- goes to every trial.

    The exit code is 0 when the sweep completed, 1 when it failed, 130 when it was canceled (Ctrl+C cancels it).
    """
    if is_maximized is None:
        raise click.UsageError(f"Say whether more of {metric} is better: --maximize or --minimize.")
    space = space_of(_expressions(varied))
    spec = SweepSpec(
        space=space,
        metric=metric,
        goal=Goal.MAXIMIZE if is_maximized else Goal.MINIMIZE,
        trials=trials or (size_of(space) if search == Search.GRID else None) or _TRIALS,
        concurrent=concurrent,
        search=Search(search),
        seed=new_seed() if seed is None else seed,
        rule=parse_rule(rule),
        time_limit_s=time_limit_s,
    )
    labels, variables = tags_of(tags), {**variables_of(env_words), **({WARM_VARIABLE: "off"} if cold else {})}
    with opened(workspace_path, acting=True, make=True, on_event=tell_preparation) as workspace:
        run_id = workspace.sweeps.start(
            script,
            spec,
            source_directory=source,
            experiment=experiment or experiment_for(source or ("" if as_module else whole_path(script).parent)),
            environment=environment_of(workspace, environment),
            target=target,
            arguments=arguments,
            display_name=display_name,
            tags=labels,
            env_vars=variables,
            properties=needs.as_properties(),
            timeout_s=timeout_s,
            as_module=as_module,
            warn=lambda words: click.echo(f"Note: {words}", err=True),
        )
        if not as_json:
            click.echo(f"Sweep {run_id} in the workspace “{workspace.name}”, {workspace.path}", err=True)
            click.echo(f"{describe(spec.search, spec.space)} Seed {spec.seed}.", err=True)
        code = 0 if detach else follow_sweep(workspace, run_id, quiet=as_json)
        if as_json:
            show_json(_facts(workspace.sweeps.get(run_id)))
        elif detach:
            click.echo(run_id)
        else:
            _tell_best(workspace, workspace.sweeps.get(run_id))
        return code


def _expressions(varied: Sequence[str]) -> Mapping[str, Expression]:
    found: dict[str, Expression] = {}
    for word in varied:
        name, has_value, how = word.partition("=")
        if not has_value:
            raise InvalidInput(f"“{word}” does not say how it varies.", "Write NAME=HOW, as --vary '--C=uniform(0,1)'.")
        (one,) = space_of({name.strip(): parse(how)})
        if one.key in found:
            raise InvalidInput(f"The argument “{name}” varies twice.", "Name each argument once.")
        found[one.key] = one.expression
    return found


def _facts(found: Sweep) -> dict[str, object]:
    space = {one.key: str(one.expression) for one in found.spec.space}
    rule = str(found.spec.rule) if found.spec.rule else None
    body = asdict(found)
    body["spec"] = {**body["spec"], "space": space, "rule": rule}
    body["trials"] = [_trial_facts(found, place) for place in range(len(found.trials))]
    winner = best_of(found)
    return {
        **body,
        "best": _trial_facts(found, winner.number) if winner else None,
        "over": found.over(),
        "total": found.total,
        "explanation": found.explanation(),
        "standings": standing_facts(found),
    }


def _trial_facts(found: Sweep, place: int) -> dict[str, object]:
    trial = found.trials[place]
    stopped = {**asdict(trial.stopped), "words": str(trial.stopped)} if trial.stopped else None
    return {**asdict(trial), "values": dict(trial.values), "stopped": stopped}


def _tell_best(workspace: Workspace, found: Sweep) -> None:
    winner = best_of(found)
    if found.explanation():
        click.echo(found.explanation(), err=True)
    error = workspace.runs.get(found.run_id).summary.error
    if error:
        click.echo(error, err=True)
    if winner is not None:
        click.echo(f"Best: {found.spec.metric} = {number(winner.best)} with {given(winner)}")
        click.echo(f"Run: {winner.run_id}")


@sweep.command("list")
@click.option("--limit", default=50, show_default=True)
@workspace_option
@json_option
def list_sweeps(limit: int, workspace_path: Path | None, *, as_json: bool) -> None:
    """List sweeps, newest first; show SWEEP --json has the trials."""
    with opened(workspace_path) as workspace:
        found = workspace.sweeps.lines(limit)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    show_table(
        (
            (
                one.run_id,
                one.display_name,
                _state(one),
                f"{one.over}/{one.total}",
                "" if one.best is None else f"{one.metric}={number(one.best)}",
                moment(one.created_at),
            )
            for one in found
        ),
        ("id", "name", "state", "trials", "best", "created"),
        "There are no sweeps. Begin one with: desktop-aml sweep SCRIPT --vary NAME=HOW --metric NAME",
    )


def _state(found: Sweep | SweepLine) -> str:
    return "Paused" if found.wanted.value == "paused" and not found.state.is_terminal() else str(found.state)


@sweep.command()
@click.argument("sweep_id", metavar="SWEEP")
@click.option("--follow", "-f", "following", is_flag=True, help="Go on until it ends.")
@workspace_option
@json_option
def show(sweep_id: str, workspace_path: Path | None, *, following: bool, as_json: bool) -> int:
    """Show a sweep and its trials, best first.

    Example: desktop-aml sweep show latest
    """
    with opened(workspace_path) as workspace:
        sweep_id = workspace.sweeps.find(sweep_id)
        code = follow_sweep(workspace, sweep_id, quiet=as_json) if following else 0
        found = workspace.sweeps.get(sweep_id)
        error = workspace.runs.get(sweep_id).summary.error
    if as_json:
        show_json(_facts(found))
        return code
    now = time.time()
    left = found.time_left_s(now)
    show_fields(
        (
            ("Id", found.run_id),
            ("Name", found.display_name),
            ("State", _state(found)),
            ("Error", error),
            ("Remark", found.explanation()),
            ("Script", found.script),
            ("Goal", f"{found.spec.goal} {found.spec.metric}"),
            ("Search", describe(found.spec.search, found.spec.space)),
            ("Seed", found.spec.seed),
            *((one.key, one.expression) for one in found.spec.space),
            ("Stopping rule", found.spec.rule),
            ("Trials", f"{found.over()} of {found.total} ended, {found.spec.concurrent} at once"),
            ("Time left", duration(left)),
        )
    )
    show_standings(found)
    show_table(
        (
            (
                trial.number,
                number(trial.best) if trial.best is not None else "",
                trial.state or "deleted",
                duration(trial.duration_s(now)),
                given(trial),
                trial.stopped or trial.error,
            )
            for trial in found.ranked()
        ),
        ("trial", found.spec.metric, "state", "duration", "arguments", "why"),
        "No trial was made yet.",
    )
    return code


@sweep.command()
@click.argument("sweep_id", metavar="SWEEP")
@workspace_option
@json_option
def best(sweep_id: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Print the run of the best trial.

    Example: desktop-aml model register --run $(desktop-aml sweep best latest) --path outputs/model.joblib --name iris
    """
    with opened(workspace_path) as workspace:
        found = workspace.sweeps.get(sweep_id)
        chosen = workspace.sweeps.best(sweep_id)
    if as_json:
        show_json(_trial_facts(found, chosen.number))
        return
    click.echo(f"{found.spec.metric} = {number(chosen.best)} with {given(chosen)}", err=True)
    click.echo(chosen.run_id)


@sweep.command()
@click.argument("sweep_id", metavar="SWEEP")
@workspace_option
def pause(sweep_id: str, workspace_path: Path | None) -> None:
    """Let no further trial begin; those under way go on."""
    with opened(workspace_path, acting=True) as workspace:
        workspace.sweeps.pause(sweep_id)
        click.echo(f"Paused {workspace.sweeps.find(sweep_id)}. Go on with: desktop-aml sweep resume {sweep_id}")


@sweep.command()
@click.argument("sweep_id", metavar="SWEEP")
@workspace_option
def resume(sweep_id: str, workspace_path: Path | None) -> None:
    """Let trials begin again."""
    with opened(workspace_path, acting=True) as workspace:
        workspace.sweeps.resume(sweep_id)
        click.echo(f"Resumed {workspace.sweeps.find(sweep_id)}")


@sweep.command()
@click.argument("sweep_id", metavar="SWEEP")
@click.option("--trials", type=int, help="How many in all.")
@click.option("--concurrent", type=int, help="How many at once.")
@click.option("--time-limit", "time_limit_s", type=float, metavar="S", help="Seconds for the whole sweep.")
@vary_option
@workspace_option
def extend(
    sweep_id: str,
    trials: int | None,
    concurrent: int | None,
    time_limit_s: float | None,
    varied: tuple[str, ...],
    workspace_path: Path | None,
) -> None:
    """Change a sweep: more trials, more or fewer at once, or another space for those to come.

    One that has ended goes on with what is asked for.

    Example: desktop-aml sweep extend latest --trials 100 --vary '--C=loguniform(0.001,1000)'
    """
    new = _expressions(varied)
    with opened(workspace_path, acting=True) as workspace:
        found = workspace.sweeps.get(sweep_id)
        acts.tell_missing(workspace, sweep_id)
        space = space_of({**{one.key: one.expression for one in found.spec.space}, **new}) if new else ()
        workspace.sweeps.extend(
            found.run_id, trials=trials, concurrent=concurrent, space=space, time_limit_s=time_limit_s
        )
        now = workspace.sweeps.get(found.run_id)
        click.echo(f"{now.run_id}: {now.spec.trials} trials, {now.spec.concurrent} at once")


@sweep.command()
@click.argument("sweep_id", metavar="SWEEP")
@workspace_option
def cancel(sweep_id: str, workspace_path: Path | None) -> None:
    """End a sweep and its trials."""
    with opened(workspace_path, acting=True) as workspace:
        found = workspace.sweeps.find(sweep_id)
        workspace.sweeps.cancel(found)
        click.echo(f"Asked {found} to end.")


for act in (*acts.SWEEP_COMMANDS, *studies.SWEEP_COMMANDS):
    sweep.add_command(act)

COMMANDS = (sweep,)
