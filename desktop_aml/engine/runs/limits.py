"""Which queued runs may begin now: by their compute target, and by what they may use of this computer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop_aml.engine.core.context import Desk
from desktop_aml.store import azure_records
from desktop_aml.store.organising import needs
from desktop_aml.store.pools import active_by_compute, awaited_children, queued


def startable(desk: Desk, targets: Sequence[str], *, free: int, taken: int) -> Iterator[str]:
    """Yield the queued runs that may begin now, one at a time: each counts before the next is chosen.

    Parameters
    ----------
    free, taken : int
        Places for runs of these targets. When none is free for the next one, a child that its parent waits for still
        gets one.
    """
    while free > 0 and (found := queued(desk.db, targets, 1, full_ones(desk))):
        if not needs.is_room(desk.db, found[0]):
            # Nobody overtakes it: small runs without end would keep it waiting for ever.
            free = 0
            break
        yield found[0]
        free -= 1
    if free <= 0 and taken:
        yield from awaited_children(desk.db, targets)


def full_ones(desk: Desk) -> list[str]:
    """Return the compute targets whose runs fill them: no further run for them may begin now."""
    busy = active_by_compute(desk.db)
    records = azure_records.computes(desk.folder) if busy else None
    if records is None:
        return []
    limits = {name: record.max_nodes for name in busy if (record := records.get(name)) is not None}
    return [name for name, count in busy.items() if count >= limits.get(name, count + 1)]
