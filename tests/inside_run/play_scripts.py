"""Runs plain scripts one after the other in one process, as a run does, and keeps what each printed.

Called as ``python play_scripts.py FOLDER``, where ``FOLDER/NAME/train.py`` are the scripts; beside each folder it
leaves ``out-NAME``, ``err-NAME`` and ``end-NAME``.
"""

import os
import runpy
import sys
import warnings
from pathlib import Path


def play(folder):
    """Run the script of a folder, in that folder."""
    os.chdir(folder)
    sys.argv = ["train.py"]
    warnings.resetwarnings()
    kept = [os.dup(1), os.dup(2)]
    for number, name in ((1, "../out-"), (2, "../err-")):
        target = os.open(name + folder.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, number)
        os.close(target)
    end = 0
    try:
        runpy.run_path("train.py", run_name="__main__")
    except SystemExit as error:
        end = error.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        end = 1
    sys.stdout.flush()
    sys.stderr.flush()
    for number, old in zip((1, 2), kept):  # noqa: B905 - older Pythons run this
        os.dup2(old, number)
        os.close(old)
    Path("../end-" + folder.name).write_text(str(end))


if __name__ == "__main__":
    root = Path(sys.argv[1]).resolve()
    for one in sorted(path for path in root.iterdir() if path.is_dir()):
        play(one)
