"""The seeded workspace is made quickly, always the same, and holds what every pane needs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunQuery, RunState
from desktop_aml.workspace import Workspace
from tests.seeded_workspace import LONG_NAME, Seeded, make

POINTS = 5_000


@pytest.fixture
def seeded(tmp_path: Path) -> Seeded:
    return make(tmp_path, long_points=POINTS)


@contextlib.contextmanager
def opened(seeded: Seeded) -> Iterator[Workspace]:
    """Look into the workspace; nothing in it is carried out afterwards."""
    workspace = Workspace.open(seeded.folder)
    workspace.leave_work()
    yield workspace
    workspace.close()


def test_it_holds_runs_of_every_state_and_three_experiments(seeded: Seeded):
    with opened(seeded) as workspace:
        found = workspace.runs.list(RunQuery(), limit=100)
        assert len(found) == 30
        assert {run.state for run in found} == {
            *(RunState.COMPLETED, RunState.FAILED, RunState.CANCELED, RunState.RUNNING, RunState.QUEUED)
        }
        assert len(workspace.experiments.list()) == 3
        assert len({workspace.runs.get(run.id).arguments for run in found}) == 30
        assert any(run.display_name.startswith(LONG_NAME[:60]) for run in found)
        assert workspace.runs.get(seeded.failed[0]).summary.error


def test_its_first_run_has_long_curves_charts_and_files(seeded: Seeded):
    with opened(seeded) as workspace:
        logged = workspace.runs.metrics(seeded.completed[0])
        assert max(len(curve.points) for curve in logged.curves) == POINTS
        assert {record.kind for record in logged.records} == {"list", "row", "table", "confusion_matrix", "image"}
        assert any(file.path == "outputs/model.pkl" for file in workspace.runs.files.list(seeded.completed[0]))
        assert workspace.runs.files.read_log(seeded.completed[0]).data.endswith(b"all done\x1b[0m\n")


def test_it_holds_models_endpoints_environments_and_datasets(seeded: Seeded):
    with opened(seeded) as workspace:
        assert {one.state for one in workspace.endpoints.list()} >= {EndpointState.STOPPED, EndpointState.FAILED}
        assert len(workspace.endpoints.list()) == 3
        assert len(workspace.models.list()) == 3
        assert len([one for one in workspace.environments.list() if not one.curated]) == 5
        assert len(workspace.datasets.list()) == 3
        assert workspace.environments.lock("churn") is not None


def test_it_is_the_same_each_time_and_made_in_no_time(tmp_path: Path):
    started = time.process_time()
    logged = []
    for name in ("one", "two"):
        seeded = make(tmp_path / name, long_points=200)
        with opened(seeded) as workspace:
            logged.append(
                [[curve.points for curve in workspace.runs.metrics(one).curves[:3]] for one in seeded.completed]
            )
    assert logged[0] == logged[1]
    assert time.process_time() - started < 20
