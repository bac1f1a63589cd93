"""Run scripts on the workers of a Dask cluster, each under a launcher of its own that ends with its worker.

The record of a run there is made as that of a local one: the launcher claims the attempt, writes log, journal and exit
record. The cluster only says on which worker, and why it did not work out. It is spoken to through a `Link`.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from desktop_aml.domain.environments import BuildPlace, BuildProgress
from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.domain.targets import ClusterSpec, ClusterState
from desktop_aml.executors.absences import Absences
from desktop_aml.executors.attempt_files import AttemptFiles, Handle
from desktop_aml.executors.base import Report
from desktop_aml.executors.claims import Claim
from desktop_aml.executors.cluster.link import NOBODY, Link, View, Word
from desktop_aml.executors.local_process import (
    CLAIM_TIME_S,
    FOLDERS,
    end_of_lost,
    end_without_folder,
    end_without_owner,
    make_ready,
    make_run_folders,
)
from desktop_aml.system.children import STOP_BY_FORCE

_log = logging.getLogger(__name__)
_UP_S: Final = 40.0
_CAUSE_S: Final = 2.0
"""How long the end of a supervisor is looked into, before it is told without its cause."""

_SILENT_S: Final = 30.0
"""After so long without a word of the holder, the machines have given up what they carry out, and ended it."""
_HEARD_S: Final = 5.0
_SURE_S: Final = 2.0

SCHEDULER: Final = "DASK_SCHEDULER_ADDRESS"
SCALING: Final = "Scaling"
"""Stage of a run that waits for a node."""


class ClusterExecutor:
    """Runs scripts on a cluster. Safe to call from several threads; only `prepare` waits for the cluster.

    Parameters
    ----------
    home : Path
        Folder of this user's alone where the cluster is met.
    wake : callable
        Called from another thread when there is news of the cluster.
    """

    place: ClassVar[BuildPlace] = BuildPlace.LOCAL
    runs_scripts: ClassVar[bool] = True

    def __init__(self, spec: ClusterSpec, home: Path, wake: Callable[[], None] = lambda: None) -> None:
        self.spec = spec
        self._link = Link(spec, home, wake)
        self._asked: set[str] = set()
        self._seen: dict[str, Claim] = {}
        self._absences = Absences()
        self._since: dict[str, float] = {}
        self._refusals: dict[str, Word] = {}
        self._lock = threading.Lock()

    def change(self, spec: ClusterSpec) -> None:
        """Take other numbers of nodes from now on."""
        if spec != self.spec:
            self.spec = self._link.spec = spec
            self._link.tell({"do": "scale", "spec": spec_values(spec)})

    def state(self) -> ClusterState:
        """Return how the cluster stands, as far as it was heard."""
        return (self._link.view() or NOBODY).state

    def places(self) -> int:
        """Return how many of its runs may be under way at once: one a node."""
        return self.spec.max_nodes if self.spec.is_own else max(1, self.state().nodes)

    def travels(self) -> bool:
        """Return whether its runs can go to machines whose files are their own."""
        return self.spec.travels

    def waits_for(self, handle: str) -> BuildProgress | None:
        """Return what a run waits for that was started and has not begun."""
        view = self._link.view()
        word = view.jobs.get(Handle.parse(handle).nonce) if view is not None else None
        if view is None or word is None or word.stage != "waiting":
            return None
        return BuildProgress(SCALING, word.words or nodes_in_words(self.spec, view.state))

    def tidy(self) -> None:
        """Do nothing: only files are left behind, and they stay with their run."""

    def prepare(self, job: Job, report: Report) -> None:
        """Make the run's folders, and see that the cluster's scheduler answers.

        Raises
        ------
        PreparationError
            When the interpreter, the copy of the source or the script is missing, or the scheduler does not answer.
        """
        make_ready(job)
        report(BuildProgress(SCALING, nodes_in_words(self.spec, self.state())))
        view = self._link.wait_until_up(_UP_S)
        fault = view.state.fault or self._link.fault()
        if not view.state.is_up or fault:
            words = fault or f"The scheduler of the compute “{self.spec.name}” did not answer for {_UP_S:g} s."
            raise PreparationError(words, "See that it runs as the compute has it, and submit the run again.")

    def handle_for(self, job: Job) -> str:
        """Return the handle of `job`, before it is started."""
        return str(Handle.of("dask", job))

    def start(self, job: Job) -> None:
        """Have the run carried out once a node is free. A second start of an attempt never runs the script twice."""
        handle = self.handle_for(job)
        with self._lock:
            parsed = Handle.parse(handle)
            files = parsed.files()
            if handle in self._asked or files.claim() is not None:
                return
            files.make()
            make_run_folders(parsed.run_directory, FOLDERS)
            files.write_job(job)
            self._asked.add(handle)
        self._link.run(job.nonce, lambda view: _order(job, files, view))

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while the work goes on, else how it ended."""
        with self._lock:
            attempt = Handle.parse(handle)
            files = attempt.files()
            is_gone = self._absences.lasts(attempt, self._seen.get(handle))
            if is_gone is not False:
                return end_without_folder(attempt) if is_gone else None
            claim = self._seen.get(handle) or files.claim()
            if claim is None:
                return self._poll_unclaimed(handle, attempt, files)
            if claim.owner is None:
                return self._end_unclaimed(handle, attempt, claim) if self._absences.holds(attempt, claim) else None
            self._seen[handle] = claim
            if claim.machine:
                return self._poll_carried(attempt, claim)
            if claim.owner.is_alive():
                return None
            outcome = files.outcome()
            if outcome is not None and (files.stop_was_asked() or not self._is_doubtful(outcome)):
                return outcome
            return self._end_of_lost(handle, attempt, outcome)

    def _is_doubtful(self, outcome: RunOutcome) -> bool:
        """Whether an end that nobody asked for may be that of the node, which told the script or its launcher first."""
        return outcome.reason == "canceled" or (outcome.reason == "signal" and self.spec.batch.system is not None)

    def _poll_carried(self, attempt: Handle, claim: Claim) -> RunOutcome | None:
        """Return how a run ended whose files came home from another machine: its script can write nothing here."""
        files = attempt.files()
        outcome = files.outcome()
        if outcome is not None:
            return outcome
        view = self._link.view()
        word = view.jobs.get(attempt.nonce) if view is not None else None
        if word is not None and word.stage == "lost":
            words = word.words
        elif self._is_silent(f"silence over {attempt.nonce}", _SILENT_S):
            words = (
                f"The process that holds the compute “{self.spec.name}” has said nothing for {_SILENT_S:g} s. The run"
                f" on {claim.machine} ended with that: a machine ends what it carries out after 20 s of silence."
            )
            if files.stop_was_asked():
                canceled = RunOutcome(
                    reason="canceled", message=words, started_at=files.started_at(), ended_at=time.time()
                )
                files.end(canceled)
                return files.outcome() or canceled
        elif claim.owner is not None and claim.owner.is_alive():
            return None
        else:
            words = f"{self._scheduler_is_lost()} The run on {claim.machine} ends with it."
        lost = RunOutcome(reason="lost", message=words, started_at=files.started_at(), ended_at=time.time())
        # Who is late finds that it is over.
        files.end(lost)
        return files.outcome() or lost

    def _poll_unclaimed(self, handle: str, attempt: Handle, files: AttemptFiles) -> RunOutcome | None:
        view = self._link.view()
        if view is None or self._link.is_queued(attempt.nonce):
            return None
        word = view.jobs.get(attempt.nonce) or Word("lost", words=self._why_unknown(view, handle))
        if word.stage == "waiting":
            if files.stop_was_asked():
                self._link.tell({"do": "withdraw", "nonce": attempt.nonce})
                # Whoever begins it now finds that it is over.
                if self._is_silent(f"silence over {attempt.nonce}", _HEARD_S) and files.give_up():
                    self._refusals[handle] = word
            return None
        if word.stage in {"started", "ended"} and self._is_recent(handle, CLAIM_TIME_S):
            return None
        if files.give_up():
            self._refusals[handle] = word
        return None  # the next look tells what became of it

    def _why_unknown(self, view: View, handle: str) -> str:
        fault = view.state.fault or self._link.fault()
        if fault or handle not in self._asked:
            return fault
        return self._scheduler_is_lost()

    def _scheduler_is_lost(self) -> str:
        at = f" {self.spec.address}" if self.spec.address else ""
        return f"The scheduler{at} of the compute “{self.spec.name}” was lost."

    def _is_silent(self, mark: str, seconds: float) -> bool:
        """Whether the holder has said nothing for so long, and goes on to: this process may have stood still itself."""
        if self._link.silence_s() < seconds:
            self._since.pop(mark, None)
            return False
        return not self._is_recent(mark, _SURE_S)

    def _is_recent(self, handle: str, seconds: float) -> bool:
        now = time.monotonic()
        return now - self._since.setdefault(handle, now) < seconds

    def _end_unclaimed(self, handle: str, attempt: Handle, claim: Claim) -> RunOutcome | None:
        found = end_without_owner(attempt, claim)
        if found is None or not claim.is_void:
            return found
        if attempt.files().stop_was_asked():
            words = "The run was stopped before its script began."
            return RunOutcome(reason="canceled", message=words, ended_at=time.time())
        word = self._refusals.get(handle)
        if word is None or not word.words:
            return found
        return replace(found, reason="not_started" if word.stage == "refused" else "lost", message=word.words)

    def _end_of_lost(self, handle: str, attempt: Handle, outcome: RunOutcome | None) -> RunOutcome | None:
        """Return the end of a run whose supervisor ended before it, or with its worker."""
        cause = self._cause(handle, attempt)
        if cause is None:
            return None
        if outcome is None:
            found = end_of_lost(attempt)
            return found if found is None or not cause else replace(found, message=cause)
        if not cause and outcome.reason != "canceled":
            return outcome
        words = cause or f"The worker of the compute “{self.spec.name}” that carried out the run ended before it."
        return RunOutcome(
            reason="lost", message=words, started_at=outcome.started_at, ended_at=outcome.ended_at or time.time()
        )

    def _cause(self, handle: str, attempt: Handle) -> str | None:
        """Return what the cluster says about a loss; empty when it says nothing, None while it may still."""
        view = self._link.view()
        if view is None:
            return None
        word = view.jobs.get(attempt.nonce)
        if word is not None and word.stage == "lost":
            return word.words
        if not view.is_held:
            return self._scheduler_is_lost()
        if word is not None and word.stage == "ended":
            return ""
        return None if self._is_recent(f"end of {handle}", _CAUSE_S) else ""

    def has_begun(self, handle: str) -> bool:
        """Whether a launcher has claimed the attempt, or the attempt is over."""
        files = Handle.parse(handle).files()
        claim = files.claim()
        return (claim is not None and claim.owner is not None) or files.outcome() is not None

    def stop(self, handle: str, *, force: bool = False) -> None:
        """Ask the launcher to end the whole tree: politely, or by force at once. Safe to call twice."""
        attempt = Handle.parse(handle)
        files = attempt.files()
        # First the marker, then the look: a launcher that claims in between finds the marker.
        files.mark_stopped()
        claim = self._seen.get(handle) or files.claim()
        if claim is not None and claim.machine:
            self._link.tell({"do": "stop", "nonce": attempt.nonce, "force": force})
        elif claim is not None and claim.owner is not None:
            claim.owner.send(STOP_BY_FORCE if force else signal.SIGTERM)
        else:
            self._link.tell({"do": "withdraw", "nonce": attempt.nonce})

    def release(self, handle: str) -> None:
        """Remove what only the work needed, once its end is durable. Safe to call twice."""
        attempt = Handle.parse(handle)
        attempt.files().remove_leftovers()
        self._link.tell({"do": "forget", "nonce": attempt.nonce})
        with self._lock:
            self._asked.discard(handle)
            self._absences.forget(attempt)
            for known in (self._seen, self._refusals):
                known.pop(handle, None)
            for name in (handle, f"end of {handle}", f"silence over {attempt.nonce}"):
                self._since.pop(name, None)

    def end(self) -> None:
        """End the cluster that is held here, because the compute is wanted no more."""
        self._link.tell({"do": "end"})

    def close(self) -> None:
        """Let go of the cluster; the work goes on."""
        self._link.close()


def _order(job: Job, files: AttemptFiles, view: View) -> dict[str, Any]:
    """Return what the holder is told of a job; its script can reach the scheduler."""
    known = {SCHEDULER: view.state.address, **view.variables}
    try:
        files.write_job(replace(job, env_vars={**known, **job.env_vars}))
    except OSError as error:
        _log.warning("The script of the run %s is not told of its cluster: %s", job.run_id, error)
    return {
        "do": "run",
        "nonce": job.nonce,
        "run_directory": job.run_directory,
        "attempt": job.attempt,
        "python": job.python,
        "shared": list(job.shared_folders),
        "read_only": list(job.read_only_paths),
    }


def nodes_in_words(spec: ClusterSpec, state: ClusterState) -> str:
    """Return how many nodes there are, such as “2 of 4 nodes”."""
    if not state.is_up:
        return f"the cluster “{spec.name}” is started" if spec.is_own else f"looking for {spec.address}"
    if spec.hosts:
        return f"{sum(one.has_worker for one in state.machines)} of {len(spec.hosts)} machines"
    queued = [one.host.removeprefix("job ") for one in state.machines if one.is_queued]
    there = f"{state.nodes} of {spec.max_nodes} nodes" if spec.is_own else f"{state.nodes} nodes"
    if queued and spec.batch.system is not None:
        why = next((one.words.partition(": ")[2] for one in state.machines if one.is_queued), "")
        jobs = f"job {queued[0]}" if len(queued) == 1 else f"jobs {', '.join(queued)}"
        words = f"queued in {spec.batch.system.label}, {jobs}{': ' if why else ''}{why}"
        return f"{there}, {words}" if state.nodes else words
    busy = min(state.busy, state.nodes)
    return f"{there}, all busy" if busy and busy >= state.nodes and not state.starting else there


def spec_values(spec: ClusterSpec) -> dict[str, Any]:
    """Return a cluster's description as JSON has it."""
    import msgspec

    values: dict[str, Any] = msgspec.to_builtins(spec)
    return values
