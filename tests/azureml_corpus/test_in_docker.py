"""Scripts of the corpus in containers."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunQuery
from desktop_aml.workspace import Workspace
from tests.azureml_corpus.cases import CASES, Case
from tests.azureml_corpus.checking import check_run
from tests.azureml_corpus.conftest import run
from tests.docker_engine import BASE_IMAGE

DOCKER_CASES = [case for case in CASES if case.docker]


@pytest.fixture
def docker_workspace(docker_host: str, private_home: Path, request: pytest.FixtureRequest) -> Workspace:
    """Return a workspace whose runs find the tests' base image, and images of earlier test runs."""
    settings = private_home / "config" / "settings.json"
    settings.parent.mkdir(parents=True)
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "desktop-aml-tests" / "builds"
    settings.write_text(json.dumps({"docker_base_image": BASE_IMAGE, "environments_directory": str(kept)}))
    workspace: Workspace = request.getfixturevalue("workspace")
    return workspace


@pytest.mark.parametrize("case", DOCKER_CASES, ids=[case.name for case in DOCKER_CASES])
@pytest.mark.timeout(600)  # the image of the first one may have to be made
def test_a_script_is_submitted_to_docker_as_it_is(case: Case, docker_workspace: Workspace, project: Path) -> None:
    command = [sys.executable, "-m", "desktop_aml", "submit", case.script, "--workspace", str(docker_workspace.path)]
    said = run([*command, "--target", "docker", "--experiment", "corpus", "--", *case.arguments], project)
    assert docker_workspace.runs.list(RunQuery(parent=""))[0].target == "docker"
    check_run(docker_workspace, case, said)
