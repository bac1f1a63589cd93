"""What git says of a source folder, asked so that a clone from elsewhere starts nothing and holds up nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from desktop_aml.run_folder import git_state


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "data.txt").write_text("one")
    (folder / ".gitattributes").write_text("*.txt filter=own\n")
    git(folder, "init", "-q", "-b", "main", ".")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_looking_at_a_clone_starts_no_program_that_the_clone_names(clone: Path) -> None:
    started = clone.parent / "started"
    hook = clone / "hooks/post-index-change"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {started}\n")
    hook.chmod(0o755)
    for name, value in (
        ("core.fsmonitor", f"touch {started}; false"),
        ("core.hooksPath", str(hook.parent)),
        ("filter.own.clean", f"touch {started}; cat"),
        ("filter.own.required", "true"),
    ):
        git(clone, "config", name, value)
    (clone / "data.txt").write_text("two")
    found = git_state.properties(clone, {})
    assert found["azureml.git.branch"] == "main"
    assert found["azureml.git.dirty"] == "True"
    assert len(found["azureml.git.commit"]) == 40
    assert not started.exists()


def test_a_clone_in_which_git_hangs_is_asked_once(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def hang(words: list[str], **_: object) -> None:
        asked.append(words)
        raise subprocess.TimeoutExpired(words, 5)

    monkeypatch.setattr(git_state.subprocess, "run", hang)
    assert git_state.properties(clone, {}) == {}
    assert len(asked) == 1
