"""Name what was measured: by the function, by data that is not the first, and by the estimator that predicted."""

import weakref

from desktop_aml_run.capture import describing
from desktop_aml_run.capture.noting import notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType
    from typing import Any


_MOST_VALUES = 2000
"""Values of one script that are noted; a script that scores in a long loop has its curve by then."""

_predictions: "dict[int, tuple[weakref.ref[Any], str]]" = {}
_data: "dict[str, list[str]]" = {}
_count = [0]
_asked: "dict[tuple[str, str, str, int], _Asked]" = {}
"""By metric, estimator, file and line: where the script asked for numbers."""


def remember_prediction(result: "Any", estimator: "Any") -> None:
    """Remember which estimator an array of predictions came from, for as long as both live."""
    if not describing.is_estimator(estimator):
        return
    try:
        key = id(result)
        _predictions[key] = (weakref.ref(result, lambda _: _predictions.pop(key, None)), describing.class_of(estimator))
    except TypeError:
        return


def predicted_by(values: "Iterable[Any]") -> str:
    """Return the class of the estimator that made these predictions, or an empty text."""
    for value in values:
        found = _predictions.get(id(value))
        if found is not None and found[0]() is value:
            return found[1]
    return ""


def metric_name(function: str, data: str) -> str:
    """Return what a metric is called.

    It is the name of the function. The first data that it was asked about has it alone, unless that is training data;
    other data is named with it.
    """
    known = _data.setdefault(function, [])
    if data and data not in known:
        known.append(data)
    first = next((one for one in known if "train" not in one.lower()), None)
    if not data or data == first:
        return function
    return "{} ({})".format(function, data)


def note_value(frame: "FrameType", function: str, value: float, data: str, estimator: str) -> None:
    """Note one number, with where it came from."""
    _count[0] += 1
    if _count[0] > _MOST_VALUES:
        return
    name = metric_name(function, data)
    notes().value(name, value)
    place = (name, estimator, frame.f_code.co_filename, frame.f_lineno)
    asked = _asked.get(place)
    if asked is not None:
        # In a loop. All of them are values of the metric: what else there is to say is the same each time.
        asked.times += 1
        asked.body["value"] = _json_number(value)
        return
    body = {"metric": name, "function": function, "data": data, "estimator": estimator, "value": _json_number(value),
            "line": frame.f_lineno}  # fmt: skip
    asked = _asked[place] = _Asked("score {}".format(len(_asked) + 1), body)
    notes().document(asked.key, asked.body)


def finish() -> None:
    """Note of what was asked for more than once how often, and the last value. Called when the script is over."""
    for asked in _asked.values():
        if asked.times > 1:
            notes().document(asked.key, dict(asked.body, times=asked.times))


class _Asked(object):
    """What is listed of a place in the script, under which key, and how often it was there."""

    def __init__(self, key: str, body: "dict[str, Any]") -> None:
        self.key = key
        self.body = body
        self.times = 1


def _json_number(value: float) -> "float | str":
    return value if value - value == 0 else repr(value)
