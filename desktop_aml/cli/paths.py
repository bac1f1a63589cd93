"""Paths as people type them: an empty one is a slip of a shell variable, never the current folder."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop_aml.system.whole_paths import whole_path, with_home

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def experiment_for(source: Path | str) -> str:
    """Return the name of the experiment of a source folder that names none: the folder's own, as far as it may be."""
    cleaned = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in whole_path(source).name)
    return cleaned.strip("-_") or "default"


def environment_of(workspace: Workspace, words: str) -> str:
    """Return the environment that a name or a file means; a file is registered."""
    path = with_home(words)
    if path.suffix in {".yml", ".yaml", ".txt"} or path.is_file():
        return workspace.environments.register_file(path).label
    return words


class TypedPath(click.Path):
    """A path that is not empty."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        if value == "":
            self.fail("the path is empty. Write . for the current folder.", param, ctx)
        return Path(super().convert(value, param, ctx))  # type: ignore[arg-type]
