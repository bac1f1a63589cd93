"""The boundary of one run: what goes wrong with it is tried again a few times, then ends it in words.

Nothing that a run leaves, logs or is may stop the engine's work for the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from desktop_aml.domain.errors import CONCERNS_ALL
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.system import clock

_log = logging.getLogger(__name__)

MOST_FAULTS = 5
_FIRST_PAUSE_S = 0.1
_LONGER = 4


@dataclass(slots=True)
class _Faults:
    """How often something went wrong with a run, and when it is tried again (monotonic seconds)."""

    count: int = 0
    again_at: float = 0.0


class RunFaults:
    """Keeps the faults of each run apart.

    Parameters
    ----------
    root : Path
        The workspace, for words about its disk.
    give_up : callable
        Ends a run with which it is no use to go on.
    """

    def __init__(self, root: Path, give_up: Callable[[str, Exception], None]) -> None:
        self._root = root
        self._give_up = give_up
        self._faults: dict[str, _Faults] = {}

    def may_try(self, run_id: str) -> bool:
        """Whether it is time to do something with a run."""
        faults = self._faults.get(run_id)
        return faults is None or clock.monotonic() >= faults.again_at

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that ended."""
        self._faults.pop(run_id, None)

    def boundary(self, run_id: str) -> AbstractContextManager[None]:
        """Take in whatever goes wrong with a run inside, see `core.boundary.boundary`."""
        return boundary(self._root, partial(self._note, run_id))

    def _note(self, run_id: str, error: Exception) -> None:
        faults = self._faults.setdefault(run_id, _Faults())
        faults.count += 1
        faults.again_at = clock.monotonic() + _FIRST_PAUSE_S * _LONGER**faults.count
        _log.error("A step with the run %s failed, for the %d. time.", run_id, faults.count, exc_info=error)
        if faults.count >= MOST_FAULTS:
            try:
                self._give_up(run_id, error)
            except CONCERNS_ALL:
                raise
            except Exception:  # noqa: BLE001 - one of the engine's boundaries
                _log.exception("The run %s cannot be ended either; it is left alone.", run_id)
                faults.again_at = float("inf")
