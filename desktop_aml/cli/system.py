"""Commands about the program and the computer it runs on."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import click

from desktop_aml import settings
from desktop_aml.cli.opened import make_sure_of_trust, opened, workspace_option
from desktop_aml.cli.output import json_option, show_json, show_table
from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.events import EngineChanged, Event
from desktop_aml.sdk import answers_of
from desktop_aml.system.end_signals import event_of_end
from desktop_aml.system.private_log import log_to
from desktop_aml.workspace import sdk_path as find_sdk_path


@click.command()
@click.option("--until-idle", is_flag=True, help="End once nothing is queued or under way.")
@workspace_option
def engine(workspace_path: Path | None, *, until_idle: bool) -> None:
    """Run the engine of a workspace without a window, until Ctrl+C.

    Example: desktop-aml engine --until-idle -w ~/iris
    """
    _log_to_file()
    stop = event_of_end()

    def tell(event: Event) -> None:
        if isinstance(event, EngineChanged):
            click.echo(" ".join(filter(None, (f"Engine {event.state}.", event.message, event.hint))), err=True)

    with opened(workspace_path, hosting=True) as workspace:
        make_sure_of_trust(workspace)
        host = workspace.host_engine(tell, kind="headless", until_idle=until_idle, answer=answers_of(workspace))
        host.run_forever(stop)
        if stop.is_set():
            # Who ends this very engine wants none; the runs go on, and are taken up by the next one.
            workspace.leave_work()


def _log_to_file() -> None:
    log_to(settings.user_directories().log / "engine.log", settings.load().app_log_limit_bytes)


@click.command()
@json_option
def doctor(*, as_json: bool) -> int:
    """Say what is missing on this computer, with the line that fixes it. The exit code is 3 when something is.

    Example: desktop-aml doctor --json
    """
    # Imported here, as below: the engine, which is started for many commands, needs none of it.
    from desktop_aml import doctor as doctor_module

    findings = doctor_module.diagnose()
    missing = any(finding.state == "missing" for finding in findings)
    if as_json:
        show_json(findings)
    else:
        marks = {"ok": click.style("ok     ", fg="green"), "missing": click.style("missing", fg="red")}
        for finding in findings:
            click.echo(f"{marks.get(finding.state, 'note   ')}  {finding.subject}: {finding.message}")
            if finding.fix and finding.state != "ok":
                click.echo(f"         {finding.fix}")
    return 3 if missing else 0


@click.command()
@click.argument("code", default="")
def explain(code: str) -> None:
    """Say more of the CODE that an error named: what it means, what to do. Without one: list them.

    Example: desktop-aml explain disk-full
    """
    from desktop_aml.resources import error_codes

    known = error_codes()
    if not code:
        rows = ((one, text.partition(". ")[0].partition("\n")[0]) for one, text in known.items())
        show_table(rows, ("code", "means"), "The pages of the documentation are missing from this installation.")
        return
    if code not in known:
        near = get_close_matches(code, known, 1)
        said = f"Did you mean “{near[0]}”? " if near else ""
        raise NotFound(f"No error has the code “{code}”.", f"{said}List them with: desktop-aml explain")
    click.echo(_plain(known[code]))


def _plain(markdown: str) -> str:
    """Return a section without what only a page can show: links to other pages become their names."""
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", markdown).replace("`", "")


@click.command()
@click.option("--environment", default="", help="Environment of the run. Default: the sample's own environment.yml.")
@workspace_option
def demo(environment: str, workspace_path: Path | None) -> int:
    """Do the whole journey on the sample: train, register, serve, predict.

    In a fresh temporary workspace unless --workspace names one.

    Example: desktop-aml demo --workspace ~/demo
    """
    import tempfile

    from desktop_aml.cli.demo import run_demo

    path = workspace_path or Path(tempfile.mkdtemp(prefix="desktop-aml-demo-")) / "workspace"
    return run_demo(path, environment)


@click.command("sdk-path")
def sdk_path() -> None:
    """Print the folder to put on PYTHONPATH for scripts that import azureml outside Desktop AML.

    Example: PYTHONPATH=$(desktop-aml sdk-path) python train.py
    """
    click.echo(find_sdk_path())


COMMANDS = (engine, explain, doctor, demo, sdk_path)
