"""What a person writes of a run's variables, and of the folders and ports of its container."""

from __future__ import annotations

import shlex
from pathlib import Path

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.jobs import container_variable
from desktop_aml.domain.names import is_variable_name


def variables_of(text: str) -> dict[str, str]:
    """Return the variables of words ``KEY=VALUE``, quoted as in a shell.

    Raises
    ------
    InvalidInput
        When a word is none of these.
    """
    found = {}
    for word in _words(text):
        name, has_value, value = word.partition("=")
        if not has_value or not is_variable_name(name):
            raise InvalidInput(f"“{word[:80]}” is no variable.", "Write it as KEY=VALUE, with quotes around blanks.")
        found[name] = value
    return found


def container_of(folders: str, ports: str) -> dict[str, str]:
    """Return the variable that asks for folders and ports of a container, written as on the command line.

    Raises
    ------
    InvalidInput
        When a word means nothing.
    """
    return container_variable(_words(folders), _words(ports), Path.home())


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InvalidInput(f"A quote is not closed in “{text[:80]}”.", "Close it.") from error
