"""Run a command line in place of a script: ``python command_runner.py LINE [ARGUMENTS]``, in the run's environment.

The shell takes the place of this process, so that the run's output, signals and exit code are the command's own; the
``python`` of the line is the environment's, which stands first on ``PATH``. Standard library; Python 3.6 to 3.13.
"""

import os
import shlex
import shutil
import sys


def main(line: str, arguments: "list[str]") -> int:
    """Become the shell that runs `line`; return an exit code only where there is none."""
    shell = shutil.which("bash") or shutil.which("sh")
    if shell is None:
        sys.stderr.write("command: error: There is no shell here to run this with: {}\n".format(line))
        return 127
    os.execv(shell, [shell, "-c", " ".join([line, *map(shlex.quote, arguments)])])  # noqa: S606 - the user's own code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
