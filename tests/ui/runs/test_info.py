"""The tab Info of a run says what was captured of its script, and offers the model that was kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop_aml.domain.parameters import Parameter, ParameterSource
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import documents, parameters, runs
from desktop_aml.store.database import Database
from desktop_aml.ui.runs.info import RunInfo
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace

ESTIMATOR = {"class": "SVC", "module": "sklearn.svm", "line": 7, "parameters": {"C": "2", "degree": "3"}, "set": ["C"]}
WARNING = {"category": "ConvergenceWarning", "count": 3, "first": "it did not\nconverge"}


def test_estimators_warnings_and_the_kept_model_are_told(qtbot: QtBot, tmp_path: Path, bridge: Bridge) -> None:
    workspace = Workspace.create(tmp_path / "ws", "test")
    with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        runs.insert(db, SubmitRun(run_id="r", experiment="e", script="s.py", environment="x"), environment="x",
                    version=None, seed=0, at=1.0)  # fmt: skip
        found = {"estimator 1": ESTIMATOR, "warning x": WARNING, "model": {"path": "outputs/captured/SVC.joblib"}}
        documents.put(db, "r", {("captured", key): body for key, body in found.items()} | {("captured", "score 1"): 5})
        parameters.put(db, "r", [Parameter("GridSearchCV.best_params.C", "7", ParameterSource.CAPTURED)])
    info = RunInfo(workspace, bridge, "r")
    qtbot.addWidget(info)
    info.show_detail(workspace.runs.get("r"))
    qtbot.waitUntil(lambda: any("Register" in one.text() for one in info.findChildren(QPushButton)), timeout=30_000)
    words = [label.text() for label in info.findChildren(QLabel)]
    for expected in ("C=2  ·  line 7", "GridSearchCV.best_params.C", "7", "shown 3 times  ·  it did not"):
        assert expected in words
    button = next(one for one in info.findChildren(QPushButton) if "Register" in one.text())
    with qtbot.waitSignal(info.register_wanted) as wanted:
        button.click()
    assert wanted.args == ["outputs/captured/SVC.joblib"]
    workspace.close()
