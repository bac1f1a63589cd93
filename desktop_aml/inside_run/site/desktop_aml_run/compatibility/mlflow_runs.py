"""MLflow in a script of several processes: the first run that the script starts is the submitted one.

MLflow goes on with the run that ``MLFLOW_RUN_ID`` names, and takes the variable away. The workers of a pool that began
before have it still, each of them, and all would write into one run. A script without workers has a run of its own for
each `start_run` after its first; so it is with them now, too. Only workers of `multiprocessing`, and of what is built
on it, such as joblib's: a program that was started apart, by ``subprocess`` or a shell, goes on with the submitted run.

Python 3.6 to 3.14.
"""

import os
import sys

from desktop_aml_run import CAREFUL, belonging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


NAME = "first_tracked.txt"
"""In the run's ``logs``: a line for each process that asked, of its program and of itself; the first one has it."""

_RUN = "MLFLOW_RUN_ID"
_TAKEN = "DESKTOP_AML_MLFLOW_RUN_TAKEN"
"""The run, once a process of this program took it: who finds `_RUN` beside this was given it on purpose."""

_MOST_BYTES = 1 << 20


def patch(fluent: "Any") -> None:
    """Look at the variable before `start_run` of the module `mlflow.tracking.fluent` does."""
    from desktop_aml_run.callers import passing_on, stands_for

    start = fluent.start_run

    @stands_for(start)
    def start_run(*args: "Any", **keywords: "Any") -> "Any":
        if (args[0] if args else keywords.get("run_id")) is None:
            let_the_first_have_it()
        with passing_on:
            return start(*args, **keywords)

    fluent.start_run = start_run


def let_the_first_have_it() -> None:
    """Take the variable away from this process where another one of the same program was first to begin a run."""
    found, folder = os.environ.get(_RUN), belonging.run_directory()
    if not found or found != belonging.variable(belonging.RUN_ID) or not folder or os.environ.get(_TAKEN) == found:
        return
    try:
        is_first = _is_first(os.path.join(folder, "logs", NAME))
    except OSError:
        return
    if is_first:
        os.environ[_TAKEN] = found
    else:
        del os.environ[_RUN]


def _is_first(path: str) -> bool:
    program, own = _identity(_parent_of_worker() or os.getpid()), _identity(os.getpid())
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | CAREFUL, 0o600)
    try:
        # Said before it is looked who was first: of two at once both see both, in one order.
        if os.fstat(descriptor).st_size < _MOST_BYTES:
            os.write(descriptor, "{} {}\n".format(program, own).encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        lines = os.read(descriptor, 2 * _MOST_BYTES).decode("ascii", "replace").splitlines()
    finally:
        os.close(descriptor)
    takers = [line.split(" ")[-1] for line in lines if line.split(" ")[0] == program]
    return not takers or takers[0] == own


def _parent_of_worker() -> "int | None":
    """Return which process made this one its worker; None where this is a program of its own."""
    processes = sys.modules.get("multiprocessing.process")
    # Where a worker was forked by a server of forks, that is not its parent for the system.
    found = getattr(processes.current_process(), "_parent_pid", None) if processes is not None else None
    return found if isinstance(found, int) else None


def _identity(pid: int) -> str:
    """Return a process's number and when it began: numbers come again, also in the next attempt of a run."""
    try:
        with open("/proc/{}/stat".format(pid), "rb") as stream:
            return "{}.{}".format(pid, stream.read().rpartition(b")")[2].split()[19].decode())
    except (OSError, IndexError):
        return str(pid)
