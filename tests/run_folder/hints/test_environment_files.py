"""The file near a source folder that says what its scripts need, and what a failed run's hint makes of it."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.run_folder.hints import environment_files
from desktop_aml.run_folder.hints.failures import hint_for

PROJECT = '[project]\nname = "churn"\ndependencies = ["pandas"]\n'


def test_the_nearest_file_of_the_project_is_found(tmp_path: Path) -> None:
    source = tmp_path / "clone/src/churn"
    source.mkdir(parents=True)
    (tmp_path / "clone/.git").mkdir()
    (tmp_path / "requirements.txt").touch()
    assert environment_files.near(str(source)) is None
    (tmp_path / "clone/pyproject.toml").write_text(PROJECT)
    assert environment_files.near(str(source)) == tmp_path / "clone/pyproject.toml"
    (source / "environment.yml").touch()
    assert environment_files.near(str(source)) == source / "environment.yml"


def test_a_project_file_of_tools_alone_names_no_packages(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert environment_files.near(str(tmp_path)) is None
    assert environment_files.near(str(tmp_path / "gone")) is None
    assert environment_files.near("") is None


def test_a_missing_module_leads_to_the_file_that_is_there() -> None:
    hint = hint_for("ModuleNotFoundError: No module named 'pandas'", environment_file="/code/pyproject.toml")
    assert "choose /code/pyproject.toml as its environment" in hint
    assert "requirements.txt" not in hint


def test_a_notebook_without_its_packages_is_not_told_to_be_fixed() -> None:
    hint = hint_for("A notebook needs nbclient and ipykernel, and this environment (/python) has no “ipykernel”.")
    assert "--environment sklearn-1.9" in hint
