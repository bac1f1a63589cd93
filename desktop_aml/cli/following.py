"""Following a run in a terminal: its stages, its log, its end."""

from __future__ import annotations

import sys
import threading
import time
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO

import click

from desktop_aml.cli.run_collecting import tell_left_out
from desktop_aml.cli.steps import Steps, steps
from desktop_aml.cli.terminal.status_line import status_line
from desktop_aml.domain.errors import Conflict, DesktopAMLError, StorageError
from desktop_aml.domain.runs import RunDetail, RunState

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event, PreparationProgressed
    from desktop_aml.workspace import Workspace

_POLL_S = 0.01
EXIT_CODES = {RunState.COMPLETED: 0, RunState.FAILED: 1, RunState.CANCELED: 130}


class PreparationTeller:
    """Prints the steps of a preparation that take long: of the run that is followed, and of its trials.

    The engine tells of every run of the workspace. What another one waits for, also one that the followed script itself
    submitted, says nothing about this one.
    """

    def __init__(self, told: Steps = steps) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._run_id = ""
        self._early: dict[str, PreparationProgressed] = {}

    def __call__(self, event: Event) -> None:
        """Take in an event of the engine; called from any thread."""
        from desktop_aml.domain.events import PreparationProgressed

        if not isinstance(event, PreparationProgressed):
            return
        with self._lock:
            if not self._run_id:
                # Until the request is answered nobody knows which run is ours.
                self._early[event.run_id] = event
                return
        self._tell(event)

    def begin(self, run_id: str) -> None:
        """Tell of the run `run_id` from now on, and what was heard of it so far."""
        with self._lock:
            self._run_id, early = run_id, self._early
            self._early = {}
        for event in early.values():
            self._tell(event)

    def _tell(self, event: PreparationProgressed) -> None:
        if event.run_id == self._run_id or event.run_id.rpartition("_")[0] == self._run_id:
            self._told.tell(event.stage, event.message, event.fraction, of=event.run_id)


tell_preparation = PreparationTeller()


def tell_submitted(workspace: Workspace, run_id: str) -> None:
    """Say which run was made, and in which workspace."""
    click.echo(f"Run {run_id} in the workspace “{workspace.name}”, {workspace.path}", err=True)


def follow(workspace: Workspace, run_id: str, *, quiet: bool = False, stream: BinaryIO | None = None) -> int:
    """Print what a run prints until it ends; return the exit code that stands for its end.

    Parameters
    ----------
    quiet : bool
        Whether to leave the stages out.
    stream : file, optional
        Where the run's own output goes; standard output by default.

    Ctrl+C cancels the run; a second one leaves it alone.
    """
    canceling = False
    out = stream or sys.stdout.buffer
    tell_preparation.begin(run_id)

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        nonlocal canceling
        if canceling:
            raise click.exceptions.Abort
        canceling = True

    # Imported here: lists and the like follow nothing.
    import signal

    previous = {number: signal.signal(number, cancel) for number in (signal.SIGINT, signal.SIGTERM)}
    offset, sent, told = 0, False, 0
    try:
        while True:
            detail = workspace.runs.get(run_id)
            offset = _print_log(workspace, run_id, offset, out)
            for change in detail.history[told:] if not quiet else ():
                _tell_state(detail, change.state)
            told = len(detail.history)
            if detail.summary.state.is_terminal():
                _print_log(workspace, run_id, offset, out)
                return EXIT_CODES[detail.summary.state]
            if detail.summary.state is RunState.PREPARING and not quiet:
                steps.wait()
            if canceling and not sent:
                sent = True
                _cancel(workspace, run_id)
            time.sleep(_POLL_S)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _print_log(workspace: Workspace, run_id: str, offset: int, out: BinaryIO) -> int:
    try:
        return _print_more(workspace, run_id, offset, out)
    except StorageError as error:
        # The script may have put anything in the place of its log; the run goes on all the same.
        _tell_once(str(error))
        return offset


@cache
def _tell_once(words: str) -> None:
    click.echo(words, err=True)


def _print_more(workspace: Workspace, run_id: str, offset: int, out: BinaryIO) -> int:
    chunk = workspace.runs.files.read_log(run_id, offset)
    while chunk.data:
        out.write(chunk.data)
        out.flush()
        offset = chunk.next_offset
        chunk = workspace.runs.files.read_log(run_id, offset)
    return offset


def _cancel(workspace: Workspace, run_id: str) -> None:
    status_line.clear()
    click.echo("Canceling…", err=True)
    try:
        workspace.runs.cancel(run_id)
    except Conflict:
        return
    except DesktopAMLError as error:
        click.echo(str(error), err=True)


def _tell_state(detail: RunDetail, state: RunState) -> None:
    summary = detail.summary
    status_line.clear()
    colors = {RunState.COMPLETED: "green", RunState.FAILED: "red", RunState.CANCELED: "yellow"}
    words = click.style(str(state), fg=colors.get(state, "blue"), bold=True)
    ahead = detail.queue_position if state is RunState.QUEUED else None
    position = f" (position {ahead})" if ahead and ahead > 1 else ""
    click.echo(f"{words}{position}", err=True)
    if state.is_terminal():
        tell_left_out(detail)
    if state is RunState.FAILED and summary.error:
        click.echo(summary.error, err=True)
        if detail.hint:
            click.echo(detail.hint, err=True)
