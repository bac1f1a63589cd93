"""Notebooks in the idiom of public Azure ML v1 samples: dropped, as runs; and in Jupyter's kernel, as clients."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop_aml.domain.runs import RunQuery
from desktop_aml.workspace import Workspace, sdk_path
from tests.azureml_corpus.cases import Case
from tests.azureml_corpus.checking import check_client
from tests.azureml_corpus.conftest import OFFLINE, name_of_python, of, run
from tests.azureml_corpus.interpreters import OWN, python_of

JUPYTER = """
import json, os, sys, nbformat, nbclient
here, kernels = os.getcwd(), os.path.join(os.path.dirname(os.getcwd()), "jupyter")
os.makedirs(os.path.join(kernels, "kernels", "python3-azureml"))
with open(os.path.join(kernels, "kernels", "python3-azureml", "kernel.json"), "w") as stream:
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    json.dump({"argv": argv, "display_name": "Python", "language": "python"}, stream)
os.environ.update(JUPYTER_PATH=kernels, JUPYTER_RUNTIME_DIR=kernels, IPYTHONDIR=kernels)
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=170, resources={"metadata": {"path": here}}).execute()
nbformat.write(notebook, "ran.ipynb")
"""
"""What `jupyter nbconvert --execute` does, in the Python of the case."""


def outputs_of(path: Path) -> list[dict[str, Any]]:
    """Return all outputs of a notebook."""
    return [one for cell in json.loads(path.read_text())["cells"] for one in cell.get("outputs", ())]


def printed(outputs: list[dict[str, Any]]) -> str:
    """Return what a notebook's cells print and show as words."""
    return "".join("".join(one.get("text") or one.get("data", {}).get("text/plain", "")) for one in outputs)


@of("notebook")
def test_a_notebook_runs_in_jupyter_as_it_is(
    case: Case, version: str, project: Path, named_workspace: Callable[[], Workspace]
) -> None:
    own = {"PYTHONPATH": str(sdk_path()), "DESKTOP_AML_PYTHON": sys.executable, "MPLCONFIGDIR": str(project.parent)}
    run([python_of(version), "-c", JUPYTER, case.script], project, **own, **OFFLINE)
    outputs = outputs_of(project / "ran.ipynb")
    said = printed(outputs)
    assert [words for words in case.says if words not in said] == [], said[-3000:]
    shown = " ".join("".join(one["data"].get("text/html", "")) for one in outputs if "data" in one)
    assert [words for words in case.shows if words not in shown] == [], shown[-3000:]
    check_client(named_workspace(), case)


@of("notebook")
def test_a_notebook_is_dropped_as_it_is(case: Case, version: str, project: Path, workspace: Workspace) -> None:
    environment = ["--environment", name_of_python(workspace, version)] if version != OWN else []
    command = [sys.executable, "-m", "desktop_aml", "submit", case.script, "--workspace", str(workspace.path)]
    said = run([*command, "--experiment", "corpus", *environment], project, **OFFLINE)
    assert [words for words in case.says if words not in said] == [], said[-3000:]
    dropped = workspace.runs.list(RunQuery(parent="", experiment="corpus"))[0]
    assert str(dropped.state) == "Completed", said
    kept = outputs_of(workspace.runs.files.path(dropped.id, f"outputs/{case.script}"))
    assert [words for words in case.says if words not in printed(kept)] == []
    check_client(workspace, case)
