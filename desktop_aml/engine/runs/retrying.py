"""Another attempt of a run whose end nobody saw, or that something else killed; of one that failed where it is wanted.

What the attempt logged is put aside in its folder, so that nothing is counted twice; what it wrote as files stays, so
that a script finds what it saved. First the files, then the record: an engine that dies in between does both again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from desktop_aml.domain.organising.needs import RETRIED, Needs
from desktop_aml.domain.runs import RunEvent, RunOutcome, RunState
from desktop_aml.engine.core.context import Desk
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.engine.runs.transitions import RunMoves
from desktop_aml.run_folder.collect import CONTROL_LOG
from desktop_aml.store import runs
from desktop_aml.store.organising import attempts
from desktop_aml.store.run_table import facts
from desktop_aml.system.children import KILL
from desktop_aml.system.files import append_to_regular, is_own_folder

_log = logging.getLogger(__name__)


def is_wanted(outcome: RunOutcome, needs: Needs) -> bool:
    """Whether the end of an attempt is one after which another is wanted, as long as there are retries left."""
    if outcome.was_lost() or (outcome.reason == "signal" and outcome.signal == KILL):
        return True
    return needs.retry_failures and outcome.reason in {"exit", "signal"} and not outcome.succeeded()


class RunRetrying:
    """Puts runs back into the queue whose attempt did not count."""

    def __init__(self, desk: Desk, moves: RunMoves, journals: JournalReader) -> None:
        self._desk = desk
        self._moves = moves
        self._journals = journals

    def may_need_another(self, run_id: str) -> bool:
        """Whether another attempt may come, so that what it needs has to be kept."""
        return self._left(runs.properties(self._desk.db, run_id)) > 0

    def retry(self, run_id: str, outcome: RunOutcome, why: Callable[[], str]) -> bool:
        """Queue a run again whose attempt ended so; return False where that is not wanted, or not any more."""
        properties = runs.properties(self._desk.db, run_id)
        left = self._left(properties)
        is_running = self._moves.state(run_id) is RunState.RUNNING
        if left <= 0 or not is_running or not is_wanted(outcome, Needs.of(properties)):
            return False
        done = Needs.of(properties).retries - left + 1
        attempt = facts.attempt(self._desk.db, run_id)
        note = f"Attempt {attempt} did not end well: {why()} It is tried again ({done} of {done + left - 1})."
        folder = self._desk.folder.run(run_id)
        _put_aside(folder, attempt)
        _say(folder, note)
        with self._desk.commit():
            attempts.forget_logged(self._desk.db, run_id)
            runs.set_labels(self._desk.db, run_id, "property", {RETRIED: str(done)})
            self._moves.move(run_id, RunEvent.RETRIED, note=note)
        self._journals.forget(run_id)
        self._desk.woken.set()
        return True

    @staticmethod
    def _left(properties: dict[str, str]) -> int:
        done = properties.get(RETRIED, "0")
        return Needs.of(properties).retries - (int(done) if done.isdecimal() and len(done) < 10 else 0)


def _put_aside(folder: Path, attempt: int) -> None:
    """Move the journals of an attempt into its folder; what the script put in their place is left alone."""
    journal, aside = folder / "journal", folder / "attempts" / str(attempt) / "journal"
    if is_own_folder(journal) and is_own_folder(aside.parent) and not aside.exists():
        with suppress(FileNotFoundError):
            journal.rename(aside)


def _say(folder: Path, note: str) -> None:
    """Add to the run's logs that an attempt is over and another one comes."""
    if not is_own_folder(folder / "logs"):
        return
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    for name, line in ((CONTROL_LOG, f"{moment} {note}\n"), ("std_log.txt", f"\n--- {note} ---\n")):
        try:
            with append_to_regular(folder / "logs" / name) as log:
                log.write(line.encode("utf-8", "replace"))
        except OSError as error:
            _log.warning("The log of the run in %s could not be written: %s", folder, error)
