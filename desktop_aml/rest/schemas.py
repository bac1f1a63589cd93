"""What a route takes, and the refusal in MLflow's words of what is missing or of another kind.

A route says it in one line: ``"run_id! key! value!~ step#"``. ``!`` is for what must be there; ``#`` is a whole number,
``~`` a number, ``*`` a list and ``?`` a truth value; what has no sign is a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from desktop_aml.rest.errors import INVALID, RestError

INT64: Final = 1 << 63
_MORE: Final = " See the API docs for more information about request parameters."
_LONGEST_SHOWN: Final = 1000


def missing(name: str) -> RestError:
    """Return the refusal of a request that leaves out what it must have."""
    return RestError(INVALID, f"Missing value for required parameter '{name}'.{_MORE}")


def wrong(name: str, value: object) -> RestError:
    """Return the refusal of a value that a parameter cannot have."""
    shown = json.dumps(value, sort_keys=True, separators=(",", ":"))[:_LONGEST_SHOWN]
    kind = type(value).__name__
    return RestError(
        INVALID, f"Invalid value {shown} for parameter '{name}' supplied:  Hint: Value was of type '{kind}'.{_MORE}"
    )


def whole(value: object) -> int | None:
    """Return a whole number of 64 bits, which may be written as text; None for anything else."""
    if type(value) is int:  # as nearly all are
        return value if -INT64 <= value < INT64 else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = int(value)
    except (ValueError, OverflowError):
        return None
    is_same = not isinstance(value, float) or found == value
    return found if is_same and -INT64 <= found < INT64 else None


def number(value: object) -> float | None:
    """Return a number, which may be written as text; None for anything else."""
    if type(value) is float:  # as nearly all are
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


_FITS: Final[dict[str, Callable[[object], bool]]] = {
    "#": lambda value: whole(value) is not None,
    "~": lambda value: number(value) is not None,
    "*": lambda value: isinstance(value, list),
    "?": lambda value: isinstance(value, bool),
    "": lambda value: isinstance(value, str),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a route."""

    name: str
    is_required: bool
    fits: Callable[[object], bool]


def read(takes: str) -> tuple[Field, ...]:
    """Return the parameters that a line names."""
    found: list[Field] = []
    for word in takes.split():
        kind = word[-1] if word[-1] in _FITS else ""
        name = word.removesuffix(kind)
        found.append(Field(name.removesuffix("!"), name.endswith("!"), _FITS[kind]))
    return tuple(found)


def check(values: Mapping[str, object], fields: Iterable[Field], *, is_query: bool) -> None:
    """Refuse what a route cannot be asked with.

    Parameters
    ----------
    is_query : bool
        Whether the values were read from an address, where everything is a text and one text may be a list.

    Raises
    ------
    RestError
        In MLflow's words, for the first parameter that is missing or of another kind.
    """
    for field in fields:
        value = values.get(field.name)
        if value is None and field.name == "run_id":
            value = values.get("run_uuid")
        if field.is_required and (value is None or value == ""):
            raise missing(field.name)
        if value is None or field.fits(value):
            continue
        if not is_query or field.fits is _FITS["#"]:
            raise wrong(field.name, value)
