"""The protocol that every executor keeps; `tests/contracts/test_executor.py` is its contract."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import ClassVar, Protocol, cast, runtime_checkable

from desktop_aml.domain.environments import BuildPlace, BuildProgress
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome

Report = Callable[[BuildProgress], None]


class Executor(Protocol):
    """A place where scripts run."""

    place: ClassVar[BuildPlace]
    """What an environment must be built as to be used here."""
    runs_scripts: ClassVar[bool]
    """Whether the place runs scripts itself. One that only watches what others do needs no environment, no copy of
    the source to work in, and none of the places that are limited in number."""

    def tidy(self) -> None:
        """Begin to remove what an engine left that died between the end of a run and its release. Does not wait."""

    def prepare(self, job: Job, report: Report) -> None:
        """Make the place ready for `job`. Slow; may be repeated.

        Raises
        ------
        PreparationError
            When the place cannot run the job; the message says why.
        """

    def handle_for(self, job: Job) -> str:
        """Return the short string that alone finds the work of `job` again, before it is started."""

    def start(self, job: Job) -> None:
        """Begin. A second start of the same attempt never runs the script twice."""

    def has_begun(self, handle: str) -> bool:
        """Whether the work was taken up; until then a lost attempt has run nothing and may be queued again."""

    def poll(self, handle: str) -> RunOutcome | None:
        """Return None while the work goes on, else how it ended. Fast; never raises for a missing process."""

    def stop(self, handle: str, *, force: bool = False) -> None:
        """End the whole tree: politely first, by force after the grace period or at once. Safe to call twice."""

    def release(self, handle: str) -> None:
        """Remove what only the work needed, once its end is durable. Safe to call twice."""

    def close(self) -> None:
        """Let go of what this process holds; the work goes on. Nothing else may be called afterwards."""


@runtime_checkable
class Scaling(Protocol):
    """What an executor offers as well if its nodes come and go; its runs take no place of this computer."""

    def places(self) -> int:
        """Return how many of its runs may be under way at once. Fast."""

    def travels(self) -> bool:
        """Whether its runs can go to machines whose files are their own. Fast."""

    def waits_for(self, handle: str) -> BuildProgress | None:
        """Return what a run waits for that was started and has not begun; None when there is nothing to say. Fast."""


def as_scaling(executor: Executor) -> Scaling | None:
    """Return what an executor offers whose nodes come and go; None for one of a fixed size."""
    return cast(Scaling, executor) if _scales(type(executor)) else None


@cache
def _scales(kind: type) -> bool:
    # To ask a protocol costs more than all else that the engine's loop asks an executor.
    return issubclass(kind, Scaling)
