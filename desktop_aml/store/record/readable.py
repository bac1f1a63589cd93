"""Rows that another program changed: what makes no value any more is told in words that name the record."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from desktop_aml.domain.errors import DesktopAMLError, RecordUnreadable

_Given = ParamSpec("_Given")
_Value = TypeVar("_Value")
_Row = TypeVar("_Row")

_told: Final[set[str]] = set()

_NO_VALUE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
_NAMES: Final = ("name", "id", "run_id")


def record(kind: str) -> Callable[[Callable[_Given, _Value]], Callable[_Given, _Value]]:
    """Let a function that makes a value of a row name the record when the row holds no such value.

    Its last argument by position is the row, or the id or name of the record, before a version where there is one.

    Parameters
    ----------
    kind : str
        What the record is called, such as ``"run"``.
    """

    def named(read: Callable[_Given, _Value]) -> Callable[_Given, _Value]:
        @wraps(read)
        def reading(*given: _Given.args, **named_ones: _Given.kwargs) -> _Value:
            try:
                return read(*given, **named_ones)
            except DesktopAMLError:
                raise
            except _no_value() as error:
                raise RecordUnreadable(
                    f"What the database says of the {kind} “{_name(given)}” cannot be read.",
                    "It is not what Desktop AML writes there. To set the database aside and make it anew from the"
                    " folders of the workspace, run: desktop-aml workspace rebuild PATH",
                    details=repr(error),
                ) from error

        return reading

    return named


def _no_value() -> tuple[type[Exception], ...]:
    """Return what is raised when something makes no value; of msgspec only where it was loaded."""
    loaded = sys.modules.get("msgspec")
    return _NO_VALUE if loaded is None else (*_NO_VALUE, loaded.MsgspecError)


def _name(given: tuple[object, ...]) -> str:
    row = given[-1]
    if not isinstance(row, sqlite3.Row):
        return ":".join(str(one) for one in given if isinstance(one, str | int) and one)
    known = row.keys()
    name = next((str(row[key]) for key in _NAMES if key in known), "?")
    return f"{name}:{row['version']}" if "version" in known else name


def those(read: Callable[[_Row], _Value], rows: Iterable[_Row]) -> Iterator[_Value]:
    """Yield what rows mean, for a list that goes on without what cannot be read; that is told once in a process."""
    for row in rows:
        try:
            value = read(row)
        except RecordUnreadable as error:
            if error.message not in _told:
                _told.add(error.message)
                # Imported here: a list is read at each start, and nearly none has such a row.
                import logging

                logging.getLogger(__name__).warning("%s", error)
            continue
        yield value
