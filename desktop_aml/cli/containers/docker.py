"""Commands about the Docker engine: what is ours there, and what goes in and out of it."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import to_builtins

from desktop_aml import settings
from desktop_aml.cli.output import json_option, moment, show_json, show_table, size
from desktop_aml.cli.paths import TypedPath
from desktop_aml.workspace.containers.things import DockerThings


@click.group()
def docker() -> None:
    """Images and containers of Desktop AML on the Docker engine: list, remove, save, load."""


@docker.command("list")
@json_option
def list_things(*, as_json: bool) -> None:
    """List the images and containers that Desktop AML made for you, with their sizes.

    Example: desktop-aml docker list
    """
    found = _things().everything()
    if as_json:
        show_json(to_builtins(found))
        return
    show_table(
        [
            (one.kind, one.name, one.id, size(one.size_bytes), one.state, moment(one.made_at), one.of, one.ports)
            for one in found
        ],
        ("", "name", "id", "size", "state", "made", "run", "ports"),
        "Desktop AML has nothing on the Docker engine.",
    )


@docker.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Also a container that runs; its run is then lost.")
def remove(names: tuple[str, ...], *, force: bool) -> None:
    """Remove images or containers by NAME or id; only what Desktop AML made for you.

    An image is built again when a run needs it.

    Example: desktop-aml docker remove 3f2a9c
    """
    things = _things()
    for name in names:
        gone = things.remove(name, force=force)
        click.echo(f"Removed the {gone.kind} {gone.name}, {size(gone.size_bytes)}.")


@docker.command()
@click.argument("image")
@click.argument("path", metavar="FILE", type=TypedPath())
def save(image: str, path: Path) -> None:
    """Write IMAGE with all its layers into FILE, for another computer.

    Example: desktop-aml docker save desktop-aml/base:3.11 base.tar
    """
    click.echo(f"Wrote {path}, {size(_things().save(image, path))}.")


@docker.command()
@click.argument("path", metavar="FILE", type=TypedPath())
def load(path: Path) -> None:
    """Give the Docker engine the images in FILE: where no registry can be reached.

    Example: desktop-aml docker load base.tar
    """
    for name in _things().load(path):
        click.echo(name)


def _things() -> DockerThings:
    return DockerThings(settings.load())


COMMANDS = (docker,)
