"""A workspace moves with everything in it: no path that is kept names the folder it lay in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import pytest
from sklearn.dummy import DummyClassifier

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.files_read import FileNow
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.sdk import answers_of
from desktop_aml.serving import config
from desktop_aml.store import datasets
from desktop_aml.store.database import FILE_NAME, Database
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.rebuilding import rebuild

ROWS = {"data": [[1]], "method": "predict"}

TRAIN = """
import os, shutil, sys
from azureml.core import Dataset, Run

run = Run.get_context()
ws = run.experiment.workspace
own, model = sys.argv[1].split("=")[1], sys.argv[2]
open(own).read()
store = ws.get_default_datastore()
store.upload_files([own], target_path="rows")
Dataset.File.from_files(store.path("rows/own.csv")).register(ws, "on-a-store")
Dataset.File.from_files(own).register(ws, "by-path")
shown = Dataset.get_by_name(ws, "by-path").as_named_input("shown").as_mount()
child = run.child_run("part")
child.log("loss", 1.0)
child.complete()
os.makedirs("outputs", exist_ok=True)
shutil.copy(model, "outputs/model.joblib")
open("outputs/sample_input.json", "w").write("[[1]]")
run.upload_file("outputs/again.csv", own)
"""

SUBMIT = """
import sys
from azureml.core import Dataset, Experiment, ScriptRunConfig, Workspace
from azureml.data import OutputFileDatasetConfig

ws = Workspace.from_config()
shown = Dataset.get_by_name(ws, "on-a-store").as_named_input("shown").as_mount()
left = OutputFileDatasetConfig("left", (ws.get_default_datastore(), "left/{run-id}")).register_on_complete("made")
Experiment(ws, "sdk").submit(ScriptRunConfig(".", "use.py", [shown, left])).wait_for_completion()
"""

USE = """
import os, sys
open(os.path.join(sys.argv[2], "made.txt"), "w").write("made")
"""

SCORE = """
def init(): pass
def run(data): return data
"""


@pytest.fixture
def made(tmp_path: Path, ended: Callable[..., RunDetail], marked_processes: object) -> Path:
    """Return the folder of a workspace in which everything was done once, and where nothing goes on any more."""
    root = tmp_path / "first place"
    workspace = Workspace.create(root, "moving")
    workspace.start_engine(answer=answers_of(workspace))
    for folder in ("code", "data"):
        (root / folder).mkdir()
    (root / "data" / "own.csv").write_text("a,b\n1,2\n")
    for name, text in (("train.py", TRAIN), ("use.py", USE), ("score.py", SCORE), ("submit.py", SUBMIT)):
        (root / "code" / name).write_text(text)
    joblib.dump(DummyClassifier().fit([[0], [1]], [0, 1]), root / "data" / "m.joblib")
    arguments = [f"--rows={root}/data/own.csv", f"{root}/data/m.joblib"]
    variables = {"SETTINGS": json.dumps({"folder": str(root / "data")})}
    run = workspace.runs.submit(root / "code" / "train.py", arguments=arguments, env_vars=variables, experiment="moves")
    assert ended(workspace, run).summary.state is RunState.COMPLETED, workspace.runs.files.read_log(run).data.decode()
    sdk = workspace.runs.submit("submit.py", source_directory=root / "code", experiment="moves")
    assert ended(workspace, sdk).summary.state is RunState.COMPLETED, workspace.runs.files.read_log(sdk).data.decode()
    workspace.environments.register("packages", "numpy", EnvironmentKind.PIP)
    workspace.models.register("trained", run_id=run, path="outputs/model.joblib")
    workspace.models.register("brought", file=root / "data" / "m.joblib")
    workspace.endpoints.deploy("trained", name="no-code")
    workspace.endpoints.deploy("brought", name="coded", entry_script="score.py", source_directory=root / "code")
    for name in ("no-code", "coded"):
        assert workspace.endpoints.wait(name).state is EndpointState.HEALTHY
        workspace.endpoints.stop(name)
        workspace.endpoints.wait_for_state(name, EndpointState.STOPPED)
    workspace.close()
    return root


def kept_texts(root: Path) -> Iterator[tuple[str, str]]:
    """Return what is kept beside the database; not what scripts wrote, printed or had compiled."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_symlink():
            yield str(path), str(path.readlink())
        elif path.is_file() and not (
            parts[0] in ("code", "data", "blobs")
            or path.name in ("std_log.txt", "log.txt")
            or "__pycache__" in parts
            or {"snapshot", "app", "modules"} & set(parts)
            # The database, and the words of logs and sources in their index, which say what scripts said.
            or path.name.startswith((FILE_NAME, "full-text.db"))
        ):
            yield str(path), path.read_text("utf-8", "replace")


def kept_values(root: Path) -> Iterator[tuple[str, str]]:
    """Return every value of the database as text."""
    db = sqlite3.connect(root / FILE_NAME)
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in db.execute(f"SELECT * FROM {table}"):
            for value in row:
                yield table, value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    db.close()


def test_no_kept_path_names_the_folder_of_the_workspace(made: Path) -> None:
    named = [(where, text) for where, text in (*kept_texts(made), *kept_values(made)) if made.name in text]
    assert named == []


def without_python(place: Path) -> None:
    """Let the interpreter of an endpoint be one that this computer does not have."""
    known = config.read_config(place)
    fields = {name: getattr(known, name) for name in known.__struct_fields__}
    config.write_config(place, config.EndpointConfig(**(fields | {"python": "/of/another/computer/bin/python"})))


def test_a_moved_workspace_serves_and_knows_its_data_and_runs_again_and_is_rebuilt(
    made: Path, ended: Callable[..., RunDetail]
) -> None:
    root = made.rename(made.parent / "zweiter Ört")
    without_python(root / "endpoints" / "no-code")
    workspace = Workspace.open(root)
    workspace.start_engine(answer=answers_of(workspace))
    for name, answer in (("no-code", [0]), ("coded", None)):
        workspace.endpoints.start(name)
        assert workspace.endpoints.wait(name).state is EndpointState.HEALTHY
        if answer is not None:
            assert workspace.endpoints.score(name, ROWS) == answer
    sets = {one.name: one for one in workspace.datasets.list()}
    assert set(sets) == {"on-a-store", "by-path", "made"}
    assert [workspace.datasets.changed_files(one) for one in sets.values()] == [(), (), ()]
    run = next(one for one in workspace.runs.list() if one.script == "train.py")
    detail = workspace.runs.get(run.id)
    assert detail.arguments == (f"--rows={root}/data/own.csv", f"{root}/data/m.joblib")
    assert detail.source_directory == str(root / "code")
    assert {(one.path, one.now) for one in workspace.runs.data.list(run.id)} >= {(f"{root}/data/own.csv", FileNow.SAME)}
    again = workspace.runs.rerun(run.id)
    assert ended(workspace, again).summary.state is RunState.COMPLETED, workspace.runs.files.read_log(
        again
    ).data.decode()
    # The same data is no other dataset because its folder has another name.
    assert {one.version for one in workspace.datasets.list()} == {1}
    for name in ("no-code", "coded"):
        workspace.endpoints.stop(name)
        workspace.endpoints.wait_for_state(name, EndpointState.STOPPED)
    workspace.close()
    assert rebuild(root).problems == []
    with Database(root / FILE_NAME, read_only=True) as db:
        found = [file for one in datasets.newest(db) for file in one.files]
    assert len(found) == 3
    assert all(Path(file.path).is_file() for file in found)
