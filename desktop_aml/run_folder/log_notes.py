"""Read what was put down beside a run's log: when its lines came, and which are of standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from desktop_aml.domain.summaries.log_notes import ERRORS, TIMES, LogNotes, notes_of
from desktop_aml.system.files import is_own_folder, read_regular

_LARGEST: Final = 4 << 20
_MOST_FILES: Final = 64
"""Of processes that wrote to standard error; a script can make as many as it likes."""


def read_notes(run_directory: Path, known: LogNotes | None = None) -> LogNotes:
    """Return the notes on a run's log; empty ones for a run that has none. What cannot be read is not told.

    Parameters
    ----------
    known : LogNotes, optional
        What was read before: given back where nothing has changed.
    """
    logs = run_directory / "logs"
    if not is_own_folder(logs):
        return LogNotes()
    files = [logs / TIMES, *sorted(logs.glob(f"{ERRORS}*"))[:_MOST_FILES]]
    marks = tuple(_mark(path) for path in files)
    if known is not None and known.marks == marks:
        return known
    times, *errors = map(_read, files)
    return notes_of(times, errors, marks)


def _mark(path: Path) -> tuple[str, int, int]:
    try:
        status = path.lstat()
    except OSError:
        return path.name, 0, 0
    return path.name, status.st_size, status.st_mtime_ns


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, _LARGEST)
    except OSError:
        return b""
