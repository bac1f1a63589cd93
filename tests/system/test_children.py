"""Children: groups of them are signalled, and how they ended is asked once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from desktop_aml.system import children, forking
from tests.conftest import wait_until

WAIT = "import time; time.sleep(60)"
PAIR = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-S', '-c', {WAIT!r}])\n{WAIT}"


def test_a_signal_reaches_the_whole_group_of_a_child() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", PAIR], start_new_session=True, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        children.signal_group(child.pid, children.KILL)
        # Both have the pipe: its end is the end of both.
        assert child.stdout.read() == b""
    assert child.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        children.signal_group(child.pid, children.KILL)


@pytest.mark.parametrize(("ends", "code"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 15)", -15)])
def test_how_a_child_ended_is_told_once(ends: str, code: int) -> None:
    reading, writing = os.pipe()
    child = subprocess.Popen([sys.executable, "-S", "-c", f"import os; os.read(0, 1); {ends}"], stdin=reading)
    os.close(reading)
    assert children.collect(child.pid) is None
    os.close(writing)
    found: list[int | None] = []
    wait_until(lambda: (found.append(children.collect(child.pid)) or found[-1]) is not None)
    assert found[-1] == code
    with pytest.raises(ChildProcessError):
        children.collect(child.pid)
    child.returncode = code


def test_a_fork_goes_on_in_both() -> None:
    reading, writing = os.pipe()
    pid = forking.fork()
    if not pid:
        os.write(writing, b"%d" % os.getpid())
        os._exit(3)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        assert told.read() == b"%d" % pid
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
