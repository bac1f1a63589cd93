"""Word of files that come into a folder, from the kernel: nobody has to wake up many times a second to look."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol


@contextmanager
def arrivals(folder: Path, told: Callable[[str], object]) -> Iterator[None]:
    """Tell the names of files that come into a folder, as long as this context lasts.

    Linux alone tells, and not of what another computer puts into a folder that both share: who must know looks now and
    then all the same. Where nothing can be watched, nothing is told.

    Parameters
    ----------
    told : callable
        Called with the name of each, on a thread of its own. It must be quick, and must not raise.
    """
    watch = _watch(folder, told)
    try:
        yield
    finally:
        if watch is not None:
            watch.close()


class _Watch(Protocol):
    def close(self) -> None:
        """Tell nothing more."""


def _watch(folder: Path, told: Callable[[str], object]) -> _Watch | None:
    found: _Watch | None = None
    if sys.platform == "linux":
        from desktop_aml.system.linux.folder_watch import Watch

        # A thread that cannot be started is another kind of error.
        with suppress(OSError, RuntimeError):
            found = Watch(folder, told)
    return found
