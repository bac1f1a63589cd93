"""What the demo says at its end can be typed as it stands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.cli.demo import PROGRAM, _tell_what_next, program_words


def program(folder: Path, says: str) -> Path:
    """Make a program of this one's name that says something."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / PROGRAM
    made.write_text(f'#!/bin/sh\necho {shlex.quote(says)} $# "$4"\n')
    made.chmod(0o755)
    return made


@pytest.mark.parametrize("is_on_path", [True, False])
@pytest.mark.parametrize("other", [True, False])
def test_the_program_that_is_named_is_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_on_path: bool, other: bool
):
    own = program(tmp_path / "a folder" / "bin", "own")
    folders = [str(program(tmp_path / "other", "other").parent)] if other else []
    folders += [str(own.parent)] if is_on_path else []
    monkeypatch.setenv("PATH", ":".join([*folders, "/usr/bin:/bin"]))
    monkeypatch.chdir(own.parent)
    for started_as in (own, Path(PROGRAM)):
        monkeypatch.setattr(sys, "argv", [str(started_as)])
        said = subprocess.run(["sh", "-c", program_words()], capture_output=True, text=True, cwd="/", check=True)
        assert said.stdout.startswith("own")


def test_started_as_a_module_it_names_its_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", f"{program(tmp_path, 'other').parent}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "__main__.py")])
    assert program_words() == f"{shlex.quote(sys.executable)} -m desktop_aml"


def test_every_line_takes_its_workspace_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    own = program(tmp_path / "bin", "own")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(sys, "argv", [str(own)])
    workspace = tmp_path / "my \"own\" $HOME 'workspace'"
    _tell_what_next(workspace)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert len(lines) == 3
    for line in lines:
        assert str(workspace) in shlex.split(line)
        assert subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.startswith("own")
