"""Turn what a model answers into JSON, also when it was asked in several parts. Python 3.6 or newer."""

import base64
import json
import math
from typing import Any, List, Tuple

MAX_ANSWER_BYTES = 256 << 20

Piece = Tuple[List[int], Any]
"""Places of rows in the request, and what the model answered to them together."""


class Unserializable(Exception):
    """The model gave something that is no JSON."""


class CannotJoin(Exception):
    """The answers to rows of different types cannot be put together."""


def encode(result: Any) -> bytes:
    """Return the JSON bytes of a prediction; numbers that JSON has no word for become null.

    Raises
    ------
    Unserializable
        It is no JSON, or more of it than one answer may be.
    """
    try:
        try:
            text = json.dumps(plain(result), allow_nan=False, separators=(",", ":"))
        except (ValueError, TypeError):
            text = json.dumps(as_json(result), allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError) as error:
        raise Unserializable("The model's output is no JSON: {}".format(error)) from error
    check_size(len(text))
    return text.encode("ascii")


def check_size(size: int) -> None:
    """Raise `Unserializable` for an answer that would leave no room in a frame for those of other clients."""
    if size > MAX_ANSWER_BYTES:
        raise Unserializable("The answer is larger than {} MiB.".format(MAX_ANSWER_BYTES >> 20))


def plain(value: Any) -> Any:
    """Return lists, dictionaries and Python numbers in place of numpy's, scipy's and pandas' containers."""
    if hasattr(value, "toarray"):
        value = value.toarray()
    elif hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if getattr(getattr(value, "dtype", None), "kind", "") in ("M", "m"):
        # As a list they would be numbers of nanoseconds.
        return as_json(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        if value and hasattr(value[0], "tolist"):
            return [plain(entry) for entry in value]
        return list(value)
    return value


def as_json(value: Any, depth: int = 0) -> Any:
    """Return JSON values in place of all that a model may give, however deep inside lists and dictionaries.

    Dates are text as ISO 8601 writes it; NaN, the infinities and what pandas takes for missing are None. What has no
    meaning in JSON, as a set or an object of one's own, is left as it is.
    """
    if depth > 100:
        raise RecursionError("it is nested too deep")
    if value is None or isinstance(value, (bool, int, str)):
        return value if type(value) in (bool, int, str, type(None)) else _base(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_key(name): as_json(entry, depth + 1) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(entry, depth + 1) for entry in value]
    if isinstance(value, (bytes, bytearray)):
        return _text_of(bytes(value))
    return _odd(value, depth)


def _odd(value: Any, depth: int) -> Any:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m") and not hasattr(value, "to_numpy"):
        if getattr(value, "shape", ()):
            return [as_json(entry, depth + 1) for entry in value]
        text = str(value)
        # Numpy writes as many digits as the type has, most often noughts.
        return None if text == "NaT" else text.rstrip("0").rstrip(".") if "." in text else text
    if hasattr(value, "isoformat"):
        return None if value != value else value.isoformat()  # not a time is not itself
    if kind == "f" and not getattr(value, "shape", ()) and not hasattr(value, "to_numpy"):
        return as_json(float(value), depth + 1)
    for name in ("toarray", "to_numpy", "tolist"):
        if callable(getattr(value, name, None)):
            simpler = getattr(value, name)()
            # A number that Python has no type for gives itself.
            return value if type(simpler) is type(value) else as_json(simpler, depth + 1)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if type(value).__name__ in ("Decimal", "Fraction"):
        return as_json(float(value), depth + 1)
    if type(value).__name__ in ("Interval", "Period", "timedelta", "UUID"):
        return str(value)
    return value


def _base(value: Any) -> Any:
    """Return the plain number or text that a subclass of such (an enumeration, numpy's text) stands for."""
    for kind in (bool, int, str):
        if isinstance(value, kind):
            return kind.__str__(value) if kind is str else kind(value)
    return value


def _key(name: Any) -> Any:
    """Return the name of a field, which is text in JSON."""
    simpler = as_json(name)
    if isinstance(simpler, (str, int, float, bool)) or simpler is None:
        return simpler
    return str(tuple(simpler) if isinstance(simpler, list) else simpler)


def _text_of(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode("ascii")


def joined(pieces: List[Piece], rows: int) -> Any:
    """Return the answer to all rows of a request, from those to its parts.

    Raises
    ------
    CannotJoin
        An answer does not tell which part of it belongs to which row.
    """
    if len(pieces) == 1:
        return pieces[0][1]
    return _joined([(places, answer) for places, answer in pieces], rows)


def _joined(pieces: List[Piece], rows: int) -> Any:
    first = pieces[0][1]
    if all(isinstance(answer, dict) for _, answer in pieces):
        if all(answer.keys() == first.keys() for _, answer in pieces):
            return {name: _joined([(places, answer[name]) for places, answer in pieces], rows) for name in first}
    elif all(_is_of_several_outputs(answer, len(places)) for places, answer in pieces):
        if len({len(answer) for _, answer in pieces}) == 1:
            return [_joined([(places, answer[i]) for places, answer in pieces], rows) for i in range(len(first))]
    else:
        whole: List[Any] = [None] * rows
        for places, answer in pieces:
            values = plain(answer)
            if not isinstance(values, list) or len(values) != len(places):
                break
            for place, value in zip(places, values):
                whole[place] = value
        else:
            return whole
    raise CannotJoin(
        "The rows differ in the types of their values, so that the model was asked more than once, and its answers "
        "cannot be put together. Send the rows one by one, or write sample_input.json beside the model: it tells the "
        "types of the columns."
    )


def _is_of_several_outputs(answer: Any, rows: int) -> bool:
    """Whether an answer is a list of one array for each output, or of several values, each for all rows."""
    if not isinstance(answer, (list, tuple)) or not answer:
        return False
    least = 1 if isinstance(answer, tuple) else 2
    return all(getattr(one, "ndim", 0) >= least and len(one) == rows for one in answer)
