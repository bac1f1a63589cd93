"""When the names of files that are written durably are flushed: each at once, or those of several files together."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    from desktop_aml.system.windows import files as own
else:
    from desktop_aml.system.posix import files as own

_of_thread = threading.local()


@contextmanager
def together() -> Iterator[None]:
    """Flush each folder once, at the end, for all files that this thread writes durably inside.

    Until then none of them is sure to be there after a power cut: what relies on them comes after the end.
    """
    if getattr(_of_thread, "folders", None) is not None:
        yield
        return
    folders: dict[Path, None] = {}
    _of_thread.folders = folders
    try:
        yield
    finally:
        _of_thread.folders = None
    for folder in folders:
        own.flush_folder(folder)


def flush_names(folder: Path) -> None:
    """Make the names in a folder durable: now, or at the end of `together`."""
    waiting: dict[Path, None] | None = getattr(_of_thread, "folders", None)
    if waiting is None:
        own.flush_folder(folder)
    else:
        waiting[folder] = None
