"""A module or file near the source: the hint says why the copy lacks it, and advises no stranger's package."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.run_folder.hints import missing_local
from desktop_aml.run_folder.hints.missing_local import Origin


class Project:
    """A project whose folder `source` was copied; files are written by the test."""

    def __init__(self, root: Path, source: str) -> None:
        self.root = root
        self.source = root / source
        self.source.mkdir(parents=True)
        self.put(f"{source}/train.py")

    def put(self, *names: str) -> None:
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).touch()

    def hint(self, error: str, *copied: str) -> str:
        return missing_local.hint_for(error, Origin(self.source, frozenset({"train.py", *copied})))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "proj", "scripts")


def no_module(name: str) -> str:
    return f"ModuleNotFoundError: No module named '{name}'"


@pytest.mark.parametrize("place", ["utils/__init__.py", "utils.py", "src/utils/core.py", "lib/utils.py"])
def test_a_module_above_or_beside_the_source_is_found_there(project: Project, place: str) -> None:
    project.put(place)
    hint = project.hint(no_module("utils.core"))
    assert "lies outside the source folder, which alone is copied" in hint
    assert f"--source {project.root}" in hint
    assert "argument" not in hint


def test_an_ignored_module_names_the_line_and_the_cure(project: Project) -> None:
    project.put("scripts/build/__init__.py")
    (project.source / ".gitignore").write_text("build/\ndata/\n")
    hint = project.hint(no_module("build"))
    assert "line 1 of .gitignore, “build/”, leaves it out" in hint
    assert ".amlignore" in hint


def test_a_module_that_is_a_link_to_a_folder_is_named(project: Project) -> None:
    project.put("shared/common/__init__.py")
    (project.source / "common").symlink_to("../shared/common")
    assert "“common” is a link" in project.hint(no_module("common"))


def test_a_module_that_is_a_pipe_is_named(project: Project) -> None:
    os.mkfifo(project.source / "utils.py")
    assert "“utils.py” is a pipe or a device" in project.hint(no_module("utils"))


def test_a_module_in_another_folder_of_the_copy_says_where(project: Project) -> None:
    project.put("scripts/lib/deep/helpers.py")
    assert "--env PYTHONPATH=lib/deep" in project.hint(no_module("helpers"), "lib/deep/helpers.py")


def test_a_submodule_that_was_left_out_of_a_copied_package_is_named(project: Project) -> None:
    project.put("scripts/pkg/__init__.py", "scripts/pkg/secrets.toml", "scripts/pkg/build/x.py")
    (project.source / ".amlignore").write_text("build/\n")
    assert "line 1 of .amlignore" in project.hint(no_module("pkg.build"), "pkg/__init__.py")


def test_a_package_called_env_that_is_an_environment_is_said_to_be_one(project: Project) -> None:
    project.put("scripts/env/pyvenv.cfg", "scripts/env/lib/x.py")
    assert "it is a virtual environment" in project.hint(no_module("env"))


def test_a_module_that_is_the_source_folder_itself_wants_the_folder_above(project: Project) -> None:
    project.put("scripts/helpers.py")
    unsure = project.hint(no_module("scripts"), "helpers.py")
    assert f"If it is meant, choose the folder above it as the source folder (--source {project.root})" in unsure
    for name in ("scripts.helpers", "scripts"):
        project.put("scripts/__init__.py")
        assert f"--source {project.root}" in project.hint(no_module(name), "helpers.py", "__init__.py")


def test_a_project_beside_the_source_is_not_taken_for_the_package_of_its_name(project: Project) -> None:
    project.put("mlflow/setup.py", "mlflow/examples/train.py", "torch/notes/a.txt")
    assert project.hint(no_module("mlflow")) == ""
    assert project.hint(no_module("torch")) == ""


def test_what_lies_nowhere_near_gets_no_hint_of_this_kind(project: Project) -> None:
    assert project.hint(no_module("sklearn")) == ""
    assert project.hint("ValueError: x") == ""


def test_what_lies_nowhere_but_would_be_left_out_names_the_line(project: Project) -> None:
    (project.source / ".gitignore").write_text("build/\ndata/\n")
    assert "line 1 of .gitignore" in project.hint(no_module("build"))
    assert "line 2 of .gitignore" in project.hint(no_file("data/x.csv"))


def no_file(name: str) -> str:
    return f"FileNotFoundError: [Errno 2] No such file or directory: '{name}'"


@pytest.mark.parametrize("form", [no_file("data/x.csv"), "FileNotFoundError: data/x.csv not found."])
def test_an_ignored_data_file_names_the_line_and_both_cures(project: Project, form: str) -> None:
    project.put("scripts/data/x.csv")
    (project.source / ".gitignore").write_text("data/\n")
    hint = project.hint(form)
    assert "line 1 of .gitignore, “data/”, leaves it out" in hint
    assert "full path as an argument" in hint


@pytest.mark.parametrize("wanted", ["../data/x.csv", "data/x.csv"])
def test_a_data_file_above_the_source_is_found_there(project: Project, wanted: str) -> None:
    project.put("data/x.csv")
    hint = project.hint(no_file(wanted))
    assert str(project.root / "data/x.csv") in hint
    assert "full path as an argument" in hint


def test_a_secret_that_the_script_reads_is_named(project: Project) -> None:
    project.put("scripts/kaggle.json")
    assert "looks like a secret" in project.hint(no_file("kaggle.json"))


def test_a_whole_path_into_the_copy_means_the_file_of_the_source(project: Project) -> None:
    project.put("scripts/data/x.csv")
    (project.source / ".gitignore").write_text("data/\n")
    assert "line 1 of .gitignore" in project.hint(no_file("/ws/runs/r_1/snapshot/data/x.csv"))


def test_without_the_source_there_is_no_origin(tmp_path: Path) -> None:
    assert Origin.of_run(str(tmp_path / "gone"), tmp_path) is None
    assert Origin.of_run(str(tmp_path), tmp_path) is None


def test_an_ignored_module_that_is_imported_from_its_package_names_the_line(project: Project) -> None:
    project.put("scripts/pkg/__init__.py", "scripts/pkg/inner.py", "scripts/pkg/here.py")
    (project.source / ".gitignore").write_text("/pkg/inner.py\n")
    error = "ImportError: cannot import name '{}' from 'pkg' (/ws/runs/r/snapshot/pkg/__init__.py)"
    copied = ("pkg/__init__.py", "pkg/here.py")
    hint = project.hint(error.format("inner"), *copied)
    assert "The module “pkg.inner” lies in the source folder and was not copied: line 1 of .gitignore" in hint
    # A name that is no module, and a module that was copied.
    assert project.hint(error.format("function"), *copied) == ""
    assert project.hint(error.format("here"), *copied) == ""


def test_a_module_that_a_package_of_the_source_has_not_is_no_matter_of_the_environment(project: Project) -> None:
    project.put("scripts/pkg/__init__.py")
    hint = project.hint(no_module("pkg.nosuch"), "pkg/__init__.py")
    assert hint == "“pkg” is the source's own, and has no “pkg.nosuch”. Check the name, or write the module."
    (project.source / ".gitignore").write_text("/pkg/_version.py\n")
    assert "line 1 of .gitignore" in project.hint(no_module("pkg._version"), "pkg/__init__.py")
    assert project.hint(no_module("sklearn.nosuch"), "pkg/__init__.py") == ""


@pytest.mark.parametrize(
    ("error", "copied"),
    [
        (no_module("my_helper"), "My_Helper.py"),
        (no_module("my_helper"), "my-helper.py"),
        (no_module("models.net"), "src/Models/net.py"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data/Train.csv'", "Data/train.csv"),
    ],
)
def test_what_the_copy_has_with_other_capitals_or_hyphens_is_named(project: Project, error: str, copied: str) -> None:
    hint = project.hint(error, copied)
    assert f"is called “{copied}” in the run's copy" in hint
    assert "Add" not in hint
