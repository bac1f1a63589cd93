"""Which workspace a command means, and that it says so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml import settings
from desktop_aml.cli import main
from desktop_aml.domain.errors import NotFound
from desktop_aml.sdk.workspaces import answer_without_workspace
from desktop_aml.workspace import Workspace, default_workspace, remembered
from tests.inside_run.conftest import SITE


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is no workspace and lies in none; it holds a script."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "t.py").write_text("print(1)\n")
    monkeypatch.chdir(folder)
    return folder


def made(path: Path, name: str, *, is_passing: bool = False) -> Path:
    Workspace.create(path, name, is_passing=is_passing).close()
    settings.save(remembered(settings.load(), path))
    return path


@pytest.mark.parametrize("is_passing", [True, False])
def test_a_demo_is_never_meant_by_a_command_that_names_none(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_passing: bool
) -> None:
    made(tmp_path / "mine", "mine")
    demo = made(tmp_path / "demo", "demo", is_passing=is_passing)
    assert main(["run", "list", "-w", str(demo)]) == 0  # as `demo` advises to look again
    capsys.readouterr()
    assert main(["workspace", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == ("mine" if is_passing else "demo")


def test_submit_names_the_workspace_that_it_uses(
    elsewhere: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = made(tmp_path / "mine", "mine")
    assert main(["submit", "t.py"]) == 0
    said = capfd.readouterr().err
    assert f"Using the workspace “mine”, {path}. Another one: -w PATH" in said
    assert f" in the workspace “mine”, {path}\n" in said
    assert main(["submit", "t.py", "--json"]) == 0
    written = capfd.readouterr()
    assert json.loads(written.out)["workspace"] == {"name": "mine", "path": str(path)}
    assert "Using" not in written.err


def test_submit_prints_what_is_said_of_the_copied_source(
    elsewhere: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / "mine", "mine")
    settings.save(replace(settings.load(), snapshot_warning_files=1))
    (elsewhere / "more.py").touch()
    (elsewhere / "id_rsa").write_text("a key")
    (elsewhere / "env").mkdir()
    (elsewhere / "env" / "pyvenv.cfg").touch()
    assert main(["submit", "t.py"]) == 0
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("Note: ")]
    assert any("2 files" in line for line in said), said
    assert any("id_rsa" in line for line in said), said


READ = """
from azureml.data.dataset_factory import TabularDatasetFactory as T
from azureml.data._workspace import current_workspace
print(current_workspace().name)
"""


def test_a_script_that_names_no_workspace_means_the_one_that_it_lies_in(elsewhere: Path, tmp_path: Path) -> None:
    one, two = made(tmp_path / "one", "one"), made(tmp_path / "two", "two")
    (one / "sub").mkdir()
    names = {}
    for script, folder in (
        (one / "sub" / "r.py", elsewhere),
        (elsewhere / "r.py", one),
        (elsewhere / "r.py", elsewhere),
    ):
        script.write_text(READ)
        done = subprocess.run(
            [sys.executable, str(script)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SITE), "DESKTOP_AML_PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=True,
        )
        names[script.parent.name, folder.name] = done.stdout.strip()
    assert names == {("sub", "elsewhere"): "one", ("elsewhere", "one"): "one", ("elsewhere", "elsewhere"): "two"}
    assert f"the one used last is taken, 'two' in {two}" in done.stderr


def test_a_script_that_names_no_workspace_means_the_one_that_a_configuration_beside_it_names(
    elsewhere: Path, tmp_path: Path
) -> None:
    one = made(tmp_path / "one", "one")
    made(tmp_path / "two", "two")
    (elsewhere / ".azureml").mkdir()
    (elsewhere / "config.json").write_text('{"port": 8080}')  # of another program
    shutil.copy(one / "config.json", elsewhere / ".azureml")
    (elsewhere / "r.py").write_text(READ)
    done = subprocess.run(
        [sys.executable, "r.py"],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(SITE), "DESKTOP_AML_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("one", "")


def test_the_sample_is_not_what_a_script_means_either(elsewhere: Path, tmp_path: Path) -> None:
    made(tmp_path / "demo", "demo", is_passing=True)
    assert answer_without_workspace("workspaces.current", {"folders": [str(elsewhere)]}) is None


def test_a_workspace_that_went_away_is_named_by_the_next_command(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made(tmp_path / "mine", "mine")
    path.rename(tmp_path / "moved")
    assert main(["run", "list"]) == 1
    said = capsys.readouterr().err
    assert f"The workspace used last is no more at “{path}”." in said
    assert "-w PATH" in said
    with pytest.raises(NotFound, match="used last is no more at"):
        Workspace.from_config(elsewhere)
    Workspace.create(default_workspace(), "default").close()
    assert main(["run", "list"]) == 0
    assert f"Note: The workspace used last is no more at “{path}”." in capsys.readouterr().err
    # It has become the one used last.
    assert main(["run", "list"]) == 0
    assert "Note" not in capsys.readouterr().err


def test_a_workspace_has_one_entry_by_whatever_path_it_is_named(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made(tmp_path / "mine", "mine")
    (tmp_path / "link").symlink_to("mine")
    for named in ("../mine", "../elsewhere/../mine", "../link", str(tmp_path / "link")):
        assert main(["run", "list", "-w", named]) == 0
    assert [recent.path for recent in settings.load().recent_workspaces] == [str(path)]
    assert settings.load().last_workspace == str(path)
