"""Commands about workspaces: what may run in one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.store.database import migrate
from desktop_aml.store.folder import WorkspaceFolder
from tests.strangers_workspace import WOULD_RUN, with_work


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace that was made elsewhere; the current folder lies in it and holds a script."""
    folder = WorkspaceFolder(tmp_path / "stick")
    folder.make("stick")
    migrate(folder.database)
    below = folder.root / "project"
    below.mkdir()
    (below / "t.py").write_text("open('../PWNED', 'w')\n")
    monkeypatch.chdir(below)
    return folder.root


@pytest.mark.parametrize(
    "words", [["submit", "t.py"], ["run", "delete", "nosuch"], ["engine"], ["environment", "register", "t.py"]]
)
def test_nothing_runs_below_a_foreign_workspace_and_the_line_that_lets_it_is_given(
    foreign: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["run", "list"]) == 0
    assert main(words) == 4
    assert f'desktop-aml workspace trust "{foreign}"' in capsys.readouterr().err
    assert not (foreign / "engine.lock").exists()


def test_what_would_run_is_named_before_it_is_trusted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = with_work(tmp_path / "stick", tmp_path / "source")
    assert main(["workspace", "trust", str(folder.root)]) == 0
    assert capsys.readouterr().err.splitlines() == [f"Would run at once: {what}" for what in WOULD_RUN]


def test_trust_is_given_listed_and_taken_back(foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workspace", "trust", str(foreign)]) == 0
    assert main(["workspace", "trust", "--list", "--json"]) == 0
    said = capsys.readouterr()
    assert "Nothing waits in it" in said.err
    assert [one["path"] for one in json.loads(said.out.partition("\n")[2])] == [str(foreign)]
    assert main(["run", "delete", "nosuch"]) == 1
    assert main(["workspace", "trust", str(foreign), "--forget"]) == 0
    assert main(["run", "delete", "nosuch"]) == 4


@pytest.mark.parametrize(("answer", "code"), [("y\n", 1), ("n\n", 4)])
def test_in_a_terminal_the_question_is_asked_once(foreign: Path, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    words = [sys.executable, "-m", "desktop_aml", "run", "delete", "nosuch"]
    done = subprocess.run(words, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, check=False, timeout=60)
    said = os.read(ours, 1 << 16).decode()
    assert (done.returncode, "Trust it, and go on?" in said) == (code, True)
    if code == 1:
        done = subprocess.run(words, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, check=False, timeout=60)
        assert "Trust it" not in os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
