"""A workspace with an engine on a thread, whose environments come from an index in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from tests.environments.local_index import LocalIndex


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalIndex:
    """An index that uv asks instead of any other: ``app`` needs ``lib``, which there is in 1.0 and 2.0."""
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    made = LocalIndex(tmp_path / "index")
    made.add_wheel("app", "1.0", ("lib>=1",))
    made.add_wheel("lib", "1.0")
    made.add_wheel("lib", "2.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", made.uri)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return made


@pytest.fixture
def workspace(tmp_path: Path, index: LocalIndex) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "ws")
    made.start_engine(answer=answers_of(made))
    yield made
    made.close()
