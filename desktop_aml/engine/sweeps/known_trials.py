"""What is known of the trials of a sweep, kept from one proposal to the next: only what changed is made anew."""

from __future__ import annotations

from dataclasses import replace

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.sweeps.records import SweepSpec, Trial
from desktop_aml.domain.values import dataclass
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table


@dataclass(frozen=True, slots=True)
class AskedOf:
    """What a proposal for a sweep follows from.

    Parameters
    ----------
    trials : tuple of Trial
        All that there are, by number; of each no more than its run, what it was given, its state and its best value.
    """

    run_id: str
    spec: SweepSpec
    trials: tuple[Trial, ...]


class KnownTrials:
    """The trials of one sweep as they were when they were read last. Safe for one thread at a time."""

    def __init__(self) -> None:
        self._trials: list[Trial] = []

    def read(self, db: Database, run_id: str, spec: SweepSpec) -> AskedOf:
        """Read what became of the trials since; one that is as it was is the same object."""
        with db.reading():
            found = list(table.outcomes(db, run_id, spec))
            known = self._trials[: len(found)]
            for values in table.given(db, run_id, len(known)):
                known.append(Trial(len(known), found[len(known)][0], values))
        for number, (_, text, value) in enumerate(found):
            one = known[number]
            state, best = RunState(text) if text else None, None if value is None else float(value)
            if one.state is not state or one.best != best:
                known[number] = replace(one, state=state, best=best)
        self._trials = known
        return AskedOf(run_id, spec, tuple(known))
