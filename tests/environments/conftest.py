"""What tests of builds need: an index in a folder, and a service that asks it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from desktop_aml.environments.resolve.interpreters import find_all
from tests.environments.bench import Bench
from tests.environments.local_index import LocalIndex


@pytest.fixture
def index(tmp_path: Path) -> LocalIndex:
    made = LocalIndex(tmp_path / "index")
    made.add_wheel("app", "1.0", ("lib>=1",))
    made.add_wheel("lib", "1.0")
    made.add_wheel("lib", "2.0")
    return made


@pytest.fixture(scope="session")
def known_interpreters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ask the interpreters of this computer once for all tests."""
    memory = tmp_path_factory.mktemp("interpreters") / "interpreters.json"
    find_all(memory)
    return memory


@pytest.fixture
def bench(tmp_path: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, known_interpreters: Path) -> Bench:
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.uri)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    made = Bench(tmp_path, index)
    made.builds.mkdir()
    shutil.copy(known_interpreters, made.builds)
    return made
