"""What people say about the queue."""

from __future__ import annotations

from typing import Final, NamedTuple

from desktop_aml.domain.values import dataclass

GREATEST_PRIORITY: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQueue:
    """Pause the queue or have it go on, or give a queued run another place.

    Parameters
    ----------
    is_paused : bool or None
        Whether queued runs are to wait; what executes goes on. None changes nothing.
    run_id : str
        The run that gets another place; empty for none.
    priority : int or None
        Runs of a higher one begin first.
    before : str or None
        The queued run that it is to stand before, with that one's priority; empty for the end of its own priority.
    is_first : bool
        Whether it is to stand before whichever run is the first when this is carried out.
    """

    is_paused: bool | None = None
    run_id: str = ""
    priority: int | None = None
    before: str | None = None
    is_first: bool = False


class QueuedRun(NamedTuple):
    """A run that waits, in few words. A tuple, as very many are read and compared at once.

    Parameters
    ----------
    priority : int
        Runs of a higher one begin first.
    """

    id: str
    name: str
    experiment: str
    target: str
    priority: int
