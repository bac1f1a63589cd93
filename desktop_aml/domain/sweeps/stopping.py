"""When a trial is stopped early: Azure ML's three policies and successive halving, over the reports of one metric.

An interval is a report of the metric: interval 3 of a trial is its third report. A rule is applied to a trial whenever
the trial reaches a multiple of the rule's `every` that is at least `delay`, and compares it at that interval with all
trials that got as far. Halving and Hyperband look at their rungs instead, see `halving`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from statistics import median
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps import halving
from desktop_aml.domain.sweeps.expressions import scalar
from desktop_aml.domain.values import dataclass

_LARGEST: Final = 1_000_000_000
_REDUCTION: Final = 3

Curves = Mapping[int, Sequence[float]]
"""What each trial reported so far, by its number."""


class RuleKind(StrEnum):
    """The rules there are."""

    BANDIT = "bandit"
    MEDIAN = "median"
    TRUNCATION = "truncation"
    HALVING = "halving"
    HYPERBAND = "hyperband"


HALVINGS: Final = frozenset({RuleKind.HALVING, RuleKind.HYPERBAND})


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """A rule that ends trials early.

    Parameters
    ----------
    every, delay : int
        It applies at each multiple of `every` reports, from the first that is at least `delay`.
    slack_factor, slack_amount : float or None
        Of a bandit, exactly one: how far from the best a trial may be, as a part of it or as an amount.
    percentage : int
        Of a truncation: how many of a hundred trials go, from 1 to 99.
    reduction, least : int
        Of halving and Hyperband: at each rung one in so many trials goes on; reports at the first rung.
    most : int
        Of Hyperband: how many reports a trial makes when nothing stops it.
    """

    kind: RuleKind
    every: int = 1
    delay: int = 0
    slack_factor: float | None = None
    slack_amount: float | None = None
    percentage: int = 0
    reduction: int = 0
    least: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        if self.every < 1 or self.delay < 0:
            raise InvalidInput(
                f"{self.kind}(): evaluation_interval must be at least 1, delay_evaluation at least 0.", ""
            )
        if self.kind is RuleKind.BANDIT:
            given = [one for one in (self.slack_factor, self.slack_amount) if one is not None]
            if len(given) != 1:
                raise InvalidInput("bandit() takes slack_factor or slack_amount, exactly one of them.", "")
            if not (math.isfinite(given[0]) and given[0] >= 0):
                raise InvalidInput("bandit(): the slack must be a number of at least 0.", "")
        elif self.kind in HALVINGS:
            if not (2 <= self.reduction <= _LARGEST and 1 <= self.least <= _LARGEST):
                raise InvalidInput(f"{self.kind}(): reduction_factor must be at least 2, min_reports at least 1.", "")
            if self.kind is RuleKind.HYPERBAND and not self.least < self.most <= _LARGEST:
                raise InvalidInput(
                    "hyperband(): max_reports must be greater than min_reports.",
                    "It is how often a trial reports the metric when nothing stops it: hyperband(max_reports=27)",
                )
        elif self.kind is RuleKind.TRUNCATION and not 1 <= self.percentage <= 99:
            raise InvalidInput("truncation(): percentage must be from 1 to 99.", "")

    def __str__(self) -> str:
        given = {
            "slack_factor": self.slack_factor,
            "slack_amount": self.slack_amount,
            "percentage": self.percentage or None,
            "reduction_factor": self.reduction or None,
            "min_reports": self.least or None,
            "max_reports": self.most or None,
            "evaluation_interval": self.every if self.every > 1 else None,
            "delay_evaluation": self.delay or None,
        }
        words = [f"{name}={value:g}" for name, value in given.items() if value is not None]
        return f"{self.kind}({', '.join(words)})"

    @property
    def first_interval(self) -> int:
        """The first report at which the rule looks at a trial."""
        if self.kind in HALVINGS:
            return self.least
        return -(-max(self.delay, 1) // self.every) * self.every

    def applies_at(self, interval: int) -> bool:
        """Whether the rule looks at a trial that has just made its `interval`-th report."""
        if self.kind in HALVINGS:
            return halving.is_rung(interval, self.least, self.reduction, self.most)
        return interval >= max(self.delay, 1) and interval % self.every == 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a trial is stopped: its own number, and the bound that it does not reach."""

    rule: str
    interval: int
    value: float
    bound: float
    compared: int
    """How many trials were compared, the stopped one included."""

    def __str__(self) -> str:
        return (
            f"Stopped by {self.rule} at report {self.interval}: {self.value:.6g} is beyond the bound {self.bound:.6g}"
            f" ({self.compared} trials compared)."
        )


def verdict(rule: StoppingRule, goal: Goal, curves: Curves, trial: int, interval: int) -> Verdict | None:
    """Return why `trial` is stopped at `interval`, or None when it goes on.

    Parameters
    ----------
    curves : mapping of int to sequence of float
        What each trial reported so far; of those with fewer reports than `interval` nothing is known yet.
    """
    if not rule.applies_at(interval):
        return None
    if rule.kind in HALVINGS:
        # A trial is compared within its bracket, and looked at on the rungs of that.
        own = halving.bracket(trial, rule.least, rule.reduction, rule.most)
        if not halving.is_rung(interval, rule.least * rule.reduction**own, rule.reduction, rule.most):
            return None
        curves = {
            number: curve
            for number, curve in curves.items()
            if halving.bracket(number, rule.least, rule.reduction, rule.most) == own
        }
    sign = 1.0 if goal is Goal.MAXIMIZE else -1.0
    # More is better from here on. What is no number is worse than any.
    reached = {
        number: [-math.inf if math.isnan(value) else sign * value for value in curve[:interval]]
        for number, curve in curves.items()
        if len(curve) >= interval
    }
    if trial not in reached:
        return None
    value, bound = _compared(rule, reached, trial)
    if value >= bound:
        return None
    return Verdict(str(rule), interval, sign * value, sign * bound, len(reached))


def _compared(rule: StoppingRule, reached: Mapping[int, Sequence[float]], trial: int) -> tuple[float, float]:
    """Return what counts of a trial, and the bound below which it is stopped; more is better."""
    if rule.kind is RuleKind.BANDIT:
        best = max(map(max, reached.values()))
        if not math.isfinite(best):
            return max(reached[trial]), best
        # best / (1 + factor), and best * (1 + factor) where less is better: both lie on the worse side of the best
        # whatever its sign, which the plain formulas do not.
        if rule.slack_factor is not None:
            toward_zero = best > 0
            slack = abs(best) * (rule.slack_factor / (1 + rule.slack_factor) if toward_zero else rule.slack_factor)
        else:
            slack = rule.slack_amount or 0.0
        return max(reached[trial]), best - slack
    if rule.kind is RuleKind.MEDIAN:
        return max(reached[trial]), median(sum(curve) / len(curve) for curve in reached.values())
    last = sorted(curve[-1] for curve in reached.values())
    if rule.kind in HALVINGS:
        return reached[trial][-1], last[-max(1, len(last) // rule.reduction)]
    gone = len(last) * rule.percentage // 100
    # Those as bad as the last that would stay stay, too.
    return reached[trial][-1], last[gone]


def best_of(values: Sequence[float], goal: Goal) -> float | None:
    """Return the best of the values of one trial; None without a number."""
    numbers = [value for value in values if not math.isnan(value)]
    if not numbers:
        return None
    return max(numbers) if goal is Goal.MAXIMIZE else min(numbers)


def is_better(value: float, other: float | None, goal: Goal) -> bool:
    """Whether `value` is better than `other`; anything is better than None."""
    return other is None or (value > other if goal is Goal.MAXIMIZE else value < other)


_WORDS: Final = re.compile(r"\s*([a-zA-Z_]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_SPELLINGS: Final = {
    "bandit": RuleKind.BANDIT,
    "median": RuleKind.MEDIAN,
    "median_stopping": RuleKind.MEDIAN,
    "truncation": RuleKind.TRUNCATION,
    "truncation_selection": RuleKind.TRUNCATION,
    "halving": RuleKind.HALVING,
    "successive_halving": RuleKind.HALVING,
    "hyperband": RuleKind.HYPERBAND,
}
_OPTIONS: Final = {
    "evaluation_interval": "every",
    "delay_evaluation": "delay",
    "slack_factor": "slack_factor",
    "slack_amount": "slack_amount",
    "percentage": "percentage",
    "truncation_percentage": "percentage",
    "reduction_factor": "reduction",
    "min_reports": "least",
    "max_reports": "most",
}
_OF_KIND: Final = {
    RuleKind.BANDIT: {"every", "delay", "slack_factor", "slack_amount"},
    RuleKind.MEDIAN: {"every", "delay"},
    RuleKind.TRUNCATION: {"every", "delay", "percentage"},
    RuleKind.HALVING: {"reduction", "least"},
    RuleKind.HYPERBAND: {"reduction", "least", "most"},
}


def parse_rule(text: str) -> StoppingRule | None:
    """Read a rule such as ``bandit(slack_factor=0.1, evaluation_interval=2)``; ``none`` and nothing are None.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    found = _WORDS.fullmatch(text)
    if not text.strip() or (found and found[1].lower() == "none" and not found[2]):
        return None
    kind = _SPELLINGS.get(found[1].lower()) if found else None
    if found is None or kind is None:
        raise InvalidInput(
            f"“{text}” is no stopping rule.",
            "Write bandit(slack_factor=0.1), median(), truncation(percentage=20), halving() or"
            " hyperband(max_reports=27).",
        )
    return _rule(kind, dict(_assignments(found[2] or "", text)))


def _assignments(inner: str, text: str) -> Iterator[tuple[str, float]]:
    for part in filter(str.strip, inner.split(",")):
        name, _, word = (piece.strip() for piece in part.partition("="))
        value = scalar(word)
        if name not in _OPTIONS or isinstance(value, (str, bool)):
            raise InvalidInput(f"“{part.strip()}” in “{text}” is no option.", f"Options: {', '.join(_OPTIONS)}")
        yield _OPTIONS[name], value


def _rule(kind: RuleKind, given: Mapping[str, float]) -> StoppingRule:
    unknown = set(given) - _OF_KIND[kind]
    if unknown:
        names = [name for name, field in _OPTIONS.items() if field in unknown]
        raise InvalidInput(f"{kind}() has no option {names[0]}.", "")
    for name in ("every", "delay", "percentage", "reduction", "least", "most"):
        if not float(given.get(name, 1)).is_integer():
            raise InvalidInput(f"{kind}(): {name} must be a whole number.", "")
    return StoppingRule(
        kind,
        every=int(given.get("every", 1)),
        delay=int(given.get("delay", 0)),
        slack_factor=given.get("slack_factor"),
        slack_amount=given.get("slack_amount"),
        percentage=int(given.get("percentage", 0)),
        reduction=int(given.get("reduction", _REDUCTION if kind in HALVINGS else 0)),
        least=int(given.get("least", 1 if kind in HALVINGS else 0)),
        most=int(given.get("most", 0)),
    )
