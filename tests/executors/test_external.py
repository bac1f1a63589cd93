"""Runs that another process records: claimed, held, ended, lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors import external
from desktop_aml.executors.external import ExternalExecutor
from tests.conftest import wait_until
from tests.inside_run.conftest import SITE

RECORDS = """
import os, sys
sys.path.insert(0, sys.argv[1])
from desktop_aml_run.attempt import OwnAttempt
attempt = OwnAttempt(sys.argv[2])
print(attempt.claim(), flush=True)
{rest}
for line in sys.stdin:
    print(attempt.end(int(line), "as told"), flush=True)
"""


class Recorder:
    """Another process that claims a run and ends it when it is told to."""

    def __init__(self, run_directory: Path, python: str = sys.executable, rest: str = "") -> None:
        self.process = subprocess.Popen(
            [python, "-c", RECORDS.format(rest=rest), str(SITE), str(run_directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.claimed = self.process.stdout.readline().strip() == "True"

    def end(self, exit_code: int) -> bool:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{exit_code}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() == "True"

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(run_id="r", attempt=1, run_directory=str(tmp_path / "r"), python="", script="", nonce=uuid.uuid4().hex)
    Path(made.run_directory).mkdir()
    ExternalExecutor().prepare(made, lambda _: None)
    return made


@pytest.fixture
def executor(job: Job) -> ExternalExecutor:
    made = ExternalExecutor()
    made.start(job)
    return made


@pytest.fixture
def recorder(job: Job) -> Iterator[Recorder]:
    made = Recorder(Path(job.run_directory))
    yield made
    made.close()


def handle(job: Job) -> str:
    return ExternalExecutor().handle_for(job)


def over(executor: ExternalExecutor, job: Job) -> RunOutcome:
    wait_until(lambda: executor.poll(handle(job)) is not None, "the end of the work")
    outcome = executor.poll(handle(job))
    assert outcome
    return outcome


def test_the_recorder_begins_holds_and_ends_the_run(executor: ExternalExecutor, job: Job) -> None:
    assert not executor.has_begun(handle(job))
    assert executor.poll(handle(job)) is None
    recorder = Recorder(Path(job.run_directory))
    assert recorder.claimed
    assert executor.has_begun(handle(job))
    assert executor.poll(handle(job)) is None
    assert ExternalExecutor().poll(handle(job)) is None, "another engine finds it by its handle alone"
    assert recorder.end(0)
    assert executor.poll(handle(job)).succeeded()
    recorder.close()
    assert executor.poll(handle(job)).succeeded()


def test_a_failure_keeps_its_words(executor: ExternalExecutor, job: Job, recorder: Recorder) -> None:
    assert recorder.end(1)
    outcome = over(executor, job)
    assert (outcome.reason, outcome.exit_code, outcome.message) == ("exit", 1, "as told")
    assert outcome.started_at <= outcome.ended_at


def test_a_second_process_cannot_take_the_run(executor: ExternalExecutor, job: Job, recorder: Recorder) -> None:
    assert recorder.end(0)
    second = Recorder(Path(job.run_directory))
    assert not second.claimed
    second.close()


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_recorder_that_dies_leaves_the_run_lost(
    executor: ExternalExecutor, job: Job, recorder: Recorder, number: signal.Signals
) -> None:
    recorder.process.send_signal(number)
    recorder.process.wait()
    outcome = over(executor, job)
    assert outcome.was_lost()
    assert not outcome.was_lost_before_start()
    assert "without complete() or fail()" in outcome.message


@pytest.mark.kill
def test_what_was_forked_from_a_dead_recorder_does_not_keep_the_run_alive(executor: ExternalExecutor, job: Job) -> None:
    rest = "pid = os.fork()\nif pid == 0:\n    import time\n    time.sleep(600)\nprint(pid, flush=True)"
    recorder = Recorder(Path(job.run_directory), rest=rest)
    child = int(recorder.process.stdout.readline())
    recorder.process.kill()
    recorder.process.wait()
    try:
        assert over(executor, job).was_lost()
    finally:
        os.kill(child, signal.SIGKILL)
        recorder.close()


@pytest.mark.kill
def test_the_lock_alone_tells_of_a_process_whose_number_means_nothing_here(
    executor: ExternalExecutor, job: Job, recorder: Recorder
) -> None:
    # As from a container: its process ids are those of another namespace.
    for name, old, new in (("process.json", '"pid:[', '"pid:[9'), ("claim.json", '"pid": ', '"pid": 4')):
        path = Path(job.run_directory) / "attempts" / external.ATTEMPT / name
        path.write_text(path.read_text().replace(old, new))
    assert executor.poll(handle(job)) is None
    recorder.close()
    assert over(executor, job).was_lost()


def test_a_run_that_nobody_takes_up_is_given_up(
    executor: ExternalExecutor, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert executor.poll(handle(job)) is None
    monkeypatch.setattr(external, "CLAIM_TIME_S", 0.0)
    outcome = executor.poll(handle(job))
    assert outcome.reason == "not_started"
    late = Recorder(Path(job.run_directory))
    assert not late.claimed
    late.close()
    assert executor.poll(handle(job)).reason == "not_started"


def test_a_stop_ends_the_run_and_leaves_the_process_alone(
    executor: ExternalExecutor, job: Job, recorder: Recorder
) -> None:
    executor.stop(handle(job))
    executor.stop(handle(job), force=True)
    assert over(executor, job).reason == "canceled"
    assert recorder.process.poll() is None
    assert not recorder.end(0), "the end is written already"
    assert over(executor, job).reason == "canceled"


def test_release_may_be_repeated_and_keeps_the_end(executor: ExternalExecutor, job: Job, recorder: Recorder) -> None:
    recorder.end(0)
    executor.release(handle(job))
    executor.release(handle(job))
    assert executor.poll(handle(job)).succeeded()
    kept = {path.name for path in (Path(job.run_directory) / "attempts" / external.ATTEMPT).iterdir()}
    assert kept == {"claim.json", "exit.json", "process.json"}


@pytest.mark.timing
def test_looking_costs_little(executor: ExternalExecutor, job: Job, recorder: Recorder) -> None:
    started = time.perf_counter()
    for _ in range(100):
        assert executor.poll(handle(job)) is None
    assert (time.perf_counter() - started) / 100 < 0.02
