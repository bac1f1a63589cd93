"""Folders of finished builds: named by what they hold, made once, whole or not at all.

An environment holds its own path and cannot be moved, so it is made in place: ``ready.json`` is written last, and a
folder without it is a torn build and is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentLock
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.toolchain import failures
from desktop_aml.environments.toolchain.builder import Watch
from desktop_aml.environments.toolchain.files import exclusive, remove_tree, write_whole

READY: Final = "ready.json"
BUILDING: Final = ".building"


def key_of(lock: EnvironmentLock) -> str:
    """Return the hash that names a build: of the lock, the platform and the builder."""
    content = [lock.text, lock.python_version, lock.platform, lock.builder]
    if lock.explicit:
        content.append(lock.explicit)
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def find(builds: Path, lock: EnvironmentLock) -> BuiltEnvironment | None:
    """Return the finished build of a lock, and note that it was used now; None when there is none or it was changed.

    What a run installs goes to that run alone, but for a pip that hears of nothing: before 22.3, under ``python -I``.
    """
    folder = builds / key_of(lock)
    try:
        # Whoever cleans up sees by it that somebody has just counted on this build.
        _note_use(folder / READY)
        ready = json.loads((folder / READY).read_text("utf-8"))
        is_whole = _distributions(folder / ready["site_packages"]) == set(ready["distributions"])
        python = folder / ready.get("python", "venv/bin/python")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # The link leads to nowhere when the interpreter that it was built on is gone.
    return BuiltEnvironment(folder.name, str(python), lock) if is_whole and os.access(python, os.X_OK) else None


def _distributions(site_packages: Path) -> set[str]:
    return {path.name for path in site_packages.glob("*.dist-info")}


def _note_use(ready: Path) -> None:
    try:
        os.utime(ready)
    except FileNotFoundError:
        raise
    except OSError:
        # A folder that may only be read serves as well; nobody can clean up there either.
        return


def make_once(
    builds: Path,
    lock: EnvironmentLock,
    watch: Watch,
    install: Callable[[Path, int], None],
) -> BuiltEnvironment:
    """Return the build of a lock; have it installed when there is none, or wait for who does it already.

    Parameters
    ----------
    install : callable
        Fills the new folder and ends with `write_ready`. Its second argument is the descriptor that every process it
        starts must inherit: the folder stays locked as long as one of them still writes.

    Raises
    ------
    PreparationError
        When it cannot be installed. Nothing is left but the log.
    BuildCanceled
        When the watcher cancelled. Nothing is left but the log.
    """
    folder = builds / key_of(lock)
    try:
        with exclusive(folder.with_suffix(BUILDING), watch.cancel, lambda: _tell_waiting(watch)) as held:
            found = find(builds, lock)
            if found is not None:
                return found
            if (folder / READY).exists():
                watch.say(
                    "Creating", f"What is installed in “{folder}” was changed after it was built: it is built again."
                )
            remove_tree(folder)
            try:
                folder.mkdir(mode=0o700)
                install(folder, held)
            except BaseException:
                remove_tree(folder)
                raise
            found = find(builds, lock)
    except OSError as error:
        raise failures.cannot_write(builds, error) from error
    if found is None:
        raise PreparationError(f"The environment in “{folder}” was damaged while it was built.", "Build it again.")
    watch.tell("Ready", f"{len(lock.packages)} packages", 1.0)
    return found


def write_ready(folder: Path, lock: EnvironmentLock, prefix: Path) -> None:
    """Mark the build in `folder` as finished; `prefix` is where its Python is installed."""
    site_packages = next((prefix / "lib").glob("python*/site-packages"))
    said = {
        **asdict(lock),
        "python": str((prefix / "bin" / "python").relative_to(folder)),
        "site_packages": str(site_packages.relative_to(folder)),
        "distributions": sorted(_distributions(site_packages)),
    }
    write_whole(folder / READY, json.dumps(said))


def _tell_waiting(watch: Watch) -> None:
    watch.tell("Waiting", "Another build of the same environment is under way")
