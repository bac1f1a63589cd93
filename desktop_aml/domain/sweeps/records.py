"""What is known of a sweep and of its trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.space import Search, Values, Variation, check, check_search
from desktop_aml.domain.sweeps.stopping import StoppingRule, Verdict, is_better
from desktop_aml.domain.values import dataclass

TRIAL_VALUES: Final = "desktop_aml.trial_values"
"""Property of a run that is a trial: what the sweep gave its arguments, as JSON."""

MOST_TRIALS: Final = 1_000_000


class Wanted(StrEnum):
    """What is wanted of a sweep that has not ended."""

    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """What a sweep is to do.

    Parameters
    ----------
    space : tuple of Variation
        The arguments that vary.
    metric : str
        The metric that trials are compared by, by its exact name.
    trials : int
        How many trials there are at most.
    concurrent : int
        How many of them are queued or under way at once.
    time_limit_s : float or None
        Seconds from the start after which no trial begins and those under way are canceled; pauses do not count.
    """

    space: tuple[Variation, ...]
    metric: str
    goal: Goal
    trials: int
    concurrent: int = 1
    search: Search = Search.RANDOM
    seed: int = 0
    rule: StoppingRule | None = None
    time_limit_s: float | None = None

    def __post_init__(self) -> None:
        check(self.space)
        check_search(self.search, self.space)
        if not self.metric.strip():
            raise InvalidInput("The metric has no name.", "Name a metric that the script logs: --metric Accuracy")
        if not 1 <= self.trials <= MOST_TRIALS:
            raise InvalidInput(f"The number of trials must be from 1 to {MOST_TRIALS:,}.", "")
        if not 1 <= self.concurrent <= MOST_TRIALS:
            raise InvalidInput("The number of trials at once must be at least 1.", "")
        if self.time_limit_s is not None and not 0 < self.time_limit_s < 1e9:
            raise InvalidInput("The time limit must be greater than 0 seconds.", "Leave it out for none.")


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of a sweep: a run, and what it came to.

    Parameters
    ----------
    best : float or None
        The best value of the metric that it reported, by the goal.
    reports : int
        How often it reported the metric.
    state : RunState or None
        None when its run was deleted.
    stopped : Verdict or None
        Why the stopping rule ended it.
    """

    number: int
    run_id: str
    values: Values
    best: float | None = None
    reports: int = 0
    state: RunState | None = None
    stopped: Verdict | None = None
    display_name: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    error: str = ""

    def duration_s(self, now: float) -> float | None:
        """Seconds from start to end, or to `now` while it runs; None before the start."""
        if self.started_at is None:
            return None
        return (self.ended_at if self.ended_at is not None else now) - self.started_at


_REASON_LENGTH = 600


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep as it stands.

    Parameters
    ----------
    state : RunState
        Of the run that is the sweep.
    remark : str
        What a person should know: why it ended early, why it has no best trial.
    metrics : tuple of str
        Names of all metrics that its trials logged.
    planned : int
        How many trials are to come that were asked for by their values.
    paused_s : float
        Seconds that it was paused, or had ended before it was opened again.
    """

    run_id: str
    spec: SweepSpec
    wanted: Wanted
    state: RunState
    display_name: str
    experiment: str
    script: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    trials: tuple[Trial, ...] = ()
    remark: str = ""
    metrics: tuple[str, ...] = ()
    exhausted: bool = False
    planned: int = 0
    paused_s: float = 0.0

    @property
    def total(self) -> int:
        """How many trials it will have when nothing changes."""
        return total_of(self.spec, self.state, len(self.trials), self.planned, exhausted=self.exhausted)

    def over(self) -> int:
        """How many trials have ended."""
        return sum(trial.state is None or trial.state.is_terminal() for trial in self.trials)

    def best(self) -> Trial | None:
        """Return the best trial; of equal ones the first."""
        return best_trial(self.trials, self.spec.goal)

    def ranked(self) -> tuple[Trial, ...]:
        """Return the trials, best first; those without a value last, in their order."""
        return ranked(self.trials, self.spec.goal)

    def best_so_far(self) -> tuple[tuple[int, float], ...]:
        """Return how many trials had ended, and the best value among them, at each trial's end."""
        ended = sorted(
            (trial for trial in self.trials if trial.ended_at is not None), key=lambda trial: trial.ended_at or 0.0
        )
        curve: list[tuple[int, float]] = []
        best: float | None = None
        for count, trial in enumerate(ended, 1):
            if trial.best is not None and is_better(trial.best, best, self.spec.goal):
                best = trial.best
            if best is not None:
                curve.append((count, best))
        return tuple(curve)

    def time_left_s(self, now: float) -> float | None:
        """Seconds until all trials will have ended, judged by those that have; None while nothing tells."""
        durations = [
            trial.ended_at - trial.started_at
            for trial in self.trials
            if trial.ended_at is not None and trial.started_at is not None
        ]
        if not durations or self.started_at is None or self.state.is_terminal():
            return None
        pace = (now - self.started_at - self.paused_s) / max(self.over(), 1)
        return pace * (self.total - self.over())

    def explanation(self) -> str:
        """Say what may puzzle: why there is no best trial although trials have ended, or why none was stopped."""
        words = [self.remark]
        if self.over() and self.best() is None:
            words += [no_best_words(self.spec.metric, self.metrics), self._failure_words()]
        elif self.state.is_terminal():
            words.append(self._rule_words())
        return " ".join(filter(None, words))

    def _failure_words(self) -> str:
        failed = [trial for trial in self.trials if trial.state is RunState.FAILED]
        if not failed:
            return ""
        first = failed[0]
        reason = first.error.strip().partition("\n")[0][:_REASON_LENGTH] or f"see the log of {first.run_id}"
        return f"{len(failed)} of {self.over()} trials failed, the first, {first.number}, with: {reason}"

    def _rule_words(self) -> str:
        rule, most = self.spec.rule, max((trial.reports for trial in self.trials), default=0)
        if rule is None or most >= rule.first_interval:
            return ""
        return (
            f"The stopping rule {rule} never applied: it looks at report {rule.first_interval} of “{self.spec.metric}”"
            f" first, and no trial made more than {most}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLine:
    """What a list says of a sweep.

    Parameters
    ----------
    over, total : int
        How many trials have ended, and how many it will have when nothing changes.
    best : float or None
        The best value of its metric; None where no trial reported it.
    """

    run_id: str
    display_name: str
    state: RunState
    wanted: Wanted
    over: int
    total: int
    metric: str
    best: float | None
    created_at: float


def total_of(spec: SweepSpec, state: RunState, made: int, planned: int, *, exhausted: bool) -> int:
    """Return how many trials a sweep will have when nothing changes, where `made` were decided on already."""
    if state.is_terminal():
        return made
    return made + planned if exhausted else spec.trials


def best_trial(trials: Iterable[Trial], goal: Goal) -> Trial | None:
    """Return the best of some trials; of equal ones the first."""
    best: Trial | None = None
    for trial in trials:
        if trial.best is not None and is_better(trial.best, best.best if best else None, goal):
            best = trial
    return best


def ranked(trials: Sequence[Trial], goal: Goal, *, worst_first: bool = False) -> tuple[Trial, ...]:
    """Return trials in the order of their best values; those without one last, in their order."""
    known = [trial for trial in trials if trial.best is not None]
    known.sort(key=lambda trial: trial.best or 0.0, reverse=(goal is Goal.MAXIMIZE) is not worst_first)
    return (*known, *(trial for trial in trials if trial.best is None))


def no_best_words(metric: str, logged: Sequence[str]) -> str:
    """Say that no trial reported `metric`, and what it may have meant."""
    if not logged:
        return f"No trial has logged the metric “{metric}”, nor any other one."
    lower = {name.casefold().strip(): name for name in logged}
    near = get_close_matches(metric.casefold().strip(), list(lower), n=1, cutoff=0.5)
    meant = f" Did you mean “{lower[near[0]]}”?" if near else ""
    return f"No trial has logged the metric “{metric}”. They logged: {', '.join(logged[:10])}.{meant}"
