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
    "words into a stream of the script's own": (
        'import io, sys\nsys.stderr = io.StringIO()\nraise SystemExit("no rows")',
        "The script ended with exit code 1.",
    ),
    "words into a file and a tee": (
        """
        import sys
        class Tee:
            def __init__(self, *streams): self.streams = streams
            def write(self, text): [one.write(text) for one in self.streams]
            def flush(self): pass
        print("epoch 3 done")
        sys.stderr = Tee(open("errors.txt", "w"), open("more.txt", "w"))
        raise SystemExit("no rows")
        """,
        "The script ended with exit code 1. The last line of its log before that: epoch 3 done",
    ),
    "words into the other stream, before text at exit": (
        'import atexit, sys\nsys.stderr = sys.stdout\natexit.register(print, "bye")\nraise SystemExit("no rows")',
        "The script ended with exit code 1. The last line of its log before that: no rows",
    ),
    "words into a stream that passes on what it is given": (
        """
        import sys
        class Passing(object):
            def __init__(self, to): object.__setattr__(self, "to", to)
            def __getattr__(self, name): return getattr(self.to, name)
            def __setattr__(self, name, value): setattr(self.to, name, value)
            def write(self, text): self.to.write("[" + text.strip() + "]")
        sys.stderr = Passing(sys.stderr)
        sys.stderr.write("a")
        raise SystemExit("no rows")
        """,
        "The script ended with exit code 1. The last line of its log before that: [a][no rows][]",
    ),
    "words that cannot be written": (
        """
        import sys
        class Broken:
            def write(self, text): raise OSError("no")
            def flush(self): raise OSError("no")
        sys.stderr = Broken()
        raise SystemExit("no rows")
        """,
        "The script ended with exit code 120.",
    ),
    "words in colour": (
        'raise SystemExit("\\x1b[31mno rows\\x1b[0m")',
        "no rows" + CODE_1,
    ),
    "no farewell": (
        'import os, sys\nsys.stderr.write("fatal: no rows\\n")\nsys.stderr.flush()\nos._exit(7)',
        "The script ended with exit code 7. The last line of its log before that: fatal: no rows",
    ),
    "what click prints of its arguments": (
        """
        import sys
        sys.stderr.write("Usage: train.py [OPTIONS]\\nTry 'train.py --help' for help.\\n\\n")
        sys.stderr.write("Error: Missing option '--n'.\\n")
        sys.exit(2)
        """,
        "Missing option '--n'. (the script ended with exit code 2)",
    ),
    "what fire prints of its arguments": (
        """
        print("ERROR: No value for: n\\nUsage: train.py N\\n\\nFor more on this command, run:\\n  train.py --help")
        raise SystemExit(2)
        """,
        "No value for: n (the script ended with exit code 2)",
    ),
    "what a command line prints of an error": (
        'import sys\nprint("epoch 1")\nsys.stderr.write("Error: the table is empty\\n")\nsys.exit(1)',
        "the table is empty" + CODE_1,
    ),
    "a line before an exit without words": (
        'import sys\nprint("There are no rows in fold 3.")\nsys.exit(4)',
        "The script ended with exit code 4. The last line of its log before that: There are no rows in fold 3.",
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


def test_an_end_whose_last_words_were_lost_is_explained(tmp_path: Path, marked_processes: object) -> None:
    # The very code of a script that ends itself with it says nothing of the kind.
    lost = EXITS["words that cannot be written"][0]
    own = "import sys; sys.exit(120)"
    hints = [Trial(tmp_path / name).failure(source, HERE[-1].path).hint for name, source in (("a", lost), ("b", own))]
    assert ["cannot write what was printed last" in hint for hint in hints] == [True, False]


@pytest.mark.parametrize("python", [HERE[0].path, HERE[-1].path], ids=["oldest", "newest"])
def test_sys_stays_a_module_that_pickles_and_a_stream_keeps_its_ways(
    tmp_path: Path, marked_processes: object, python: str
) -> None:
    outcome, folder = Trial(tmp_path).run(
        """
        import contextlib, inspect, io, pickle, sys
        # Much code says `type(sys)` for the class of all modules; what pickles functions tells modules by it.
        assert inspect.ismodule(sys) and repr(sys) == "<module 'sys' (built-in)>" and type(sys) is type(pickle)
        first, text = sys.stderr, io.StringIO()
        for _ in range(3):
            with contextlib.redirect_stderr(text):
                assert sys.stderr is text
                sys.stderr.write("a")
                print("b", file=sys.stderr)
            assert sys.stderr is first
        assert text.getvalue() == "ab\\n" * 3
        class Odd:
            __slots__ = ()
            def write(self, text): raise KeyError(text)
        sys.stderr = Odd()
        try:
            print("c", file=sys.stderr)
        except KeyError as error:
            assert error.args == ("c",)
        sys.stderr = first
        """,
        python,
    )
    assert outcome.succeeded(), (folder / "logs/std_log.txt").read_text()
