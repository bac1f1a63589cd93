"""A notebook as a run: its prints in the log, its outputs kept, its errors at their cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


def cell(source: str, *tags: str) -> dict[str, Any]:
    kept = {"outputs": [], "execution_count": None}
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, **kept}


def notebook(path: Path, *cells: dict[str, Any]) -> Path:
    # It names a kernel that is not there, as a notebook from another computer does.
    kernel = {"kernelspec": {"name": "conda-env-azureml_py36", "display_name": "x", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": list(cells)}))
    return path


def log_of(workspace: Workspace, run: RunDetail) -> str:
    return workspace.runs.files.read_log(run.summary.id).data.decode()


def output_of(workspace: Workspace, run: RunDetail, name: str) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(workspace.runs.files.path(run.summary.id, f"outputs/{name}").read_text())[
        "cells"
    ]
    return cells


TRAIN = (
    cell("alpha = 1", "parameters"),
    cell(
        "from azureml.core import Run\nrun = Run.get_context()\nrun.log('alpha', alpha)\nprint('trained with', alpha)\n"
        "open('outputs/model.txt', 'w').write('m')"
    ),
    cell("6 * 7"),
    cell("import os, stat\n[name for name in os.listdir() if stat.S_ISSOCK(os.stat(name).st_mode)]"),
)


def test_a_notebook_logs_prints_and_leaves_its_outputs(engine_workspace, ended, tmp_path):
    source = notebook(tmp_path / "source" / "train.ipynb", *TRAIN)
    run = ended(engine_workspace, engine_workspace.runs.submit(source, arguments=["--alpha", "0.5"]))
    log = log_of(engine_workspace, run)
    assert run.summary.state is RunState.COMPLETED, log
    # The last one: no sockets of Jupyter's lie among the files of the source.
    assert log.split("\n")[:4] == ["trained with 0.5", "1", "42", "[]"]
    assert ("alpha", 0.5) in [tuple(pair) for pair in run.summary.summary]
    cells = output_of(engine_workspace, run, "train.ipynb")
    assert [one["metadata"]["tags"] for one in cells[:2]] == [["parameters"], ["injected-parameters"]]
    assert cells[-2]["outputs"][0]["data"]["text/plain"] in ("42", ["42"])
    assert {artifact.path for artifact in engine_workspace.runs.files.list(run.summary.id)} >= {"outputs/model.txt"}


def test_an_error_points_at_its_cell_and_what_came_before_is_kept(engine_workspace, ended, tmp_path):
    cells = (cell("print('before')"), cell("x = 1\nnosuch + x"), cell("print('after')"))
    run = ended(engine_workspace, engine_workspace.runs.submit(notebook(tmp_path / "source" / "bad.ipynb", *cells)))
    assert run.summary.state is RunState.FAILED
    assert run.summary.error.startswith("Cell 2 (line 2): NameError: name 'nosuch' is not defined")
    assert "----> 2 nosuch + x" in run.error_details
    assert "after" not in log_of(engine_workspace, run)
    first, second, third = output_of(engine_workspace, run, "bad.ipynb")
    assert first["outputs"][0]["text"] in ("before\n", ["before\n"])
    assert (second["outputs"][0]["ename"], third["outputs"]) == ("NameError", [])


def test_a_cell_finds_what_newer_libraries_removed(engine_workspace, ended, tmp_path):
    cells = (cell("import numpy as np\nprint(np.float(1))"),)
    run = ended(engine_workspace, engine_workspace.runs.submit(notebook(tmp_path / "source" / "old.ipynb", *cells)))
    log = log_of(engine_workspace, run)
    assert run.summary.state is RunState.COMPLETED, log
    assert log.count("restored what newer libraries removed") == 1, log


def test_a_cancel_ends_the_kernel_too(engine_workspace, ended, tmp_path):
    wait = "import os, time\nprint('kernel', os.getpid(), flush=True)\nwhile True: time.sleep(0.1)"
    run_id = engine_workspace.runs.submit(notebook(tmp_path / "source" / "wait.ipynb", cell(wait)))
    wait_until(lambda: b"kernel" in engine_workspace.runs.files.read_log(run_id).data, "the kernel's first word")
    kernel = int(engine_workspace.runs.files.read_log(run_id).data.split()[1])
    assert psutil.pid_exists(kernel)
    engine_workspace.runs.cancel(run_id)
    assert ended(engine_workspace, run_id).summary.state is RunState.CANCELED
    wait_until(lambda: not psutil.pid_exists(kernel), "the end of the kernel")
    assert engine_workspace.runs.files.list(run_id)


def test_arguments_that_are_no_parameters_are_refused(engine_workspace, ended, tmp_path):
    source = notebook(tmp_path / "source" / "train.ipynb", *TRAIN)
    run = ended(engine_workspace, engine_workspace.runs.submit(source, arguments=["0.5"]))
    assert run.summary.state is RunState.FAILED
    assert "--name value" in run.summary.error


@pytest.mark.skipif(not any(one.version[:2] == (3, 8) for one in find_all()), reason="this computer has no Python 3.8")
def test_an_environment_that_names_no_kernel_gets_one(engine_workspace, ended, tmp_path):
    engine_workspace.environments.register("old", "name: old\ndependencies:\n  - python=3.8\n")
    cells = (cell("import sys\nprint('%d.%d' % sys.version_info[:2])"),)
    run = ended(
        engine_workspace,
        engine_workspace.runs.submit(notebook(tmp_path / "source" / "v.ipynb", *cells), environment="old"),
    )
    if "could not be reached" in run.summary.error:
        pytest.skip("no package index can be reached")
    assert run.summary.state is RunState.COMPLETED, run.summary.error
    assert log_of(engine_workspace, run).startswith("3.8")
    lock = engine_workspace.runs.lock(run.summary.id)
    assert lock is not None
    assert lock.version_of("nbclient")
