"""Commands about environments."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import click

from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.organising import environments as organising
from desktop_aml.cli.output import json_option, show_fields, show_json, show_table, size
from desktop_aml.cli.paths import TypedPath
from desktop_aml.cli.sharing.new_file import force_option, refuse_existing
from desktop_aml.cli.steps import steps
from desktop_aml.domain.compare.locks import EnvironmentDiff
from desktop_aml.domain.environment_space import BuildUse, CleanUp
from desktop_aml.domain.environments import AUTOMATIC, BuildState, EnvironmentSummary
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, PreparationError
from desktop_aml.domain.events import BuildProgressed, Event
from desktop_aml.domain.lock_export import LockFormat
from desktop_aml.workspace import Workspace

_POLL_S = 0.05


@click.group()
def environment() -> None:
    """Register, show, build, rename, delete environments."""


@environment.command()
@click.argument("file", type=TypedPath())
@click.option("--name", default="", help="Default: the name in the file, else the file's own.")
@click.option(
    "--base-image",
    default="",
    metavar="IMAGE",
    help="What its image for Docker is built on; {version} is the Python version. Default: what the settings say.",
)
@workspace_option
@json_option
def register(file: Path, name: str, base_image: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Save a conda YAML, a requirements file or the file of a project as the next version of an environment.

    Example: desktop-aml environment register environment.yml
    """
    with opened(workspace_path, acting=True, make=True) as workspace:
        version = workspace.environments.register_file(file, name, base_image)
        notes = [problem for problem in workspace.environments.check(version.text) if problem.severity == "note"]
    if as_json:
        show_json({"name": version.name, "version": version.version, "notes": [note.message for note in notes]})
        return
    click.echo(f"Registered {version.label}")
    for note in notes:
        click.echo(f"Note (line {note.line}): {note.message}" if note.line else f"Note: {note.message}")


for _command in organising.ORGANISING:
    environment.add_command(_command)


@environment.command("list")
@click.option("--deleted", is_flag=True, help="Those in the trash.")
@workspace_option
@json_option
def list_environments(workspace_path: Path | None, *, deleted: bool, as_json: bool) -> None:
    """List environments: the registered ones, then the curated ones that ship with the program.

    Example: desktop-aml environment list
    """
    if deleted:
        organising.list_trash(workspace_path, as_json=as_json)
        return
    with opened(workspace_path) as workspace:
        found = workspace.environments.list()
        images, note = workspace.environments.builds.images()
    if as_json:
        show_json(found)
    else:
        show_table(
            (
                (
                    one.name,
                    one.version,
                    one.kind,
                    one.state,
                    one.python_version,
                    size(one.size_bytes) if one.size_bytes else "",
                    _image_size(images, one.label),
                    "curated" if one.curated else "",
                )
                for one in found
            ),
            ("name", "version", "kind", "state", "python", "size", "image", ""),
            "There are no environments. Add one with: desktop-aml environment register FILE",
        )
        if note:
            click.echo(note)


def _image_size(images: tuple[BuildUse, ...], label: str) -> str:
    return next((size(one.size_bytes) for one in images if label in one.environments), "")


@environment.command()
@click.argument("name")
@click.argument("new")
@workspace_option
@json_option
def clone(name: str, new: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Copy an environment, such as a curated one, to the NEW name, to change it there. NAME may be NAME:VERSION.

    Example: desktop-aml environment clone sklearn-1.5 mine
    """
    with opened(workspace_path, acting=True, make=True) as workspace:
        source, number = split_label(name)
        version = workspace.environments.clone(source, new, number)
    if as_json:
        show_json({"name": version.name, "version": version.version})
    else:
        click.echo(f"Registered {version.label}")


@environment.command()
@click.argument("name")
@workspace_option
@json_option
def show(name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show the specification of an environment and what it resolved to. NAME may be NAME:VERSION.

    Example: desktop-aml environment show iris:1
    """
    with opened(workspace_path) as workspace:
        version = workspace.environments.get(*split_label(name))
        summary = workspace.environments.summary(version.name, version.version)
        lock = workspace.environments.lock(version.name, version.version)
        images, note = workspace.environments.builds.images()
    image = next((one for one in images if version.label in one.environments), None)
    if as_json:
        show_json({"version": version, "state": summary.state, "lock": lock, "image": image})
        return
    words = f"{size(image.size_bytes)}, beside its base image" if image else note
    fields = (("Name", version.label), ("State", summary.state), ("Python", summary.python_version))
    show_fields((*fields, *((("Image", words),) if words else ())))
    click.echo(f"\n{version.text.rstrip()}")
    if lock is not None:
        click.echo(f"\nBuilt by {lock.builder}. {lock.chosen_because}".rstrip())
        click.echo("\nResolved to:")
        for package in lock.packages:
            click.echo(f"  {package.name}=={package.version}")
        for note in lock.notes:
            click.echo(f"Note: {note}")


@environment.command()
@click.argument("name")
@click.option(
    "--builder",
    type=click.Choice(["uv", "conda", AUTOMATIC, "image"]),
    help="Use this one for this text from now on; image: build a Docker image now. Default: conda where the text names"
    " channels that can be reached.",
)
@click.option("--preview", is_flag=True, help="Only resolve it, and show what would change.")
@workspace_option
@json_option
def build(name: str, builder: str | None, workspace_path: Path | None, *, preview: bool, as_json: bool) -> None:
    """Make an environment ready now, and show its log when that fails. NAME may be NAME:VERSION.

    Example: desktop-aml environment build iris --preview
    """
    if preview:
        _preview(name, workspace_path, as_json=as_json)
        return
    reasons = []

    def tell(event: Event) -> None:
        if isinstance(event, BuildProgressed) and event.state is BuildState.FAILED:
            reasons.append(event.message)
        elif isinstance(event, BuildProgressed):
            steps.tell(event.stage, event.message)

    with opened(workspace_path, acting=True, on_event=tell) as workspace:
        summary = _build(workspace, *split_label(name), builder or "", reasons)
    if as_json:
        show_json(summary)
    else:
        python = f" (Python {summary.python_version})" if summary.python_version else ""
        click.echo(f"{summary.name}:{summary.version} is ready{python}.")


def _preview(name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    with opened(workspace_path) as workspace:
        version = workspace.environments.get(*split_label(name))
        built = [
            one.label
            for one in workspace.environments.versions(version.name)
            if one.version <= version.version and workspace.environments.lock(one.name, one.version) is not None
        ]
        found = workspace.environments.preview(version.text, version.kind, against=built[0] if built else "")
    if as_json:
        show_json(found)
        return
    click.echo(f"Builder: {found.lock.builder}. {found.lock.chosen_because}")
    _show_diff(found.diff, "Nothing would change.")


def _show_diff(found: EnvironmentDiff, empty: str) -> None:
    show_table(
        ((one.name, one.kind, one.before, one.after) for one in (*found.base, *found.packages)),
        ("package", "", found.before, found.after),
        empty,
    )


def _build(workspace: Workspace, name: str, number: int, builder: str, reasons: list[str]) -> EnvironmentSummary:
    summary = workspace.environments.build(name, number, builder=builder)
    try:
        while summary.state is BuildState.BUILDING:
            time.sleep(_POLL_S)
            steps.wait()
            summary = workspace.environments.summary(summary.name, summary.version)
    except KeyboardInterrupt:
        # Left alone, the next engine would go on with it. One that ended meanwhile needs no stopping.
        with contextlib.suppress(DesktopAMLError):
            workspace.environments.cancel_build(summary.name, summary.version)
        raise
    as_image = builder == "image" and summary.state in (BuildState.NOT_BUILT, BuildState.IMAGE)
    if reasons or not (as_image or summary.state is BuildState.READY):
        reason = reasons[-1] if reasons else ""
        log = workspace.environments.build_log(summary.name, summary.version)
        # The log ends with the reason, for whoever reads it later; here it is the error.
        click.echo(log.rstrip().removesuffix(reason).rstrip()[-8000:], err=True)
        raise PreparationError(
            f"The environment {summary.name}:{summary.version} could not be built. {reason}".rstrip()
        )
    return summary


@environment.command()
@click.argument("before")
@click.argument("after")
@workspace_option
@json_option
def diff(before: str, after: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show how two environments differ. BEFORE and AFTER are each NAME, NAME:VERSION, or a run.

    Example: desktop-aml environment diff mine:1 mine:2
    """
    with opened(workspace_path) as workspace:
        found = workspace.environments.compare(before, after)
    if as_json:
        show_json(found)
        return
    _show_diff(found, f"{found.before} and {found.after} hold exactly the same.")
    if found.text_lines:
        click.echo("\n" + "\n".join(found.text_lines))


@environment.command()
@click.argument("name")
@click.option(
    "--format",
    "form",
    type=click.Choice([str(one) for one in LockFormat]),
    default=str(LockFormat.REQUIREMENTS),
    show_default=True,
    help="requirements: for pip, with hashes. conda-explicit: for conda, with hashes. yaml: exact versions.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Default: print it.")
@force_option
@workspace_option
def export(name: str, form: str, output: Path | None, workspace_path: Path | None, *, force: bool) -> None:
    """Write down what an environment resolved to, for other tools. NAME may be NAME:VERSION.

    Example: desktop-aml environment export mine -o requirements.txt
    """
    with opened(workspace_path) as workspace:
        source, number = split_label(name)
        text = workspace.environments.export(source, number, LockFormat(form))
    if output is None:
        click.echo(text, nl=False)
        return
    refuse_existing(output, force=force)
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(f"“{output}” cannot be written: {error.strerror}.", "Choose another file.") from error
    click.echo(f"Wrote {output}")


@environment.command()
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@workspace_option
@json_option
def clean(workspace_path: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Remove built environments that nobody needs; the next use of one builds it again.

    Needed are the newest version of each environment, and what a run under way, a model or an endpoint uses, in any
    workspace that was opened recently. Images of environments that Docker holds are among them.

    Example: desktop-aml environment clean --dry-run
    """
    with opened(workspace_path, acting=not dry_run) as workspace:
        space = workspace.environments.builds.space()
        done = CleanUp(space.removable) if dry_run else workspace.environments.builds.clean()
    if as_json:
        show_json({"space": space, "removed": done.removed, "freed_bytes": done.freed_bytes, "dry_run": dry_run})
        return
    gone = {use.key for use in done.removed}
    words = "would go" if dry_run else "removed"
    show_table(
        (
            (
                use.key[:12],
                "image" if use.is_image else "folder",
                size(use.size_bytes),
                ", ".join(use.environments) or ("-" if use.last_used_at else "unfinished"),
                words if use.key in gone else "kept: " + (", ".join(use.needed_by) or "in use"),
            )
            for use in space.builds
        ),
        ("build", "as", "size", "environments", ""),
        "There are no built environments.",
    )
    if space.images_note:
        click.echo(space.images_note)
    click.echo(f"{'Would free' if dry_run else 'Freed'} {size(done.freed_bytes)} of {size(space.total_bytes)}.")


@environment.command(context_settings={"ignore_unknown_options": False})
@click.argument("name", metavar="NAME[:VERSION]")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@workspace_option
def shell(name: str, command: tuple[str, ...], workspace_path: Path | None) -> int:
    """Open a shell in which python is that of an environment, or execute COMMAND with it. Nothing is recorded.

    Add packages to the environment's file: what is installed here is no part of it.

    Example: desktop-aml environment shell iris -- python -V
    """
    with opened(workspace_path) as workspace:
        return workspace.environments.shells.run(*split_label(name), command)


COMMANDS = (environment,)
