"""Read what a plain script printed of its results from its log, once it is over, into a journal of the run.

The journal is read as those of the script are, so what was found is in the database exactly once, and again when that
is made anew. It moves no run and reads no database.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from desktop_aml.domain.captured.printed import printed_values
from desktop_aml.domain.journal import encode
from desktop_aml.domain.metrics import MetricSource
from desktop_aml.system.files import is_own_folder, open_regular, write_durably

_log = logging.getLogger(__name__)

JOURNAL: Final = "printed.jsonl"
_READ_AT_MOST: Final = 8 << 20
"""Of a longer log the end is read: there are the results."""


def note_printed(run_directory: Path) -> None:
    """Write the journal of what was printed, where there is none yet; no reason to fail a run that cannot have it."""
    target = run_directory / "journal" / JOURNAL
    log = run_directory / "logs" / "std_log.txt"
    if target.exists() or not is_own_folder(target.parent) or not is_own_folder(log.parent):
        return
    try:
        at = log.stat().st_mtime
        records = b"".join(
            encode({"n": number, "t": at, "k": "cm", "name": name, "v": value, "s": None, "by": MetricSource.PRINTED})
            for number, (name, value) in enumerate(printed_values(_lines(log)))
        )
        if records:
            write_durably(target, records)
    except FileNotFoundError:
        return
    except OSError as error:
        _log.warning("What the run in %s printed is not read: %s", run_directory, error)


def _lines(path: Path) -> Iterator[str]:
    with open_regular(path) as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _READ_AT_MOST))
        left = _READ_AT_MOST
        if size > left:
            left -= len(stream.readline(left))  # the rest of a line
        while left > 0 and (line := stream.readline(min(left, 1 << 16))):
            left -= len(line)
            # Of a line that was written over, as progress bars do, the last state is what a reader saw.
            yield line.decode("utf-8", "replace").rstrip("\r\n").rpartition("\r")[2]
