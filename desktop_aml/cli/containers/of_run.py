"""What a run asks of its container on the command line, and a shell in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TypeVar

import click

from desktop_aml import settings
from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.domain.runs import DOCKER

_R = TypeVar("_R")


def container_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Give a command ``--volume`` and ``--publish``, as the variables `container` of a run."""

    @wraps(command)
    def called(*args: object, volumes: tuple[str, ...], ports: tuple[str, ...], **others: object) -> _R:
        asked: dict[str, str] = {}
        if volumes or ports:
            # Imported here: each command about runs passes by, and few name a container.
            from desktop_aml.domain.jobs import container_variable

            asked = container_variable(volumes, ports, Path.cwd())
        if asked and others.get("target") != DOCKER:
            raise click.UsageError("--volume and --publish are for a container: give --target docker, too.")
        return command(*args, container=asked, **others)

    for option in (
        click.option(
            "--publish",
            "ports",
            multiple=True,
            metavar="[HOST:]PORT",
            help="Reach a port of the container at 127.0.0.1; without HOST at a free one, see docker list.",
        ),
        click.option(
            "--volume",
            "volumes",
            multiple=True,
            metavar="FOLDER:PATH[:ro]",
            help="Show a folder of this computer in the container, at PATH; with :ro it can only be read.",
        ),
    ):
        called = option(called)
    return called


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("run_id", metavar="RUN")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@workspace_option
def shell(run_id: str, command: tuple[str, ...], workspace_path: Path | None) -> int:
    """Open a shell where RUN is: in its container, or in a new one of its image when it has ended.

    Example: desktop-aml run shell latest
    """
    with opened(workspace_path) as workspace:
        detail = workspace.runs.get(run_id)
    from desktop_aml.workspace.containers.things import DockerThings  # it brings Docker's library along

    return DockerThings(settings.load()).open_shell(detail, command)
