"""A new workspace is for its owner alone; what a user widened stays as it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_workspace_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = WorkspaceFolder(tmp_path / "ws")
    folder.make("ws")
    with Database(folder.database, read_only=False) as db:
        backup = db.back_up(folder.root / "backups")
        found = {path.name: mode(path) for path in folder.root.rglob("*")}
    assert found.pop(backup.name) == 0o600
    assert mode(folder.root) == 0o700
    assert {name for name, permissions in found.items() if permissions & 0o077} == set()
    assert f"{folder.database.name}-wal" in found


def test_a_folder_and_a_database_that_the_user_widened_stay_so(tmp_path: Path) -> None:
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(0o750)
    folder = WorkspaceFolder(root)
    folder.make("ws")
    migrate(folder.database)
    folder.database.chmod(0o640)
    migrate(folder.database)
    Database(folder.database, read_only=False).close()
    assert (mode(root), mode(folder.database)) == (0o750, 0o640)
