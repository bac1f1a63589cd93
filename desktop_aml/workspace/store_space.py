"""The room that files take which nothing means any more: what a deletion would free, and freeing it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.requests import CleanStore
from desktop_aml.run_folder import working_copies
from desktop_aml.store import cleaning
from desktop_aml.workspace.asking import Asking

_TIMEOUT_S: Final = 600.0
_AFTERWARDS_S: Final = 15.0
"""The engine goes on when that was not enough."""


class StoreSpace(Asking):
    """What the store of a workspace could give back."""

    def unused_space(self) -> int:
        """Return the size in bytes of files that nothing needs any more; slow for very many runs.

        Those that nothing means, and working copies that an older version left of runs that are over.
        """
        return cleaning.unused(self._folder).size_bytes + working_copies.room_of_left_behind(self._folder)

    def space_of_runs(self, wanted: Sequence[str]) -> int:
        """Return how many bytes the deletion of runs would free: what models and other runs share with them stays."""
        ids = frozenset(self.find_run(one) for one in wanted)
        own = sum(
            path.lstat().st_blocks * 512
            for run_id in ids
            for path in self._folder.run(run_id).rglob("*")
            if path.is_file() or path.is_symlink()
        )
        return own + cleaning.unused(self._folder, ids).size_bytes

    def clean_store(self) -> int:
        """Remove the files that nothing needs any more; return how many bytes that freed."""
        before = self.unused_space()
        if before:
            self._ask(CleanStore(copies=True), timeout_s=_TIMEOUT_S)
        return max(0, before - self.unused_space())

    def _after_deleting(self) -> None:
        """Free the room of what was just deleted; when that cannot be now, a later deletion does it."""
        with contextlib.suppress(DesktopAMLError):
            self._ask(CleanStore(), timeout_s=_AFTERWARDS_S)
