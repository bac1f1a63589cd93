"""Folders of the children of a script in a container."""

from __future__ import annotations

import pytest

from desktop_aml.domain.errors import Conflict
from desktop_aml.executors.attempt_files import AttemptFiles, Whereabouts
from desktop_aml.run_folder import nested_runs
from desktop_aml.store.folder import WorkspaceFolder


def test_a_child_lies_inside_its_parent_until_all_are_over(folder: WorkspaceFolder) -> None:
    folder.run("parent").mkdir(parents=True)
    child = nested_runs.place(folder, "child", "parent")
    deep = nested_runs.place(folder, "deep", "child")
    assert child == folder.run("parent") / "children" / "child"
    assert deep == child / "children" / "deep"
    (deep / "run.json").write_text("{}")
    assert (folder.run("deep") / "run.json").read_text() == "{}"
    assert nested_runs.is_nested(folder, "deep")
    assert not nested_runs.is_nested(folder, "parent")

    over = {"parent": False, "child": True, "deep": True}
    nested_runs.settle(folder, "deep", over.get)
    assert nested_runs.is_nested(folder, "deep")

    over["parent"] = True
    nested_runs.settle(folder, "parent", over.get)
    assert not nested_runs.is_nested(folder, "child")
    assert not nested_runs.is_nested(folder, "deep")
    assert (folder.run("deep") / "run.json").read_text() == "{}"
    nested_runs.settle(folder, "child", over.get)


def test_a_container_elsewhere_has_no_children(folder: WorkspaceFolder) -> None:
    attempt = folder.run("parent") / "attempts" / "10"
    attempt.mkdir(parents=True)
    (folder.run("parent") / "attempts" / "9").mkdir()
    AttemptFiles(attempt).write_whereabouts(Whereabouts("ssh://big", copies=True, python="", shared_folders=()))
    with pytest.raises(Conflict, match="cannot start child runs"):
        nested_runs.place(folder, "child", "parent")
    assert not folder.run("child").exists()


def test_the_folder_of_a_deleted_child_goes(folder: WorkspaceFolder) -> None:
    folder.run("parent").mkdir(parents=True)
    real = nested_runs.place(folder, "child", "parent")
    nested_runs.settle(folder, "parent", {"parent": True}.get)
    assert not real.exists()
    assert not folder.run("child").is_symlink()


def test_a_run_without_children_is_left_alone(folder: WorkspaceFolder) -> None:
    folder.run("alone").mkdir(parents=True)
    nested_runs.settle(folder, "alone", {"alone": True}.get)
    assert list(folder.run("alone").iterdir()) == []
