"""Which file near a source folder says what its scripts need.

Only looks whether the files are there; of ``pyproject.toml``, which many projects have for their tools alone, whether
it names dependencies. What they say is read where environments are registered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import ENVIRONMENT_FILES
from desktop_aml.run_folder.hints.missing_local import folders_above
from desktop_aml.system.files import open_regular

_PROJECT: Final = "pyproject.toml"
_LONGEST_BYTES: Final = 1_000_000


def near(source_directory: str) -> Path | None:
    """Return the environment file in a source folder, or the nearest one above it within the project."""
    source = Path(source_directory)
    if not source_directory or not source.is_dir():
        return None
    for folder in (source, *folders_above(source)):
        found = next((folder / name for name in ENVIRONMENT_FILES if (folder / name).is_file()), None)
        if found is not None:
            return found
        if _names_dependencies(folder / _PROJECT):
            return folder / _PROJECT
    return None


def _names_dependencies(project: Path) -> bool:
    try:
        with open_regular(project, follow_links=True) as stream:
            text = stream.read(_LONGEST_BYTES)
    except OSError:
        return False
    return b"\ndependencies" in text or b"[tool.poetry.dependencies]" in text
