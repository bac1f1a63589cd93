"""Folders of runs that a script in a container starts: they lie inside the folder of its own run, all that it sees.

``runs/<child>`` is a link to ``runs/<parent>/children/<child>`` until everything that lies there is over; then each
folder moves to its own place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.inside_paths import really_inside
from desktop_aml.run_folder import snapshot
from desktop_aml.store.folder import WorkspaceFolder

_CHILDREN = "children"


def place(folder: WorkspaceFolder, run_id: str, parent: str) -> Path:
    """Make the folder of a run inside that of its parent, and return where it really is.

    Raises
    ------
    Conflict
        When the container of the outermost run cannot see this computer's files, so not this folder either.
    """
    if _is_elsewhere(folder, parent):
        raise Conflict(
            "A script on a Docker engine that does not see this computer's files cannot start child runs.",
            "Run it with an engine on this computer, or without Docker.",
        )
    link = folder.run(run_id)
    real = really_inside(link.parent, folder.run(parent)) / _CHILDREN / run_id
    real.mkdir(mode=0o700, parents=True)
    link.symlink_to(real.relative_to(link.parent.resolve()))
    return real


def is_nested(folder: WorkspaceFolder, run_id: str) -> bool:
    """Whether the folder of a run lies inside that of another one now."""
    return folder.run(run_id).is_symlink()


def remove(folder: WorkspaceFolder, run_id: str) -> None:
    """Remove the folder of a run that was not made after all, wherever it lies."""
    link = folder.run(run_id)
    real = really_inside(link.parent, link)
    if link.is_symlink():
        link.unlink()
    snapshot.remove_folder(real)


def settle(folder: WorkspaceFolder, run_id: str, is_over: Callable[[str], bool | None]) -> None:
    """Move folders to their own places, once the outermost run and all that lies in it are over.

    Parameters
    ----------
    run_id : str
        A run that has just ended.
    is_over : callable
        Says of a run id whether that run has ended; None when there is no such run any more.
    """
    runs = folder.run(run_id).parent.resolve()
    outermost = really_inside(runs, folder.run(run_id)).relative_to(runs).parts[0]
    if not (runs / outermost / _CHILDREN).is_dir():
        return
    nested = _nested(runs / outermost)
    if not all(is_over(path.name) is not False for path in (runs / outermost, *nested)):
        return
    for path in nested:
        home = runs / path.name
        if is_over(path.name) is None:
            home.unlink(missing_ok=True)
            snapshot.remove_folder(path)
        elif home.is_symlink():
            home.unlink()
            path.rename(home)


def _is_elsewhere(folder: WorkspaceFolder, run_id: str) -> bool:
    runs = folder.run(run_id).parent.resolve()
    outermost = runs / really_inside(runs, folder.run(run_id)).relative_to(runs).parts[0]
    found = [path for path in (outermost / "attempts").glob("*/") if path.name.isdecimal()]
    attempts = sorted(found, key=lambda path: int(path.name))
    # Imported here: every submission knows this module, and few have children.
    from desktop_aml.executors.attempt_files import AttemptFiles

    whereabouts = AttemptFiles(attempts[-1]).whereabouts() if attempts else None
    return whereabouts is not None and whereabouts.copies


def _nested(run_directory: Path) -> list[Path]:
    """Return the folders of runs inside one, the innermost first."""
    found = []
    for path in sorted((run_directory / _CHILDREN).glob("*/")):
        found += [*_nested(path), path]
    return found
