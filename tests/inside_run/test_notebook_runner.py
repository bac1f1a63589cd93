"""What starts a notebook: its arguments, and an environment that cannot run one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.inside_run import notebook_runner


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["--alpha", "0.5", "--kernel=rbf", "--max-iter", "100"],
            [("alpha", 0.5), ("kernel", "rbf"), ("max_iter", 100)],
        ),
        (["--verbose", "--names", "['a']"], [("verbose", True), ("names", ["a"])]),
        (["--low", "-3"], [("low", -3)]),
        ([], []),
    ],
)
def test_arguments_become_values(words, expected):
    assert notebook_runner.parameters(words) == expected


@pytest.mark.parametrize("word", ["0.5", "--2x", "-a"])
def test_what_is_no_named_argument_is_refused(word, capsys):
    with pytest.raises(SystemExit):
        notebook_runner.parameters([word])
    assert f"not “{word}”" in capsys.readouterr().err


def test_an_environment_without_nbclient_says_what_to_do(tmp_path: Path, edge_python):
    words = [edge_python, "-I", "-S", notebook_runner.__file__, "train.ipynb"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "A notebook needs nbclient and ipykernel" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_pager_in_a_cell_prints_everything_and_waits_for_nobody(tmp_path: Path):
    if b"exit-on-eof" not in subprocess.run(["more", "--help"], capture_output=True).stdout:
        pytest.skip("this computer's more waits at no end of a file, and knows no option for it")
    (tmp_path / "long.txt").write_text("".join(f"line {number}\n" for number in range(300)))
    source = (
        "import os, pty\n"
        "from desktop_aml.inside_run import notebook_runner\n"
        "notebook_runner.let_no_pager_wait()\n"
        "print(os.environ['PAGER'], flush=True)\n"
        "pty.spawn(['more', 'long.txt'])\n"  # as in the terminal of a notebook's shell command
    )
    ended = subprocess.run(
        [sys.executable, "-c", source],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.stdout.startswith("cat")
    assert "line 299" in ended.stdout
    assert "--More--" not in ended.stdout


def test_a_users_own_pager_stays(monkeypatch):
    for name in ("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("MORE", "-d")
    notebook_runner.let_no_pager_wait()
    assert (os.environ["PAGER"], os.environ["GIT_PAGER"], os.environ["MORE"]) == ("mine", "mine", "-d")
