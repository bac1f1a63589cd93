"""Scripts written for libraries of their time, on the libraries of today."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml import settings
from desktop_aml.domain.runs import RunState
from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from tests.environments.spec.test_parsing import SEED

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


def test_an_old_script_completes_and_its_log_says_what_was_restored(engine_workspace, ended, script):
    run = ended(engine_workspace, engine_workspace.runs.submit(script))
    log = engine_workspace.runs.files.read_log(run.summary.id).data.decode()
    assert run.summary.state is RunState.COMPLETED, log
    assert log.count("restored what newer libraries removed") == 1
    assert "sklearn.externals.joblib, numpy.float" in log


def test_without_help_its_error_names_the_pin(engine_workspace, ended, script):
    run = ended(engine_workspace, engine_workspace.runs.submit(script, compatibility=False))
    assert run.summary.state is RunState.FAILED
    assert "scikit-learn==0.22.2" in run.hint


def test_the_settings_can_switch_it_off_and_a_run_can_switch_it_on_again(tmp_path, script, ended):
    settings.save(replace(settings.load(), restore_removed_names=False))
    workspace = Workspace.create(tmp_path / "plain")
    workspace.start_engine(answer=answers_of(workspace))
    try:
        assert ended(workspace, workspace.runs.submit(script)).summary.state is RunState.FAILED
        assert ended(workspace, workspace.runs.submit(script, compatibility=True)).summary.state is RunState.COMPLETED
    finally:
        workspace.close()


@pytest.mark.skipif(not any(one.version[:2] == (3, 6) for one in find_all()), reason="this computer has no Python 3.6")
def test_where_nothing_is_missing_nothing_is_restored(engine_workspace, ended, script):
    script.write_text(
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression, LogisticRegression\n"
        "LinearRegression(normalize=True)\nprint(np.float(1), LogisticRegression(multi_class='ovr').multi_class)\n"
    )
    engine_workspace.environments.register("seed", SEED)
    run = ended(engine_workspace, engine_workspace.runs.submit(script, environment="seed"))
    if "could not be reached" in run.summary.error:
        pytest.skip("no package index can be reached")
    assert run.summary.state is RunState.COMPLETED, run.summary.error
    assert engine_workspace.runs.files.read_log(run.summary.id).data == b"1.0 ovr\n"
