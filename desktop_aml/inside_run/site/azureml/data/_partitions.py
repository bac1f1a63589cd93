"""Columns from the paths of files: ``partition_format="/{country}/{day:yyyy-MM-dd}/rows.csv"``."""

import re
from datetime import datetime

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


_PARTS = (
    ("yyyy", "%Y", r"\d{4}"),
    ("MM", "%m", r"\d{2}"),
    ("dd", "%d", r"\d{2}"),
    ("HH", "%H", r"\d{2}"),
    ("mm", "%M", r"\d{2}"),
    ("ss", "%S", r"\d{2}"),
)


def add(frame: "Any", text: str, path: str) -> None:
    """Add a column for each name in the format `text`, with what stands there in `path`.

    Raises
    ------
    UserErrorException
        When the path does not have this form.
    """
    names, expression = [], ""
    for literal, name, pattern in _pieces(text):
        expression += re.escape(literal).replace(r"\*", "[^/]*")
        if name:
            names.append((name, pattern))
            expression += "(" + (_as_expression(pattern) if pattern else "[^/]+?") + ")"
    found = re.search(expression + "$", path)
    if not found:
        raise UserErrorException("The path {} does not have the form {}.".format(path, text))
    for (name, pattern), value in zip(names, found.groups()):
        frame[name] = _time(value, pattern) if pattern else value


def _pieces(text: str) -> "Iterator[tuple[str, str, str]]":
    position = 0
    for mark in re.finditer(r"\{([^}:]*)(?::([^}]*))?\}", text):
        yield text[position : mark.start()], mark.group(1), mark.group(2) or ""
        position = mark.end()
    yield text[position:], "", ""


def _as_expression(pattern: str) -> str:
    for word, _, expression in _PARTS:
        pattern = pattern.replace(word, "\0" + expression)
    return pattern.replace("\0", "")


def _time(value: str, pattern: str) -> "datetime":
    return datetime.strptime(value, _as_time_format(pattern))  # noqa: DTZ007 - paths know no time zone


def _as_time_format(pattern: str) -> str:
    for word, directive, _ in _PARTS:
        pattern = pattern.replace(word, directive)
    return pattern
