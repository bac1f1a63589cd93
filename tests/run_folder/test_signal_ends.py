"""Why a script was ended by a signal, and why an interpreter could not begin at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunOutcome
from desktop_aml.run_folder.collect import Failure, explain

NO_CORE = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"


def failure(run: Path, code: str, **env_vars: str) -> Failure:
    """Really run the code, as a launcher would, and return what is said of its end."""
    (run / "logs").mkdir(parents=True)
    with (run / "logs" / "std_log.txt").open("wb") as log:
        words = [sys.executable, "-c", NO_CORE + code]
        done = subprocess.run(words, stdout=log, stderr=log, env={**os.environ, **env_vars}, check=False)
    number = -done.returncode if done.returncode < 0 else None
    outcome = RunOutcome(signal=number, reason="signal") if number else RunOutcome(exit_code=done.returncode)
    return explain(outcome, run)


def test_a_library_that_gives_up_is_not_another_program(tmp_path: Path) -> None:
    code = "import os; os.write(2, b\"terminate called after throwing 'std::bad_alloc'\\n\"); os.abort()"
    found = failure(tmp_path, code)
    assert found.message == (
        "The script was killed by signal 6 (SIGABRT)."
        " The last line of its log before that: terminate called after throwing 'std::bad_alloc'"
    )
    assert "Another program" not in found.hint


def test_the_traceback_of_a_crash_is_kept_with_its_reason(tmp_path: Path) -> None:
    found = failure(tmp_path, "import ctypes, faulthandler; faulthandler.enable(); ctypes.string_at(0)")
    assert found.message == "The script was killed by signal 11 (SIGSEGV)."
    assert found.details.startswith("Fatal Python error: Segmentation fault")
    assert "string_at" in found.details


@pytest.mark.parametrize("name", ["SIGILL", "SIGFPE", "SIGXCPU", "SIGALRM", "SIGPIPE", "SIGSYS"])
def test_what_sends_itself_a_signal_is_told_apart_from_other_programs(tmp_path: Path, name: str) -> None:
    code = f"import os, signal; signal.signal(signal.{name}, signal.SIG_DFL); os.kill(os.getpid(), signal.{name})"
    found = failure(tmp_path, code)
    assert found.message == f"The script was killed by signal {signal.Signals[name].value} ({name})."
    assert found.hint
    assert found.hint != "Another program sent it, or the script itself."


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [("PYTHONHASHSEED", "abc", "PYTHONHASHSEED must be"), ("PYTHONHOME", "/nowhere", "init_fs_encoding")],
)
def test_an_interpreter_that_cannot_begin_says_why(tmp_path: Path, variable: str, value: str, said: str) -> None:
    found = failure(tmp_path, "pass", **{variable: value})
    assert found.message.startswith("Fatal Python error: ")
    assert said in found.message
    assert "no Python frame" not in found.message
