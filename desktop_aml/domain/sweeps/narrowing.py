"""A space made smaller around the best of what was tried in it: half as wide, and within its bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.sweeps.expressions import Expression, Value
from desktop_aml.domain.sweeps.records import Sweep
from desktop_aml.domain.sweeps.space import COMMAND, Variation
from desktop_aml.domain.sweeps.standings import best_of, repeated_of

_GOOD: Final = 4
"""One in so many trials is a good one: what a choice has none of is not tried again."""


def narrowed(sweep: Sweep) -> tuple[Variation, ...]:
    """Return the space of a sweep, half as wide around its best trial.

    Ranges are halved, on the logarithm where they are logarithmic; a choice keeps what the best quarter of the trials
    had; seeds and folds stay.

    Raises
    ------
    NotFound
        When no trial has a value.
    """
    best = best_of(sweep)
    if best is None:
        raise NotFound("There is no best trial to narrow the space around.", sweep.explanation())
    ranked = [trial for trial in sweep.ranked() if trial.best is not None]
    good = [dict(trial.values) for trial in ranked[: max(1, math.ceil(len(ranked) / _GOOD))]]
    around, repeated = dict(best.values), repeated_of(sweep)
    space = []
    for one in sweep.spec.space:
        if one.name in repeated or one.name not in around or not _is_of(one, around):
            space.append(one)
            continue
        had = [own[one.name] for own in good if one.name in own and _is_of(one, own)]
        space.append(replace(one, expression=_narrower(one.expression, around[one.name], had)))
    return tuple(space)


def _is_of(one: Variation, values: Mapping[str, Value]) -> bool:
    return one.command in ("", values.get(COMMAND))


def _narrower(one: Expression, best: Value, good: Sequence[Value]) -> Expression:
    if one.kind == "choice":
        kept = {repr(best), *map(repr, good)}
        return Expression("choice", tuple(value for value in one.args if repr(value) in kept) or one.args)
    if isinstance(best, str):
        return one
    match one.kind.removeprefix("q"):
        case "randint" | "integers":
            first, last = (0, int(one.args[0]) - 1) if one.kind == "randint" else (int(one.args[0]), int(one.args[1]))
            reach = max(1, math.ceil((last - first) / 4))
            at = min(max(int(best), first), last)
            return Expression("integers", (max(first, at - reach), min(last, at + reach)))
        case "uniform":
            low, high = float(one.args[0]), float(one.args[1])
            return _ranged(one, *_half(low, high, float(best)))
        case "loguniform":
            low, high = math.log(float(one.args[0])), math.log(float(one.args[1]))
            lower, upper = _half(low, high, math.log(best) if best > 0 else low)
            # The way through the logarithm may leave the bounds by a last digit.
            within = max(math.exp(lower), float(one.args[0])), min(math.exp(upper), float(one.args[1]))
            return _ranged(one, *within)
        case "normal":
            return Expression(one.kind, (float(best), float(one.args[1]) / 2, *one.args[2:]))
        case "lognormal":
            mean = math.log(best) if best > 0 else float(one.args[0])
            return Expression(one.kind, (mean, float(one.args[1]) / 2, *one.args[2:]))
    return one


def _half(low: float, high: float, at: float) -> tuple[float, float]:
    """Return half a range around a place in it, moved to lie within."""
    width = (high - low) / 2
    start = min(max(at - width / 2, low), high - width)
    return start, start + width


def _ranged(one: Expression, low: float, high: float) -> Expression:
    low, high = float(f"{low:.6g}"), float(f"{high:.6g}")
    low, high = max(low, float(one.args[0])), min(high, float(one.args[1]))
    return Expression(one.kind, (low, high, *one.args[2:])) if low < high else one
