"""Room that builds take: measured, and given back without pulling one from under somebody.

Which builds are needed is not known here. A build is taken away by renaming it first, so that nobody finds half of
one, and only while nobody builds, compiles or has just used it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.environments.build import bytecode
from desktop_aml.environments.build.folder import BUILDING, READY
from desktop_aml.environments.resolve.cache import RESOLVING, WORK
from desktop_aml.environments.toolchain.files import exclusive_if_free, folder_size, known_size, remove_tree

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_REMOVED: Final = ".removed-"
_ABANDONED_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class FoundBuild:
    """One folder of builds.

    Parameters
    ----------
    last_used_at : float or None
        Unix time; None for a torn build, which nobody can use.
    is_busy : bool
        Whether it is being built, or its bytecode compiled, right now.
    """

    key: str
    size_bytes: int
    last_used_at: float | None
    is_busy: bool


def found_in(builds: Path) -> tuple[FoundBuild, ...]:
    """Return every build, finished or torn, with its size. Slow for large ones."""
    if not builds.is_dir():
        return ()
    return tuple(_look(path) for path in sorted(builds.iterdir()) if _KEY.fullmatch(path.name) and path.is_dir())


def _look(folder: Path) -> FoundBuild:
    size = known_size(folder)
    return FoundBuild(
        folder.name, folder_size(folder) if size is None else size, _last_use(folder), not _is_free(folder)
    )


def _last_use(folder: Path) -> float | None:
    try:
        return (folder / READY).stat().st_mtime
    except OSError:
        return None


def _is_free(folder: Path) -> bool:
    for suffix in (BUILDING, bytecode.COMPILING):
        path = folder.with_suffix(suffix)
        if path.exists():
            with exclusive_if_free(path) as held:
                if held is None:
                    return False
    return True


def remove(builds: Path, key: str, last_used_at: float | None) -> bool:
    """Remove a build that was last used at `last_used_at`; return False when somebody uses or makes it now.

    Raises
    ------
    OSError
        When it cannot be removed.
    """
    if not _KEY.fullmatch(key):
        return False  # It comes from a database, and a build has no such name.
    folder, aside = builds / key, builds / f"{_REMOVED}{key}"
    with (
        exclusive_if_free(folder.with_suffix(BUILDING)) as building,
        exclusive_if_free(folder.with_suffix(bytecode.COMPILING)) as compiling,
    ):
        if building is None or compiling is None or not folder.is_dir() or _last_use(folder) != last_used_at:
            return False
        remove_tree(aside)
        folder.rename(aside)
        if _last_use(aside) != last_used_at:
            # Somebody found it between our look and the new name.
            aside.rename(folder)
            return False
    remove_tree(aside)
    return True


def sweep(builds: Path) -> tuple[str, ...]:
    """Remove what killed builders left: torn builds, half resolutions, locks that nobody holds. Return their names."""
    if not builds.is_dir():
        return ()
    gone = []
    for path in sorted(builds.iterdir()):
        if path.name.startswith(_REMOVED):
            remove_tree(path)
        elif path.suffix in {BUILDING, bytecode.COMPILING}:
            with exclusive_if_free(path) as held:
                if held is None:
                    continue
        elif not (_KEY.fullmatch(path.name) and _last_use(path) is None and remove(builds, path.name, None)):
            continue
        gone.append(path.name)
    for path in sorted(builds.glob(f"locks/*{RESOLVING}")):
        with exclusive_if_free(path) as held:
            if held is None:
                continue
            remove_tree(path.with_suffix(WORK))
        gone.append(path.name)
    for path in builds.glob("conda/pkgs/.*"):
        # Half a package of an installation that was killed; a younger one may be under way.
        if path.is_dir() and time.time() - path.stat().st_mtime > _ABANDONED_S:
            remove_tree(path)
            gone.append(path.name)
    return tuple(gone)
