"""Runs that a process of any Python records by itself; what happens when it dies; another SDK nearby."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.inside_run.conftest import SITE
from tests.inside_run.run_folder import RunFolder

NOTEBOOK = """
import os, sys
from azureml.core import Experiment, Run, Workspace
ws = Workspace.from_config(sys.argv[1])
experiment = Experiment(ws, "notebook")
with experiment.start_logging() as run:
    print("words")
    run.log("loss", 0.5)
    run.log("loss", 0.25)
    run.log_row("row", a=1)
    with run.child_run("kid") as kid:
        kid.log("x", 1)
    with open("outputs/m.txt", "w") as stream:
        stream.write("m")
assert run.get_status() == "Completed", run
assert run.get_metrics() == {"loss": [0.5, 0.25], "row": {"a": 1}}, run.get_metrics()
same = Run.get(ws, run.id)
assert same.get_metrics(recursive=True)[kid.id] == {"x": 1}
assert "outputs/m.txt" in same.get_file_names(), same.get_file_names()
same.download_file("outputs/m.txt", "copy.txt")
assert [child.id for child in same.get_children()] == [kid.id]
assert [one.id for one in experiment.get_runs()] == [run.id]
assert run.get_snapshot_id()
print("done", run.id)
"""

DIES = """
import sys
from azureml.core import Experiment, Workspace
run = Experiment(Workspace.from_config(sys.argv[1]), "notebook").start_logging(snapshot_directory=None)
child = run.child_run()
for number in range(100):
    run.log("number", number)
print(run.id, child.id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def closed_workspace(tmp_path: Path) -> Path:
    made = Workspace.create(tmp_path / "shop", "shop")
    made.close()
    return made.path


def start(python: str, code: str, workspace: Path, folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [python, "-c", code, str(workspace / "config.json")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SITE), "DESKTOP_AML_PYTHON": sys.executable},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_notebook_of_any_python_records_a_run(
    python: str, closed_workspace: Path, tmp_path: Path, marked_processes: object
) -> None:
    process = start(python, NOTEBOOK, closed_workspace, tmp_path / "notebook")
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    words, done = out.splitlines()
    assert words == "words"
    workspace = Workspace.open(closed_workspace)
    try:
        run_id = done.split()[1]
        assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED
        assert workspace.runs.files.read_log(run_id).data == b"words\n"
    finally:
        workspace.close()


@pytest.mark.kill
def test_a_notebook_that_is_killed_leaves_failed_runs_with_all_they_logged(
    closed_workspace: Path, tmp_path: Path, marked_processes: object
) -> None:
    process = start(sys.executable, DIES, closed_workspace, tmp_path / "notebook")
    assert process.stdout
    ids = process.stdout.readline().split()
    assert len(ids) == 2, process.communicate()[1]
    workspace = Workspace.open(closed_workspace)
    try:
        assert [workspace.runs.get(one).summary.state for one in ids] == [RunState.RUNNING] * 2
        process.send_signal(signal.SIGKILL)
        process.communicate()
        wait_until(lambda: all(workspace.runs.state(one) is RunState.FAILED for one in ids), "the end of both runs")
        lost = workspace.runs.get(ids[0])
        assert lost.outcome
        assert lost.outcome.was_lost()
        assert "without complete() or fail()" in lost.summary.error
        assert workspace.runs.metrics(ids[0]).as_azure() == {"number": list(range(100))}
    finally:
        workspace.close()


def fake_sdk(folder: Path) -> None:
    """Install a distribution called azureml-core, whose code must never be used."""
    (folder / "azureml" / "core").mkdir(parents=True)
    for module in ("azureml/__init__.py", "azureml/core/__init__.py"):
        (folder / module).write_text("raise SystemExit('the wrong SDK')\n")
    metadata = folder / "azureml_core-1.61.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: azureml-core\nVersion: 1.61.0\n")


def test_an_installed_sdk_is_not_used_and_the_log_says_so_once(
    run_folder: RunFolder, python: str, tmp_path: Path
) -> None:
    fake_sdk(tmp_path / "site-packages")
    path = os.pathsep.join([run_folder.env_vars["PYTHONPATH"], str(tmp_path / "site-packages")])
    text = (
        "import subprocess, sys\nfrom azureml.core import Run\nRun.get_context().log('a', 1)\n"
        "code = 'from azureml.core import Run; Run.get_context().log(\"a\", 2)'\n"
        "subprocess.check_call([sys.executable, '-c', code])\n"
    )
    done = run_folder.script(python, text, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "azureml-core 1.61.0 is installed in this environment" in done.stderr
    assert sorted(run_folder.metrics("a")) == [1, 2]
