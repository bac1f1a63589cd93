"""The places that executors run scripts in, as the contract suite sees them; another executor joins with a class."""

from __future__ import annotations

import json
import os
import signal
import sys
import uuid
from pathlib import Path

import psutil

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.base import Executor
from desktop_aml.executors.local_process import LocalProcessExecutor
from tests.conftest import wait_until


class LocalPlace:
    """Processes of this computer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._family: set[int] = set()

    def remember_family(self, job: Job) -> None:
        """Remember who descends from the launcher now, so that those without the mark are found later, too."""
        launcher = psutil.Process(self._recorded(job, "claim.json"))
        self._family.update(child.pid for child in launcher.children(recursive=True))

    def executor(self) -> Executor:
        """Return a new executor: what an engine has after a restart."""
        return LocalProcessExecutor()

    def job(self, text: str, /, **options: object) -> Job:
        """Return a job in a run folder of its own whose script has this text."""
        run_directory = self.root / uuid.uuid4().hex
        (run_directory / "snapshot").mkdir(parents=True)
        name = str(options.get("script", "train.py"))
        if name != "missing.py":
            (run_directory / "snapshot" / name).write_text(text)
        values = {
            "run_id": run_directory.name,
            "attempt": 1,
            "run_directory": str(run_directory),
            "python": sys.executable,
            "script": name,
            "nonce": uuid.uuid4().hex,
            "grace_s": 0.3,
            "env_vars": {"PATH": os.environ["PATH"], "TEST_MARK": os.environ.get("TEST_MARK", "")},
        }
        return Job(**{**values, **options})

    def snapshot(self, job: Job) -> Path:
        """Return the script's working directory, seen from the test."""
        return Path(job.run_directory) / "snapshot"

    def log(self, job: Job) -> str:
        """Return what the script wrote to its standard output and error."""
        return (Path(job.run_directory) / "logs" / "std_log.txt").read_text()

    def alive(self, job: Job) -> list[psutil.Process]:
        """Return the living processes of the attempt, but its launcher: descendants and bearers of its mark."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("DESKTOP_AML_NONCE") == job.nonce or process.pid in self._family
                if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def kill_supervisor(self, job: Job) -> None:
        """End by force what watches the script."""
        os.kill(self._recorded(job, "claim.json"), signal.SIGKILL)

    def signal_script(self, job: Job, number: int) -> None:
        """Signal the script's own process."""
        os.kill(self._recorded(job, "process.json"), number)

    def _recorded(self, job: Job, name: str) -> int:
        text = (Path(job.run_directory) / "attempts" / str(job.attempt) / name).read_text()
        return int(json.loads(text)["pid"])


PLACES = {"local": LocalPlace}


def begin(place: LocalPlace, executor: Executor, job: Job, *, until: str = "ready") -> str:
    """Start a job and wait until its script has made the file `until` in its working directory."""
    executor.prepare(job, lambda _: None)
    handle = executor.handle_for(job)
    executor.start(job)
    wait_until((place.snapshot(job) / until).exists, f"the script's file {until}")
    place.remember_family(job)
    return handle


def finish(executor: Executor, handle: str) -> RunOutcome:
    """Poll until the work is over and return how it ended."""
    outcomes: list[RunOutcome] = []

    def is_over() -> bool:
        outcome = executor.poll(handle)
        if outcome is not None:
            outcomes.append(outcome)
        return outcome is not None

    wait_until(is_over, "the end of the work")
    return outcomes[0]


def carry_out(executor: Executor, job: Job) -> RunOutcome:
    """Start a job and return how it ended."""
    handle = executor.handle_for(job)
    executor.start(job)
    return finish(executor, handle)
