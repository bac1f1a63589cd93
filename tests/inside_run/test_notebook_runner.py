"""What starts a notebook: its arguments, and an environment that cannot run one."""

from __future__ import annotations

import subprocess
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
