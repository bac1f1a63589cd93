"""The stated reason of a failure is the error that ended the script, whatever is printed around it."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunOutcome
from desktop_aml.run_folder import collect
from tests.contracts.places import LocalPlace, carry_out
from tests.inside_run.conftest import SITE


class Trial:
    """Runs scripts as a run does, and asks why they failed."""

    def __init__(self, folder: Path) -> None:
        self.place = LocalPlace(folder)

    def run(self, source: str, python: str, **files: str) -> tuple[RunOutcome, Path]:
        job = self.place.job(textwrap.dedent(source), python=python)
        for name, text in files.items():
            (self.place.snapshot(job) / f"{name}.py").write_text(textwrap.dedent(text))
        job.env_vars.update(
            PYTHONPATH=str(SITE), DESKTOP_AML_RUN_DIR=job.run_directory, PYTHONIOENCODING="utf-8", PYTHONUNBUFFERED="1"
        )
        return carry_out(self.place.executor(), job), Path(job.run_directory)

    def failure(self, source: str, python: str, **files: str) -> collect.Failure:
        outcome, folder = self.run(source, python, **files)
        assert not outcome.succeeded()
        return collect.explain(outcome, folder)


@pytest.fixture
def trial(tmp_path: Path, marked_processes: object) -> Trial:
    return Trial(tmp_path)


CODE_1 = " (the script ended with exit code 1)"

ENDS = {
    "text at exit": (
        'import atexit\natexit.register(print, "Finished: 3 files uploaded")\nraise ValueError("Input X contains NaN")',
        "ValueError: Input X contains NaN" + CODE_1,
    ),
    "text at exit that looks like an error": (
        """
        import atexit
        @atexit.register
        def last():
            print("RuntimeError: not this one")
        raise KeyError("weight")
        """,
        "KeyError: 'weight'" + CODE_1,
    ),
    "several lines": (
        r'raise ValueError("Shapes do not match\nexpected: (10, 3)\ngot: (10, 4)")',
        "ValueError: Shapes do not match" + CODE_1,
    ),
    "a first line that announces the next": (
        r'raise RuntimeError("Error(s) in loading:\n\tsize mismatch for fc.weight")',
        "RuntimeError: Error(s) in loading: size mismatch for fc.weight" + CODE_1,
    ),
    "an error that was caught": (
        """
        import logging, sys
        try:
            open("missing_optional.cfg")
        except OSError:
            logging.exception("optional settings not read")
        print("going on")
        sys.exit(3)
        """,
        "The script ended with exit code 3.",
    ),
    "an error that was caught, and an exit without sys.exit": (
        """
        import traceback
        try:
            open("missing_optional.cfg")
        except OSError:
            traceback.print_exc()
        print("No rows are left")
        raise SystemExit(3)
        """,
        "The script ended with exit code 3. The last line of its log before that: No rows are left",
    ),
    "words for sys.exit": (
        'import sys, atexit\natexit.register(print, "bye")\nsys.exit("Table customers.csv has no column named churn")',
        "Table customers.csv has no column named churn" + CODE_1,
    ),
    "words for exit": ('exit("No such fold")', "No such fold" + CODE_1),
    "words for SystemExit": (
        'import atexit\natexit.register(print, "bye")\nprint("reading")\nraise SystemExit("No such table")',
        "No such table" + CODE_1,
    ),
    "an exit because of an error": (
        """
        import sys
        try:
            int("x1")
        except ValueError:
            print("cannot go on", file=sys.stderr)
            sys.exit(4)
        """,
        "ValueError: invalid literal for int() with base 10: 'x1' (the script caught it and ended with exit code 4)",
    ),
    "wrong arguments": (
        """
        import argparse, atexit
        atexit.register(print, "bye")
        parser = argparse.ArgumentParser()
        parser.add_argument("--rate", type=float)
        parser.parse_args(["--rate", "high"])
        """,
        "argument --rate: invalid float value: 'high' (the script ended with exit code 2)",
    ),
    "a hook of its own": (
        """
        import sys
        sys.excepthook = lambda *_: print("+-- a pretty box --+")
        raise LookupError("no model")
        """,
        "LookupError: no model" + CODE_1,
    ),
    "a hook that chooses the exit code": (
        'import sys\nsys.excepthook = lambda *_: sys.exit(7)\nraise LookupError("no model")',
        "LookupError: no model (the script ended with exit code 7)",
    ),
    "no Python": ("import os\ndef f(:\n", "SyntaxError: invalid syntax (train.py, line 2)" + CODE_1),
    "an error of its own class": ("class Bad(Exception): pass\nraise Bad", "Bad" + CODE_1),
    "an error of a library's class": (
        'import json\njson.loads("{")',
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
        + CODE_1,
    ),
    "an error that cannot be written": (
        r'raise ValueError("half a pair: \ud800")',
        "ValueError: half a pair: ?" + CODE_1,
    ),
    "an error that breaks whoever looks": (
        "class Bad(Exception):\n    def __str__(self): raise RuntimeError('in the error')\nraise Bad()",
        "Bad" + CODE_1,
    ),
    "an error without end": ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded" + CODE_1),
    "a thread's error": (
        """
        import sys, threading
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        raise ValueError("the main one")
        """,
        "ValueError: the main one" + CODE_1,
    ),
    "a thread that wants to leave": (
        """
        import sys, threading
        thread = threading.Thread(target=lambda: sys.exit("not the end"))
        thread.start()
        thread.join()
        sys.exit("the end")
        """,
        "the end" + CODE_1,
    ),
    "an exit that was caught": (
        'import sys\ntry:\n    sys.exit("not yet")\nexcept SystemExit:\n    pass\nraise ValueError("now")',
        "ValueError: now" + CODE_1,
    ),
    "a process that failed in a child of multiprocessing": (
        """
        import multiprocessing, sys
        def work(): raise ValueError("no rows in fold 3")
        child = multiprocessing.get_context("fork").Process(target=work)
        child.start()
        child.join()
        sys.exit(child.exitcode)
        """,
        "ValueError: no rows in fold 3" + CODE_1,
    ),
    "a child's exit": (
        """
        import os, sys
        if os.fork() == 0:
            sys.exit("the child's words")
        os.wait()
        raise ValueError("the parent's error")
        """,
        "ValueError: the parent's error" + CODE_1,
    ),
    "an end without farewell": (
        """
        import os, sys, traceback
        try:
            1 / 0
        except ZeroDivisionError:
            traceback.print_exc()
        print("cleaning up", flush=True)
        os._exit(1)
        """,
        "ZeroDivisionError: division by zero" + CODE_1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDS)
def test_the_reason_is_what_ended_the_script(trial: Trial, edge_python: str, case: str) -> None:
    source, words = ENDS[case]
    found = trial.failure(source, edge_python).message
    # How deep, and which word was expected, is said by newer Pythons only.
    assert found.replace(" while calling a Python object", "").startswith(words.split("invalid syntax")[0]), found
    assert found.endswith(words[-12:]), found


def test_it_is_heard_on_every_python(trial: Trial, python: str) -> None:
    error = trial.failure('import atexit\natexit.register(print, "bye")\nraise ValueError("a")', python)
    assert error.message == "ValueError: a" + CODE_1
    assert error.details.startswith("Traceback")
    assert "script_end" not in error.details
    assert trial.failure('import sys\nsys.exit("words")', python).message == "words" + CODE_1
    assert trial.failure('print("a")\nraise SystemExit("words")', python).message == "words" + CODE_1


def test_a_failed_task_is_named_though_it_is_deep_in_groups(trial: Trial) -> None:
    source = """
    import asyncio
    async def work(): raise ExceptionGroup("inner", [LookupError("no rows")])
    async def main():
        async with asyncio.TaskGroup() as group: group.create_task(work())
    asyncio.run(main())
    """
    found = trial.failure(source, sys.executable)
    assert found.message.endswith("(1 sub-exception), first LookupError: no rows" + CODE_1)


def test_notes_and_groups_keep_to_the_details(trial: Trial) -> None:
    note = "try:\n    int('x1')\nexcept ValueError as error:\n    error.add_note('file: a.csv')\n    raise\n"
    found = trial.failure(note, sys.executable)
    assert found.message.startswith("ValueError: invalid literal")
    assert "file: a.csv" in found.details
    group = "raise ExceptionGroup('two folds failed', [ValueError('fold 1: bad'), TypeError('fold 2: bad')])"
    found = trial.failure(group, sys.executable)
    assert found.message == (
        "ExceptionGroup: two folds failed (2 sub-exceptions), first ValueError: fold 1: bad" + CODE_1
    )
    assert "fold 2: bad" in found.details


def test_a_keyboard_interrupt_of_the_script_is_no_signal_from_elsewhere(trial: Trial, edge_python: str) -> None:
    assert trial.failure("raise KeyboardInterrupt('by hand')", edge_python).message.startswith(
        "KeyboardInterrupt: by hand (the script ended with "
    )


CHILD = """
    import atexit
    atexit.register(print, "child's farewell", flush=True)
    raise ValueError("no rows in fold 3")
"""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "import subprocess, sys\nsubprocess.run([sys.executable, 'child.py'], check=True)",
            "returned non-zero exit status 1. It failed with ValueError: no rows in fold 3" + CODE_1,
        ),
        (
            "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, 'child.py']))",
            "ValueError: no rows in fold 3" + CODE_1,
        ),
        (
            "import os, subprocess, sys\nsubprocess.call([sys.executable, 'child.py'])\nsys.exit('own words')",
            "own words" + CODE_1,
        ),
    ],
)
def test_the_error_of_a_process_that_it_started_is_told(
    trial: Trial, edge_python: str, source: str, words: str
) -> None:
    assert trial.failure(source, edge_python, child=CHILD).message.endswith(words)


def test_what_a_shell_ran_last_is_the_reason(trial: Trial) -> None:
    line = f"{sys.executable} first.py || true; {sys.executable} child.py"
    source = f"import os\nos.execv('/bin/sh', ['sh', '-c', {line!r}])"
    found = trial.failure(source, sys.executable, first="raise KeyError('tried')", child=CHILD)
    assert found.message == "ValueError: no rows in fold 3" + CODE_1


def test_a_script_that_succeeds_or_catches_everything_fails_for_nothing(trial: Trial, edge_python: str) -> None:
    outcome, folder = trial.run("try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass", edge_python)
    assert outcome.succeeded()
    assert (folder / "logs/std_log.txt").read_text() == ""


def test_a_script_that_imports_little_ends_without_importing_more(trial: Trial, edge_python: str) -> None:
    _, folder = trial.run("import atexit, sys\natexit.register(lambda: print('json' in sys.modules))", edge_python)
    log, (line,) = folder / "logs" / "std_log.txt", (folder / "logs" / "ends.jsonl").read_text().splitlines()
    assert log.read_text() == "False\n"
    found = json.loads(line)
    assert found.pop("pid") > 0
    assert found == {"main": True, "code": None, "error": None, "said": None, "log_bytes": 0}


@pytest.mark.parametrize(
    "junk",
    [
        b"[1, 2]\n{]\n\xff\n" + b"[" * 100_000 + b"\n",
        b'{"main": true, "error": {"type": 7, "message": []}, "said": "x", "code": NaN, "log_bytes": -1e400}\n',
        b'{"main": true, "error": {"type": "\\ud800"}, "said": {"words": {}, "line": true}}\n',
    ],
)
def test_notes_that_are_no_notes_are_passed_over(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/ends.jsonl").write_bytes(junk)
    (tmp_path / "logs/std_log.txt").write_text("Traceback (most recent call last):\n  File x\nValueError: a\n")
    message = collect.explain(RunOutcome(exit_code=1), tmp_path).message
    assert message.encode()
    assert "exit code 1" in message


LOGS = {
    "notes": ("Traceback (most recent call last):\n  File x\nValueError: a\nfile: b.csv\nbye\n", "ValueError: a"),
    "a group": (
        """\
  + Exception Group Traceback (most recent call last):
  |   File x
  | ExceptionGroup: two folds failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File y
    | ValueError: fold 1
    +---------------- 2 ----------------
    | TypeError: fold 2
    +------------------------------------
bye
""",
        "ExceptionGroup: two folds failed (2 sub-exceptions)",
    ),
    "colours": (
        "\x1b[35mTraceback (most recent call last):\x1b[0m\n  File x\n\x1b[1;35mValueError\x1b[0m: \x1b[35ma\x1b[0m\n",
        "ValueError: a",
    ),
    "a rank": ("[0]: Traceback (most recent call last):\n[0]:   File x\n[0]: ValueError: a\n[0]: b\n", "ValueError: a"),
    "a chain": (
        """
Traceback (most recent call last):
  File x
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File x
ValueError: b
""",
        "ValueError: b",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOGS)
def test_a_log_alone_tells_the_error_that_was_printed_last(tmp_path: Path, case: str) -> None:
    log, words = LOGS[case]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/std_log.txt").write_text("noise\n" + log)
    assert collect.explain(RunOutcome(exit_code=1), tmp_path).message == words + CODE_1
