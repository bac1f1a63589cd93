"""Pools: how many runs of one compute target of Azure ML code may execute at once."""

from __future__ import annotations

from desktop_aml.engine.desk import Desk
from desktop_aml.store import azure_records
from desktop_aml.store.pools import active_by_compute


def full_ones(desk: Desk) -> list[str]:
    """Return the compute targets whose runs fill them: no further run for them may begin now."""
    busy = active_by_compute(desk.db)
    records = azure_records.computes(desk.folder) if busy else None
    if records is None:
        return []
    limits = {name: record.max_nodes for name in busy if (record := records.get(name)) is not None}
    return [name for name, count in busy.items() if count >= limits.get(name, count + 1)]
