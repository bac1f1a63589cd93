"""Manifests read back from the folders of a workspace, however those look by now.

What is no manifest, or none of the folder that it lies in, is named and passed over: a file manager's copy, a folder
that was only half made, a file in the place of a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop_aml.domain.errors import DesktopAMLError, StorageError
from desktop_aml.domain.inside_paths import really_inside
from desktop_aml.domain.values import dataclass
from desktop_aml.record import manifests
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record.kinds import SCHEMA
from desktop_aml.system.files import read_regular

READING_ERRORS: Final = (OSError, ValueError, KeyError, TypeError, RecursionError, msgspec.ValidationError)
"""What can be wrong with a file that says anything at all."""


_WITH_TIMES: Final = ("summary", "outcome", "build")
"""The parts of a manifest that tell times; what clients wrote, such as tags, may be called as it likes."""
_LATEST: Final = 253_402_300_800.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one manifest says of the folder or file that it belongs to."""

    path: Path
    body: dict[str, Any]

    @property
    def is_current(self) -> bool:
        """Whether it holds all that is written today; one of an earlier version lacks some."""
        return self.body.get("schema") == SCHEMA


@dataclass(slots=True)
class Findings:
    """Where things were found that do not belong there, in words."""

    odd: list[str] = field(default_factory=list)

    def note(self, path: Path, words: object) -> None:
        """Name what was passed over."""
        self.odd.append(f"{path}: {words}")


class NewerWorkspace(StorageError):
    """A newer program wrote this: what it means is not known here."""


def refuse_newer(root: Path) -> NewerWorkspace:
    """Return in words that a workspace is of a newer version."""
    return NewerWorkspace(
        f"The workspace at “{root}” was written by a newer version of Desktop AML.",
        "Update Desktop AML, then try again. Nothing was changed.",
    )


def read(folder: WorkspaceFolder, path: Path) -> Manifest:
    """Read one manifest.

    Raises
    ------
    NewerWorkspace
        When a newer program wrote it.
    OSError, ValueError
        When it cannot be read.
    """
    body = manifests.read(folder.root, read_regular(path))
    schema = body.get("schema", 0)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise refuse_newer(folder.root)
    _check_times(body)
    return Manifest(path, body)


def _check_times(body: Mapping[str, Any]) -> None:
    """Raise `ValueError` for a time that no calendar has: it would be in the way wherever it is shown."""
    history = body.get("history")
    for part in (body, *(body.get(name) for name in _WITH_TIMES), *(history if isinstance(history, list) else ())):
        for name, at in part.items() if isinstance(part, Mapping) else ():
            is_time = (name == "at" or name.endswith("_at")) and isinstance(at, int | float)
            if is_time and not 0.0 <= at < _LATEST:
                raise ValueError(f"“{name}” is no time: {at:.6g}")


def versions(folder: WorkspaceFolder, found: Findings, *, room: str, file: str) -> Iterator[Manifest]:
    """Return the manifests of all versions of models, environments or datasets, and of their names."""
    for place in _folders(folder.root / room, found):
        for entry in sorted(place.iterdir()):
            if entry.name == manifests.NAME:
                yield from _taken(folder, entry, found, lambda body, place=place: body["name"] == place.name)  # type: ignore[misc]
            elif not entry.is_dir() or not entry.name.isdecimal():
                found.note(entry, "This is no version of anything.")
            elif (entry / file).exists():
                yield from _taken(
                    folder,
                    entry / file,
                    found,
                    lambda body, entry=entry: (body["name"], body["version"]) == (entry.parent.name, int(entry.name)),  # type: ignore[misc]
                )
            elif any(one.suffix != ".log" for one in entry.iterdir()):
                found.note(entry, f"It holds no {file}.")


def named_files(folder: WorkspaceFolder, found: Findings, *, room: str, key: str) -> Iterator[Manifest]:
    """Return the manifests of a room in files of their own; `key` is what holds the name, empty where nothing does."""
    for path in _entries(folder.root / room):
        if path.suffix == ".json" and path.is_file():

            def is_own(body: dict[str, Any], path: Path = path) -> bool:
                return not key or manifests.file_of(body[key]) == path.name

            yield from _taken(folder, path, found, is_own)
        elif not path.name.startswith("."):
            found.note(path, "This is no manifest.")


def endpoints(folder: WorkspaceFolder, found: Findings) -> Iterator[Manifest]:
    """Return the manifests of endpoints; one of an earlier version is the configuration of its front."""
    for place in _folders(folder.root / "endpoints", found):
        names = (manifests.ENDPOINT, "endpoint.json")
        path = next((place / name for name in names if (place / name).exists()), None)
        if path is not None:
            yield from _taken(folder, path, found, lambda body, place=place: body["name"] == place.name)  # type: ignore[misc]
        else:
            found.note(place, "Its deployment was never finished.")


def runs(folder: WorkspaceFolder, found: Findings) -> Iterator[Manifest]:
    """Return what was asked for, for each folder of a run."""
    root = folder.root / "runs"
    for place in _folders(root, found, links=True):
        try:
            really_inside(root, place)
        except DesktopAMLError as error:
            found.note(place, error.message)
            continue
        path = place / manifests.REQUEST
        if path.exists():
            yield from _taken(folder, path, found, lambda body, place=place: body["run_id"] == place.name)  # type: ignore[misc]
        else:
            found.note(place, f"It holds no {manifests.REQUEST}: its submission was never finished.")


def _taken(
    folder: WorkspaceFolder, path: Path, found: Findings, is_own: Callable[[dict[str, Any]], bool]
) -> Iterator[Manifest]:
    try:
        manifest = read(folder, path)
        own = is_own(manifest.body)
    except NewerWorkspace:
        raise
    except READING_ERRORS as error:
        found.note(path, f"It cannot be read: {error!r}")
        return
    if own:
        yield manifest
    else:
        found.note(path.parent, f"What {path.name} says is of something else: this is a copy, or was renamed.")


def _folders(room: Path, found: Findings, *, links: bool = False) -> Iterator[Path]:
    for entry in _entries(room):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and (links or not entry.is_symlink()):
            yield entry
        else:
            found.note(entry, "This is no folder of the workspace.")


def _entries(room: Path) -> list[Path]:
    try:
        return sorted(room.iterdir())
    except OSError:
        return []
