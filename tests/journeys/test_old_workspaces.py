"""Workspaces that earlier versions made open, with their runs, models and endpoints, and come back from their folders.

Each archive in ``tests/old_workspaces`` was written by the last version that had that structure of the database: a run
that logged and left a model, two models, an environment, an endpoint that was served and stopped, from the third one on
a dataset.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace, trust
from tests.conftest import DrivenEngine
from tests.state_dump import state_of

ARCHIVES = sorted((Path(__file__).parents[1] / "old_workspaces").glob("schema-*.tar.xz"))


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name.partition(".")[0])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    root = tmp_path / "old"
    with tarfile.open(request.param) as archive:
        archive.extractall(root, filter="data")
    trust.trust(WorkspaceFolder(root))
    return root


def lose_database(root: Path) -> None:
    for path in root.glob("desktop_aml.db*"):
        path.unlink()


def check_content(root: Path, *, is_whole: bool) -> None:
    """Look at what every one of them holds; what the folders of an old version do not tell only where `is_whole`."""
    workspace = Workspace.open(root)
    run = workspace.runs.get("latest")
    assert run.summary.state is RunState.COMPLETED
    assert run.tags["owner"] == "mo"
    assert [point.value for point in workspace.runs.metrics("latest").curves[0].points] == [1, 0.5, 1 / 3]
    model = workspace.models.get("iris", 1)
    assert model.run_id == run.summary.id
    assert workspace.models.download("brought", 1, root.parent / "to")[0].read_bytes() == b"brought"
    assert workspace.environments.get("packages").text == "numpy\n"
    endpoint = workspace.endpoints.get("serve")
    assert (endpoint.state, endpoint.model_label) == (EndpointState.STOPPED, "iris:1")
    if is_whole:
        assert (run.summary.display_name, run.tags["kept"]) == ("the first one", "yes")
    workspace.close()


def test_it_opens_and_its_folders_then_say_all_that_it_knows(old: Path) -> None:
    check_content(old, is_whole=True)
    engine = DrivenEngine(WorkspaceFolder(old))
    engine.until(engine.engine.has_nothing_to_do, "an engine that has told the folders everything")
    before = state_of(old)
    engine.close()
    lose_database(old)
    assert rebuild(WorkspaceFolder(old)).problems == []
    assert state_of(old) == before
    check_content(old, is_whole=True)


def test_it_is_rebuilt_from_what_its_own_version_left(old: Path) -> None:
    lose_database(old)
    report = rebuild(WorkspaceFolder(old))
    assert report.problems == []
    assert (report.runs, report.models, report.endpoints) == (1, 2, 1)
    check_content(old, is_whole=False)


def test_every_structure_that_there_was_has_an_archive() -> None:
    assert [path.name for path in ARCHIVES] == [f"schema-{number}.tar.xz" for number in range(1, 8)]
