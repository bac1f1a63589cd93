"""Runs whose work is done elsewhere: a notebook or a script that logs from a process of its own.

Nothing is started here. The process that records the run claims the attempt, holds a lock for as long as it lives, and
writes the exit record itself, in the same files as the launcher. The lock is the kernel's, so it also ends with a
process in a container, whose number means nothing here; where the number means something it is looked at, too, because
what was forked from a dead process still holds the lock.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final

from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.errors import FULL, PreparationError, disk_full
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.base import Report
from desktop_aml.executors.claims import Claim
from desktop_aml.system import locks
from desktop_aml.system.files import make_missing, make_own
from desktop_aml.system.processes import ProcessIdentity

CLAIM_TIME_S: Final = 60.0
"""How long the process may take to claim its run; it was told to the moment the run was queued."""

ATTEMPT: Final = "external"
"""Name of the attempt's folder: whoever records the run does not know how often the engine began to watch it."""

PREFIX: Final = "external:"
"""How every handle of such a run begins."""

LOCK: Final = "alive.lock"

FOLDERS: Final = ("logs", "journal", "uploads", "requests", f"attempts/{ATTEMPT}")


class ExternalExecutor:
    """Watches processes that record runs by themselves. Safe to call from several threads."""

    place: ClassVar[BuildPlace] = BuildPlace.LOCAL
    runs_scripts: ClassVar[bool] = False

    def tidy(self) -> None:
        """Do nothing: only files are left behind, and they stay with their run."""

    def prepare(self, job: Job, report: Report) -> None:  # noqa: ARG002 - nothing here takes long enough to report
        """Make the folders that the recording process writes into.

        Raises
        ------
        PreparationError
            When they cannot be made, or the folder of the run is gone.
        """
        _make_inner_folders(Path(job.run_directory))

    def handle_for(self, job: Job) -> str:
        """Return the handle of `job`: ``external:<run directory>``."""
        return f"{PREFIX}{job.run_directory}"

    def start(self, job: Job) -> None:
        """Begin to watch; the work begins when its process claims the run."""
        _make_inner_folders(Path(job.run_directory))

    def has_begun(self, handle: str) -> bool:
        """Whether a process has claimed the run, or the run is over."""
        files = _files(handle)
        return files.claim() is not None or files.outcome() is not None

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while the recording process lives, else how the run ended."""
        files = _files(handle)
        outcome = files.outcome()
        if outcome is not None:
            return outcome
        claim = files.claim()
        if claim is None:
            return None if _age_s(files.folder) < CLAIM_TIME_S or not files.give_up() else _never_claimed()
        if claim.is_void:
            return _never_claimed()
        if _is_recording(files, claim):
            return None
        # The process may have written its record between the two looks.
        return files.outcome() or _end_of_lost(files)

    def stop(self, handle: str, *, force: bool = False) -> None:  # noqa: ARG002 - there is only one way
        """End the run, not the process: it may be somebody's notebook, and goes on unrecorded. Safe to call twice."""
        files = _files(handle)
        files.mark_stopped()
        files.end(
            RunOutcome(
                reason="canceled",
                message="The run was canceled. The process that recorded it was left alone.",
                started_at=files.started_at(),
                ended_at=time.time(),
            )
        )

    def release(self, handle: str) -> None:
        """Remove what only the work needed, once its end is durable. Safe to call twice."""
        files = _files(handle)
        files.remove_leftovers()

    def close(self) -> None:
        """Do nothing: whoever records a run is on its own."""


def is_over(handle: str) -> bool:
    """Whether `ExternalExecutor.poll` would find an end; changes nothing, and reads two small files."""
    files = _files(handle)
    claim = files.claim()
    if claim is None or files.outcome() is not None:
        return files.outcome() is not None or _age_s(files.folder) >= CLAIM_TIME_S
    return claim.is_void or not _is_recording(files, claim)


def ended_as(run_directory: Path) -> RunOutcome | None:
    """Return the end of a run that its recording process has written, or that its death makes; None while it goes on.

    Changes nothing.
    """
    files = AttemptFiles(run_directory / "attempts" / ATTEMPT)
    claim = files.claim()
    if claim is None or files.outcome() is not None or (not claim.is_void and _is_recording(files, claim)):
        return files.outcome()
    return RunOutcome(reason="lost", ended_at=time.time())


def record_for(run_directory: Path, recorder: ProcessIdentity) -> AttemptFiles | None:
    """Claim a run for a process that records it through this one; None when another has it, or it is over.

    The process holds no lock: it is looked at alone, so it must be one of this computer, numbered as here.
    """
    files = AttemptFiles(run_directory / "attempts" / ATTEMPT)
    files.make()
    return files if files.claim_for(recorder) else None


def _is_recording(files: AttemptFiles, claim: Claim) -> bool:
    owner = claim.owner
    if owner is not None and files.is_numbered_like_here() and not owner.is_alive():
        return False
    return (owner is not None and files.needs_no_lock()) or locks.is_held(files.folder / LOCK)


def make_folders(run_directory: Path) -> None:
    """Make the folder of a new run, and what a recording process writes into."""
    _make_inner_folders(run_directory, is_new=True)


def _make_inner_folders(run_directory: Path, *, is_new: bool = False) -> None:
    try:
        if is_new:
            make_missing(run_directory, within=run_directory.parent)
        for name in FOLDERS:
            make_own(run_directory / name, within=run_directory)
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(run_directory, error) from error
        raise PreparationError(
            f"The folder of the run, “{run_directory}”, cannot be made: {error.strerror}.",
            "Check that the workspace's folder can be written.",
        ) from error


def _files(handle: str) -> AttemptFiles:
    return AttemptFiles(Path(handle.removeprefix(PREFIX)) / "attempts" / ATTEMPT)


def _age_s(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return CLAIM_TIME_S


def _never_claimed() -> RunOutcome:
    return RunOutcome(
        reason="not_started", message="The process that wanted to record this run never began.", ended_at=time.time()
    )


def _end_of_lost(files: AttemptFiles) -> RunOutcome:
    with suppress(OSError):
        files.mark_stopped()
    return RunOutcome(
        reason="lost",
        message="The process that recorded this run ended without complete() or fail(), so how it ended is not known.",
        started_at=files.started_at() or time.time(),
        ended_at=time.time(),
    )
