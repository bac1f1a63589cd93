"""An attempt of a run, as the holder of a cluster knows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.executors.cluster.nodes import WorkerSeen
from desktop_aml.executors.cluster.porters.carry import Carry
from desktop_aml.executors.cluster.porters.luggage import Environment

if TYPE_CHECKING:
    from distributed import Future

_MOST_RETURNS: Final = 5
"""After so many losses of a machine before a script began there, it is the run that it cannot bear."""


@dataclass(slots=True)
class Attempt:
    """One attempt of a run.

    Parameters
    ----------
    asked : dict
        What the engine said of it.
    environment : Environment or None
        What lets it go to a machine whose files are its own; None for a run that cannot travel.
    carry : Carry or None
        What carries it out on such a machine.
    unfit : dict of str to str
        Machines that cannot carry it out, and why.
    returned : Counter of str
        How often each machine was lost before the script was begun there.
    """

    asked: dict[str, Any]
    future: Future | None = None
    address: str = ""
    stage: str = "waiting"
    worker: str = ""
    words: str = ""
    missed_since: float | None = None
    environment: Environment | None = None
    carry: Carry | None = None
    unfit: dict[str, str] = field(default_factory=dict)
    returned: Counter[str] = field(default_factory=Counter)

    def see_carry(self) -> None:
        """Take note of how it goes on a machine whose files are its own."""
        carry = self.carry
        if carry is None or not self.is_open():
            return
        if carry.stage in {"unfit", "returned"}:
            # Nothing of it was begun: it waits for another machine.
            host = carry.porter.host
            self.returned[host] += 1
            if carry.stage == "unfit" or self.returned[host] >= _MOST_RETURNS:
                self.unfit[host] = carry.words
            self.stage, self.words, self.address, self.worker, self.carry = "waiting", "", "", "", None
        else:
            self.stage, self.words = carry.stage, carry.words

    def is_open(self) -> bool:
        """Whether it waits or goes on."""
        return self.stage in {"waiting", "started"}

    def may_go_to(self, worker: WorkerSeen) -> bool:
        """Whether a worker may carry it out, when it has a place."""
        if self.environment is None:
            return worker.porter is None
        return not worker.is_stand_in and (worker.porter is None or worker.porter.host not in self.unfit)
