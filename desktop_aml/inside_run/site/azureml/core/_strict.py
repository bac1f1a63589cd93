"""Objects whose attributes are a fixed set, so that a misspelt one is found; outside they are dicts of JSON."""

import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Strict(object):
    """Base of the settings that scripts change attribute by attribute.

    A subclass names its attributes in `_names` (attribute -> JSON key) and sets all of them in ``__init__``.
    """

    _names: "dict[str, str]" = {}
    _secret: "tuple[str, ...]" = ()
    _more: "tuple[str, ...]" = ()
    """Attributes that may be set and are not part of the JSON."""

    def __setattr__(self, name: str, value: "Any") -> None:
        if name not in self._names and name not in self._more and not name.startswith("_"):
            if not isinstance(getattr(type(self), name, None), property):
                raise AttributeError(
                    "'{}' has no attribute '{}'. It has: {}.".format(
                        type(self).__name__, name, ", ".join(sorted([*self._names, *self._more]))
                    )
                )
        object.__setattr__(self, name, value)

    def _to_json(self) -> "dict[str, Any]":
        """Return the settings as JSON values; secrets are left out."""
        return {key: to_json(getattr(self, name)) for name, key in self._names.items() if name not in self._secret}

    def _from_json(self, values: "dict[str, Any]") -> None:
        """Take over the values that are there; what this class does not know is left alone."""
        for name, key in self._names.items():
            if key in values:
                known = getattr(self, name)
                if isinstance(known, Strict) and isinstance(values[key], dict):
                    known._from_json(values[key])
                else:
                    setattr(self, name, copy.deepcopy(values[key]))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return "{}({})".format(
            type(self).__name__, ", ".join("{}={!r}".format(name, getattr(self, name)) for name in self._names)
        )


def to_json(value: "Any") -> "Any":
    """Return settings, and lists and dicts of them, as JSON values."""
    if isinstance(value, Strict):
        return value._to_json()
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)
