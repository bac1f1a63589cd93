"""Looking at a script and its folder without running anything. Called off the GUI thread."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.domain.scripts.reader import describe_arguments
from desktop_aml.system.files import open_regular

_MAX_BYTES: Final = 4 << 20
_SPECS: Final = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml", "requirements.txt")


@dataclass(frozen=True, slots=True)
class SpecFile:
    """An environment file as it was when it was looked at; two are equal when they say the same."""

    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a script declares, and the environment file that lies beside it.

    Parameters
    ----------
    digest : str
        Of the script's text; empty for a script without any.
    """

    arguments: ScriptArguments
    spec_file: SpecFile | None = None
    digest: str = ""


def read_script(path: Path) -> Reading:
    """Return what a script declares; a notebook declares nothing, its file is not source text.

    Raises
    ------
    NotFound
        When it cannot be read.
    """
    try:
        with open_regular(path, follow_links=True) as stream:
            data = stream.read(_MAX_BYTES)
    except OSError as error:
        raise NotFound(f"The script “{path}” cannot be read: {error.strerror}.", "Check the path.") from error
    text = "" if path.suffix.lower() == ".ipynb" else data.decode("utf-8-sig", "replace")
    digest = hashlib.sha256(data).hexdigest() if data.strip() else ""
    return Reading(describe_arguments(text), _spec_beside(path), digest)


def files_to_watch(script: Path) -> tuple[Path, ...]:
    """Return the files whose change changes what `read_script` returns, also those that are not there yet."""
    return (script, *(script.parent / name for name in _SPECS))


def _spec_beside(script: Path) -> SpecFile | None:
    path = next((script.parent / name for name in _SPECS if (script.parent / name).is_file()), None)
    if path is None:
        return None
    try:
        with open_regular(path, follow_links=True) as file:
            return SpecFile(path, hashlib.sha256(file.read(_MAX_BYTES)).hexdigest())
    except OSError:
        return SpecFile(path, "")
