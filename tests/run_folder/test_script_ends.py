"""The words of a bare SystemExit, which runs no hook, are the reason of a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.environments.resolve.interpreters import find_all
from tests.inside_run.test_script_end import CODE_1, Trial

HERE = find_all()
EXITS = {
    "words of several lines for SystemExit": (
        'import atexit\natexit.register(print, "bye")\nraise SystemExit("Two are wrong:\\n  no rows\\n  no key")',
        "Two are wrong: no rows" + CODE_1,
    ),
    "an object for SystemExit": (
        "class Why:\n    def __str__(self): return 'no rows in fold 3'\nraise SystemExit(Why())",
        "no rows in fold 3" + CODE_1,
    ),
    "words for SystemExit after others that were caught": (
        'import sys\ntry:\n    sys.exit("not yet")\nexcept SystemExit:\n    pass\nraise SystemExit("now")',
        "now" + CODE_1,
    ),
    "a number for SystemExit after words that were caught": (
        'import sys\ntry:\n    sys.exit("not yet")\nexcept SystemExit:\n    pass\nraise SystemExit(3)',
        "The script ended with exit code 3.",
    ),
    "words for SystemExit after much on stderr": (
        """
        import logging, sys
        logging.basicConfig(level="INFO")
        for n in range(20):
            logging.info("step %d", n)
        print("RuntimeError: not this", file=sys.stderr)
        sys.stderr.write("nor this\\n")
        raise SystemExit("No such table")
        """,
        "No such table" + CODE_1,
    ),
    "words for SystemExit through runpy": (
        """
        import atexit, runpy
        atexit.register(print, "bye")
        open("s.py", "w").write("raise SystemExit('no rows')")
        runpy.run_path("s.py", run_name="__main__")
        """,
        "no rows" + CODE_1,
    ),
    "words for SystemExit through -m": (
        """
        import subprocess, sys
        open("s.py", "w").write("import atexit; atexit.register(print, 'bye'); raise SystemExit('no rows')")
        sys.exit(subprocess.call([sys.executable, "-m", "s"]))
        """,
        "no rows" + CODE_1,
    ),
    "words for SystemExit through -c": (
        'import os, sys\nos.execv(sys.executable, [sys.executable, "-c", "raise SystemExit(\'no rows\')"])',
        "no rows" + CODE_1,
    ),
    "words that the last line of the log does not end with": (
        """
        import io, sys
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")  # buffered: printed last of all
        print("epoch 3 done")
        raise SystemExit("no rows")
        """,
        "no rows" + CODE_1,
    ),
}


@pytest.mark.parametrize("python", [HERE[0].path, HERE[-1].path], ids=["oldest", "newest"])
@pytest.mark.parametrize("case", EXITS)
def test_the_words_of_an_exit_are_the_reason(tmp_path: Path, marked_processes: object, case: str, python: str) -> None:
    source, words = EXITS[case]
    assert Trial(tmp_path).failure(source, python).message == words
