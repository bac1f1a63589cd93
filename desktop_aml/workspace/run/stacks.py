"""Where the processes of a run are just now: the stacks of their threads, on request."""

from __future__ import annotations

import psutil

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.summaries.stacks import ProcessStack
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.local_process import NONCE_VARIABLE
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.system.processes import find_bearers


def stacks_of(db: Database, run_id: str) -> tuple[ProcessStack, ...]:
    """Return the processes of a run and where each of them is; those that can tell come first.

    Raises
    ------
    Conflict
        When the run does not execute.
    NotFound
        When none of its processes can be seen from here.
    """
    state = runs.get(db, run_id).summary.state
    if not state.is_active():
        raise Conflict(f"The run “{run_id}” does not execute: it is {state}.", "Ask for one that is Running.")
    handle, _, _ = runs.attempt_of(db, run_id)
    processes = find_bearers(NONCE_VARIABLE, Handle.parse(handle).nonce) if handle.count(":") > 2 else ()
    told = [ProcessStack(one.pid, _command_of(one.pid), one.stack()) for one in processes]
    if not told:
        raise NotFound(
            f"No process of the run “{run_id}” can be seen from here.",
            "It may execute on another computer, or not have begun yet.",
        )
    return tuple(sorted(told, key=lambda one: (not one.text, one.pid)))


def _command_of(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return "(has ended)"
