"""Paths into the workspace, as they are kept: whatever holds one still means the same file when the workspace moves.

What is stored says ``$(workspace)`` where the workspace's folder stands in a text; whoever reads it puts the folder in
that the workspace has now. Nobody else knows of the mark: above the store and the manifests paths are absolute.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

T = TypeVar("T")

_MARK: Final = "$(workspace)"
_IN_JSON: Final = "$(workspace:json)"
_LITERAL: Final = ("$(workspace", "$(workspace:text")
_MARKS: Final = re.compile(r"\$\(workspace(\)|:json\)|:text)")


class PortablePaths:
    """The rule for one workspace.

    Parameters
    ----------
    root : str
        Absolute path of the workspace's folder, as paths are to be read.
    """

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/")
        self._json = json.dumps(self._root)[1:-1]
        # JSON writes letter by letter: what a value holds, its text holds in the same way.
        self._in_text = (self._json, json.dumps(self._json)[1:-1], _LITERAL[0])
        self._plain = _pattern(self._root)
        self._escaped = _pattern(self._json) if self._json != self._root else None

    def kept(self, value: T) -> T:
        """Return a value as it is to be stored: texts, also inside lists, tuples and dictionaries, without the folder.

        A text that is JSON may hold the folder with its letters escaped: that is found, too.
        """
        changed: T = self._each(value, self._keep)
        return changed

    def may_change(self, text: str) -> bool:
        """Whether `kept` may change the value whose JSON text this is, with letters beyond ASCII escaped."""
        return any(mark in text for mark in self._in_text)

    def here(self, value: T) -> T:
        """Return a stored value with the folder that the workspace has now."""
        changed: T = self._each(value, self._put_in)
        return changed

    def kept_json(self, text: str) -> str:
        """Return JSON text as it is to be stored, in one spelling for each value."""
        return _in_values(text, self.kept)

    def here_json(self, text: str) -> str:
        """Return stored JSON text with the folder that the workspace has now."""
        return _in_values(text, self.here)

    def _each(self, value: Any, change: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, dict):
            return {key: self._each(one, change) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._each(one, change) for one in value)
        return value

    def _keep(self, text: str) -> str:
        if self._root not in text and self._json not in text and _LITERAL[0] not in text:
            return text  # the patterns look at every letter, and most texts hold no path of ours
        text = text.replace(*_LITERAL)
        if self._plain is not None:
            text = self._plain.sub(lambda _: _MARK, text)
        return text if self._escaped is None else self._escaped.sub(lambda _: _IN_JSON, text)

    def _put_in(self, text: str) -> str:
        if _LITERAL[0] not in text:
            return text
        meant = {")": self._root, ":json)": self._json, ":text": _LITERAL[0]}
        return _MARKS.sub(lambda found: meant[found[1]], text)


def _in_values(text: str, change: Callable[[Any], Any]) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return str(change(text))
    return json.dumps(change(value), sort_keys=True)


def _pattern(root: str) -> re.Pattern[str] | None:
    """Return what finds a folder as a whole path or as the beginning of one, never as a part of another name."""
    # The folder of everything is no workspace, and would be found in every path.
    return re.compile(rf"(?:(?<![\w./~-])|(?<=://)){re.escape(root)}(?=[/\"'\\:;,\s]|\Z)") if root else None
