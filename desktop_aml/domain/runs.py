"""Runs: the state table, and the values that describe a run.

The table below is the only place that knows which move a run may make; ``docs/reference/run-states.md`` is
generated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from desktop_aml.domain.errors import InvalidTransition
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.parameters import Parameter
from desktop_aml.domain.run_fields import RunFields
from desktop_aml.domain.summaries.metrics import MetricSummary, SummaryField
from desktop_aml.domain.values import dataclass

MAX_ATTEMPTS: Final = 3
"""How often a run that never started may be queued again before it fails."""


LOCAL: Final = "local"
"""Target of runs whose script is a process of this computer."""

DOCKER: Final = "docker"
"""Target of runs whose script is in a container, and sees another computer than this."""

EXTERNAL: Final = "external"
"""The target of a run whose work another process does and records by itself, such as a notebook."""

ATTACHED: Final = "attached"
"""What stands as the target of a run that another tool recorded, and that is read where it lies."""

SWEEP: Final = "sweep"
"""The target of a run that is a sweep: its work is to have trials made."""


class RunState(StrEnum):
    """State of a run, spelled as Azure ML spells it."""

    QUEUED = "Queued"
    PREPARING = "Preparing"
    RUNNING = "Running"
    CANCEL_REQUESTED = "CancelRequested"
    FINALIZING = "Finalizing"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"

    def is_terminal(self) -> bool:
        """Whether the run has ended for good."""
        return self in _TERMINAL

    def is_active(self) -> bool:
        """Whether the run holds a place among the runs that execute at once."""
        return self in _ACTIVE


_TERMINAL = frozenset({RunState.COMPLETED, RunState.FAILED, RunState.CANCELED})
_ACTIVE = frozenset({RunState.PREPARING, RunState.RUNNING, RunState.CANCEL_REQUESTED, RunState.FINALIZING})


class RunEvent(StrEnum):
    """What can happen to a run."""

    CLAIMED = "CLAIMED"
    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"
    ERRORED = "ERRORED"
    CANCEL = "CANCEL"
    FAIL = "FAIL"
    LOST = "LOST"
    PUT_BACK = "PUT_BACK"
    REOPENED = "REOPENED"
    RETRIED = "RETRIED"


_S = RunState
_E = RunEvent

TRANSITIONS: Final = MappingProxyType(
    {
        (_S.QUEUED, _E.CLAIMED): _S.PREPARING,
        (_S.QUEUED, _E.CANCEL): _S.CANCELED,
        (_S.QUEUED, _E.FAIL): _S.FAILED,
        (_S.PREPARING, _E.STARTED): _S.RUNNING,
        (_S.PREPARING, _E.ERRORED): _S.FAILED,
        (_S.PREPARING, _E.CANCEL): _S.CANCEL_REQUESTED,
        (_S.PREPARING, _E.FAIL): _S.CANCEL_REQUESTED,
        (_S.PREPARING, _E.LOST): _S.QUEUED,
        (_S.PREPARING, _E.PUT_BACK): _S.QUEUED,
        (_S.RUNNING, _E.SUCCEEDED): _S.FINALIZING,
        (_S.RUNNING, _E.ERRORED): _S.FINALIZING,
        (_S.RUNNING, _E.CANCEL): _S.CANCEL_REQUESTED,
        (_S.RUNNING, _E.FAIL): _S.CANCEL_REQUESTED,
        (_S.RUNNING, _E.LOST): _S.FAILED,
        (_S.RUNNING, _E.RETRIED): _S.QUEUED,
        (_S.CANCEL_REQUESTED, _E.STARTED): _S.CANCEL_REQUESTED,
        (_S.CANCEL_REQUESTED, _E.SUCCEEDED): _S.CANCELED,
        (_S.CANCEL_REQUESTED, _E.ERRORED): _S.CANCELED,
        (_S.CANCEL_REQUESTED, _E.FAIL): _S.FAILED,
        (_S.CANCEL_REQUESTED, _E.LOST): _S.CANCELED,
        (_S.FINALIZING, _E.SUCCEEDED): _S.COMPLETED,
        (_S.FINALIZING, _E.ERRORED): _S.FAILED,
        (_S.FINALIZING, _E.LOST): _S.FINALIZING,
        # Only of sweeps: what ran a script never runs again under the same id.
        (_S.COMPLETED, _E.REOPENED): _S.QUEUED,
        (_S.FAILED, _E.REOPENED): _S.QUEUED,
        (_S.CANCELED, _E.REOPENED): _S.QUEUED,
    }
)


def next_state(state: RunState, event: RunEvent, *, attempt: int = 1) -> RunState:
    """Return the state that `event` moves a run to.

    Parameters
    ----------
    state : RunState
        Where the run is.
    event : RunEvent
        What happened.
    attempt : int
        The attempt that was under way, counted from 1. A run that is lost while Preparing goes back to the
        queue until `MAX_ATTEMPTS` is reached, then fails.

    Raises
    ------
    InvalidTransition
        When the table holds no such move.
    """
    target = TRANSITIONS.get((state, event))
    if target is None:
        raise InvalidTransition(f"A run that is {state} cannot take the event {event}.")
    if event is RunEvent.LOST and target is RunState.QUEUED and attempt >= MAX_ATTEMPTS:
        return RunState.FAILED
    return target


@dataclass(frozen=True, slots=True)
class StateChange:
    """One row of a run's history. `at` is Unix time in seconds, `sequence` rises over the whole workspace."""

    sequence: int
    state: RunState
    at: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a script ended, as its supervisor observed it.

    Parameters
    ----------
    exit_code : int or None
        Exit code; None when a signal ended the script or the end was not seen.
    signal : int or None
        Number of the signal that ended the script.
    reason : str
        ``"exit"``, ``"signal"``, ``"canceled"``, ``"timeout"``, ``"memory"`` (it had more than it may), ``"lost"`` (the
        end was not seen) or ``"not_started"`` (it could not be started; the message says why).
    message : str
        Words for a person.
    started_at, ended_at : float or None
        Unix time in seconds.
    """

    exit_code: int | None = None
    signal: int | None = None
    reason: str = "exit"
    message: str = ""
    started_at: float | None = None
    ended_at: float | None = None

    def succeeded(self) -> bool:
        """Whether the script ended by itself with exit code 0."""
        return self.reason == "exit" and self.exit_code == 0

    def was_lost(self) -> bool:
        """Whether the end of the script was not observed."""
        return self.reason == "lost"

    def was_lost_before_start(self) -> bool:
        """Whether nothing of the script ran and nobody knows why: it may be tried again."""
        return self.reason == "lost" and self.started_at is None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the runs table. Times are Unix seconds."""

    id: str
    number: int
    experiment: str
    display_name: str
    state: RunState
    script: str
    target: str
    environment: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    attempt: int = 1
    error: str = ""
    summary: tuple[tuple[str, float | int | str], ...] = ()
    """Last value of up to eight scalar metrics, in the order they were first logged."""
    parent: str = ""
    """The run that this one is a child of; empty for none."""
    starred: bool = False
    """Whether it has a star: then it cannot be deleted."""
    archived_at: float | None = None
    """When it was put into the archive; None when it is not there."""
    deleted_at: float | None = None
    """When it was put into the trash; None when it is not there."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Texts of what it was given and logged as parameters; only in pages of the runs table."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Its tags; only in pages of the runs table."""
    use: Mapping[str, float] = field(default_factory=dict)
    """What it used of the computer; only in pages of the runs table."""
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    """First, last, least and greatest value of each metric; only in pages of the runs table."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """What programs noted of it, without what Desktop AML notes for itself; only in pages of the runs table."""
    at_steps: Mapping[str, SummaryField] = field(default_factory=dict)
    """Values by the keys of `RunQuery.at_steps`, where it logged one there; only in pages of the runs table."""

    def duration_s(self, now: float) -> float | None:
        """Seconds from start to end, or to `now` while it runs; None before the start."""
        if self.started_at is None:
            return None
        return (self.ended_at if self.ended_at is not None else now) - self.started_at


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of a run that could not be kept, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunDetail:
    """Everything the database knows of one run.

    Parameters
    ----------
    damaged_records : int
        Records of its journals that could not be taken.
    left_out : tuple of LeftOut
        Its files that could not be kept.
    parameters : tuple of Parameter
        What it was given and what its code logged as parameters.
    """

    summary: RunSummary
    arguments: tuple[str, ...]
    command: tuple[str, ...]
    source_directory: str
    run_directory: str
    environment_version: int | None
    lock_hash: str
    python_version: str
    timeout_s: float | None
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    history: tuple[StateChange, ...] = ()
    outcome: RunOutcome | None = None
    queue_position: int | None = None
    priority: int = 0
    """Queued runs of a higher one begin first."""
    queue_rank: float | None = None
    """Where somebody put it among the queued runs of its priority; None for where it was submitted."""
    error_details: str = ""
    hint: str = ""
    description: str = ""
    damaged_records: int = 0
    left_out: tuple[LeftOut, ...] = ()
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs to list, and in which order.

    Parameters
    ----------
    text : str
        Substring of name, notes, experiment, script, id, of a parameter or a tag; case is ignored.
    search : str
        What a person wrote to find runs: words, comparisons, a filter of MLflow; see `domain.filters.finding`.
    group_by : str
        The key of a parameter or tag, ``experiment``, ``script`` or ``parent`` (the sweep); empty for no groups.
    open_groups : tuple of str
        The groups whose runs are among the lines.
    shelf : Shelf
        Where to look; a search that says ``archived``, ``deleted`` or ``starred`` looks there, too.
    experiment : str or None
        Only runs of this experiment.
    states : tuple of RunState
        Only runs in these states; empty for all.
    parent : str or None
        Only the children of this run; an empty text for only runs that are nobody's child.
    order_by : str
        A column of `RUN_COLUMNS`, or the key of a `RunField`: a metric by its last value, a parameter as it was given.
    at_steps : tuple of str
        Keys of metrics at a step that are fields of the table, too; nothing else tells which steps are meant.
    """

    text: str = ""
    experiment: str | None = None
    states: tuple[RunState, ...] = ()
    order_by: str = "created_at"
    descending: bool = True
    parent: str | None = None
    search: str = ""
    shelf: Shelf = Shelf.ACTIVE
    group_by: str = ""
    open_groups: tuple[str, ...] = ()
    at_steps: tuple[str, ...] = ()


RUN_COLUMNS: Final = (
    "display_name",
    "experiment",
    "state",
    "script",
    "created_at",
    "duration",
    "target",
    "environment",
)
"""What the runs table sorts by: columns of the SQL table `run`, or `duration`. `ui/runs/columns.py` shows them."""


@dataclass(frozen=True, slots=True)
class ViewSnapshot:
    """What a query over the runs answered at one moment.

    Parameters
    ----------
    count : int
        Lines: the runs that match, or the groups of them and the runs of those that are open.
    matching : int
        Runs that match.
    token : int
        Names this snapshot when its pages are asked for.
    total : int
        Runs of the experiment (or of the workspace) before the text and states filter.
    by_state : tuple of (RunState, int)
        Those runs by state; states without runs are left out.
    fields : RunFields
        What the newest runs differ in.
    behind : int
        Runs that ended whose logs and source are not indexed yet, where the query asks what stands in those.
    elsewhere : tuple of (Shelf, int)
        Runs in the archive and in the trash, where `total` is 0 and the query asks for neither.
    """

    count: int
    token: int
    total: int = 0
    matching: int = 0
    by_state: tuple[tuple[RunState, int], ...] = ()
    fields: RunFields = field(default_factory=RunFields)
    behind: int = 0
    elsewhere: tuple[tuple[Shelf, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that a run left behind. `path` is relative with ``/``; `sha256` is empty until collected."""

    path: str
    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Part of a log file, as raw bytes, and where the next part begins."""

    data: bytes
    next_offset: int
    total_bytes: int
    truncated_before: int = 0
    """Bytes between the wanted offset and the first byte given, when the reader was too far behind."""
