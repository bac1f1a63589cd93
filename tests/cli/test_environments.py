"""Commands about environments, typed in this process on a workspace with an index in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desktop_aml.cli import cli
from desktop_aml.workspace import Workspace
from tests.workspace.builds.test_needs import age_all
from tests.workspace.conftest import index, workspace  # noqa: F401 - fixtures
from tests.workspace.test_environments import built


@pytest.fixture
def typed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    """Type a command in the workspace's folder."""
    monkeypatch.chdir(workspace.path)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words))

    built(workspace, "mine", "lib==1.0\n")
    built(workspace, "mine", "app\nlib\n")
    return run


def test_a_difference_is_shown_in_a_table(typed):
    done = typed("environment", "diff", "mine:1", "mine:2")
    assert done.exit_code == 0, done.output
    rows = [line.split() for line in done.output.splitlines() if line]
    assert rows[:3] == [["PACKAGE", "MINE:1", "MINE:2"], ["app", "added", "1.0"], ["lib", "changed", "1.0", "2.0"]]
    assert "-lib==1.0" in done.output
    assert "exactly the same" in typed("environment", "diff", "mine:1", "mine:1").output
    found = json.loads(typed("environment", "diff", "mine:1", "mine:2", "--json").output)
    assert [one["name"] for one in found["packages"]] == ["app", "lib"]


def test_what_is_not_there_names_the_workspace_that_was_meant(typed, workspace):  # noqa: F811
    where = f"Looked in the workspace “{workspace.name}”, {workspace.path}. Another one: -w PATH"
    assert where in typed("environment", "show", "nosuch").exception.hint
    chosen = typed("environment", "show", "nosuch", "-w", str(workspace.path)).exception.hint
    assert "Looked in" not in chosen


def test_a_failed_build_gives_its_reason_once(typed, workspace, tmp_path: Path):  # noqa: F811
    (tmp_path / "r.txt").write_text("lib==99.0\n")
    typed("environment", "register", str(tmp_path / "r.txt"), "--name", "broken")
    done = typed("environment", "build", "broken")
    assert str(done.exception).startswith("The environment broken:1 could not be built.")
    log = workspace.environments.build_log("broken").splitlines()
    assert "lib==99.0" in log[-2]
    assert (done.output + str(done.exception)).count(log[-2]) == 1


def test_a_lock_is_exported_to_the_terminal_and_to_a_file(typed, tmp_path: Path):
    printed = typed("environment", "export", "mine").output
    assert printed.startswith("# mine:2: Python ")
    assert printed.count("--hash=sha256:") == 2
    done = typed("environment", "export", "mine:1", "--format", "yaml", "-o", str(tmp_path / "lock.yml"))
    assert done.exit_code == 0
    assert "    - lib==1.0\n" in (tmp_path / "lock.yml").read_text()
    refused = typed("environment", "export", "mine", "-o", str(tmp_path / "no" / "folder"))
    assert refused.exit_code != 0


def test_a_clean_up_is_shown_before_it_is_done(typed):
    age_all()
    shown = typed("environment", "clean", "--dry-run").output
    assert "mine:1" in shown
    assert "would go" in shown
    assert "kept: newest of mine" in shown
    assert shown.splitlines()[-1].startswith("Would free ")
    done = json.loads(typed("environment", "clean", "--json").output)
    assert [use["environments"] for use in done["removed"]] == [["mine:1"]]
    assert typed("environment", "clean").output.splitlines()[-1].startswith("Freed 0 B")


def test_the_list_shows_what_an_environment_takes(typed):
    age_all()
    (row,) = [line for line in typed("environment", "list").output.splitlines() if line.startswith("mine ")]
    assert "MB" in row or "kB" in row


def test_a_build_is_previewed_with_its_builder_and_what_would_change(typed):
    (Path.cwd() / "new.txt").write_text("lib==2.0\n")
    assert typed("environment", "register", "new.txt", "--name", "mine").exit_code == 0
    done = typed("environment", "build", "mine", "--preview")
    lines = done.output.splitlines()
    assert lines[0] == "Builder: uv. A requirements file names packages of PyPI."
    assert [line.split()[:2] for line in lines[1:]] == [["PACKAGE", "MINE:2"], ["app", "removed"]]
    assert typed("environment", "show", "mine").output.count("Resolved to") == 0
    found = json.loads(typed("environment", "build", "mine:1", "--preview", "--json").output)
    assert found["diff"]["packages"] == []
    assert "Built by uv. A requirements file names packages of PyPI." in typed("environment", "show", "mine:1").output


def test_a_builder_that_cannot_build_it_is_refused_in_words(typed):
    done = typed("environment", "build", "mine", "--builder", "conda")
    assert done.exit_code != 0
