"""Disk use and clean-up: what a run, a model or an endpoint of any known workspace needs stays."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml.domain.environment_space import EnvironmentSpace
from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.runs import RunState
from desktop_aml.settings import Settings, builds_folder, load, save
from desktop_aml.store.database import Database
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.environments.local_index import LocalIndex
from tests.workspace.test_environments import built


def wait_for_compilers() -> None:
    wait_until(lambda: not list(builds_folder(Settings()).glob("*.compiling")), "the compilers to end")


def age_all() -> None:
    """Let every build have been used long ago."""
    wait_for_compilers()
    for ready in builds_folder(Settings()).glob("*/ready.json"):
        os.utime(ready, (1000, 1000))


def reasons(space: EnvironmentSpace, label: str) -> tuple[str, ...]:
    return next(one.needed_by for one in space.builds if label in one.environments)


@pytest.fixture
def two_versions(workspace: Workspace) -> Workspace:
    built(workspace, "mine", "lib==1.0\n")
    built(workspace, "mine", "lib==2.0\n")
    age_all()
    return workspace


def test_a_shared_build_is_counted_once_and_names_all_that_share_it(workspace: Workspace):
    built(workspace, "mine", "lib\n")
    built(workspace, "other", "lib  # the same\n")
    wait_for_compilers()
    (use,) = workspace.environments.builds.space().builds
    assert use.environments == ("mine:1", "other:1")
    assert "used a moment ago" in use.needed_by
    assert workspace.environments.builds.space().total_bytes == use.size_bytes > 0
    assert workspace.environments.builds.space().size_of("other:1") == use.size_bytes
    wait_until(lambda: workspace.environments.summary("mine").size_bytes, "the size to be known")


def test_a_clean_up_removes_older_versions_and_the_next_use_builds_them_again(
    two_versions: Workspace, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
):
    space = two_versions.environments.builds.space()
    assert reasons(space, "mine:1") == ()
    assert reasons(space, "mine:2") == ("newest of mine",)
    assert space.removable_bytes == sum(one.size_bytes for one in space.removable)
    done = two_versions.environments.builds.clean()
    assert [use.environments for use in done.removed] == [("mine:1",)]
    assert done.freed_bytes == space.removable_bytes > 0
    assert two_versions.environments.summary("mine", 1).state is BuildState.NOT_BUILT
    assert two_versions.environments.summary("mine", 2).state is BuildState.READY
    before = two_versions.environments.lock("mine", 1)
    index.add_wheel("lib", "1.0.post1")
    two_versions.environments.build("mine", 1)
    wait_until(lambda: two_versions.environments.summary("mine", 1).state is BuildState.READY)
    assert two_versions.environments.lock("mine", 1) == before
    assert two_versions.environments.builds.clean().removed == ()


def test_a_run_under_way_keeps_its_environment(two_versions: Workspace, tmp_path: Path):
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text("import time\nwhile True: time.sleep(60)\n")
    run_id = two_versions.runs.submit(script, environment="mine:1")
    wait_until(lambda: two_versions.runs.get(run_id).summary.state is RunState.RUNNING)
    age_all()
    assert reasons(two_versions.environments.builds.space(), "mine:1") == (f"run {run_id}",)
    assert two_versions.environments.builds.clean().removed == ()
    two_versions.runs.cancel(run_id)
    wait_until(lambda: two_versions.runs.get(run_id).summary.state.is_terminal())
    assert len(two_versions.environments.builds.clean().removed) == 1


def test_every_version_of_a_model_keeps_its_environment(two_versions: Workspace, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"x")
    two_versions.models.register("iris", file=tmp_path / "model.bin", environment="mine:1")
    two_versions.models.register("iris", file=tmp_path / "model.bin", environment="mine:2")
    assert reasons(two_versions.environments.builds.space(), "mine:1") == ("model iris:1",)
    assert two_versions.environments.builds.clean().removed == ()


def test_an_endpoint_keeps_the_interpreter_that_it_was_given(two_versions: Workspace, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"x")
    model = two_versions.models.register("iris", file=tmp_path / "model.bin", environment="mine:1")
    two_versions.endpoints.deploy("iris", name="iris-service")
    two_versions.endpoints.wait("iris-service")
    two_versions.endpoints.stop("iris-service")
    age_all()
    found = reasons(two_versions.environments.builds.space(), "mine:1")
    assert found == (f"model {model.label}", "endpoint iris-service")


def test_other_workspaces_of_the_user_keep_what_they_need(two_versions: Workspace, tmp_path: Path):
    other = Workspace.create(tmp_path / "other")
    other.start_engine()
    built(other, "theirs", "lib==1.0\n")
    other.close()
    age_all()
    assert reasons(two_versions.environments.builds.space(), "mine:1") == ()
    save(replace(load(), last_workspace="").with_opened(other.path))
    assert reasons(two_versions.environments.builds.space(), "mine:1") == ("newest of theirs",)
    with Database(other.path / "desktop_aml.db", read_only=False) as db:
        db.run("PRAGMA user_version=99")
    space = two_versions.environments.builds.space()
    assert space.unread == (str(other.path),)
    assert space.removable == ()
    assert two_versions.environments.builds.clean().removed == ()


def test_an_engine_notices_at_its_start_that_a_build_is_gone(tmp_path: Path, index: LocalIndex):
    first = Workspace.create(tmp_path / "ws")
    first.start_engine()
    built(first, "mine", "lib\n")
    first.close()
    age_all()
    (use,) = first.environments.builds.space().builds
    (builds_folder(Settings()) / use.key).rename(tmp_path / "away")
    second = Workspace.open(tmp_path / "ws")
    second.start_engine()
    wait_until(lambda: second.environments.summary("mine").state is BuildState.NOT_BUILT)
    second.close()
