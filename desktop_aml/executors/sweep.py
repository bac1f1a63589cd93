"""Sweeps: runs whose work is to have other runs made. Nothing is started here; the engine's sweeps do the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final

from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.base import Report

PREFIX: Final = "sweep:"
"""How the handle of every sweep begins."""


class SweepExecutor:
    """Tells the run of a sweep what has become of its trials.

    Parameters
    ----------
    outcome : callable
        Returns how the sweep that is a run ended, or None while it goes on.
    stop : callable
        Asks for the end of the trials of a sweep.
    """

    place: ClassVar[BuildPlace] = BuildPlace.LOCAL
    runs_scripts: ClassVar[bool] = False

    def __init__(self, outcome: Callable[[str], RunOutcome | None], stop: Callable[[str], None]) -> None:
        self._outcome = outcome
        self._stop = stop

    def tidy(self) -> None:
        """Do nothing: trials are runs, and tidied as such."""

    def prepare(self, job: Job, report: Report) -> None:
        """Do nothing: trials are prepared, each by itself."""

    def handle_for(self, job: Job) -> str:
        """Return the handle of `job`: ``sweep:<run directory>``."""
        return f"{PREFIX}{job.run_directory}"

    def start(self, job: Job) -> None:
        """Do nothing: trials begin once the run is Running."""

    def has_begun(self, handle: str) -> bool:  # noqa: ARG002
        """Return True: there is nothing that could be lost."""
        return True

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while trials go on or are to come."""
        return self._outcome(_run_id(handle))

    def stop(self, handle: str, *, force: bool = False) -> None:  # noqa: ARG002 - trials are runs, each with its way
        """Ask for the end of all trials. Safe to call twice."""
        self._stop(_run_id(handle))

    def release(self, handle: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing: trials go on."""


def _run_id(handle: str) -> str:
    return Path(handle.removeprefix(PREFIX)).name
