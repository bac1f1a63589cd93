"""What functions and methods of pandas took until 2.0 and 3.0: arguments by position, old arguments and words."""

import functools
import inspect
import re

from desktop_aml_run.callers import is_asked_by_user, passing_on, stands_for
from desktop_aml_run.compatibility import note
from desktop_aml_run.compatibility.members import put, take_again, try_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from desktop_aml_run.compatibility.members import Rule

    Arguments = dict[str, Any]


_BY_POSITION = (
    "all any drop drop_duplicates dropna interpolate reset_index set_index sort_index sort_values where mask"
).split()
_NUMBERS_ONLY = "corr cov kurt mean median quantile sem skew std var".split()
_FREQUENCY = re.compile(r"([-+]?\d*)(B?[MQYA]|BA|[HTSLUN])(-[A-Z]{3})?")
_FREQUENCIES = {
    "M": "ME", "Q": "QE", "Y": "YE", "A": "YE", "BM": "BME", "BQ": "BQE", "BY": "BYE", "BA": "BYE",
    "H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns",
}  # fmt: skip
_READING: "dict[str, Rule]" = {
    "error_bad_lines": lambda value: {} if value else {"on_bad_lines": "skip"},
    "warn_bad_lines": lambda _: {},
    "mangle_dupe_cols": lambda _: {},
    "infer_datetime_format": lambda _: {},
    "delim_whitespace": lambda value: {"sep": r"\s+"} if value else {},
}


def patch(pandas: "Any") -> None:
    """Have pandas take again what it took."""
    for kind in ("DataFrame", "Series"):
        owner = getattr(pandas, kind)
        for name in _BY_POSITION:
            _replace(owner, name, functools.partial(take_again, name="{}.{}".format(kind, name), by_position=True))
        _replace(owner, "fillna", functools.partial(_fill_by_method, kind))
        _replace(owner, "resample", functools.partial(_old_frequencies, "{}.resample".format(kind)))
        _replace(owner, "asfreq", functools.partial(_old_frequencies, "{}.asfreq".format(kind)))
        line: "dict[str, Rule]" = {"line_terminator": lambda value: {"lineterminator": value}}
        _replace(owner, "to_csv", functools.partial(take_again, name=kind + ".to_csv", gone=line))
    for owner, kind in ((pandas.DataFrame, "DataFrame"), (_grouped(), "groupby")):
        for name in _NUMBERS_ONLY:
            _replace(owner, name, functools.partial(_numbers_only, "{}.{}".format(kind, name)))
    _replace(pandas, "concat", functools.partial(take_again, name="pandas.concat", by_position=True))
    for name in ("read_csv", "read_table"):
        again = functools.partial(take_again, name="pandas." + name, gone=_READING, by_position=True)
        _replace(pandas, name, again)
    guess: "dict[str, Rule]" = {"infer_datetime_format": lambda _: {}}
    _replace(pandas, "to_datetime", functools.partial(take_again, name="pandas.to_datetime", gone=guess))
    _replace(pandas, "date_range", functools.partial(_old_frequencies, "pandas.date_range"))


def _replace(owner: "Any", name: str, wrap: "Callable[[Callable[..., Any]], Callable[..., Any]]") -> None:
    function = getattr(owner, name, None)
    again = function if function is None else wrap(function)
    if again is not function:
        put(owner, name, again)


def _grouped() -> "Any":
    from pandas.core.groupby import DataFrameGroupBy

    return DataFrameGroupBy


def _fill_by_method(kind: str, function: "Callable[..., Any]") -> "Callable[..., Any]":
    if "method" in inspect.signature(function).parameters:
        return function

    @stands_for(function)
    def fillna(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        method = kwargs.get("method")
        with passing_on:
            if method is None or not is_asked_by_user():
                return function(self, *args, **kwargs)
            rest = {name: kwargs[name] for name in ("axis", "inplace", "limit") if name in kwargs}
            note("{}.fillna(method=)".format(kind))
            return (self.ffill if method in ("ffill", "pad") else self.bfill)(**rest)

    return fillna


def _numbers_only(words: str, function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Have columns that are no numbers left out, as they were, where the function stumbles over them."""

    def change(
        args: "tuple[Any, ...]", kwargs: "Arguments", _: Exception
    ) -> "tuple[tuple[Any, ...], Arguments] | None":
        return None if "numeric_only" in kwargs else (args, dict(kwargs, numeric_only=True))

    return try_again(function, words + " of columns that are no numbers", change)


def _old_frequencies(words: str, function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Have old words for frequencies, such as ``"M"`` and ``"H"``, taken where the function refuses them."""

    def change(args: "tuple[Any, ...]", kwargs: "Arguments", error: Exception) -> "tuple[list[Any], Arguments] | None":
        if "requency" not in str(error):
            return None
        new_args = [_new_frequency(one) for one in args]
        return new_args, {name: _new_frequency(value) for name, value in kwargs.items()}

    return try_again(function, words + " of an old frequency", change)


def _new_frequency(value: "Any") -> "Any":
    found = _FREQUENCY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    return found.group(1) + _FREQUENCIES[found.group(2)] + (found.group(3) or "")
