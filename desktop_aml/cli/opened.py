"""Opening the workspace that a command means, with an engine behind it where the command wants something."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop_aml import settings
from desktop_aml.cli.paths import TypedPath
from desktop_aml.cli.terminal.status_line import status_line
from desktop_aml.domain.errors import NotFound
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace, default_workspace, locate, missing_last, remembered

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event

_LONGEST_VERSION = 10

workspace_option = click.option(
    "--workspace",
    "-w",
    "workspace_path",
    type=TypedPath(),
    metavar="PATH",
    help="The workspace. Default: the one at or above the current folder, else the last used, else the default one.",
)


@contextmanager
def opened(
    path: Path | None,
    *,
    acting: bool = False,
    make: bool = False,
    hosting: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Iterator[Workspace]:
    """Open the workspace at `path`, or the one that is meant without a path.

    Parameters
    ----------
    acting : bool
        Whether the command wants something: then this process stands by to be the engine.
    make : bool
        Whether to make the default workspace when there is none at all.
    hosting : bool
        Whether the command itself is an engine: then it starts no other one, which would start the next in its turn.
    """
    workspace = Workspace.open(path) if path is not None else _meant(make=make, acting=acting)
    try:
        known = settings.load()
        if (wanted := remembered(known, workspace.path)) != known:
            settings.save(wanted)
        if acting:
            make_sure_of_trust(workspace)
            workspace.start_engine(on_event, answer=answers_of(workspace))
        elif not hosting:
            workspace.take_up()
        yield workspace
    except NotFound as error:
        if path is not None or "this workspace" not in error.message:
            raise
        where = f"Looked in the workspace “{workspace.name}”, {workspace.path}. Another one: -w PATH"
        raise NotFound(error.message, f"{error.hint}\n{where}".lstrip(), details=error.details) from error
    finally:
        workspace.close()
        # Whatever the engine told last: what is printed next, also an error, begins on a line of its own.
        status_line.clear()


def make_sure_of_trust(workspace: Workspace) -> None:
    """Ask, in a terminal, whether a workspace that is not known may run code; elsewhere it may not.

    Raises
    ------
    UntrustedWorkspace
        When it may not.
    """
    found = workspace.verdict()
    if not found.is_trusted and found.can_be_trusted and sys.stdin.isatty() and sys.stderr.isatty():
        click.echo(found.obstacle, err=True)
        tell_waiting(workspace)
        if click.confirm("Trust it, and go on?", err=True):
            workspace.trust()


def tell_waiting(workspace: Workspace) -> None:
    """Print what would run in a workspace that is not trusted."""
    waiting = workspace.waiting_work()
    for what in waiting:
        click.echo(f"Would run at once: {what}", err=True)
    if not waiting:
        click.echo("Nothing waits in it; what you start there runs as you.", err=True)


def _meant(*, make: bool, acting: bool) -> Workspace:
    found, gone = locate(Path.cwd()), missing_last()
    if gone is not None and (found is None or found not in (Path.cwd(), *Path.cwd().parents)):
        words = f"The workspace used last is no more at “{gone}”."
        if found is None and not make:
            hint = "Where it is now: -w PATH. A new one: desktop-aml workspace create PATH"
            raise NotFound(words, hint)
        click.echo(f"Note: {words} Where it is now: -w PATH", err=True)
    if found is not None:
        workspace = Workspace.open(found)
        if acting and found not in (Path.cwd(), *Path.cwd().parents) and not _wants_json():
            click.echo(f"Using the workspace “{workspace.name}”, {found}. Another one: -w PATH", err=True)
        return workspace
    if make:
        click.echo(f"Made the default workspace: {default_workspace()}", err=True)
        return Workspace.create(default_workspace(), "default")
    raise NotFound("There is no workspace yet.", "Make one with: desktop-aml workspace create PATH")


def _wants_json() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.params.get("as_json"))


def split_label(label: str) -> tuple[str, int]:
    """Return name and version of ``name`` or ``name:version``; version 0 is the newest."""
    name, _, version = label.partition(":")
    if version and not (version.isdecimal() and version.isascii() and len(version) < _LONGEST_VERSION):
        raise click.BadParameter(f"“{label}” is not NAME or NAME:VERSION.")
    return name, int(version or 0)
