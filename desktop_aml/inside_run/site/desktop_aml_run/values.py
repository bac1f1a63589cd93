"""Turn what scripts log into JSON values, without importing NumPy or any other library.

Azure ML stores some types as their ``repr`` (also ``numpy.int64``); here every number is stored as a number, and only
what is no number keeps its ``repr``.
"""

from azureml.exceptions import AzureMLException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Scalar = float | str | None


def scalar(value: "Any") -> "Scalar":
    """Return `value` as float, int, bool, str or None; text that describes it when it is none of these."""
    kind = type(value)
    if kind is float or kind is str or kind is bool or value is None:
        known: "Scalar" = value
        return known
    if kind is int:
        return _whole_number(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return _whole_number(int(value))
    item = _item(value)
    if item is not value:
        return scalar(item)
    if not isinstance(value, complex) and hasattr(kind, "__float__") and not _is_array(value):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            return repr(value)
    return repr(value)


def scalar_to_log(name: str, value: "Any") -> "Scalar":
    """Return `value` for `Run.log`, which takes one value at a time."""
    if isinstance(value, (list, range)) or hasattr(value, "__next__"):
        raise UserErrorException(
            "log('{}', ...) takes one value, and {} holds several. Use log_list('{}', ...).".format(
                name, type(value).__name__, name
            )
        )
    return scalar(value)


def cell(name: str, value: "Any") -> "Scalar":
    """Return `value` as one element of a list or table.

    Raises
    ------
    AzureMLException
        When it holds several values.
    """
    if isinstance(value, (list, tuple, set, frozenset, dict)) or _is_array(value):
        raise AzureMLException(
            "'{}' has an element of type {}; elements must be numbers, text, bool or None.".format(
                name, type(value).__name__
            )
        )
    return scalar(value)


def cells(name: str, values: "Any") -> "list[Scalar]":
    """Return the elements of an iterable (shape ``(n,)``), as a list of JSON values."""
    if isinstance(values, (str, bytes, dict)) or not hasattr(type(values), "__iter__"):
        raise UserErrorException("'{}' must be a list of values, and is {}.".format(name, type(values).__name__))
    return [cell(name, value) for value in values]


def columns(name: str, table: "Any") -> "dict[str, list[Scalar]]":
    """Return a table as a dict of column to list; all lists have the same length."""
    if not isinstance(table, dict):
        raise UserErrorException(
            "log_table('{}', ...) takes a dict of column name to list, not {}.".format(name, type(table).__name__)
        )
    result: "dict[str, list[Scalar]]" = {}
    for column, values in table.items():
        several = hasattr(type(values), "__iter__") and not isinstance(values, (str, bytes, dict))
        if several and getattr(values, "shape", None) != ():
            result[str(column)] = cells(name, values)
        else:
            result[str(column)] = [cell(name, values)]
    lengths = sorted({len(values) for values in result.values()})
    if len(lengths) > 1:
        raise AzureMLException(
            "The columns of table '{}' have different lengths: {}.".format(name, ", ".join(map(str, lengths)))
        )
    return result


def plain(value: "Any") -> "Any":
    """Return an array as nested lists, and any other foreign object as a scalar: for `json.dumps`."""
    return value.tolist() if _is_array(value) and hasattr(value, "tolist") else scalar(value)


def step_number(step: "Any") -> "int | None":
    """Return `step` as int, or None."""
    if step is None or type(step) is int:
        return step
    try:
        number = int(step)
        if number == step:
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    raise UserErrorException("step must be a whole number, and is {!r}.".format(step))


def _whole_number(value: int) -> "int | str":
    # Python refuses to print numbers of thousands of digits; as text they are still there.
    return value if value.bit_length() < 10000 else hex(value)


def _item(value: "Any") -> "Any":
    """Return the one value inside a NumPy scalar or an array or tensor of one element, else `value` itself."""
    item = getattr(type(value), "item", None)
    if item is None or not hasattr(value, "dtype") or any(length != 1 for length in _shape(value)):
        return value
    try:
        inner = value.item()
    except (TypeError, ValueError, RuntimeError):
        return value
    return value if type(inner) is type(value) else inner


def _is_array(value: object) -> bool:
    return bool(_shape(value))


def _shape(value: object) -> "tuple[int, ...]":
    """Return the lengths of an array's axes; empty for what is no array, and for an array of no axis."""
    try:
        return tuple(getattr(value, "shape", ()))
    except TypeError:
        return ()
