"""What runs that are under way may use of this computer together, and whether there is room for another."""

from __future__ import annotations

from typing import Final

from desktop_aml.domain.organising.needs import CPUS, MEMORY, Needs
from desktop_aml.domain.runs import DOCKER, LOCAL, RunState
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.system.hardware import capacity

_HERE: Final = (LOCAL, DOCKER)


def taken(db: Database) -> Needs:
    """Return the sum of the limits of all runs that are under way on this computer."""
    active = [state for state in RunState if state.is_active()]
    sql = (
        "SELECT id, key, value FROM run CROSS JOIN label ON run_id = id AND kind = 'property'"  # noqa: S608
        f" AND key IN (?, ?) WHERE state IN ({', '.join('?' * len(active))}) AND target IN (?, ?)"
    )
    said: dict[str, dict[str, str]] = {}
    for row in db.all(sql, (CPUS, MEMORY, *active, *_HERE)):
        said.setdefault(row["id"], {})[row["key"]] = row["value"]
    # Scripts write properties, too: what makes no sense there must not hold up the queue.
    limits = [Needs.of(properties) for properties in said.values()]
    return Needs(cpus=sum(one.cpus or 0.0 for one in limits), memory_bytes=sum(one.memory_bytes or 0 for one in limits))


def is_room(db: Database, run_id: str) -> bool:
    """Whether what a run may use is free."""
    return not lack(db, Needs.of(runs.properties(db, run_id)))


def lack(db: Database, wanted: Needs) -> str:
    """Return in words what is not free of what a run may use; empty when nothing is missing.

    A run that wants more than there is at all has room once no other one with a limit is under way.
    """
    if not wanted.is_limited:
        return ""
    used = taken(db)
    if wanted.cpus and used.cpus and used.cpus + wanted.cpus > capacity.cores():
        cores = capacity.cores()
        return f"It may use {Needs(cpus=wanted.cpus).words()}, and runs have {used.cpus:g} of {cores} here."
    if wanted.memory_bytes and used.memory_bytes and used.memory_bytes + wanted.memory_bytes > capacity.memory_bytes():
        have, there_is = (Needs(memory_bytes=count).words() for count in (used.memory_bytes, capacity.memory_bytes()))
        return f"It may use {Needs(memory_bytes=wanted.memory_bytes).words()}, and runs have {have} of {there_is} here."
    return ""
