"""Names and methods that pandas lost in 1.0, 2.0 and 3.0, and what else its functions took."""

import datetime
from functools import partial

from desktop_aml_run.compatibility import pandas_arguments, restore_names
from desktop_aml_run.compatibility.members import has, restore_members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def patch(pandas: "Any") -> None:
    """Restore the methods on data frames and series, and the module's own names."""

    def append_rows(
        self: "Any", other: "Any", ignore_index: bool = False, verify_integrity: bool = False, sort: bool = False
    ) -> "Any":
        if isinstance(other, dict):
            other = pandas.Series(other)
            if not ignore_index:
                raise TypeError("Can only append a dict if ignore_index=True")
        if isinstance(other, pandas.Series):
            if other.name is None and not ignore_index:
                raise TypeError("Can only append a Series if ignore_index=True or if the Series has a name")
            other = other.to_frame().T.infer_objects().rename_axis(self.index.names)
        elif isinstance(other, list) and other and not isinstance(other[0], pandas.DataFrame):
            # Rows in a list are one table: its own index numbers them on, and it is of the same name.
            other = pandas.DataFrame(other)
            if self.index.name is not None:
                other.index.name = self.index.name
        others = other if isinstance(other, (list, tuple)) else [other]
        # What is neither a table nor rows is refused there, as it was.
        joined = pandas.concat([self, *others], ignore_index=ignore_index, verify_integrity=verify_integrity, sort=sort)
        return joined.__finalize__(self, method="append")

    def append_values(
        self: "Any", to_append: "Any", ignore_index: bool = False, verify_integrity: bool = False
    ) -> "Any":
        others = list(to_append) if isinstance(to_append, (list, tuple)) else [to_append]
        if any(isinstance(one, pandas.DataFrame) for one in others):
            raise TypeError("to_append should be a Series or list/tuple of Series, got a DataFrame")
        return pandas.concat([self, *others], ignore_index=ignore_index, verify_integrity=verify_integrity)

    def as_matrix(self: "Any", columns: "Any" = None) -> "Any":
        return (self if columns is None else self[columns]).to_numpy()

    for kind, append in (("DataFrame", append_rows), ("Series", append_values)):
        methods = {"append": append, "as_matrix": as_matrix, "iteritems": _items, "mad": _mean_absolute_deviation}
        restore_members(getattr(pandas, kind), methods, "pandas." + kind)
    _restore_weeks()
    names: "dict[str, Callable[[], Any]]" = {
        "np": partial(__import__, "numpy"),
        "datetime": partial(getattr, datetime, "datetime"),
        "Int64Index": partial(getattr, pandas, "Index"),
        "Float64Index": partial(getattr, pandas, "Index"),
    }
    restore_names(pandas, {name: make for name, make in names.items() if not has(pandas, name)}, "pandas")
    if not has(pandas.io.json, "json_normalize"):
        restore_names(pandas.io.json, {"json_normalize": lambda: pandas.json_normalize}, "pandas.io.json")
    pandas_arguments.patch(pandas)


def _items(self: "Any") -> "Any":
    return self.items()


def _mean_absolute_deviation(self: "Any", axis: "Any" = None, skipna: bool = True) -> "Any":
    numbers = self if self.ndim == 1 else self.select_dtypes(["number", "bool"])
    by_row = axis in (1, "columns")
    mean = numbers.mean(axis=int(by_row))
    apart = numbers.sub(mean, axis=0) if by_row else numbers - mean
    return apart.abs().mean(axis=int(by_row), skipna=skipna)


def _restore_weeks() -> None:
    from pandas.core.indexes.accessors import DatetimeProperties

    def week(self: "Any") -> "Any":
        weeks = self.isocalendar().week.rename(self.name)
        return weeks.astype("float64" if weeks.isna().any() else "int64")

    restore_members(DatetimeProperties, {"week": week, "weekofyear": week}, "pandas.Series.dt", is_value=True)
