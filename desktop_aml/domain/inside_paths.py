"""The one guard between a name that was read somewhere and a path: it never leaves the folder that it belongs to.

Names come from databases, manifests, requests and archives that other people may have made.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from desktop_aml.domain.errors import StorageError

_HINT = "The workspace was changed by hand or by another program. Nothing outside it was touched."
_SHOWN = 80


def inside(folder: Path, relative: str) -> Path:
    """Return the path of `relative`, with ``/``, below `folder`.

    Raises
    ------
    StorageError
        When it is absolute, is the folder itself, or leads out of it.
    """
    parts = PurePosixPath(relative).parts
    if not parts or relative.startswith("/") or ".." in parts or "\0" in relative:
        raise StorageError(f"“{relative[:_SHOWN]}” is no path inside “{folder}”.", _HINT)
    return folder.joinpath(*parts)


def part(folder: Path, name: str) -> Path:
    """Return the path of what is called `name` in `folder`: exactly one step down.

    Raises
    ------
    StorageError
        When `name` is empty, holds a ``/``, or is ``.`` or ``..``.
    """
    if not name or name in {".", ".."} or "/" in name or "\0" in name:
        raise StorageError(f"“{name[:_SHOWN]}” is no name of anything in “{folder}”.", _HINT)
    return folder / name


def checked_inside(folder: Path, relative: str) -> str:
    """Return `relative` as it is, once it is sure that it stays below `folder`, see `inside`."""
    inside(folder, relative)
    return relative


def really_inside(folder: Path, path: Path) -> Path:
    """Return the real path of `path`, links followed, which must lie below the real path of `folder`.

    Raises
    ------
    StorageError
        When a link leads out of it.
    """
    real = path.resolve()
    if folder.resolve() not in real.parents:
        raise StorageError(f"“{path}” leads out of “{folder}”, to “{real}”.", _HINT)
    return real
