"""What the engine has in mind of a sweep that goes on: read from the database once, then kept up by events."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from desktop_aml.domain.metrics import Point
from desktop_aml.domain.sweeps import space
from desktop_aml.domain.sweeps.space import Values
from desktop_aml.domain.sweeps.stopping import Verdict, verdict
from desktop_aml.engine.sweeps.known_trials import KnownTrials
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table as sweeps
from desktop_aml.store.sweeps.table import StoredSweep


@dataclass(slots=True)
class _Curve:
    """The numbers that a trial reported, and how many reports of any kind were looked at."""

    values: list[float] = field(default_factory=list)
    looked_at: int = 0


@dataclass(slots=True)
class OpenSweep:
    """A sweep that goes on.

    Parameters
    ----------
    decided : int
        How many trials there are so far, ended ones included.
    trials : dict of str to int
        Number of each trial that has not ended, by its run.
    judged : dict of str to int
        Up to which report the stopping rule has looked at such a trial; those that it stops are not looked at again.
    """

    stored: StoredSweep
    decided: int
    trials: dict[str, int]
    judged: dict[str, int]
    best: float | None = None
    """The best value of the trials that have ended."""
    is_told_over: bool = False
    is_asking: bool = False
    """Whether the values of the next trial are being worked out."""
    _curves: dict[int, _Curve] = field(default_factory=dict)
    known: KnownTrials = field(default_factory=KnownTrials)
    _finishing: set[str] = field(default_factory=set)
    """Trials whose script is over, while what it left is being collected."""
    _upcoming: Iterator[Values] | None = None
    _next: Values | None = None

    @classmethod
    def load(cls, db: Database, run_id: str) -> OpenSweep:
        """Read a sweep that an earlier engine left, or that was just taken in."""
        stored = sweeps.get(db, run_id)
        found = sweeps.open_trials(db, run_id)
        made = cls(
            stored,
            sweeps.count(db, run_id),
            {trial: number for number, trial, _ in found},
            {trial: judged for _, trial, judged in found if judged is not None},
        )
        if made.decided:
            made.best = sweeps.best_value(db, run_id, stored.spec)
        if stored.spec.rule is not None:
            for number, points in sweeps.curves(db, run_id, stored.spec.metric).items():
                made._curves[number] = _Curve([value for _, value in points], points[-1][0] + 1)
        return made

    def next_values(self, db: Database) -> Values | None:
        """Return what the next trial is given, the same until `began`; None when all is tried."""
        if self.stored.planned:
            return self.stored.planned[0]
        if self._next is None:
            if self._upcoming is None:
                self._upcoming = self._proposals(db)
            self._next = next(self._upcoming, None)
        return self._next

    def _proposals(self, db: Database) -> Iterator[Values]:
        spec = self.stored.spec
        is_plain = not (self.stored.space_from or self.stored.as_planned)
        if is_plain or space.size_of(spec.space) is None or spec.search is space.Search.QUASI:
            return space.proposals(spec.search, spec.space, spec.seed, start=self.decided - len(self.stored.as_planned))
        # What was tried in an earlier space, or because it was asked for, is not tried again.
        tried = {repr(values) for values in sweeps.values(db, self.stored.run_id)}
        return (one for one in space.proposals(spec.search, spec.space, spec.seed) if repr(one) not in tried)

    def began(self, run_id: str, stored: StoredSweep) -> None:
        """Take note that the next trial is queued as `run_id`, which left the sweep as `stored`."""
        self.stored = stored
        self.trials[run_id] = self.decided
        self.judged[run_id] = 0
        self.decided += 1
        self._next = None

    def queued_again(self, run_id: str) -> None:
        """Forget what an attempt of a trial reported that is made again."""
        if run_id in self.trials:
            self._curves.pop(self.trials[run_id], None)
        if run_id in self.judged:
            self.judged[run_id] = 0

    def finishes(self, run_id: str) -> bool:
        """Take note that the script of a trial is over; return whether another trial may begin because of it."""
        if run_id in self.trials:
            self._finishing.add(run_id)
        return run_id in self.trials and self.wants_trial()

    def ended(self, run_id: str) -> None:
        """Take note that a trial is over."""
        self._finishing.discard(run_id)
        self.trials.pop(run_id, None)
        self.judged.pop(run_id, None)

    def change(self, stored: StoredSweep) -> None:
        """Go on as `stored` says."""
        if stored.spec.space != self.stored.spec.space or stored.planned != self.stored.planned:
            self._upcoming = self._next = None
        self.stored = stored
        self.is_told_over = False

    def wants_trial(self) -> bool:
        """Whether another trial is to begin now, if there is anything left to try."""
        spec = self.stored.spec
        # What is collected of one trial need not keep the next from beginning, unless that one learns from its end.
        # But collecting falls behind by no more trials than there may be at once.
        over = 0 if spec.search.learns else min(len(self._finishing), spec.concurrent)
        is_held = self.stored.paused_at is not None or len(self.trials) - over >= spec.concurrent
        return not is_held and not self.has_all()

    def has_all(self) -> bool:
        """Whether no further trial will begin."""
        return not self.stored.planned and (self.stored.exhausted or self.decided >= self.stored.spec.trials)

    def reported(self, run_id: str, points: Sequence[Point]) -> None:
        """Take note of what a trial reported of the metric."""
        number = self.trials.get(run_id)
        if number is None or self.stored.spec.rule is None:
            return
        curve = self._curves.setdefault(number, _Curve())
        for point in points:
            if point.index >= curve.looked_at:
                curve.looked_at = point.index + 1
                if isinstance(point.value, (int, float)):
                    curve.values.append(_number(point.value))

    def judge(self, run_id: str) -> tuple[int, Verdict | None]:
        """Return up to which report a trial is judged now, and why it is to be stopped, if it is."""
        rule, number, done = self.stored.spec.rule, self.trials[run_id], self.judged[run_id]
        curve = self._curves.get(number)
        if rule is None or curve is None or len(curve.values) <= done:
            return done, None
        if number in self.stored.as_planned:
            return len(curve.values), None
        curves = {key: one.values for key, one in self._curves.items()}
        for interval in range(done + 1, len(curve.values) + 1):
            found = verdict(rule, self.stored.spec.goal, curves, number, interval)
            if found is not None:
                return interval, found
        return len(curve.values), None


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
