"""A new database from the folders: the same state, whatever was done before, and whatever lies there by now."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from desktop_aml.domain.requests import ReleaseWorkspace, Request
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store.database import migrate
from desktop_aml.store.folder import WorkspaceFolder
from tests.every_act import ACTS, Actor, some_history
from tests.played_fronts import play_fronts
from tests.state_dump import state_of


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace to copy: making its tables takes longer than a history."""
    made = WorkspaceFolder(tmp_path_factory.mktemp("empty") / "workspace")
    made.make("test")
    migrate(made.database)
    return made.root


@pytest.fixture
def new_actor(tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Actor]:
    """Return what gives an actor on a workspace of its own."""
    play_fronts(monkeypatch)
    made: list[Actor] = []

    def make() -> Actor:
        root = tmp_path / f"w{len(made)}"
        shutil.copytree(empty, root / "workspace")
        (root / "source").mkdir()
        (root / "source" / "train.py").write_text("pass\n")
        made.append(Actor(WorkspaceFolder(root / "workspace"), root / "source"))
        return made[-1]

    return make


def lose_database(folder: WorkspaceFolder) -> None:
    for path in folder.root.glob("desktop_aml.db*"):
        path.unlink()


def test_every_request_is_among_the_acts() -> None:
    acted = {kind for _, kinds in ACTS.values() for kind in kinds}
    assert set(get_args(Request)) - acted == {ReleaseWorkspace}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=6,
    phases=(Phase.explicit, Phase.generate),
)
@given(seed=st.integers(0, 1 << 32))
def test_a_workspace_of_any_history_is_rebuilt_as_it_was(new_actor: Callable[[], Actor], seed: int) -> None:
    actor = new_actor()
    actor.choice = random.Random(seed)
    done = some_history(actor, 22)
    before = state_of(actor.folder.root)
    actor.engine.close()
    lose_database(actor.folder)
    report = rebuild(actor.folder)
    after = state_of(actor.folder.root)
    assert report.problems == []
    for table in before:
        assert after[table] == before[table], (table, done)
