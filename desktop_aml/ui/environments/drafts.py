"""Specifications that were typed but not saved: neither closing a tab nor a crash loses them.

They lie in the user's state folder, one file for each workspace, not in the workspace: nobody else is to find them.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from desktop_aml.settings import user_directories

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_log = logging.getLogger(__name__)


def keep(workspace: Workspace, name: str, text: str) -> None:
    """Keep what is typed for the environment `name` (empty: a new one)."""
    _write(workspace, {**_read(workspace), name: text})


def forget(workspace: Workspace, name: str) -> None:
    """Drop the draft of `name`: it was saved, or taken back."""
    found = _read(workspace)
    if name in found:
        _write(workspace, {known: text for known, text in found.items() if known != name})


def find(workspace: Workspace, name: str) -> str | None:
    """Return the draft of `name`, or None."""
    return _read(workspace).get(name)


def _file(workspace: Workspace) -> Path:
    key = hashlib.sha256(str(workspace.path).encode()).hexdigest()[:16]
    return user_directories().state / "drafts" / f"{key}.json"


def _read(workspace: Workspace) -> dict[str, str]:
    try:
        return msgspec.json.decode(_file(workspace).read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        _log.warning("Drafts of environments cannot be read: %s", error)
        return {}


def _write(workspace: Workspace, drafts: dict[str, str]) -> None:
    path = _file(workspace)
    try:
        if not drafts:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Replaced whole, but not forced to the disk at each letter: it shall outlive the program, not the power.
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(drafts))
        fresh.replace(path)
    except OSError as error:
        _log.warning("A draft of an environment cannot be kept in %s: %s", path, error)
