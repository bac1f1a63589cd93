"""What comes with a call from Azure ML code: JSON values, read one by one with the type they must have.

The values come from other people's scripts, so nothing is taken on trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_aml.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class CallBody:
    """The values of one call. A value that is absent or null is the default that the reader names."""

    values: Mapping[str, Any]

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise _wrong(name, "text", value)
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self._value(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong(name, "a whole number", value)
        return value

    def number(self, name: str) -> float | None:
        """Return a number, or None when it is absent."""
        value = self.values.get(name)
        if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise _wrong(name, "a number", value)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a truth value."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false", value)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty when it is absent."""
        value = self._value(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise _wrong(name, "a list of texts", value)
        return tuple(value)

    def labels(self, name: str) -> dict[str, str]:
        """Return tags or properties: texts by name. A mark without a value is the empty text."""
        value = self._value(name, {})
        if not isinstance(value, dict):
            raise _wrong(name, "an object of texts", value)
        return {str(key): "" if item is None else str(item) for key, item in value.items()}

    def has(self, name: str) -> bool:
        """Whether the value is there and not null."""
        return self.values.get(name) is not None

    def _value(self, name: str, default: object) -> object:
        value = self.values.get(name)
        if value is not None:
            return value
        if default is None:
            raise InvalidInput(f"The call needs “{name}”.")
        return default


def _wrong(name: str, kind: str, value: object) -> InvalidInput:
    return InvalidInput(f"“{name}” must be {kind}, and is {type(value).__name__}.")
