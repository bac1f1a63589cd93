"""Scripts written for libraries of their time, on the libraries of today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml import settings
from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until

OLD = """
import numpy as np
from sklearn.externals import joblib
joblib.dump(np.array([1], dtype=np.float), "outputs/old.pkl")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text(OLD)
    return script


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.create(tmp_path / "workspace")
    workspace.start_engine()
    yield workspace
    workspace.close()


def ended(workspace: Workspace, run_id: str) -> RunDetail:
    wait_until(lambda: workspace.run(run_id).summary.state.is_terminal(), run_id)
    return workspace.run(run_id)


def test_an_old_script_completes_and_its_log_says_what_was_restored(workspace, script):
    run = ended(workspace, workspace.submit(script))
    log = workspace.read_log(run.summary.id).data.decode()
    assert run.summary.state is RunState.COMPLETED, log
    assert log.count("restored what newer libraries removed") == 1
    assert "sklearn.externals.joblib, numpy.float" in log


def test_without_help_its_error_names_the_pin(workspace, script):
    run = ended(workspace, workspace.submit(script, compatibility=False))
    assert run.summary.state is RunState.FAILED
    assert "scikit-learn==0.22.2" in run.hint


def test_the_settings_can_switch_it_off_and_a_run_can_switch_it_on_again(tmp_path, script):
    settings.save(replace(settings.load(), restore_removed_names=False))
    workspace = Workspace.create(tmp_path / "plain")
    workspace.start_engine()
    try:
        assert ended(workspace, workspace.submit(script)).summary.state is RunState.FAILED
        assert ended(workspace, workspace.submit(script, compatibility=True)).summary.state is RunState.COMPLETED
    finally:
        workspace.close()
