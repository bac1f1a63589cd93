"""Runs are kept in order from the terminal: those that are named, or all that a search finds."""

from __future__ import annotations

# ruff: noqa: F811 - fixtures
import json
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.cli import main
from desktop_aml.workspace import Workspace
from tests.cli.test_odd_words import typed  # noqa: F401 - a fixture
from tests.workspace.conftest import index, workspace  # noqa: F401 - fixtures


@pytest.fixture
def runs(workspace: Workspace, tmp_path: Path) -> list[str]:
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text("open('outputs/made.bin', 'wb').write(bytes(20_000))\n")
    made = [workspace.runs.submit(script, arguments=["--C", str(n)], display_name=f"run {n}") for n in range(3)]
    for run_id in made:
        workspace.runs.wait(run_id, timeout_s=60)
    return made


def test_runs_are_changed_by_name_and_by_search(typed, runs: list[str], workspace: Workspace, capsys) -> None:
    assert typed("run", "rename", "run 0", "first")[0] == 0
    assert typed("run", "tag", "--filter", "C >= 1", "--set", "stage=try", "--set", "seen")[0] == 0
    assert typed("run", "tag", "run 1", "--remove", "seen")[0] == 0
    assert typed("run", "note", "first", "run 1", "--text", "again")[0] == 0
    assert typed("run", "move", "--filter", "stage = try", "--to", "tries")[0] == 0
    assert typed("run", "star", "first")[0] == 0
    found = [workspace.runs.get(run_id) for run_id in runs]
    assert [run.summary.display_name for run in found] == ["first", "run 1", "run 2"]
    assert [run.tags for run in found] == [{}, {"stage": "try"}, {"stage": "try", "seen": ""}]
    assert [run.description for run in found] == ["again", "again", ""]
    assert [run.summary.experiment for run in found][1:] == ["tries", "tries"]
    assert [run.summary.starred for run in found] == [True, False, False]
    capsys.readouterr()
    assert main(["run", "show", "first"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Note again Starred yes State" in shown
    capsys.readouterr()
    assert main(["run", "archive", "--filter", "C = 1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": [runs[1]]}
    assert main(["run", "list", "--json"]) == 0
    assert [run["id"] for run in json.loads(capsys.readouterr().out)] == [runs[2], runs[0]]


def test_deleted_runs_come_back_until_the_trash_is_emptied(
    typed, runs: list[str], workspace: Workspace, capsys
) -> None:
    code, said = typed("run", "delete", "--filter", "C < 2")
    assert code == 0
    assert "become free with: desktop-aml run trash --empty" in said
    assert typed("run", "restore", "--filter", "C = 0")[0] == 0
    capsys.readouterr()
    assert main(["run", "trash", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["runs"], listed["bytes"] > 20_000) == ([runs[1]], True)
    code, said = typed("run", "trash", "--empty")
    assert (code, "--empty --yes" in said) == (2, True)
    assert typed("run", "trash", "--empty", "--yes")[0] == 0
    assert workspace.runs.count() == 2
    code, said = typed("run", "restore", runs[1])
    assert code == 1
    assert "There is no run" in said
    assert typed("run", "delete", "--forever", "run 0")[0] == 0
    assert not (workspace.path / "runs" / runs[0]).exists()


def test_a_list_without_runs_says_why_it_has_none(typed, workspace: Workspace, tmp_path: Path, capsys) -> None:
    def listed(*words: str) -> str:
        assert main(("run", "list", *words)) == 0
        return " ".join(capsys.readouterr().out.split())

    assert "Start one with" in listed()
    (tmp_path / "train.py").write_text("print(1)\n")
    workspace.runs.queue.pause()
    run_id = workspace.runs.submit(tmp_path / "train.py")
    assert "No run matches." in listed("--search", "zzz")
    workspace.runs.cancel(run_id)
    workspace.runs.organise.archive([run_id])
    assert "archive or the trash" in listed()
    assert run_id in listed("--filter", "archived or deleted")


def test_a_starred_run_and_unclear_words_are_refused(typed, runs: list[str]) -> None:
    typed("run", "star", "run 0")
    code, said = typed("run", "delete", "--filter", "C >= 0")
    assert code == 1
    assert "is starred" in said
    assert typed("run", "star", "run 0", "--off")[0] == 0
    assert typed("run", "delete")[0] == 2
    assert typed("run", "delete", "run 0", "--filter", "x")[0] == 2
    assert typed("run", "tag", "run 0")[0] == 2


def test_experiments_are_kept_in_order_from_the_terminal(typed, runs: list[str], workspace: Workspace, capsys) -> None:
    def said(*words: str) -> Any:
        assert main(["experiment", *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    workspace.runs.organise.move(runs, "source")
    capsys.readouterr()
    assert [one["name"] for one in said("list")] == ["default", "source"]
    assert said("rename", "source", "tries") == {"experiments": ["tries"]}
    shown = said("show", "tries")
    assert (shown["runs"], shown["states"], shown["bytes"] > 20_000) == (3, {"Completed": 3}, True)
    said("archive", "tries")
    assert [[one["name"] for one in said("list", *more)] for more in ((), ("--archived",))] == [["default"], ["tries"]]
    said("restore", "tries")
    said("delete", "tries")
    assert [one["name"] for one in said("list", "--deleted")] == ["tries"]
    code, words = typed("experiment", "delete", "tries", "--forever")
    assert (code, "--forever --yes" in words) == (2, True)
    said("restore", "tries")
    assert workspace.runs.count() == 3
    assert main(["run", "delete-file", "run 1", "outputs/made.bin", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run": runs[1], "paths": ["outputs/made.bin"]}
    said("delete", "tries", "--forever", "--yes")
    assert [one["name"] for one in said("list", "--all")] == ["default"]
    code, words = typed("experiment", "show", "tries")
    assert (code != 0, "experiment list" in words) == (True, True)


def test_environments_are_renamed_deleted_and_restored(typed, workspace: Workspace, capsys) -> None:
    workspace.environments.register("mine", "app\n")
    workspace.environments.register("mine", "app\nlib\n")
    assert typed("environment", "rename", "mine", "yours")[0] == 0
    assert typed("environment", "delete", "yours:2")[0] == 0
    capsys.readouterr()
    assert main(["environment", "list", "--deleted", "--json"]) == 0
    assert [(one["name"], one["version"]) for one in json.loads(capsys.readouterr().out)] == [("yours", 2)]
    code, said = typed("environment", "delete", "yours:2", "--forever")
    assert code == 2
    assert "--forever --yes" in said
    assert typed("environment", "delete", "yours:2", "--forever", "--yes")[0] == 0
    assert typed("environment", "delete", "yours")[0] == 0
    assert typed("environment", "restore", "yours")[0] == 0
    assert [one.version for one in workspace.environments.versions("yours")] == [1]
    workspace.environments.organise.delete("yours", workspace.environments.register("yours", "lib\n").version)
    assert typed("environment", "delete", "yours", "--forever", "--yes")[0] == 0
    assert workspace.environments.organise.trash() == workspace.environments.versions("yours") == ()
