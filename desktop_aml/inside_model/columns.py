"""Of what type the input columns of a fitted model are, as far as the model itself knows. Python 3.6 or newer.

It must not ask the model anything: it only looks at what fitting left in the estimators, from the outermost inwards, as
far as a column reaches them unchanged.
"""

from typing import Any, Dict, List, Optional, Sequence, Tuple

from desktop_aml.inside_model.boosters import categories_of_a_booster, columns_of_codes
from desktop_aml.inside_model.estimators import (
    children,
    columns_wide,
    is_by_columns,
    is_scikit_learns,
    names_of,
    parts_inside,
    steps_of,
)

ANY, NUMBER, INTEGER, BOOLEAN, TEXT, OBJECT, CATEGORY, DATE, MOMENT, DURATION, NAMED = (
    "any",
    "number",
    "integer",
    "boolean",
    "text",
    "object",
    "category",
    "date",
    "moment",
    "duration",
    "named",
)
"""Types of a column. `ANY`: nothing is known, each value tells. `OBJECT`: values of several types, each as it is.
`NAMED`: values that JSON has no word for (a day, a period, an interval, bytes), each meant by its text.
`MOMENT`: text that is a date, of which only the model's own code knows whether it wants the text or the date."""

# What says most about a column comes last. A number that any estimator takes as float64 says less than nothing known:
# beside such an estimator another one may look at how a number is written.
_STRENGTH = (NUMBER, ANY, MOMENT, BOOLEAN, INTEGER, DATE, DURATION, TEXT, OBJECT, NAMED, CATEGORY)
_ENCODERS = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
VECTORIZERS = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer")
OF_OBJECTS = ("DictVectorizer", "FeatureHasher")
_OF_ANYTHING = ("FunctionTransformer", "DummyClassifier", "DummyRegressor", "MissingIndicator")
_UNCHANGED = (None, "passthrough")
_BEYOND_INT64 = 1 << 63


class Known:
    """What is known of one column.

    Parameters
    ----------
    kind : str
        One of the types above.
    categories : list or None
        The values that the column may have, where the model names them, in its order.
    knows_none : bool
        Whether the model was fitted on `None` in this column, so that a missing value is `None` and not NaN.
    """

    __slots__ = ("categories", "kind", "knows_none")

    def __init__(self, kind: str = ANY, categories: Optional[List[Any]] = None, knows_none: bool = False) -> None:
        self.kind = kind
        self.categories = categories
        self.knows_none = knows_none

    def join(self, other: "Known") -> "Known":
        """Return what two estimators that take the same column know together."""
        first, second = sorted((self, other), key=lambda known: _STRENGTH.index(known.kind))
        return Known(second.kind, second.categories or first.categories, first.knows_none or second.knows_none)


Found = Dict[int, Known]
"""What was found, by the number of the column."""


def kinds_of(model: Any, names: Sequence[str], width: int) -> List[Known]:
    """Return what the fitted model says of each of its columns."""
    found, passed = _look(model, list(range(width)), list(names), 0)
    _add(found, {column: Known() for column in passed})
    return [found.get(i, Known()) for i in range(width)]


def _add(found: Found, more: Found) -> None:
    for column, known in more.items():
        found[column] = found[column].join(known) if column in found else known


def _look(model: Any, columns: List[int], names: List[str], depth: int) -> Tuple[Found, List[int]]:
    """Return what `model` says of its columns, and the columns that leave it as they came.

    Parameters
    ----------
    columns : list of int
        Which of the outermost columns reach the model, in its order.
    """
    if depth > 12:
        return {}, []
    if steps_of(model):
        return _look_along(steps_of(model), columns, names, depth)
    if is_by_columns(model):
        return _look_by_columns(model, columns, names, depth)
    categories = categories_of_a_booster(model)
    if categories is not None:
        found = {column: Known(NUMBER) for column in columns}
        found.update({columns[i]: Known(CATEGORY if given else ANY, given) for i, given in categories.items()})
        # It was fitted on the numbers of categories that it does not know: nothing else can be told to it.
        found.update({columns[i]: Known(NUMBER) for i in columns_of_codes(model)})
        return found, []
    if not is_scikit_learns(model):
        return {column: Known() for column in columns}, []
    return _look_into_scikit_learns(model, columns, names, depth)


def _look_along(steps: List[Any], columns: List[int], names: List[str], depth: int) -> Tuple[Found, List[int]]:
    found: Found = {}
    passed = columns
    for i, step in enumerate(steps):
        here, passed = _look(step, columns, names, depth + 1)
        _add(found, here)
        if passed != columns:
            # What follows has other columns; what makes numbers of all of them makes them of those that passed, too.
            makes_numbers = steps[i + 1 : i + 2] and is_of_numbers(steps[i + 1])
            _add(found, {column: Known(NUMBER if makes_numbers else ANY) for column in passed})
            return found, []
    return found, passed


def is_of_numbers(part: Any) -> bool:
    """Whether an estimator makes numbers of all that it is given, and refuses what is none."""
    name = type(part).__name__
    if not is_scikit_learns(part) or name in _ENCODERS + VECTORIZERS + OF_OBJECTS + ("SimpleImputer",):
        return False
    if name in _OF_ANYTHING:
        return bool(getattr(part, "validate", False))
    if steps_of(part):
        return is_of_numbers(steps_of(part)[0])
    if is_by_columns(part) or getattr(part, "is_categorical_", None) is not None:
        return False
    if not getattr(getattr(part, "kernel_", None), "requires_vector_input", True):
        return False
    return all(is_of_numbers(child) for child in children(part))


def takes_only_numbers(model: Any) -> bool:
    """Whether nothing inside a model takes anything but numbers."""
    parts = list(parts_inside(model))
    inner = [part for part in parts if not (steps_of(part) or is_by_columns(part) or list(children(part)))]
    return all(map(is_scikit_learns, parts)) and all(map(is_of_numbers, inner))


def _look_by_columns(model: Any, columns: List[int], names: List[str], depth: int) -> Tuple[Found, List[int]]:
    found: Found = {}
    passed: List[int] = []
    own_names = names_of(model) or ([names[i] for i in columns] if names else [])
    indices = getattr(model, "_transformer_to_input_indices", None) or {}
    for name, part, wanted in model.transformers_:
        places = indices.get(name)
        if places is None:
            places = _places(wanted, own_names, len(columns))
        taken = [columns[i] for i in places if -len(columns) <= i < len(columns)]
        if part in _UNCHANGED:
            passed.extend(taken)
        elif not isinstance(part, str):
            here, through = _look(part, taken, names, depth + 1)
            passed.extend(through)
            _add(found, here)
    return found, passed


def _places(wanted: Any, names: List[str], width: int) -> List[int]:
    """Return the numbers of the columns that a ColumnTransformer gives to one of its parts."""
    if isinstance(wanted, slice):
        ends = [wanted.start, wanted.stop]
        if any(isinstance(end, str) for end in ends):
            start, stop = (names.index(end) if isinstance(end, str) and end in names else None for end in ends)
            # Slices of names hold their last one.
            return list(range(width))[start : None if stop is None else stop + 1]
        return list(range(width))[wanted]
    if callable(wanted) or wanted is None:
        return []
    entries = [wanted] if isinstance(wanted, (str, int)) else list(wanted)
    if entries and all(type(entry).__name__ in ("bool", "bool_") for entry in entries):
        return [i for i, entry in enumerate(entries) if entry]
    if all(isinstance(entry, str) for entry in entries):
        return [names.index(entry) for entry in entries if entry in names]
    return [int(entry) for entry in entries]


def _look_into_scikit_learns(model: Any, columns: List[int], names: List[str], depth: int) -> Tuple[Found, List[int]]:
    name = type(model).__name__
    if name in _ENCODERS and getattr(model, "categories_", None) is not None:
        return {column: of_categories(list(values)) for column, values in zip(columns, model.categories_)}, []
    if name in VECTORIZERS:
        return {column: Known(TEXT) for column in columns}, []
    if name == "SimpleImputer":
        return _look_into_an_imputer(model, columns)
    if name == "FunctionTransformer" and model.func is None and not model.validate:
        return {}, columns
    if name in _OF_ANYTHING + OF_OBJECTS:
        return {column: Known(NUMBER if is_of_numbers(model) else ANY) for column in columns}, []
    preprocessor = getattr(model, "_preprocessor", None)
    if preprocessor is not None and is_by_columns(preprocessor):
        # Histogram-based boosting, whose own encoder tells the categories; all else is numbers.
        inner, _ = _look(preprocessor, columns, names, depth + 1)
        return {column: Known(NUMBER) if known.kind == ANY else known for column, known in inner.items()}, []
    inside = [part for part in children(model) if columns_wide(part) in (None, len(columns))]
    found: Found = {}
    for part in inside:
        here, passed = _look(part, columns, names, depth + 1)
        _add(found, here)
        _add(found, {column: Known() for column in passed})
    if any(entry[1] == "passthrough" for entry in getattr(model, "transformer_list", ())):
        _add(found, {column: Known() for column in columns})
    if not inside and is_of_numbers(model):
        found = {column: Known(NUMBER) for column in columns}
    return found, []


def _look_into_an_imputer(model: Any, columns: List[int]) -> Tuple[Found, List[int]]:
    if getattr(model, "strategy", "") in ("mean", "median"):
        return {column: Known(NUMBER) for column in columns}, []
    statistics = list(getattr(model, "statistics_", ()))
    knows_none = model.missing_values is None
    found: Found = {}
    for column, value in zip(columns, statistics):
        if isinstance(value, str):
            found[column] = Known(TEXT, None, knows_none)
        elif knows_none:
            found[column] = Known(OBJECT, None, True)
    stays = not getattr(model, "add_indicator", False) and all(value == value for value in statistics)
    return found, columns if stays else []


def of_categories(values: List[Any]) -> Known:
    """Return what the categories that an encoder found say of its column."""
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    there = [value for value in plain if value is not None and value == value]
    # Not of the plain ones: NumPy makes None of what is not a time.
    knows_none = any(value is None for value in values)
    kinds = {type(value) for value in there}
    if not there:
        return Known(ANY, None, knows_none)
    if type(values[0]).__name__ == "timedelta64" or {kind.__name__ for kind in kinds} <= {"timedelta", "Timedelta"}:
        return Known(DURATION, None, knows_none)
    if type(values[0]).__name__ == "datetime64" or any(hasattr(value, "timestamp") for value in there):
        return Known(DATE, there, knows_none)
    if kinds <= {str}:
        return Known(TEXT, there, knows_none)
    if not kinds <= {str, int, float, bool}:
        return Known(NAMED, there, knows_none)
    has_nan = any(value != value for value in plain) and not any(hasattr(value, "dtype") for value in values)
    # Those that were found in a column of objects; numbers of a type of their own would meet them as strangers.
    if has_nan or any(abs(value) >= _BEYOND_INT64 for value in there if type(value) is int):
        return Known(OBJECT, there, knows_none)
    if kinds <= {bool}:
        return Known(BOOLEAN, there, knows_none)
    if kinds <= {int, bool}:
        return Known(INTEGER, there, knows_none)
    return Known(NUMBER if kinds <= {int, float} else OBJECT, there, knows_none)


def text_of(value: Any) -> str:
    """Return the text that means a value which JSON has no word for."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
