"""A workspace with its engine, and the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunDetail
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.journeys.window_driver import stumbles


@pytest.fixture(autouse=True)
def no_stumbles() -> Iterator[None]:
    """No turn of a window holds it up for more than 50 ms of processor time, whatever the journey."""
    yield
    found = stumbles()
    assert not found, "\n".join(found)


@pytest.fixture
def engine_workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a new workspace whose engine runs on a thread of this process."""
    workspace = Workspace.create(tmp_path / "workspace")
    workspace.start_engine(answer=answers_of(workspace))
    yield workspace
    workspace.close()


@pytest.fixture
def ended() -> Callable[[Workspace, str], RunDetail]:
    """Return what waits for a run to end."""

    def wait(workspace: Workspace, run_id: str) -> RunDetail:
        wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), run_id, 150.0)
        return workspace.runs.get(run_id)

    return wait
