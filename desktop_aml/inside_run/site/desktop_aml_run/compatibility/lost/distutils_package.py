"""The part of ``distutils`` that scripts use; the package is gone since Python 3.12."""

import functools
import re

__path__: "list[str]" = []


def strtobool(val: str) -> int:
    """Return 1 for a text that means yes and 0 for one that means no."""
    text = val.lower()
    if text in ("y", "yes", "t", "true", "on", "1"):
        return 1
    if text in ("n", "no", "f", "false", "off", "0"):
        return 0
    raise ValueError("invalid truth value {!r}".format(val))


@functools.total_ordering
class LooseVersion(object):
    """A version that compares by its numbers and words."""

    def __init__(self, vstring: str) -> None:
        self.vstring = vstring
        parts = re.findall(r"\d+|[a-z]+", vstring.lower())
        self.version = [int(part) if part.isdigit() else part for part in parts]

    def _key(self) -> "list[tuple[bool, int, str]]":
        return [(isinstance(part, int), part if isinstance(part, int) else 0, str(part)) for part in self.version]

    def __eq__(self, other: object) -> bool:
        return self._key() == _version(other)._key()

    def __lt__(self, other: object) -> bool:
        return self._key() < _version(other)._key()

    def __hash__(self) -> int:
        return hash(self.vstring)

    def __str__(self) -> str:
        return self.vstring

    def __repr__(self) -> str:
        return "LooseVersion ('{}')".format(self.vstring)


def _version(other: object) -> "LooseVersion":
    return other if isinstance(other, LooseVersion) else LooseVersion(str(other))


StrictVersion = LooseVersion
