"""Images in disk use and clean-up, on a real Docker engine: what a run, a model or an endpoint needs stays."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.environment_space import BuildUse
from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.runs import RunState
from desktop_aml.environments.image.engine import ImageEngine, tag_of
from desktop_aml.settings import builds_folder, load, user_directories
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.builds import images as image_uses
from tests.conftest import wait_until
from tests.docker_engine import BASE_IMAGE, OWN_BASE
from tests.environments.local_index import LocalIndex

PYTHON = "dependencies:\n  - python=3.11\n  - pip:\n"


@pytest.fixture
def docked(tmp_path: Path, docker_host: str, index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Return a workspace with two versions of an environment, `mine`, both built as images long ago."""
    settings = user_directories().config / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"docker_base_image": BASE_IMAGE}))
    made = Workspace.create(tmp_path / "ws")
    made.start_engine()
    client = docker.from_env()
    label = "=".join(*ImageEngine(builds_folder(load())).labels.items())
    monkeypatch.setattr(image_uses, "_JUST_NOW_S", -1.0)
    build(made, "mine", f"{PYTHON}    - lib==1.0\n")
    build(made, "mine", f"{PYTHON}    - lib==2.0\n")
    yield made
    made.close()
    for image in client.api.images(filters={"label": label, "dangling": False}):
        for tag in image["RepoTags"]:
            client.api.remove_image(tag, force=True)
    client.close()


def build(workspace: Workspace, name: str, text: str) -> None:
    version = workspace.environments.register(name, text)
    workspace.environments.build(name, version.version, builder="image")
    wait_until(
        lambda: workspace.environments.summary(name, version.version).state is not BuildState.BUILDING,
        "the image to be built",
    )


def images(workspace: Workspace) -> dict[str, BuildUse]:
    return {
        label: use for use in workspace.environments.builds.space().builds if use.is_image for label in use.environments
    }


def test_images_are_counted_with_the_part_that_is_their_own(docked: Workspace):
    found = images(docked)
    assert sorted(found) == ["mine:1", "mine:2"]
    client = docker.from_env()
    whole = client.api.inspect_image(tag_of(found["mine:1"].key))["Size"]
    client.close()
    assert 0 < found["mine:1"].size_bytes < whole / 4
    assert found["mine:1"].last_used_at is not None
    assert abs(found["mine:1"].last_used_at - time.time()) < 600
    assert docked.environments.builds.space().total_bytes >= sum(use.size_bytes for use in found.values())


def test_a_clean_up_removes_the_image_of_an_older_version_and_the_next_use_builds_it_again(docked: Workspace):
    assert images(docked)["mine:1"].needed_by == ()
    assert images(docked)["mine:2"].needed_by == ("newest of mine",)
    done = docked.environments.builds.clean()
    assert [(use.environments, use.is_image) for use in done.removed] == [(("mine:1",), True)]
    assert sorted(images(docked)) == ["mine:2"]
    docked.environments.build("mine", 1, builder="image")
    wait_until(lambda: "mine:1" in images(docked), "the image to be built again")


def test_a_run_under_way_keeps_its_image(docked: Workspace, tmp_path: Path):
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text("import time\nwhile True: time.sleep(60)\n")
    run_id = docked.runs.submit(script, environment="mine:1", target="docker")
    wait_until(lambda: docked.runs.get(run_id).summary.state is RunState.RUNNING)
    assert images(docked)["mine:1"].needed_by[0] == f"run {run_id}"
    assert docked.environments.builds.clean().removed == ()
    docked.runs.cancel(run_id)
    wait_until(lambda: docked.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    wait_until(lambda: not images(docked)["mine:1"].needed_by, "the container to be gone")
    assert len(docked.environments.builds.clean().removed) == 1


def test_an_endpoint_keeps_the_image_that_it_serves_from_though_it_is_stopped(docked: Workspace, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"x")
    (tmp_path / "score.py").write_text("def init(): pass\ndef run(data): return 1\n")
    docked.models.register("iris", file=tmp_path / "model.bin")
    docked.endpoints.deploy(
        "iris", name="served", entry_script=tmp_path / "score.py", environment="mine:1", target="docker"
    )
    docked.endpoints.wait("served")
    docked.endpoints.stop("served")
    assert "endpoint served" in images(docked)["mine:1"].needed_by
    assert docked.environments.builds.clean().removed == ()


def test_an_older_dockerfile_loses_its_image_and_says_that_it_is_not_built(docked: Workspace, tmp_path: Path):
    # With words of this test alone: the engine has one image of a text, whoever had it built.
    for colour in ("blue", "red"):
        version = docked.environments.register("drawn", f"FROM {OWN_BASE}\nENV COLOUR={colour} PLACE={tmp_path}\n")
        docked.environments.build("drawn", version.version)
        wait_until(lambda number=version.version: state(docked, number) is BuildState.READY, "the image")
    removed = [use.environments for use in docked.environments.builds.clean().removed]
    assert sorted(removed) == [("drawn:1",), ("mine:1",)]
    assert (state(docked, 1), state(docked, 2)) == (BuildState.NOT_BUILT, BuildState.READY)


def state(workspace: Workspace, version: int) -> BuildState:
    return workspace.environments.summary("drawn", version).state


def test_the_command_line_shows_images_and_a_missing_engine_is_one_calm_line(
    docked: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(docked.path)

    def typed(*words: str) -> str:
        done = CliRunner().invoke(cli, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    size = next(line for line in typed("environment", "list").splitlines() if line.startswith("mine")).split()[-2:]
    assert size[1] in {"B", "kB", "MB"}
    assert f"{' '.join(size)}, beside its base image" in typed("environment", "show", "mine")
    rows = [line.split() for line in typed("environment", "clean", "--dry-run").splitlines()]
    assert [row[-2:] for row in rows if row[1:2] == ["image"] and "mine:1" in row] == [["would", "go"]]
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    calm = "Images of Docker are not counted. No Docker engine answers on this computer."
    assert calm in typed("environment", "list").splitlines()
    assert calm in typed("environment", "clean").splitlines()
    assert calm in typed("environment", "show", "mine")
    assert docked.environments.builds.space().images_note == calm
