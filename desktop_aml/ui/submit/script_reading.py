"""Looking at a script and its folder without running anything. Called off the GUI thread."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import ENVIRONMENT_FILES
from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.domain.scripts.imported import describe_with_imports, places_of
from desktop_aml.system.files import open_regular

_MAX_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class SpecFile:
    """An environment file as it was when it was looked at; two are equal when they say the same."""

    path: Path
    digest: str
    name: str
    """Its path below the source folder."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a script declares, and the environment file of its folder, or of a folder around that.

    Parameters
    ----------
    digest : str
        Of the script's text; empty for a script without any.
    modules : tuple of Path
        Modules beside it that were looked through for its arguments.
    """

    arguments: ScriptArguments
    spec_file: SpecFile | None = None
    digest: str = ""
    modules: tuple[Path, ...] = ()


def read_script(path: Path, source: Path | None = None) -> Reading:
    """Return what a script declares; a notebook declares nothing, its file is not source text.

    Parameters
    ----------
    source : Path, optional
        The source folder, which holds the script; its own folder otherwise.

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
    modules: list[Path] = []

    def text_of(module: str) -> str:
        found = _module(module, path, source)
        if found is None:
            return ""
        modules.append(found[0])
        return found[1]

    arguments = describe_with_imports(text, text_of)
    return Reading(arguments, _spec_for(path, source), digest, tuple(modules))


def _module(name: str, script: Path, source: Path | None) -> tuple[Path, str] | None:
    """Return path and text of a module in the script's own folder, or at the top of its source."""
    for path in places_of(name, (script.parent, source or script.parent)):
        with suppress(OSError, ValueError), open_regular(path, follow_links=True) as stream:
            return path, stream.read(_MAX_BYTES).decode("utf-8-sig", "replace")
    return None


def files_to_watch(script: Path, source: Path | None = None) -> tuple[Path, ...]:
    """Return the files whose change changes what `read_script` returns, also those that are not there yet."""
    return (script, *_places_of_specs(script, source))


def _places_of_specs(script: Path, source: Path | None) -> Iterator[Path]:
    """Yield where an environment file may be: beside the script first, at the top of the source folder last."""
    for folder in script.parents:
        yield from (folder / name for name in ENVIRONMENT_FILES)
        if source is None or folder == source or not folder.is_relative_to(source):
            break


def _spec_for(script: Path, source: Path | None) -> SpecFile | None:
    path = next((one for one in _places_of_specs(script, source) if one.is_file()), None)
    if path is None:
        return None
    top = source if source is not None and path.is_relative_to(source) else script.parent
    name, digest = path.relative_to(top).as_posix(), ""
    with suppress(OSError), open_regular(path, follow_links=True) as file:
        digest = hashlib.sha256(file.read(_MAX_BYTES)).hexdigest()
    return SpecFile(path, digest, name)
