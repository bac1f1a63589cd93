"""Specifications that were typed but not saved: neither closing a tab nor a crash loses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_aml.ui.session.user_state import UserState

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def keep(workspace: Workspace, name: str, text: str) -> None:
    """Keep what is typed for the environment `name` (empty: a new one)."""
    state = _state(workspace)
    state.write({**state.read(), name: text})


def forget(workspace: Workspace, name: str) -> None:
    """Drop the draft of `name`: it was saved, or taken back."""
    state = _state(workspace)
    found = state.read()
    if name in found:
        state.write({known: text for known, text in found.items() if known != name})


def find(workspace: Workspace, name: str) -> str | None:
    """Return the draft of `name`, or None."""
    return _state(workspace).read().get(name)


def _state(workspace: Workspace) -> UserState[dict[str, str]]:
    return UserState("drafts", workspace.path, {}, dict[str, str])
