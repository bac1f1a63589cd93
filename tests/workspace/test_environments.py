"""Environments once they are built: compared and exported, by name and by run."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.compare.locks import ChangeKind
from desktop_aml.domain.environments import BuildState, EnvironmentSummary
from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound, PreparationError
from desktop_aml.domain.lock_export import LockFormat
from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


def built(workspace: Workspace, name: str, text: str) -> EnvironmentSummary:
    version = workspace.environments.register(name, text)
    workspace.environments.build(name, version.version)
    wait_until(lambda: workspace.environments.summary(name, version.version).state is not BuildState.BUILDING)
    summary = workspace.environments.summary(name, version.version)
    assert summary.state is BuildState.READY, workspace.environments.build_log(name)
    return summary


def test_two_versions_are_compared_by_what_they_hold_and_what_was_written(workspace: Workspace):
    built(workspace, "mine", "lib==1.0\n")
    built(workspace, "mine", "app\nlib\n")
    found = workspace.environments.compare("mine:1", "mine")
    assert (found.before, found.after) == ("mine:1", "mine:2")
    assert [(one.name, one.kind, one.before, one.after) for one in found.packages] == [
        ("app", ChangeKind.ADDED, "", "1.0"),
        ("lib", ChangeKind.CHANGED, "1.0", "2.0"),
    ]
    assert "-lib==1.0" in found.text_lines


def test_a_run_is_compared_by_what_it_used(workspace: Workspace, tmp_path: Path):
    built(workspace, "mine", "lib==1.0\n")
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("import lib; print(lib.VERSION)\n")
    run_id = workspace.runs.submit(source / "train.py", environment="mine")
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal())
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED
    built(workspace, "mine", "lib\n")
    assert workspace.environments.compare(run_id, "mine:1").is_empty
    found = workspace.environments.compare("latest", "mine:2")
    assert (found.before, found.after) == (run_id, "mine:2")
    assert [one.name for one in found.packages] == ["lib"]


def test_what_cannot_be_compared_says_why(workspace: Workspace):
    workspace.environments.register("mine", "lib\n")
    with pytest.raises(Conflict, match="never built"):
        workspace.environments.compare("mine", "mine:1")
    with pytest.raises(NotFound, match="neither an environment nor a run “other”"):
        workspace.environments.compare("other", "mine")
    with pytest.raises(NotFound, match="neither"):
        workspace.environments.compare("mine:x", "mine")


def test_a_built_environment_is_exported_with_hashes(workspace: Workspace):
    built(workspace, "mine", "app\n")
    text = workspace.environments.export("mine")
    lock = workspace.environments.lock("mine")
    assert lock is not None
    assert text.endswith(lock.text)
    assert text.count("--hash=sha256:") == 2
    assert "    - lib==2.0\n" in workspace.environments.export("mine", 1, LockFormat.YAML)
    with pytest.raises(InvalidInput, match="built from PyPI"):
        workspace.environments.export("mine", form=LockFormat.CONDA_EXPLICIT)
    workspace.environments.register("other", "lib\n")
    with pytest.raises(Conflict, match="never built") as raised:
        workspace.environments.export("other")
    assert raised.value.hint.endswith("environment build other:1")


def test_a_preview_says_what_would_change_and_installs_nothing(workspace: Workspace):
    built(workspace, "mine", "lib==1.0\n")
    found = workspace.environments.preview("app\n", against="mine")
    assert [(one.name, one.kind, one.after) for one in found.diff.packages] == [
        ("app", ChangeKind.ADDED, "1.0"),
        ("lib", ChangeKind.CHANGED, "2.0"),
    ]
    assert found.lock.chosen_because
    assert len(workspace.environments.builds.space().builds) == 1
    alone = workspace.environments.preview("app\n")
    assert {one.kind for one in alone.diff.packages} == {ChangeKind.ADDED}
    with pytest.raises(PreparationError, match="Line 2"):
        workspace.environments.preview("lib\nappp\n")


def test_the_builder_that_the_user_chose_is_kept_for_the_text(workspace: Workspace):
    text = "channels:\n  - file:///nowhere\ndependencies:\n  - lib\n"
    version = workspace.environments.register("mine", text)
    workspace.environments.build("mine", builder="uv")
    wait_until(lambda: workspace.environments.summary("mine").state is BuildState.READY)
    lock = workspace.environments.lock("mine")
    assert lock is not None
    assert (lock.builder, lock.chosen_because) == ("uv", "You chose it.")
    workspace.environments.build("mine", builder="automatic")
    wait_until(lambda: workspace.environments.summary("mine").state is BuildState.READY)
    again = workspace.environments.lock("mine", version.version)
    assert again is not None
    assert "cannot be reached" in again.chosen_because
    workspace.environments.register("pip", "lib\n")
    with pytest.raises(InvalidInput, match="Only a conda specification"):
        workspace.environments.build("pip", builder="conda")


def test_files_without_a_name_of_different_folders_are_different_environments(workspace: Workspace, tmp_path: Path):
    labels = []
    for folder in ("one", "two", "elsewhere/two"):
        (tmp_path / folder).mkdir(parents=True)
        file = tmp_path / folder / "environment.yml"
        file.write_text(f"dependencies:\n  - python=3.11  # {folder}\n")
        labels.append(workspace.environments.register_file(file).label)
    assert labels == ["environment:1", "environment-two:1", "environment-two-2:1"]


def test_a_file_that_changed_or_moved_gives_the_next_version_of_its_environment(workspace: Workspace, tmp_path: Path):
    (tmp_path / "one").mkdir()
    file = tmp_path / "one" / "requirements.txt"
    for text in ("numpy\n", "numpy\npandas\n"):
        file.write_text(text)
        made = workspace.environments.register_file(file)
    assert made.label == "requirements:2"
    (tmp_path / "one").rename(tmp_path / "moved")
    (tmp_path / "moved" / "requirements.txt").write_text("pandas\n")
    assert workspace.environments.register_file(tmp_path / "moved" / "requirements.txt").label == "requirements:3"


def test_files_of_different_folders_that_say_the_same_share_an_environment(workspace: Workspace, tmp_path: Path):
    labels = set()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "requirements.txt").write_text("numpy\n")
        labels.add(workspace.environments.register_file(tmp_path / folder / "requirements.txt").label)
    assert labels == {"requirements:1"}


def test_files_that_name_themselves_are_versions_of_that_name_wherever_they_lie(workspace: Workspace, tmp_path: Path):
    for number, folder in enumerate(("one", "two"), 1):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "environment.yml"
        file.write_text(f"name: shared\ndependencies:\n  - python=3.11  # {folder}\n")
        assert workspace.environments.register_file(file).label == f"shared:{number}"
