"""Write YAML: dicts, lists and plain values, for files that people read. Reading is the other side's part."""

import codecs
import json
import re

from azureml._service import call
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


_PLAIN = re.compile(r"[A-Za-z0-9_./~=][A-Za-z0-9_.+/=<>~!*(),@ -]*")
_MEANT_OTHERWISE = re.compile(r"(true|false|yes|no|on|off|null|~|[-+.0-9_eExo]+)\Z", re.IGNORECASE)


def dump(value: "Any") -> str:
    """Return a dict or list as YAML text."""
    return "\n".join(_lines(value)) + "\n"


def read_file(path: str) -> "tuple[Any, str]":
    """Return the values in a YAML file, and its text.

    Raises
    ------
    UserErrorException
        When it is no YAML.
    """
    text = read_text(path)
    return call("yaml.read", text=text, errors={"*": UserErrorException}), text


def read_text(path: str) -> str:
    """Return the text of a file, in UTF-8, or in UTF-16 as PowerShell writes it."""
    with open(path, "rb") as stream:
        data = stream.read()
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding)


def _lines(value: "Any") -> "Iterator[str]":
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry("{}:".format(scalar(key)), item, indent="  ")
    else:
        for item in value:
            yield from _entry("-", item, indent="  ")


def _entry(head: str, item: "Any", indent: str) -> "Iterator[str]":
    if not isinstance(item, (dict, list)):
        yield "{} {}".format(head, scalar(item))
    elif not item:
        yield "{} {}".format(head, "{}" if isinstance(item, dict) else "[]")
    elif head == "-":
        for number, line in enumerate(_lines(item)):
            yield ("- " if number == 0 else "  ") + line
    else:
        yield head
        for line in _lines(item):
            yield indent + line


def scalar(value: "Any") -> str:
    """Return one value as YAML; text that YAML would take for something else is quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and not text.endswith(" "):
        if not _MEANT_OTHERWISE.match(text):
            return text
    return json.dumps(text)
