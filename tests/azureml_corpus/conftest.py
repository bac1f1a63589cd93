"""What every kind of case needs: its cases with all Pythons, its project, a shell without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.opening import named_workspaces
from tests.azureml_corpus.cases import CASES, Case
from tests.azureml_corpus.interpreters import BUILDS, asked, python_of
from tests.inside_run.conftest import interpreters

NOWHERE = "http://127.0.0.1:9"
"""A proxy that answers nothing: whatever looks beyond this computer fails at once."""

OFFLINE = {name: NOWHERE for word in ("http_proxy", "https_proxy", "all_proxy") for name in (word, word.upper())}
OFFLINE |= {"no_proxy": "localhost,127.0.0.1", "NO_PROXY": "localhost,127.0.0.1"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the cases of its kind, on the Pythons that are asked."""
    kind = getattr(metafunc.function, "kind", None)
    if kind:
        cases = [case for case in CASES if case.kind == kind]
        chosen = [(case, version) for place, case in enumerate(cases) for version in asked(place, case.pin)]
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
    if case.pin and case.pin not in interpreters():
        pytest.skip(f"this computer has no Python {case.pin}")
    folder = tmp_path / "project"
    shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns("expected.py", "__pycache__", "downloads"))
    return folder


def run(command: list[str], folder: Path, **env_vars: str) -> str:
    """Start a program as from a shell and return what it printed."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        command, cwd=folder, env={**kept, **env_vars}, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    return done.stdout


def name_of_python(workspace: Workspace, version: str) -> str:
    """Register an interpreter of this computer as an environment and return its name."""
    name = f"python-{version}"
    return workspace.environments.register(name, python_of(version), EnvironmentKind.EXISTING).name


@pytest.fixture
def kept_builds(private_home: Path) -> None:
    """Have built environments outlive the test: the next Python asks for the same ones."""
    settings = private_home / "config" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"environments_directory": str(BUILDS)}))


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
