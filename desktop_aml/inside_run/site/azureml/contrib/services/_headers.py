"""HTTP headers: a dictionary that takes their names in any case."""

from collections.abc import MutableMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Headers(MutableMapping):  # type: ignore[type-arg]  # what it holds cannot be named before Python 3.9
    """Header values by name; the last value of a name wins.

    Parameters
    ----------
    values : mapping
        What to begin with.
    """

    def __init__(self, values: "Any" = ()) -> None:
        self._values: "dict[str, tuple[str, str]]" = {}
        self.update(dict(values))

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __setitem__(self, name: str, value: object) -> None:
        text = str(value)
        if any(odd in str(name) + text for odd in "\r\n\0"):
            raise ValueError("A header may not hold a line break.")
        self._values[name.lower()] = (str(name), text)

    def __delitem__(self, name: str) -> None:
        del self._values[name.lower()]

    def __iter__(self) -> "Iterator[str]":
        return iter(name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "Headers({!r})".format(dict(self))

    def add(self, name: str, value: object) -> None:
        """Set a header."""
        self[name] = value

    def set(self, name: str, value: object) -> None:
        """Set a header."""
        self[name] = value
