"""A search by a Gaussian process: where what was tried says that better may lie, weighed against what is not known.

Suits few, costly trials of numbers. The process is scikit-learn's; what is ours is the way from the values of a trial
to a point of the unit cube, and which of many candidates is tried next: the one with the greatest expected
improvement.

References
----------
D. R. Jones, M. Schonlau and W. J. Welch, Efficient global optimization of expensive black-box functions, Journal of
Global Optimization 13, 455-492 (1998).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from desktop_aml.domain.sweeps.expressions import Expression, Value
from desktop_aml.domain.sweeps.halton import Halton

Space = Mapping[str, Expression]
"""What varies, by the name that values are told with."""

_MOST_KNOWN = 300
"""Trials that are learned from: a fit takes the third power of their number."""
_BEST_KEPT = 100
_FIRST = 2
"""Trials an argument that are spread evenly before anything is learned, and as many more."""
_MOST_FIRST = 16
_MOST_COUNTED = 1_000
"""Settings that are all looked at, where there are no more."""
_CANDIDATES = 800
_NEAR = 60
_NEAR_BEST = 5
_WIDTHS = (0.2, 0.05, 0.01, 0.002)
"""How far from the best candidates are looked for, each round nearer, as a share of an argument's range."""
_WORST_TOLD = 3.0
"""How far beyond the middle a loss is told, as times of the best's distance from it: what is worse is told as that."""
_NOISE = (1e-6, 0.5)
_SCALES = (0.03, 20.0)


def propose(space: Space, goal: str, trials: Sequence[Mapping[str, Any]], seed: int, place: int) -> dict[str, Value]:
    """Return the values of the next trial, by their names.

    Parameters
    ----------
    space : mapping of str to Expression
        What varies.
    goal : str
        ``minimize`` or ``maximize``.
    trials : sequence of mapping
        Each with its ``values`` (pairs), its ``state`` (``COMPLETE``, ``FAIL`` or ``RUNNING``) and its ``value``.
    seed : int
        The sweep's: the first trials are the points of its sequence.
    place : int
        How many trials there were before.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    known = [one for one in trials if all(_is_of(space, name, dict(one["values"])) for name in space)]
    ended = [one for one in known if one["state"] == "COMPLETE" and math.isfinite(one["value"])]
    first = min(_FIRST * len(space) + _FIRST, _MOST_FIRST)
    if place < first or len(ended) < 2:
        return _at(space, Halton(len(space), seed).point(place))
    sign = 1.0 if goal == "minimize" else -1.0
    losses = {id(one): sign * one["value"] for one in ended}
    worst = max(losses.values())
    # What failed came to nothing good; and it lies somewhere, which is worth to know.
    failed = [one for one in known if one["state"] == "FAIL"]
    told = chosen([*ended, *failed], lambda one: losses.get(id(one), worst))
    random = np.random.default_rng([seed, place])
    # Sums in several threads may differ in their last bit, and the same seed is to give the same trials.
    with threadpool_limits(1):
        model = _Belief(space, told, [losses.get(id(one), worst) for one in told], random)
        # A trial that goes on counts as what is expected of it, so that its neighbour is not tried beside it.
        model.suppose([one for one in known if one["state"] == "RUNNING"])
        return model.best_next({_key(space, dict(one["values"])) for one in known})


def chosen(trials: list[Any], loss: Callable[[Any], float]) -> list[Any]:
    """Return the best of many, and the latest."""
    if len(trials) <= _MOST_KNOWN:
        return trials
    best = sorted(range(len(trials)), key=lambda number: loss(trials[number]))[:_BEST_KEPT]
    latest = range(len(trials) - (_MOST_KNOWN - _BEST_KEPT), len(trials))
    return [trials[number] for number in sorted({*best, *latest})]


def _is_of(space: Space, name: str, values: Mapping[str, Any]) -> bool:
    return name in values and space[name].share_of(values[name]) is not None


def _at(space: Space, shares: Sequence[float]) -> dict[str, Value]:
    return {name: one.at_share(share) for (name, one), share in zip(space.items(), shares, strict=True)}


def _key(space: Space, values: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(repr(values[name]) for name in space)


class _Belief:
    """What is believed of each point, after what was tried."""

    def __init__(self, space: Space, told: Sequence[Mapping[str, Any]], losses: Sequence[float], random: Any) -> None:
        import numpy as np
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

        self._space, self._random = space, random
        self._told = [dict(one["values"]) for one in told]
        self._losses = _tamed(np.asarray(losses, dtype=float))
        points = self._points(self._told)
        kernel = ConstantKernel(1.0, (0.05, 20.0)) * Matern(
            np.full(points.shape[1], 0.5), _SCALES, nu=2.5
        ) + WhiteKernel(1e-3, _NOISE)
        self._process = GaussianProcessRegressor(
            kernel, n_restarts_optimizer=1, normalize_y=False, random_state=int(random.integers(1 << 31))
        )
        self._fit(points)

    def suppose(self, running: Sequence[Mapping[str, Any]]) -> None:
        """Take trials that go on for ended, with what is expected of them."""
        import numpy as np

        if not running:
            return
        values = [dict(one["values"]) for one in running]
        self._losses = np.concatenate([self._losses, self._process.predict(self._points(values))])
        self._told += values
        # What was learned of the shape stays: nothing new is known.
        self._process.set_params(kernel=self._process.kernel_, optimizer=None)
        self._fit(self._points(self._told))

    def best_next(self, tried: set[tuple[str, ...]]) -> dict[str, Value]:
        """Return the values of the greatest expected improvement that were not tried; tried ones where all were."""
        import numpy as np

        sizes = [one.size or _MOST_COUNTED + 1 for one in self._space.values()]
        if math.prod(sizes) <= _MOST_COUNTED:
            ways = [[one.value_at(place) for place in range(one.size or 0)] for one in self._space.values()]
            every = [dict(zip(self._space, values, strict=True)) for values in product(*ways)]
            fresh = [values for values in every if _key(self._space, values) not in tried] or every
            return fresh[int(np.argmax(self._gains(fresh)))]
        found = sorted(self._candidates(), key=lambda pair: -pair[0])
        return next((values for _, values in found if _key(self._space, values) not in tried), found[0][1])

    def _candidates(self) -> list[tuple[float, dict[str, Value]]]:
        """Return points and what is gained there: from everywhere, then nearer and nearer to the most promising."""
        import numpy as np

        candidates = self._random.random((_CANDIDATES, len(self._space)))
        best = sorted(range(len(self._told)), key=lambda number: self._losses[number])[:_NEAR_BEST]
        centres = [[one.share_of(self._told[number][name]) for name, one in self._space.items()] for number in best]
        found: list[tuple[float, dict[str, Value]]] = []
        for width in (*_WIDTHS, 0.0):
            values = [_at(self._space, np.clip(one, 1e-9, 1 - 1e-9)) for one in candidates]
            gains = self._gains(values)
            order = np.argsort(-gains, kind="stable")
            found += [(float(gains[number]), values[number]) for number in order[: 2 * _NEAR_BEST]]
            centres = [candidates[number] for number in order[:_NEAR_BEST]] + centres[:_NEAR_BEST]
            candidates = np.concatenate([self._near(one, width) for one in centres])
        return found

    def _near(self, centre: Any, width: float) -> Any:
        """Return points about one: some arguments are moved, the others stay."""
        import numpy as np

        shape = (_NEAR, len(self._space))
        moved = self._random.random(shape) < max(0.4, 1 / len(self._space))
        near = np.asarray(centre) + np.where(moved, self._random.normal(0, width, shape), 0.0)
        for column, one in enumerate(self._space.values()):
            if one.kind == "choice":
                # Options have no order: another one is as near as any.
                near[:, column] = np.where(moved[:, column], self._random.random(_NEAR), near[:, column])
        return near

    def _gains(self, values: Sequence[Mapping[str, Value]]) -> Any:
        """Return the logarithm of the expected improvement over the best, so that small ones are told apart."""
        import numpy as np

        mean, deviation = self._process.predict(self._points(values), return_std=True)
        deviation = np.maximum(deviation, 1e-9)
        z = (self._goal - mean) / deviation
        log_density = -0.5 * z * z - 0.5 * math.log(2 * math.pi)
        below = np.asarray([0.5 * math.erfc(-one / math.sqrt(2)) for one in z])
        improvement = np.exp(log_density) + z * below
        # Far below the best the two cancel out; what is left there is phi(z) / z^2.
        tail = log_density - 2 * np.log(np.maximum(np.abs(z), 1.0))
        return np.log(deviation) + np.where(z > -5, np.log(np.maximum(improvement, 1e-300)), tail)

    def _points(self, values: Sequence[Mapping[str, Any]]) -> Any:
        """Return values as points: a number by the share that is drawn below it, an option by a corner of its own."""
        import numpy as np

        columns: list[Any] = []
        for name, one in self._space.items():
            if one.kind == "choice":
                places = [one.place_of(given[name]) for given in values]
                columns += [[float(place == option) for place in places] for option in range(len(one.args))]
            else:
                columns.append([one.share_of(given[name]) for given in values])
        return np.asarray(columns, dtype=float).T

    def _fit(self, points: Any) -> None:
        with warnings.catch_warnings():
            # That a scale lies at its bound is told as a warning; it is no fault of anybody's.
            warnings.simplefilter("ignore")
            self._process.fit(points, self._losses)
        # The best as it is believed, not as it was measured: a lucky measurement is no goal.
        self._goal = float(self._process.predict(points).min())


def _tamed(losses: Any) -> Any:
    """Return losses about 0 with a deviation of 1, of which none is so bad that beside it all others look alike."""
    import numpy as np

    middle, least = float(np.median(losses)), float(np.min(losses))
    if middle > least:
        losses = np.minimum(losses, middle + _WORST_TOLD * (middle - least))
    return (losses - np.mean(losses)) / (float(np.std(losses)) or 1.0)
