"""What the tracking server knows of runs and experiments, in MLflow's units: milliseconds, whole steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.journal import encode_point
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.runs import EXTERNAL, RunState

_STATUSES: Final = {RunState.COMPLETED: "FINISHED", RunState.FAILED: "FAILED", RunState.CANCELED: "KILLED"}
LIVE_STATUSES: Final = frozenset({"RUNNING", "SCHEDULED"})
ENDED_STATUSES: Final = frozenset(_STATUSES.values())
STATUSES: Final = LIVE_STATUSES | ENDED_STATUSES
_EARLY: Final = frozenset({RunState.QUEUED, RunState.PREPARING})

_NO_NUMBER: Final = -math.pi * 1e300

NAME_TAG: Final = "mlflow.runName"
PARENT_TAG: Final = "mlflow.parentRunId"
USER_TAG: Final = "mlflow.user"
NOTE_TAG: Final = "mlflow.note.content"


def files_root(experiment_id: str) -> str:
    """Return where a client finds the files of the runs of an experiment: a path of the proxy."""
    return f"mlflow-artifacts:/{experiment_id}"


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that a client begins. `client` is the process that records it; 0 when it is not known."""

    experiment: str
    name: str
    tags: Mapping[str, str]
    start_time: int | None
    client: int = 0
    user: str = ""


class ParameterChanged(InvalidInput):
    """A parameter was logged with another value before: parameters are written once.

    Parameters
    ----------
    values : tuple of str
        The value that it has, and the one that it was to have.
    is_of_script : bool
        Whether the run is the script's own: all processes go on with it that the script started before its first run.
    """

    def __init__(self, run_id: str, key: str, values: tuple[str, str], *, is_of_script: bool) -> None:
        super().__init__(
            f"Changing param values is not allowed. Param with key='{key}' was already logged with "
            f"value='{values[0]}' for run ID='{run_id}'. Attempted logging new value '{values[1]}'.",
            "Was it logged by another process of this script? Each that is to have a run of its own takes "
            "MLFLOW_RUN_ID out of os.environ before it starts one."
            if is_of_script
            else "",
        )


class DocumentKind(StrEnum):
    """Kinds of the documents that the tracking server keeps with runs."""

    RUN = "mlflow.run"
    """Under `START`, `CLAIM` and `LIFECYCLE`: what a client said of the run."""
    INPUT = "mlflow.input"
    OUTPUT = "mlflow.output"
    MODEL = "mlflow.model"
    MODEL_METRICS = "mlflow.model_metrics"


START: Final = "start"
CLAIM: Final = "claim"
LIFECYCLE: Final = "lifecycle"


class TrackedMetric(msgspec.Struct, frozen=True, gc=False):
    """One point of a metric; a struct, which is made in a fraction of a dataclass' time: batches have thousands."""

    key: str
    value: float
    timestamp_ms: int
    step: int

    def rank(self) -> tuple[int, int, float]:
        """Return what the greatest of is MLflow's last one."""
        return (self.step, self.timestamp_ms, self.value if self.value == self.value else float("-inf"))

    def identity(self) -> tuple[str, int, int, float]:
        """Return what two points have in common that are the same one, logged twice."""
        # NaN is not equal to itself: a number that nobody logs stands for it.
        return self.key, self.step, self.timestamp_ms, self.value if self.value == self.value else _NO_NUMBER

    def record(self, number: int) -> bytes:
        """Return the point as a line of a run's journal."""
        return encode_point(number, self.timestamp_ms / 1000, self.key, self.value, self.step)


@dataclass(slots=True)
class TrackedRun:
    """One run, with what the engine has not stored yet."""

    run_id: str
    name: str
    experiment: str
    state: RunState
    target: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    parent: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, TrackedMetric] = field(default_factory=dict)
    documents: dict[tuple[str, str], object] = field(default_factory=dict)
    is_resumed: bool = False
    """Whether a client goes on with it after its end, see `resumed`."""

    def document(self, kind: str, key: str) -> Mapping[str, object]:
        """Return a document that is an object; an empty one when there is none."""
        found = self.documents.get((kind, key))
        return found if isinstance(found, dict) else {}

    def documents_of(self, kind: str) -> dict[str, object]:
        """Return the documents of a kind by key."""
        return {key: body for (one, key), body in self.documents.items() if one == kind}

    @property
    def status(self) -> str:
        """MLflow's word for where the run is.

        How a script ended is what its supervisor saw. While it goes on, and for what a client records by itself, the
        client's word counts.
        """
        if self.is_resumed:
            return "RUNNING"
        claimed = str(self.document(DocumentKind.RUN, CLAIM).get("status", ""))
        seen = _STATUSES.get(self.state)
        if seen is None:
            is_early = self.state in _EARLY and self.target != EXTERNAL
            return claimed or ("SCHEDULED" if is_early else "RUNNING")
        counts = self.target == EXTERNAL and seen != "KILLED" and claimed in ENDED_STATUSES
        return claimed if counts else seen

    @property
    def start_ms(self) -> int:
        """When it began."""
        told = self.document(DocumentKind.RUN, START).get("start_time")
        return told if isinstance(told, int) else round((self.started_at or self.created_at) * 1000)

    @property
    def end_ms(self) -> int | None:
        """When it ended; None while it goes on."""
        claim = self.document(DocumentKind.RUN, CLAIM).get("end_time")
        if self.state.is_terminal() and (self.target != EXTERNAL or not isinstance(claim, int)):
            return None if self.ended_at is None else round(self.ended_at * 1000)
        return claim if isinstance(claim, int) else None

    @property
    def is_deleted(self) -> bool:
        """Whether a client put it into MLflow's trash."""
        return self.document(DocumentKind.RUN, LIFECYCLE).get("stage") == "deleted"


@dataclass(frozen=True, slots=True)
class TrackedExperiment:
    """One experiment. Times are Unix seconds; `deleted_at` is None while it is active."""

    id: str
    name: str
    created_at: float
    updated_at: float
    tags: dict[str, str] = field(default_factory=dict)
    deleted_at: float | None = None


def as_number(value: Scalar) -> float | None:
    """Return a logged scalar as MLflow keeps it; None for what is no number."""
    if value is None or isinstance(value, str):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
