"""Where a script lies that a user named, and the folder that is copied with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.system.whole_paths import whole_path, with_home

_SCRIPT_SUFFIXES: Final = frozenset({".py", ".pyw", ".ipynb", ""})


def locate_script(script: Path | str, source_directory: Path | str | None) -> tuple[Path, str]:
    """Return the source directory and the path of a script inside it; without one it is the script's own folder.

    Raises
    ------
    NotFound
        When there is no such script or folder.
    InvalidInput
        When the script lies outside the source directory, or is a folder.
    """
    named = with_home(script)
    wanted = whole_path(named)
    source = whole_path(source_directory) if source_directory else wanted.parent
    if source_directory and not source.is_dir():
        raise NotFound(f"There is no folder “{source}”.", "Choose the folder that holds the script.")
    inside = whole_path(source / named) if source_directory else wanted
    path = inside if inside.is_file() else wanted
    if path.is_dir():
        raise InvalidInput(f"“{path}” is a folder.", "Name the script in it: desktop-aml submit FOLDER/train.py")
    if not path.is_file():
        raise NotFound(f"There is no script “{inside}”.", "Check the path.")
    if path.suffix.lower() not in _SCRIPT_SUFFIXES:
        raise InvalidInput(
            f"“{path.name}” is neither a Python script nor a notebook.", "Name a file that ends in .py or .ipynb."
        )
    try:
        return source, path.relative_to(source).as_posix()
    except ValueError as error:
        raise InvalidInput(
            f"The script “{path}” lies outside the source directory “{source}”.",
            "Choose a folder that holds the script.",
        ) from error
