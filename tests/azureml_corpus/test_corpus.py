"""Code in the idiom of public Azure ML v1 samples runs as it is: scripts submitted, and clients started by hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.runs import RunQuery
from desktop_aml.workspace import Workspace, sdk_path
from desktop_aml.workspace.opening import named_workspaces
from tests.azureml_corpus.cases import CASES, Case, fits
from tests.azureml_corpus.interpreters import OTHERS, OWN, python_of

NOWHERE = "http://127.0.0.1:9"
"""A proxy that answers nothing: whatever looks beyond this computer fails at once."""

OFFLINE = {name: NOWHERE for word in ("http_proxy", "https_proxy", "all_proxy") for name in (word, word.upper())}
OFFLINE |= {"no_proxy": "localhost,127.0.0.1", "NO_PROXY": "localhost,127.0.0.1"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its cases, with the Pythons of the round."""
    kind = getattr(metafunc.function, "kind", None)
    if kind:
        whole = metafunc.config.getoption("--whole-corpus")
        chosen = [
            (case, version)
            for case in CASES
            if case.kind == kind
            for version in (OWN, *(OTHERS if whole and not case.builds else case.pythons))
        ]
        metafunc.parametrize(("case", "version"), chosen, ids=[f"{case.name}-{version}" for case, version in chosen])


def of(kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a test as the one for cases of a kind."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        test.kind = kind  # type: ignore[attr-defined]
        return test

    return mark


@pytest.fixture
def project(case: Case, tmp_path: Path) -> Path:
    """Return a copy of the case's folder, as the user's own."""
    folder = tmp_path / "project"
    shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns("expected.py", "__pycache__", "downloads"))
    return folder


def run(command: list[str], folder: Path, **env_vars: str) -> str:
    """Start a program as from a shell without a network and return what it printed."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        command, cwd=folder, env={**kept, **env_vars}, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    return done.stdout


@of("submit")
def test_a_script_is_submitted_as_it_is(case: Case, version: str, project: Path, workspace: Workspace) -> None:
    environment = ["--environment", name_of_python(workspace, version)] if version != OWN else []
    if case.downloads:
        shutil.copytree(case.folder / case.downloads, workspace.path / "downloads")
    command = [sys.executable, "-m", "desktop_aml", "submit", case.script, "--workspace", str(workspace.path)]
    said = run([*command, "--experiment", "corpus", *environment, "--", *case.arguments], project, **OFFLINE)
    check_run(workspace, case, said)


def name_of_python(workspace: Workspace, version: str) -> str:
    """Register an interpreter of this computer as an environment and return its name."""
    name = f"python-{version}"
    return workspace.register_environment(name, python_of(version), EnvironmentKind.EXISTING).name


def check_run(workspace: Workspace, case: Case, said: str) -> None:
    """Compare what a submitted case left with what it says that it leaves."""
    run_id = workspace.runs(RunQuery(parent=""))[0].id
    detail = workspace.run(run_id)
    assert detail.summary.state == "Completed", said
    metrics = json.loads(json.dumps(workspace.answer("runs.metrics", {"run_id": run_id})))
    assert set(metrics) == set(case.metrics)
    assert {name: value for name, value in metrics.items() if not fits(case.metrics[name], value)} == {}
    assert set(case.files) <= {file.path for file in workspace.artifacts(run_id)}
    assert {key: detail.tags.get(key) for key in case.tags} == case.tags
    assert [model.name for model in workspace.models()] == case.models
    assert [words for words in case.says if words not in said] == []
    children = workspace.runs(RunQuery(parent=run_id))
    assert [str(one.state) for one in children] == ["Completed"] * case.children


@pytest.fixture
def named_workspace(private_home: Path, marked_processes: object, project: Path) -> Iterator[Callable[[], Workspace]]:
    """Write the configuration that a user downloads from Azure; return what opens the workspace that it makes here."""
    identity = {"subscription_id": "c0ffee00-0000-4000-8000-000000000000", "resource_group": "corpus"}
    (project / "config.json").write_text(json.dumps({**identity, "workspace_name": "corpus"}))
    opened: list[Workspace] = []

    def open_it() -> Workspace:
        opened.append(Workspace.open(named_workspaces() / "corpus"))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


@of("client")
def test_a_client_is_started_as_it_is(
    case: Case, version: str, project: Path, named_workspace: Callable[[], Workspace]
) -> None:
    said = run(
        [python_of(version), case.script],
        project,
        PYTHONPATH=str(sdk_path()),
        DESKTOP_AML_PYTHON=sys.executable,
        MPLCONFIGDIR=str(project.parent),
        **({} if case.builds else OFFLINE),
    )
    assert [words for words in case.says if words not in said] == [], said[-3000:]
    if not (case.runs or case.models):
        return
    workspace = named_workspace()
    states: dict[str, list[str]] = {}
    for one in workspace.runs(RunQuery(parent="")):
        states.setdefault(one.experiment, []).append(str(one.state))
    assert {name: states.get(name) for name in case.runs} == case.runs
    assert [model.name for model in workspace.models()] == case.models
    assert workspace.endpoints() == ()


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(CASES) >= 25
