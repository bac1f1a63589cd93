"""How an argument varies: each function returns the kind and its arguments, as Azure ML writes them down.

The bounds of `loguniform` and `qloguniform` are exponents: values lie from ``exp(min_value)`` to ``exp(max_value)``.
"""

import math

from azureml.train.hyperdrive.exceptions import HyperDriveConfigException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Expression = list[Any]


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


def choice(*options: "Any") -> "Expression":
    """Choose among values: given one by one, as one list, or as one range.

    Raises
    ------
    HyperDriveConfigException
        When there are none, or a list stands beside other values.
    """
    if not options:
        raise HyperDriveConfigException("choice() needs at least one value: choice('linear', 'rbf').")
    lists = [one for one in options if isinstance(one, (list, range))]
    if not lists:
        return ["choice", [list(options)]]
    if len(options) > 1:
        raise HyperDriveConfigException("choice() takes values, or one list or range of values, not both.")
    if not list(options[0]):
        raise HyperDriveConfigException("choice() was given an empty list.")
    return ["choice", [list(options[0])]]


def randint(upper: int) -> "Expression":
    """Draw a whole number from 0, below `upper`."""
    if isinstance(upper, bool) or not isinstance(upper, int) or upper < 1:
        raise HyperDriveConfigException("randint(upper): upper must be a whole number of at least 1.")
    return ["randint", [upper]]


def uniform(min_value: float, max_value: float) -> "Expression":
    """Draw a number between two bounds."""
    _check_bounds("uniform", min_value, max_value)
    return ["uniform", [min_value, max_value]]


def quniform(min_value: float, max_value: float, q: int) -> "Expression":
    """Draw such a number, rounded to a multiple of `q`."""
    _check_bounds("quniform", min_value, max_value)
    return ["quniform", [min_value, max_value, _step("quniform", q)]]


def loguniform(min_value: float, max_value: float) -> "Expression":
    """Draw ``exp(uniform(min_value, max_value))``."""
    _check_bounds("loguniform", min_value, max_value)
    return ["loguniform", [min_value, max_value]]


def qloguniform(min_value: float, max_value: float, q: int) -> "Expression":
    """Draw ``exp(uniform(min_value, max_value))``, rounded to a multiple of `q`."""
    _check_bounds("qloguniform", min_value, max_value)
    return ["qloguniform", [min_value, max_value, _step("qloguniform", q)]]


def normal(mu: float, sigma: float) -> "Expression":
    """Draw from a normal distribution."""
    _check_deviation("normal", mu, sigma)
    return ["normal", [mu, sigma]]


def qnormal(mu: float, sigma: float, q: int) -> "Expression":
    """Draw from a normal distribution, rounded to a multiple of `q`."""
    _check_deviation("qnormal", mu, sigma)
    return ["qnormal", [mu, sigma, _step("qnormal", q)]]


def lognormal(mu: float, sigma: float) -> "Expression":
    """Draw ``exp(normal(mu, sigma))``."""
    _check_deviation("lognormal", mu, sigma)
    return ["lognormal", [mu, sigma]]


def qlognormal(mu: float, sigma: float, q: int) -> "Expression":
    """Draw ``exp(normal(mu, sigma))``, rounded to a multiple of `q`."""
    _check_deviation("qlognormal", mu, sigma)
    return ["qlognormal", [mu, sigma, _step("qlognormal", q)]]


def _check_numbers(kind: str, *values: "Any") -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise HyperDriveConfigException("{}() takes numbers, and was given {!r}.".format(kind, value))


def _check_bounds(kind: str, low: float, high: float) -> None:
    _check_numbers(kind, low, high)
    if low >= high:
        raise HyperDriveConfigException("{}(): {} is not less than {}.".format(kind, low, high))


def _check_deviation(kind: str, mu: float, sigma: float) -> None:
    _check_numbers(kind, mu, sigma)
    if sigma <= 0:
        raise HyperDriveConfigException("{}(): sigma must be greater than 0, and is {}.".format(kind, sigma))


def _step(kind: str, q: float) -> int:
    _check_numbers(kind, q)
    if q <= 0 or int(q) != q:
        raise HyperDriveConfigException("{}(): q must be a whole number of at least 1, and is {}.".format(kind, q))
    return int(q)
