"""One node of a batch system: a job there, from its submission to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_aml.domain.targets import Machine
from desktop_aml.executors.cluster import machines
from desktop_aml.executors.cluster.batch.systems import QUEUED, JobState
from desktop_aml.executors.cluster.machines import Facts
from desktop_aml.executors.cluster.porters.porter import Porter
from desktop_aml.system.files import read_regular

_ASKED_FOR: Final = JobState(QUEUED, "")
_LOG_BYTES: Final = 1 << 20


@dataclass(slots=True, eq=False)
class JobNode:
    """One job. `number` is what the system calls it, `name` what Dask calls its worker."""

    log: Path
    ticket: str = ""
    number: str = ""
    name: str = ""
    state: JobState = _ASKED_FOR
    has_number: asyncio.Event = field(default_factory=asyncio.Event)
    is_known: asyncio.Event = field(default_factory=asyncio.Event)
    facts: Facts | None = None
    writer: asyncio.StreamWriter | None = None
    host: str = ""
    has_begun: bool = False
    is_leaving: bool = False
    idle_since: float | None = None
    missing: int = 0
    porter: Porter | None = None

    def as_seen(self, system: str) -> Machine:
        """Return how it stands."""
        if self.has_begun and self.facts is not None:
            return Machine(f"job {self.number} on {self.host}", machines.words_for(self.facts), has_worker=True)
        if self.state.stage != QUEUED:
            return Machine(f"job {self.number}", f"its worker is started on {self.state.node or self.host}")
        why = f": {self.state.reason}" if self.state.reason else ""
        return Machine(f"job {self.number}", f"queued in {system}{why}", is_queued=True)

    def last_words(self) -> str:
        """Return the last line of what went wrong there, where its folder is seen from there."""
        try:
            # The job's own words, but whoever runs there can put anything in their place.
            said = read_regular(self.log, _LOG_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""
        lines = said.strip().splitlines()
        return lines[-1].strip()[:300] if lines else ""
