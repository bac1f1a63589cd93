"""Specifications that were typed but not saved, kept while the program runs: closing a tab loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_drafts: Final[WeakKeyDictionary[Workspace, dict[str, str]]] = WeakKeyDictionary()


def keep(workspace: Workspace, name: str, text: str) -> None:
    """Keep what is typed for the environment `name` (empty: a new one)."""
    _drafts.setdefault(workspace, {})[name] = text


def forget(workspace: Workspace, name: str) -> None:
    """Drop the draft of `name`: it was saved, or taken back."""
    _drafts.get(workspace, {}).pop(name, None)


def find(workspace: Workspace, name: str) -> str | None:
    """Return the draft of `name`, or None."""
    return _drafts.get(workspace, {}).get(name)
