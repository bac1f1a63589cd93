"""The promise: a run that is forked from a warm interpreter has the results of a cold one, to the bit."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from desktop_aml import resources
from desktop_aml.run_folder.properties import START
from desktop_aml.run_folder.script_env import WARM_VARIABLE
from desktop_aml.sdk import calls
from desktop_aml.workspace import Workspace
from tests.azureml_corpus.cases import CASES, Case
from tests.azureml_corpus.conftest import OFFLINE
from tests.conftest import wait_until

pytestmark = pytest.mark.timeout(400)

FEW = {"dp100_confusion_matrix", "dp100_csv_and_images", "every_log_in_a_script"}
NOT_TWICE = {"register_inside"}
"""It logs the number of the version that it registers."""

SUBMITTED = [case for case in CASES if case.kind == "submit" and case.name not in NOT_TWICE]
CHOSEN = SUBMITTED if os.environ.get("WHOLE") else [case for case in SUBMITTED if case.name in FEW]
SAMPLE = Case("iris", "submit", "train.py", ["--pause", "0", "--epochs", "20"])
ESTIMATORS = """
import hashlib, sys
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
X, y = make_classification(300, 20, random_state=0)
models = [
    RandomForestClassifier(10, n_jobs=-1, random_state=0), HistGradientBoostingClassifier(max_iter=5, random_state=0),
    LogisticRegression(), SVC(probability=False, random_state=0), MLPClassifier((8,), max_iter=20, random_state=0),
    KMeans(3, n_init=2, random_state=0), GridSearchCV(SVC(), {"C": [0.1, 1.0]}, n_jobs=2, cv=2),
]
for model in models:
    model.fit(X, y)
    found = model.decision_function(X) if hasattr(model, "decision_function") else model.predict(X)
    print(type(model).__name__, hashlib.sha256(np.ascontiguousarray(found).tobytes()).hexdigest())
print(np.linalg.svd(X @ X.T)[1].tobytes().hex()[:200])
"""


def project_of(case: Case, root: Path) -> Path:
    """Return a copy of a case's code."""
    folder = root / case.name
    source = resources.path("samples", "iris") if case is SAMPLE else case.folder
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("expected.py", "__pycache__", "downloads"))
    return folder


def results(workspace: Workspace, run_id: str) -> dict[str, Any]:
    """Return what a run came to, without what differs from run to run by itself."""
    detail = workspace.runs.get(run_id)
    log = (workspace.path / "runs" / run_id / "logs" / "std_log.txt").read_text()
    told = json.dumps(calls.answer(workspace, "runs.metrics", {"run_id": run_id})).replace(run_id, "RUN")
    metrics = json.loads(re.sub(r"_\d{10}", "", told))
    files = {file.path: file.size_bytes for file in workspace.runs.files.list(run_id) if "outputs/" in file.path}
    log = re.sub(r"\d{4}-\S+", "", log.replace(run_id, "RUN"))
    return {"state": str(detail.summary.state), "metrics": metrics, "files": files, "log": log}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in OFFLINE.items():
        monkeypatch.setenv(name, text)


def test_samples_and_corpus_come_to_the_same(workspace: Workspace, tmp_path: Path, offline: None) -> None:
    cases = [SAMPLE, *CHOSEN]
    ids: dict[str, dict[str, str]] = {}
    for case in cases:
        if case.downloads:
            shutil.copytree(case.folder / case.downloads, workspace.path / "downloads", dirs_exist_ok=True)
        folder = project_of(case, tmp_path / "projects")
        for how, variables in (("cold", {WARM_VARIABLE: "off"}), ("warm", {})):
            run_id = workspace.runs.submit(folder / case.script, arguments=case.arguments, env_vars=variables)
            ids.setdefault(case.name, {})[how] = run_id
    every = [one for pair in ids.values() for one in pair.values()]
    wait_until(lambda: all(workspace.runs.get(one).summary.state.is_terminal() for one in every), "the runs", 380.0)
    starts = {name: workspace.runs.get(pair["warm"]).properties.get(START, "") for name, pair in ids.items()}
    differing = []
    for name, pair in ids.items():
        cold, warm = (results(workspace, pair[how]) for how in ("cold", "warm"))
        differing += [(name, starts[name], key, cold[key], warm[key]) for key in cold if cold[key] != warm[key]]
    assert differing == []
    assert sum(start == "warm" for start in starts.values()) > len(starts) / 2, starts


def test_estimators_of_scikit_learn_come_to_the_same(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    script = tmp_path / "source" / "train.py"
    script.write_text(ESTIMATORS)
    runs = [workspace.runs.submit(script, env_vars=given) for given in ({WARM_VARIABLE: "off"}, {}, {})]
    wait_until(lambda: all(workspace.runs.get(one).summary.state.is_terminal() for one in runs), "the runs", 380.0)
    logs = [(workspace.path / "runs" / one / "logs" / "std_log.txt").read_text() for one in runs]
    starts = [workspace.runs.get(one).properties.get(START, "") for one in runs]
    assert starts[1] == "warm", starts
    assert "KMeans" in logs[0]
    assert set(logs) == {logs[0]}
    captured = [kinds_of(workspace.path / "runs" / one / "journal") for one in runs]
    assert captured[0], "what the script fits is captured"
    assert captured == [captured[0]] * len(runs)


def kinds_of(journal: Path) -> Counter[str]:
    """Return how many records of each kind the processes of a run wrote."""
    lines = [line for path in journal.glob("*.jsonl") for line in path.read_text().splitlines()]
    return Counter(json.loads(line[9:])["k"] for line in lines)
