"""Following a sweep in a terminal: a bar where a person watches, else a line for each trial that ends."""

from __future__ import annotations

import signal
import time
from types import FrameType

import click

from desktop_aml.cli.following import EXIT_CODES, tell_preparation
from desktop_aml.cli.output import duration, number
from desktop_aml.cli.terminal.status_line import status_line
from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.sweeps.records import Sweep, Trial, no_best_words
from desktop_aml.domain.sweeps.space import arguments_of
from desktop_aml.workspace import Workspace

_POLL_S = 0.1


def follow_sweep(workspace: Workspace, run_id: str, *, quiet: bool = False) -> int:
    """Tell how a sweep gets on until it ends; return the exit code that stands for its end.

    Ctrl+C cancels the sweep; a second one leaves it alone.
    """
    tell_preparation.begin(run_id)
    asked = 0

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise click.exceptions.Abort

    previous = {number: signal.signal(number, cancel) for number in (signal.SIGINT, signal.SIGTERM)}
    told: set[int] = set()
    sent = is_told_of_slip = False
    try:
        while True:
            sweep = workspace.sweeps.get(run_id)
            if not quiet:
                _tell(sweep, told)
                is_told_of_slip = is_told_of_slip or _tell_slip(sweep)
            if sweep.state.is_terminal():
                return EXIT_CODES[sweep.state]
            if asked and not sent:
                sent = True
                status_line.clear()
                click.echo("Canceling…", err=True)
                try:
                    workspace.sweeps.cancel(run_id)
                except Conflict:
                    continue
            time.sleep(_POLL_S)
    finally:
        for number_, handler in previous.items():
            signal.signal(number_, handler)


def _tell_slip(sweep: Sweep) -> bool:
    """Say that a trial came to its end without the metric, and return whether: best known early."""
    ended = any(trial.state is RunState.COMPLETED for trial in sweep.trials)
    if not ended or not sweep.metrics or sweep.best() is not None or sweep.state.is_terminal():
        return False
    status_line.clear()
    click.echo(f"{no_best_words(sweep.spec.metric, sweep.metrics)} Ctrl+C cancels the sweep.", err=True)
    return True


def _tell(sweep: Sweep, told: set[int]) -> None:
    for trial in sweep.trials:
        if trial.state is not None and trial.state.is_terminal() and trial.number not in told:
            told.add(trial.number)
            status_line.clear()
            click.echo(trial_words(sweep, trial), err=True)
    words = progress_words(sweep, time.time())
    if sweep.state.is_terminal():
        status_line.clear()
        click.echo(words, err=True)
    else:
        status_line.show(words, sweep.over() / max(sweep.total, 1))


def trial_words(sweep: Sweep, trial: Trial) -> str:
    """Return one line about a trial that has ended."""
    value = f"{sweep.spec.metric}={number(trial.best)}" if trial.best is not None else ""
    state = trial.state if trial.state is not RunState.COMPLETED else ""
    why = str(trial.stopped) if trial.stopped else trial.error
    return "  ".join(str(word) for word in (f"{trial.number:>4}", value, state, given(trial), why) if word)


def given(trial: Trial) -> str:
    """Return what a trial was given, as its script gets it."""
    return " ".join(arguments_of((), trial.values))


def progress_words(sweep: Sweep, now: float) -> str:
    """Return how far a sweep is: trials that are over, the best value, the time left."""
    best = sweep.best()
    words = [f"{sweep.over()}/{sweep.total}"]
    if best is not None:
        words.append(f"best {sweep.spec.metric} {number(best.best)} (trial {best.number})")
    left = sweep.time_left_s(now)
    if sweep.state is RunState.RUNNING and sweep.wanted.value == "paused":
        words.append("paused")
    elif left is not None:
        words.append(f"{duration(left)} left")
    if sweep.state.is_terminal():
        words.append(str(sweep.state))
    return "  ".join(words)
