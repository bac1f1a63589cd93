"""Holding the store: many add files at once, one removes what nothing means, and never both."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from desktop_aml.domain.errors import StorageError
from desktop_aml.system import locks
from desktop_aml.system.files import make_missing

_WAIT_S: Final = 120.0
"""How long who adds files waits for a removal to end: it may have many gigabytes to go through."""

_WAIT_ALONE_S: Final = 10.0
"""How long a removal waits for those that add files: it can be asked again, and keeps nobody waiting meanwhile."""

_AGAIN_S: Final = 0.005
"""Between two tries: a lock that is waited for in the kernel would not end at a time."""


class Hold:
    """A hold on the store, until it is closed. The kernel gives it back when its process ends.

    Parameters
    ----------
    path : Path
        The lock file; its folder is made.
    alone : bool
        Whether nobody else may hold the store meanwhile.

    Raises
    ------
    StorageError
        When others hold it for very long.
    """

    def __init__(self, path: Path, *, alone: bool = False) -> None:
        self._descriptor = -1
        # The store lies in blobs/sha256 of its workspace: one that was taken away does not come back for a lock.
        make_missing(path.parent, within=path.parents[2])
        self._descriptor = locks.open_lock(path)
        take = locks.try_lock if alone else locks.try_share
        until = time.monotonic() + (_WAIT_ALONE_S if alone else _WAIT_S)
        while not take(self._descriptor):
            if time.monotonic() > until:
                self.close()
                raise StorageError(f"“{path.parent}” is in use by others for very long.", "Try again later.")
            time.sleep(_AGAIN_S)

    def close(self) -> None:
        """Give it back; more than once does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        """Give back what an engine that ended left in its queue."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
