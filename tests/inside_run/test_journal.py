"""A signal handler may log at any moment, also in the middle of logging: nothing is lost, doubled or raised."""

from __future__ import annotations

import pytest

from tests.inside_run.conftest import RunFolder


def test_a_signal_handler_may_log_in_the_middle_of_logging(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        """
import itertools, signal
from azureml.core import Run
run = Run.get_context()
numbers, calls = itertools.count(), []
def tick(*_):
    calls.append(run.log("handler", next(numbers)))
signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
step = 0
while len(calls) < 20:
    run.log("main", step)
    step += 1
signal.signal(signal.SIGALRM, signal.SIG_IGN)
print(step, len(calls))
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    steps, calls = map(int, done.stdout.split())
    assert run_folder.metrics("main") == list(range(steps))
    assert sorted(run_folder.metrics("handler")) == list(range(calls))


MOMENTS = {
    "the file is being made": "'open', lambda path, *_: str(path).endswith('.jsonl')",
    "a record is being written": "'write', lambda descriptor, data: b'\"main\"' in bytes(data)",
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_handler_logs_in_the_worst_moment(run_folder: RunFolder, edge_python: str, moment: str, place: str) -> None:
    done = run_folder.script(
        edge_python,
        f"""
import os, signal
from azureml.core import Run
run = Run.get_context()
signal.signal(signal.SIGUSR1, lambda *_: run.log("handler", 1))
def interrupt(name, is_meant, place={place!r}, done=[]):
    real = getattr(os, name)
    def interrupted(*given):
        now = is_meant(*given) and not done
        if now:
            done.append(1)
        if now and place == "before":
            os.kill(os.getpid(), signal.SIGUSR1)
        answer = real(*given)
        if now and place == "after":
            os.kill(os.getpid(), signal.SIGUSR1)
        return answer
    setattr(os, name, interrupted)
interrupt({MOMENTS[moment]})
for step in range(3):
    run.log("main", step)
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert run_folder.metrics("main") == [0, 1, 2]
    assert run_folder.metrics("handler") == [1]
