"""Searches on functions whose best is known: how near each comes with few trials, and what a proposal takes.

Run: .venv/bin/python benchmarks/searches.py [SEEDS]
Prints, for each function and search, the median over seeds of how far the best trial is from the best there is, and
the processor milliseconds of a proposal. Functions: Branin's, Hartmann's of six arguments, and one of a logarithmic,
a whole and a named argument.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import Search, Values, proposals, space_of
from desktop_aml.engine.sweeps import tpe_worker
from desktop_aml.engine.sweeps.tpe import asked_of

_ALPHA = (1.0, 1.2, 3.0, 3.2)
_A = ((10, 3, 17, 3.5, 1.7, 8), (0.05, 10, 17, 0.1, 8, 14), (3, 3.5, 1.7, 10, 17, 8), (17, 8, 0.05, 10, 0.1, 14))
_P = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)


def branin(given: Mapping[str, Any]) -> float:
    """Return Branin's function, whose least value is 0.397887."""
    x, y = given["--x"], given["--y"]
    return float(
        (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
        + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x)
        + 10
    )


def hartmann(given: Mapping[str, Any]) -> float:
    """Return Hartmann's function of six arguments, whose least value is -3.32237."""
    point = list(given.values())
    return -sum(
        alpha * math.exp(-sum(a * (x - p) ** 2 for a, x, p in zip(row, point, places, strict=True)))
        for alpha, row, places in zip(_ALPHA, _A, _P, strict=True)
    )


def kernels(given: Mapping[str, Any]) -> float:
    """Return what is least, 0, at C=10, kernel=rbf and degree=7."""
    base = {"rbf": 0.0, "poly": 0.5, "linear": 1.0}[given["--kernel"]]
    return float(base + (math.log10(given["--C"]) - 1) ** 2 * (1 + base) + 0.1 * abs(given["--degree"] - 7))


FUNCTIONS: dict[str, tuple[Callable[[Mapping[str, Any]], float], dict[str, str], float, int]] = {
    "branin": (branin, {"x": "uniform(-5, 10)", "y": "uniform(0, 15)"}, 0.397887, 30),
    "hartmann6": (hartmann, {f"x{n}": "uniform(0, 1)" for n in range(6)}, -3.32237, 60),
    "kernels": (
        kernels,
        {"C": "loguniform(0.001, 1000)", "kernel": "rbf, poly, linear", "degree": "integers(1, 30)"},
        0.0,
        30,
    ),
}
"""What is minimized, what varies, the least value, and how many trials there are."""


def proposed(spec: SweepSpec, trials: tuple[Trial, ...]) -> Values:
    """Return the next trial, as the process that Optuna lives in finds it."""
    if not spec.search.learns:
        return next(proposals(spec.search, spec.space, spec.seed, start=len(trials)))
    sweep = Sweep(
        "s", spec, Wanted.RUNNING, RunState.RUNNING, display_name="", experiment="e", script="t.py", created_at=0.0,
        started_at=0.0, ended_at=None, trials=trials,
    )  # fmt: skip
    found: Any = tpe_worker.propose(asked_of(sweep))
    return tuple((str(name), value) for name, value in found)


def best_of(name: str, search: Search, seed: int) -> tuple[float, float]:
    """Return how far the best trial is from the best there is, and processor milliseconds a proposal."""
    function, varied, least, count = FUNCTIONS[name]
    spec = SweepSpec(
        space_of({key: parse(one) for key, one in varied.items()}), "m", Goal.MINIMIZE, count, search=search, seed=seed
    )
    trials: tuple[Trial, ...] = ()
    took = 0.0
    for number in range(count):
        begun = time.process_time()
        values = proposed(spec, trials)
        took += time.process_time() - begun
        loss = function(dict(values))
        trials = (*trials, Trial(number, f"s_{number}", values, loss, 1, RunState.COMPLETED))
    return min(trial.best for trial in trials if trial.best is not None) - least, took / count * 1000


def main() -> None:
    """Print a line a function and search."""
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    print(f"{'function':10} {'search':13} {'trials':>6} {'from the best':>14} {'worst':>8} {'CPU ms':>7}")
    for name in FUNCTIONS:
        for search in (Search.RANDOM, Search.QUASI, Search.TPE, Search.GP):
            found = [best_of(name, search, seed) for seed in seeds]
            far = [one for one, _ in found]
            ms = statistics.median(one for _, one in found)
            print(
                f"{name:10} {search:13} {FUNCTIONS[name][3]:6} {statistics.median(far):14.4f} {max(far):8.3f} {ms:7.1f}"
            )


if __name__ == "__main__":
    tpe_worker.quieten()
    main()
