"""An executor without processes: a test says how a script ends. Its files are those of a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.attempt_files import AttemptFiles, Handle
from desktop_aml.executors.base import Report
from desktop_aml.executors.local_process import FOLDERS


class ScriptedExecutor:
    """Runs nothing. Every script that was started goes on until `end` is called for its run."""

    place: ClassVar[BuildPlace] = BuildPlace.LOCAL
    runs_scripts: ClassVar[bool] = True

    def __init__(self) -> None:
        self.started: list[str] = []
        self._outcomes: dict[str, RunOutcome] = {}

    def tidy(self) -> None:
        """Nothing is left."""

    def prepare(self, job: Job, report: Report) -> None:
        for name in FOLDERS:
            (Path(job.run_directory) / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def handle_for(self, job: Job) -> str:
        return str(Handle.of("local", job))

    def start(self, job: Job) -> None:
        files = Handle.of("local", job).files()
        files.folder.mkdir(parents=True, exist_ok=True)
        files.write_job(job)
        (files.folder / "claim.json").write_text(
            json.dumps({"pid": 1 << 22, "start_time": 1, "boot_id": "x", "nonce": job.nonce})
        )
        self.started.append(job.run_id)

    def has_begun(self, handle: str) -> bool:
        return _files(handle).claim() is not None

    def poll(self, handle: str) -> RunOutcome | None:
        return _files(handle).outcome()

    def stop(self, handle: str, *, force: bool = False) -> None:
        _files(handle).end(RunOutcome(reason="canceled", started_at=1.0, ended_at=2.0))

    def end(self, run_directory: Path, attempt: int, outcome: RunOutcome) -> bool:
        """Let the script of a run end."""
        files = AttemptFiles(run_directory / "attempts" / str(attempt))
        return files.claim() is not None and files.end(outcome)

    def release(self, handle: str) -> None:
        _files(handle).remove_leftovers()

    def close(self) -> None:
        """Nothing was opened."""


def _files(handle: str) -> AttemptFiles:
    return Handle.parse(handle).files()
