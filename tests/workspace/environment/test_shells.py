"""A shell has the interpreter of an environment, and nothing of another one in its way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import Conflict, MissingOnComputer, NotFound
from desktop_aml.settings import builds_folder, load
from desktop_aml.workspace import Workspace

NAMES_PYTHON = "import sys; open(sys.argv[1], 'w').write(sys.executable)"


def test_a_command_has_the_python_of_the_environment(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/of/another")
    shells, told = workspace.environments.shells, tmp_path / "told"
    assert shells.run("this-python", command=("python", "-c", NAMES_PYTHON, str(told))) == 0
    assert told.read_text() == sys.executable
    assert shells.run("this-python", command=("python", "-c", "raise SystemExit(7)")) == 7
    with pytest.raises(MissingOnComputer, match="“no-such-program” cannot be executed"):
        shells.run("this-python", command=("no-such-program",))


def test_a_shell_of_bash_says_where_one_is_and_a_file_of_ones_own_hides_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".bashrc").write_text("export PATH=/usr/bin:/bin\nPS1='mine> '\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    reading, writing = os.pipe()
    os.write(writing, f'command -v python > {tmp_path}/told; echo "$PS1" >> {tmp_path}/told; exit 3\n'.encode())
    os.close(writing)
    given = subprocess.run  # the shell reads what it is to do in place of a terminal

    def run(words: list[str], **how: object) -> subprocess.CompletedProcess[bytes]:
        return given(words, stdin=reading, stderr=subprocess.DEVNULL, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)
    assert workspace.environments.shells.run("this-python") == 3
    os.close(reading)
    assert (tmp_path / "told").read_text().splitlines() == [sys.executable, "(this-python) mine> "]


def test_what_has_no_python_here_is_refused_with_what_to_do(workspace: Workspace) -> None:
    environments, shells = workspace.environments, workspace.environments.shells
    environments.register("plain", "dependencies:\n  - python=3.11\n")
    with pytest.raises(Conflict, match="“plain:1” is not built on this computer") as refused:
        shells.interpreter("plain")
    assert refused.value.hint == "Build it first: desktop-aml environment build plain:1"
    environments.register("held", "FROM debian:12\n", EnvironmentKind.DOCKERFILE)
    with pytest.raises(Conflict, match="is an image"):
        shells.interpreter("held")
    with pytest.raises(Conflict, match="not built"):
        shells.interpreter("sklearn-1.5")
    with pytest.raises(NotFound):
        shells.interpreter("absent")
    environments.register("own", sys.executable, EnvironmentKind.EXISTING)
    assert shells.interpreter("own") == Path(sys.executable)
    assert not builds_folder(load()).joinpath("-").exists()
