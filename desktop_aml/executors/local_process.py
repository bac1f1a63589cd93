"""Run scripts as processes of this computer, each under a launcher of its own that outlives the engine.

The engine's process never becomes a script's parent: it starts the launcher and afterwards only reads files and sends
signals. Whatever happens to either, the attempt's claim decides whether the script may run, once.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.absences import Absences
from desktop_aml.executors.attempt_files import AttemptFiles, Handle
from desktop_aml.executors.base import Report
from desktop_aml.executors.claims import Claim
from desktop_aml.executors.warm.parents import Answer, Request, WarmParents, launcher_env_vars
from desktop_aml.executors.warm.plan import Plan, plan
from desktop_aml.system import clock
from desktop_aml.system.children import KILL, STOP_BY_FORCE, collect
from desktop_aml.system.files import append_to_regular, make_missing, make_own, own_folder
from desktop_aml.system.processes import find_bearers, tell_end

_log = logging.getLogger(__name__)

NONCE_VARIABLE: Final = "DESKTOP_AML_NONCE"
"""Environment variable that every process of an attempt bears."""

LAUNCHER_LOG: Final = "launcher.log"

LAUNCHER: Final = Path(__file__).resolve().parent.parent / "inside_run" / "launcher.py"

CLAIM_TIME_S: Final = 30.0
"""How long a launcher of ours may take to claim its attempt; a healthy one needs less than 0.1 s."""

FOLDERS: Final = ("snapshot/outputs", "snapshot/logs", "logs", "journal", "uploads", "requests")


@dataclass(slots=True)
class _Launch:
    """A launcher that this process started, or asked a warm interpreter for.

    Parameters
    ----------
    pid : int
        0 for one that is no child of this process.
    exit_code : int or None
        None until it is reaped.
    """

    pid: int
    since: float
    python: str
    exit_code: int | None = None
    asked: Request | None = None


def _nobody() -> None:
    """Hear nothing."""


class LocalProcessExecutor:
    """Runs scripts on this computer. Safe to call from several threads.

    Parameters
    ----------
    ended : callable
        Called from another thread when a launcher has ended, so that nobody need wait for the next look. Launchers
        of an earlier engine end without a call.
    warm : bool
        Whether runs may be forked from an interpreter that has imported what they import.
    """

    place: ClassVar[BuildPlace] = BuildPlace.LOCAL
    runs_scripts: ClassVar[bool] = True

    def __init__(self, ended: Callable[[], None] = _nobody, *, warm: bool = False) -> None:
        self._ended = ended
        self.warm = warm
        self._parents = WarmParents(launcher_env_vars(), ended)
        self._plans: dict[str, Plan] = {}
        self._launches: dict[str, _Launch] = {}
        self._seen: dict[str, Claim] = {}
        self._absences = Absences()
        self._finished: list[_Launch] = []
        self._lock = threading.Lock()

    def tidy(self) -> None:
        """Do nothing: only files are left behind, and they stay with their run."""

    def prepare(self, job: Job, report: Report) -> None:  # noqa: ARG002 - nothing here takes long enough to report
        """Make the run's folders and check that interpreter and script are there.

        Raises
        ------
        PreparationError
            When the interpreter, the copy of the source or the script is missing.
        """
        make_ready(job)
        if self.warm and job.may_be_warm:
            self._plans[self.handle_for(job)] = plan(job)

    def handle_for(self, job: Job) -> str:
        """Return the handle of `job`, before it is started."""
        return str(Handle.of("local", job))

    def start(self, job: Job) -> None:
        """Begin. A second start of the same attempt never runs the script twice."""
        handle = self.handle_for(job)
        with self._lock:
            files = Handle.parse(handle).files()
            if handle in self._launches or files.claim() is not None:
                return
            files.make()
            make_own(Path(job.run_directory) / "logs", within=Path(job.run_directory))
            files.write_job(job, lasts=False)
            why_cold = self._ask_warm(handle, job)
            if why_cold is not None:
                self._launch(handle, job.python, why_cold)

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while the work goes on, else how it ended."""
        with self._lock:
            self._reap()
            parsed = Handle.parse(handle)
            files = parsed.files()
            is_gone = self._absences.lasts(parsed, self._seen.get(handle))
            if is_gone is not False:
                outcome = end_without_folder(parsed) if is_gone else None
                if outcome is not None:
                    _end_child(self._launches.get(handle))
                return outcome
            claim = self._claim(handle, files)
            if claim is None:
                return self._poll_unclaimed(handle, files)
            if claim.owner is None:
                return end_without_owner(parsed, claim) if self._absences.holds(parsed, claim) else None
            # The script can write a record, too: only a launcher that is gone has said its last word.
            return None if claim.owner.is_alive() else files.outcome() or end_of_lost(parsed)

    def _claim(self, handle: str, files: AttemptFiles) -> Claim | None:
        """Return the claim of the attempt; once its launcher was seen, no change of the claim makes it another."""
        seen = self._seen.get(handle)
        if seen is not None:
            return seen
        claim = files.claim()
        if claim is not None and claim.owner is not None:
            self._seen[handle] = claim
        return claim

    def has_begun(self, handle: str) -> bool:
        """Whether a launcher has claimed the attempt, or the attempt is over."""
        files = Handle.parse(handle).files()
        claim = files.claim()
        return (claim is not None and claim.owner is not None) or files.outcome() is not None

    def stop(self, handle: str, *, force: bool = False) -> None:
        """Ask the launcher to end the whole tree: politely, or by force at once. Safe to call twice."""
        files = Handle.parse(handle).files()
        # First the marker, then the look: a launcher that claims in between finds the marker.
        files.mark_stopped()
        with self._lock:
            claim = self._claim(handle, files)
        if claim is not None and claim.owner is not None:
            claim.owner.send(STOP_BY_FORCE if force else signal.SIGTERM)

    def release(self, handle: str) -> None:
        """Remove what only the work needed, once its end is durable. Safe to call twice."""
        with self._lock:
            parsed = Handle.parse(handle)
            parsed.files().remove_leftovers()
            self._absences.forget(parsed)
            self._seen.pop(handle, None)
            launch = self._launches.pop(handle, None)
            self._plans.pop(handle, None)
            if launch is not None:
                self._finished.append(launch)
            self._reap()

    def close(self) -> None:
        """Let warm interpreters end; launchers are on their own from the start, and who still waits for one begins."""
        with self._lock:
            self._parents.close()
            for handle, launch in list(self._launches.items()):
                if launch.asked is not None and launch.asked.answer is Answer.REFUSED:
                    with suppress(OSError):
                        self._launch(handle, launch.python, launch.asked.words)

    def _ask_warm(self, handle: str, job: Job) -> str | None:
        """Have the attempt forked from a warm interpreter; return why it is started cold, where it is to be."""
        wanted = self._plans.pop(handle, None)
        if not (self.warm and job.may_be_warm):
            return ""
        wanted = wanted or plan(job)
        found = self._parents.ask(wanted, job.run_directory, job.attempt, begin=job.has_followers)
        if isinstance(found, str):
            return found if job.has_followers else ""
        self._launches[handle] = _Launch(0, clock.monotonic(), job.python, asked=found)
        return None

    def _launch(self, handle: str, python: str, why_cold: str = "") -> None:
        """Start a launcher, by this program's own interpreter when the run's cannot be executed."""
        parsed = Handle.parse(handle)
        if why_cold:
            parsed.files().note_cold(why_cold)
        for interpreter in dict.fromkeys((python, sys.executable)):
            try:
                pid = _spawn(interpreter, parsed.run_directory, parsed.attempt)
            except OSError:
                if interpreter == sys.executable:
                    raise
                continue
            self._launches[handle] = _Launch(pid, clock.monotonic(), interpreter)
            tell_end(pid, self._ended)
            return

    def _poll_unclaimed(self, handle: str, files: AttemptFiles) -> RunOutcome | None:
        launch = self._launches.get(handle)
        if launch is not None and launch.asked is not None:
            answer = self._parents.look(launch.asked)
            if answer is Answer.REFUSED:
                self._launch(handle, launch.python, launch.asked.words)
                return None
            if answer is Answer.WAITS:
                launch.since = clock.monotonic()
        if launch is not None and launch.exit_code is None and clock.monotonic() - launch.since < CLAIM_TIME_S:
            return None
        ended_early = launch is not None and launch.exit_code is not None and launch.python != sys.executable
        if ended_early and files.claim() is None:
            # The run's interpreter could not even run the launcher; ours can, and will say what is wrong.
            self._launch(handle, sys.executable)
            return None
        if not files.give_up():
            return None
        _end_child(launch)
        return None  # the next look tells what became of it

    def _reap(self) -> None:
        """Collect our launchers that have ended, so that none stays as a zombie."""
        for launch in (*self._launches.values(), *self._finished):
            if launch.exit_code is None and launch.pid:
                try:
                    launch.exit_code = collect(launch.pid)
                except ChildProcessError:
                    launch.exit_code = 0
        self._finished = [launch for launch in self._finished if launch.exit_code is None and launch.pid]


def make_ready(job: Job) -> None:
    """Make the run's folders and check that interpreter and script are there; see `LocalProcessExecutor.prepare`."""
    run_directory = Path(job.run_directory)
    if not (run_directory / "snapshot").is_dir():
        raise PreparationError(f"The run's copy of the source is missing: {run_directory / 'snapshot'}.")
    if not (run_directory / "snapshot" / job.script).is_file():
        raise PreparationError(
            f"The script {job.script} is not in the run's copy of the source.",
            "Check the script's name, and that the ignore file does not leave it out.",
        )
    if not os.access(job.python, os.X_OK):
        raise PreparationError(
            f"The interpreter {job.python} is missing or may not be executed.", "Build the environment again."
        )
    # That of the attempt, too: where it is missing later, somebody has removed it, and not an engine died early.
    make_run_folders(run_directory, (*FOLDERS, f"attempts/{job.attempt}"))


def make_run_folders(run_directory: Path, names: Iterable[str]) -> None:
    """Make folders of a run; a link that an earlier attempt's script put in the place of one is refused.

    Raises
    ------
    PreparationError
        When there is such a link.
    """
    make_missing(run_directory, within=run_directory.parent)
    for name in names:
        try:
            make_own(run_directory / name, within=run_directory)
        except NotADirectoryError as error:
            raise PreparationError(
                f"“{name}” in the folder of the run is no folder by itself, or lies behind a link.",
                "A script of the run put it there. Run it again: a new run has folders of its own.",
            ) from error


@contextmanager
def launcher_log(run_directory: Path) -> Iterator[BinaryIO]:
    """Open the log of a run's launchers to add to it; no link that a script put in its place is followed.

    Raises
    ------
    OSError
        When its folder is gone, or something else is there.
    """
    with (
        own_folder(run_directory / "logs", within=run_directory) as place,
        append_to_regular(place / LAUNCHER_LOG) as log,
    ):
        yield log


def _spawn(python: str, run_directory: Path, attempt: int) -> int:
    """Start a detached launcher and return its process id.

    Nothing is forked with Python code in between: this process may have threads, Qt and an open database.
    """
    with launcher_log(run_directory) as log:
        process = subprocess.Popen(
            [python, "-I", "-S", str(LAUNCHER), str(run_directory), str(attempt)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=launcher_env_vars(),
            start_new_session=True,
            close_fds=True,
        )
    pid = process.pid
    # It shall outlive this process, and it is reaped by its number: `Popen` must not warn or wait.
    process.returncode = 0
    return pid


def _end_child(launch: _Launch | None) -> None:
    """Kill a launcher that is a child of this process; one that was forked elsewhere finds that it may not claim."""
    if launch is not None and launch.exit_code is None and launch.pid:
        os.kill(launch.pid, KILL)  # not yet reaped: the number is still its own


def _never_began(message: str) -> RunOutcome:
    return RunOutcome(reason="lost", message=message, ended_at=time.time())


def end_without_owner(attempt: Handle, claim: Claim) -> RunOutcome | None:
    """Return the end of an attempt that nobody owns: nothing of it ran, unless its script made away with the claim."""
    if kill_bearers(attempt, "its claim names no supervisor"):
        return None
    if claim.is_void and not attempt.files().script_was_started():
        return _never_began("The run's supervisor did not start in time.")
    return attempt.files().outcome() or end_of_lost(attempt)


def kill_bearers(attempt: Handle, why: str) -> bool:
    """Kill what a script left behind, and put down who did it and why; False once nothing is alive."""
    leftovers = find_bearers(NONCE_VARIABLE, attempt.nonce) or find_bearers(NONCE_VARIABLE, attempt.nonce)
    for identity in leftovers:
        if identity.send(KILL):
            _note_kill(attempt, f"killed the process {identity.pid}: {why}")
    return bool(leftovers)


def _note_kill(attempt: Handle, words: str) -> None:
    _log.warning("%s, attempt %d: %s.", attempt.run_directory.name, attempt.attempt, words)
    with suppress(OSError), launcher_log(attempt.run_directory) as log:
        log.write(f"{time.time():.3f} engine {os.getpid()}: {words}\n".encode())


def end_without_folder(attempt: Handle) -> RunOutcome | None:
    """End a script whose folder is gone: nothing that it still does could be kept or told.

    The outcome is given once nothing of it is alive.
    """
    what = "attempt" if attempt.run_directory.is_dir() else "run"
    if kill_bearers(attempt, f"the folder of the {what} is gone"):
        return None
    now = time.time()
    words = f"The folder of the {what} was removed while it went on. What was left of the run was ended."
    return RunOutcome(reason="lost", message=words, started_at=now, ended_at=now)


def end_of_lost(attempt: Handle) -> RunOutcome | None:
    """End what a dead launcher left behind; the outcome is given once nothing is alive."""
    if kill_bearers(attempt, "its supervisor is gone and left no record of the end"):
        return None
    files = attempt.files()
    if not files.script_was_started():
        return _never_began("The run's supervisor was killed before the script began.")
    return RunOutcome(
        reason="lost",
        message="The run's supervisor was killed, so how the script ended is not known. What was left of it was ended.",
        started_at=files.started_at(),
        ended_at=time.time(),
    )
