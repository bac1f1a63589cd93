"""What a run has left on a machine, put into its folder here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Final

from desktop_aml.domain.names import storable
from desktop_aml.executors.homecoming import WHOLE, is_folder, put_results_in_place, remove_leftovers
from desktop_aml.executors.local_process import LAUNCHER_LOG
from desktop_aml.system.files import read_regular

_LONGEST_WORDS: Final = 500
_RECORD_BYTES: Final = 1 << 20


def put_home(incoming: Path, run_directory: Path, attempt: str, kept: Iterable[str]) -> dict[str, Any] | None:
    """Put all that a run has left into its places; return the record of its end, None where it left none.

    Parameters
    ----------
    kept : iterable of str
        What did not change over there, and is here already.
    """
    for name in kept:
        parts = PurePosixPath(name).parts
        source, target = run_directory.joinpath(*parts), incoming.joinpath(*parts)
        is_within = ".." not in parts and all(
            is_folder(incoming.joinpath(*parts[:end])) for end in range(1, len(parts))
        )
        if is_within and parts[0] in WHOLE and not os.path.lexists(target):
            source.replace(target)
    record = None
    with suppress(OSError, ValueError):
        record = json.loads(read_regular(incoming / "attempts" / attempt / "exit.json", _RECORD_BYTES))
    put_results_in_place(incoming, run_directory)
    remove_leftovers(run_directory)
    return record if isinstance(record, dict) else None


def last_words(run_directory: Path) -> str:
    """Return the last line of what the supervisors of a run said; empty where they said nothing."""
    with suppress(OSError):
        lines = read_regular(run_directory / "logs" / LAUNCHER_LOG).decode("utf-8", "replace").splitlines()
        return storable(lines[-1][:_LONGEST_WORDS]) if lines else ""
    return ""
