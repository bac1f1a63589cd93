"""Files that a command writes for the user: one that is there is not replaced unasked."""

from __future__ import annotations

from pathlib import Path

import click

from desktop_aml.domain.errors import Conflict

force_option = click.option("--force", is_flag=True, help="Replace the file when it is there.")


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `Conflict` when a file is there and may not be replaced; a device or a pipe is written to as ever."""
    if path.is_file() and not force:
        raise Conflict(f"“{path}” is there already.", "Name another file, or replace it with --force.")
