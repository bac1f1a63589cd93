"""Odd words on the command line end in words, with the exit code that says whose fault it is; never in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from desktop_aml.cli import cli, main
from tests.workspace.conftest import index, workspace  # noqa: F401 - fixtures

TOO_LONG = "x" * 5000


@pytest.fixture
def typed(workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # noqa: F811
    """Type a command in the workspace's folder and return its exit code and what it said of an error."""
    monkeypatch.chdir(workspace.path)

    def run(*words: str) -> tuple[int, str]:
        code = main(words)
        said = capsys.readouterr().err
        assert "Traceback" not in said
        return code, said

    return run


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["workspace", "create", ""], 2, "the path is empty"),
        (["run", "list", "-w", ""], 2, "the path is empty"),
        (["run", "queue", "priority", "nosuch", "-3"], 1, "There is no run"),
        (["run", "queue", "priority", "nosuch", "--soon"], 2, "'--soon' is not"),
        (["submit", ""], 2, "the path is empty"),
        (["workspace", "create", f"/tmp/{TOO_LONG}"], 1, "File name too long"),
        (["submit", TOO_LONG], 1, "File name too long"),
        (["environment", "show", "sklearn-1.9:99999999999999999999999"], 2, "is not NAME or NAME:VERSION"),
        (["model", "show", "m:9999999999999999999999999"], 2, "is not NAME or NAME:VERSION"),
        (["submit", "train.py", "--kernel", "rbf"], 2, "submit SCRIPT -- --kernel …"),
        (["run", "rerun", "latest", "-k"], 2, "rerun RUN -- -k …"),
        (["sweep", "train.py", "--metric", "m", "--kernel=rbf"], 2, "start SCRIPT -- --kernel …"),
        (["sweep", "lst"], 2, "No such command “lst”. Did you mean “list”?"),
        (["sweep", "strt.py"], 2, "Missing option '--metric'"),
        (
            ["sweep", "show", "nosuch"],
            1,
            "There is no sweep “nosuch” in this workspace.\nList them with: desktop-aml sweep",
        ),
        (["train.py", "--lr", "1"], 2, "To run it: desktop-aml submit train.py -- --lr 1"),
        (["train.py", "-w", ".", "--lr", "1"], 2, "To run it: desktop-aml submit -w . train.py -- --lr 1"),
        (["train.py", "--workspace=.", "-w", "4"], 2, "To run it: desktop-aml submit -w . train.py -- -w 4"),
        ([".", "my train.py", "--", "-x"], 2, "To run it: desktop-aml submit -w . 'my train.py' -- -x"),
        ([".", "run"], 2, "“.” is a workspace, not a command. To open it in the window: desktop-aml .\n"),
        (["runs/", "list"], 2, "“runs/” is a folder, not a command. To open it in the window, name it alone."),
        (["submti", "a b.py"], 2, "Did you mean: desktop-aml submit 'a b.py'"),
        (["zzz"], 2, "No such command 'zzz'"),
        (["submit", "~nosuchuser/train.py"], 1, "~nosuchuser/train.py”"),
        (["submit", "train.py", "--no-wait"], 2, "No such option “--no-wait”. Did you mean “--detach”?"),
        (["submit", "train.py", "--experimnt", "e"], 2, "Did you mean “--experiment”?"),
        (["submit", "rows.csv"], 2, "neither a Python script nor a notebook"),
        (["submit", "train.py", "--timeout", "nan"], 2, "greater than 0 seconds"),
        (["submit", "train.py", "--timeout", "inf"], 2, "at most 100,000,000"),
        (["submit", "train.py", "--timeout", "1e300"], 2, "at most 100,000,000"),
        (["submit", "train.py", "--tag", "a=\udcff"], 2, "not valid Unicode"),
        (["submit", "train.py", "--tag", "=v"], 2, "A tag needs a name"),
        (["submit", "train.py", "--env", "1BAD=x"], 2, "“1BAD” is no name of a variable"),
        (["submit", "train.py", "--env", "my.var=x"], 2, "“my.var” is no name of a variable"),
        (["submit", "train.py", "--env", " A=x"], 2, "“ A” is no name of a variable"),
        (["submit", "train.py", "--env", "B\nC"], 2, "is no name of a variable"),
        (["submit", "train.py", "--env", "é=x"], 2, "“é” is no name of a variable"),
        (["submit", "train.py", "--target", "moon"], 2, "Choose one of: docker, local"),
        (["model", "register", "--file", "m.pkl", "--name", "m", "--cpu", "-1"], 2, "cannot be given -1 cores"),
        (["model", "register", "--file", "m.pkl", "--name", "m", "--memory", "0"], 2, "cannot be given 0 GB"),
    ],
)
def test_odd_words_are_refused_with_what_to_do(typed, tmp_path: Path, words: list[str], code: int, said: str) -> None:
    for name in ("rows.csv", "train.py", "m.pkl"):
        Path(name).write_text("")
    found, error = typed(*words)
    assert said in error
    assert found == code


def test_a_run_without_any_output_says_where_a_model_belongs(typed) -> None:
    Path("train.py").write_text("")
    assert typed("submit", "train.py")[0] == 0
    code, error = typed("model", "register", "--run", "latest", "--name", "m")
    assert code == 1
    assert "have it write its model there, as “outputs/model.joblib”" in error


@pytest.mark.parametrize("state", ["Completed", "completed", "COMPLETED"])
def test_a_state_is_typed_as_it_is_shown_or_in_other_case(typed, state: str) -> None:
    assert typed("run", "list", "--state", state) == (0, "")


def commands(group: click.Group) -> Iterator[click.Command]:
    """Yield every command that people see."""
    for one in group.commands.values():
        if isinstance(one, click.Group):
            yield from commands(one)
        elif not one.hidden:
            yield one


def test_the_help_of_every_command_has_an_example() -> None:
    without = [one.name for one in commands(cli) if "Example" not in f"{one.help}{one.epilog}"]
    assert without == []


def test_names_of_several_lines_or_thousands_of_letters_leave_the_lists_legible(
    typed, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("train.py").write_text("")
    typed("submit", "train.py", "--name", "two\nlines\x1b[31m")
    typed("submit", "train.py", "--name", TOO_LONG)
    assert main(["run", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "two lines [31m" in lines[2]
    assert max(map(len, lines)) < 250
    assert main(["workspace", "create", "other", "--name", "of\ntwo lines"]) == 0
    assert "“of two lines”" in capsys.readouterr().out


def test_a_filter_finds_runs_and_what_is_wrong_with_one_is_pointed_at(
    typed, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("train.py").write_text("from azureml.core import Run\nRun.get_context().log('loss', 0.5)\n")
    typed("submit", "train.py", "--name", "first", "--", "--kernel", "rbf")
    assert main(["run", "list", "--filter", "kernel = RBF and (best.loss < 1 or duration > 1h)"]) == 0
    assert "first" in capsys.readouterr().out
    code, said = typed("run", "list", "--filter", "名 or los < 1")
    assert code == 2
    assert said.splitlines()[:2] == ["  名 or los < 1", "        ^^^"]
    assert "Did you mean metrics.loss?" in said
    code, said = typed("run", "list", "--filter", "rbf", "--order-by", "metrics.loss UP")
    assert code == 2
    assert said.splitlines()[:2] == ["  metrics.loss UP", "               ^^"]


def test_a_file_that_cannot_be_kept_is_named_and_taken_later(
    typed,
    workspace,  # noqa: F811
) -> None:
    Path("train.py").write_text("import os\nos.mkfifo('outputs/x')\nopen('outputs/y', 'w').close()\n")
    code, said = typed("submit", "train.py")
    assert code == 0
    assert "Not kept: outputs/x: It is not a plain file." in said
    run_id = workspace.runs.find("latest")
    assert f"desktop-aml run collect {run_id}" in said
    fifo = Path(workspace.runs.get(run_id).run_directory) / "snapshot/outputs/x"
    fifo.unlink()
    fifo.write_text("now it is one")
    assert typed("run", "collect", run_id) == (0, "")
    assert "outputs/x" in [artifact.path for artifact in workspace.runs.files.list(run_id)]


def test_a_workspace_with_nothing_to_clean_says_so(typed, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workspace", "clean", "--dry-run"]) == 0
    assert "are needed." in capsys.readouterr().out
