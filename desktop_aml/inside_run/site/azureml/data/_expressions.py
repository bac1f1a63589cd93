"""Conditions on rows, as scripts write them: ``dataset.filter((dataset["a"] > 1) & (dataset["b"] != "x"))``.

A condition is kept as a list of JSON values, so that it can be part of a dataset's definition.
"""

import operator

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn


_COMPARISONS: "dict[str, Callable[[Any, Any], Any]]" = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Condition(object):
    """A condition on rows, or the value of a column in them."""

    def __init__(self, words: "list[Any]") -> None:
        self.words = words

    def __eq__(self, other: object) -> "Condition":  # type: ignore[override]  # as in pandas
        return self._compared("==", other)

    def __ne__(self, other: object) -> "Condition":  # type: ignore[override]  # as in pandas
        return self._compared("!=", other)

    def __lt__(self, other: object) -> "Condition":
        return self._compared("<", other)

    def __le__(self, other: object) -> "Condition":
        return self._compared("<=", other)

    def __gt__(self, other: object) -> "Condition":
        return self._compared(">", other)

    def __ge__(self, other: object) -> "Condition":
        return self._compared(">=", other)

    __hash__ = None  # type: ignore[assignment]  # how Python says that there is none

    def __and__(self, other: object) -> "Condition":
        return Condition(["and", self.words, _words(other)])

    def __or__(self, other: object) -> "Condition":
        return Condition(["or", self.words, _words(other)])

    def __invert__(self) -> "Condition":
        return Condition(["not", self.words])

    def __bool__(self) -> "NoReturn":
        raise UserErrorException("A condition on a dataset has no truth value. Combine conditions with & and |.")

    def is_null(self) -> "Condition":
        """Return the condition that the column has no value."""
        return Condition(["null", self.words])

    def contains(self, text: object) -> "Condition":
        """Return the condition that the column's text contains `text`."""
        return Condition(["contains", self.words, ["value", str(text)]])

    def starts_with(self, text: object) -> "Condition":
        """Return the condition that the column's text begins with `text`."""
        return Condition(["starts", self.words, ["value", str(text)]])

    def _compared(self, sign: str, other: object) -> "Condition":
        return Condition([sign, self.words, _words(other)])


def column(name: str) -> "Condition":
    """Return what stands for a column in a condition."""
    return Condition(["column", name])


def _words(value: "Any") -> "list[Any]":
    if isinstance(value, Condition):
        return value.words
    if hasattr(value, "isoformat"):
        return ["time", value.isoformat()]
    if value is None or isinstance(value, (bool, int, float, str)):
        return ["value", value]
    if hasattr(value, "item"):
        return ["value", value.item()]
    raise UserErrorException("{!r} cannot be part of a condition on a dataset.".format(value))


def evaluate(words: "list[Any]", frame: "Any") -> "Any":
    """Return what the condition `words` is for each row of a table.

    Raises
    ------
    UserErrorException
        When it names a column that the table lacks.
    """
    kind, parts = words[0], words[1:]
    if kind == "value":
        return parts[0]
    if kind == "time":
        import pandas

        return pandas.Timestamp(parts[0])
    if kind == "column":
        if parts[0] not in frame.columns:
            raise UserErrorException("The dataset has no column {!r}: {}.".format(parts[0], list(frame.columns)))
        return frame[parts[0]]
    values = [evaluate(part, frame) for part in parts]
    if kind in _COMPARISONS:
        return _COMPARISONS[kind](values[0], values[1])
    if kind in ("contains", "starts"):
        texts = values[0].astype(object).where(values[0].notnull(), "").astype(str)
        return texts.map(lambda text: values[1] in text if kind == "contains" else text.startswith(values[1]))
    if kind == "null":
        return values[0].isnull()
    if kind == "not":
        return ~values[0]
    return values[0] & values[1] if kind == "and" else values[0] | values[1]
