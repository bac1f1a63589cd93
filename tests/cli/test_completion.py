"""Shells complete commands, and asking for it opens no window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from desktop_aml.cli import main


def asked(words: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    # Without a way to open a window, and with the end in sight: asking must need neither.
    env_vars = {**os.environ, "QT_QPA_PLATFORM": "none", **variables}
    command = [sys.executable, "-m", "desktop_aml", *words]
    return subprocess.run(command, env=env_vars, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed_by_the_command_and_for_the_variable(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_DESKTOP_AML_COMPLETE={shell}_complete" in script
    if shell == "bash" and shutil.which("bash"):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    done = asked([], _DESKTOP_AML_COMPLETE=f"{shell}_source")
    assert (done.returncode, done.stdout.strip()) == (0, script.strip())


@pytest.mark.parametrize(
    ("typed", "number", "found"),
    [
        ("desktop-aml wor", 1, ["workspace"]),
        ("desktop-aml workspace tr", 2, ["trust"]),
        ("desktop-aml submit --experi", 2, ["--experiment"]),
        ("desktop-aml sdk", 1, ["sdk-path"]),
    ],
)
def test_commands_and_options_are_completed(typed: str, number: int, found: list[str]) -> None:
    done = asked([], _DESKTOP_AML_COMPLETE="bash_complete", COMP_WORDS=typed, COMP_CWORD=str(number))
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == found


def test_a_question_that_makes_no_sense_ends_too() -> None:
    assert asked([], _DESKTOP_AML_COMPLETE="nonsense").returncode == 1
