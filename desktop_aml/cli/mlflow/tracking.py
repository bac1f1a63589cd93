"""The command that serves MLflow's clients which are not runs: notebooks, other tools, MLflow's own commands."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import json_option, show_json
from desktop_aml.rest.serving import Address, serve
from desktop_aml.system.end_signals import event_of_end
from desktop_aml.system.processes import identity_of

_LOOK_EVERY_S = 1.0


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=5000, show_default=True, help="0 is any free one.")
@click.option("--while-process", "process", type=int, hidden=True, help="End when this process does.")
@workspace_option
@json_option
def tracking(port: int, process: int | None, workspace_path: Path | None, *, as_json: bool) -> None:
    """Serve MLflow's clients until Ctrl+C, and print what they have to be told.

    Runs of Desktop AML need none of it: each is told a server of its own.

    Example: desktop-aml tracking -w ~/iris
    """
    stop = event_of_end()

    def tell(address: Address) -> None:
        if as_json:
            show_json(address)
        else:
            click.echo(f"export MLFLOW_TRACKING_URI={address.uri}\nexport MLFLOW_TRACKING_TOKEN={address.token}")
        sys.stdout.flush()

    with opened(workspace_path, acting=True, make=True) as workspace:
        if process is not None:
            threading.Thread(target=_watch, args=(process, stop), daemon=True).start()
        serve(workspace, port, tell, stop)


def _watch(process: int, stop: threading.Event) -> None:
    identity = identity_of(process)
    while identity is not None and identity.is_alive() and not stop.wait(_LOOK_EVERY_S):
        pass
    stop.set()


COMMANDS = (tracking,)
