"""The promise of `test_kills`, for runs in containers: an engine that is killed at any moment finds them again."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from desktop_aml.domain.runs import MAX_ATTEMPTS, RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.docker_engine import BASE_IMAGE
from tests.journeys.test_kills import POINTS, SCRIPT, Site, check_books, trusted  # noqa: F401 - a fixture

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]

ROUNDS = 22
ACKNOWLEDGED = "outputs/acknowledged"


def use_base_image(**more: str) -> None:
    """Have engines that are started from here on use the tests' base image, builds that stay, and other settings."""
    settings = Path(os.environ["DESKTOP_AML_HOME"]) / "config/settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "desktop-aml-tests/builds"
    settings.write_text(json.dumps({"docker_base_image": BASE_IMAGE, "environments_directory": str(kept), **more}))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, docker_engine: str) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("docker-kills")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", docker_engine)
        patch.setenv("DESKTOP_AML_HOME", str(root / "home"))
        use_base_image()
        (root / "source").mkdir()
        script = root / "source" / "train.py"
        script.write_text(SCRIPT)
        made = Site(Workspace.create(root / "workspace"), script)
        made.start_engine()
        made.workspace.environments.register("tiny", "dependencies:\n  - python=3.11\n")
        yield made
        made.kill_engine()
        made.workspace.close()


def containers_of(site: Site) -> list[str]:
    client = docker.from_env()
    try:
        found = client.api.containers(all=True, filters={"label": "desktop-aml=run"})
        return [one["Id"] for one in found if one["Labels"]["desktop-aml.attempt"].startswith(str(site.workspace.path))]
    finally:
        client.close()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_an_engine_killed_during_a_run_in_docker_loses_and_doubles_nothing(
    site: Site, round_number: int, docker_host: str
) -> None:
    use_base_image()
    choice = random.Random(round_number)
    run_id = site.workspace.runs.submit(
        site.script, experiment="kills", arguments=[ACKNOWLEDGED], environment="tiny", target="docker"
    )
    # An engine that ends in every attempt at preparing a run makes it fail: one attempt is left alone.
    for _ in range(1 + round_number % (MAX_ATTEMPTS - 1)):
        time.sleep(choice.uniform(0.0, 0.9))
        site.kill_engine()
        site.start_engine()
    wait_until(lambda: site.workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    run = site.workspace.runs.get(run_id)
    assert run.summary.state is RunState.COMPLETED, run
    acknowledged = site.workspace.runs.files.path(run_id, ACKNOWLEDGED)
    check_books(site, run_id, acknowledged)
    assert len(acknowledged.read_text().split()) == POINTS
    wait_until(lambda: containers_of(site) == [], "the container of the run to be gone")
