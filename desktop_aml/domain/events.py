"""Events: what happened, in the past tense. The engine emits them; front ends show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class RunSubmitted:
    """A run was queued."""

    run_id: str
    experiment: str


@dataclass(frozen=True, slots=True)
class RunMoved:
    """A run changed its state. `sequence` rises over the whole workspace."""

    run_id: str
    state: RunState
    at: float
    sequence: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunUpdated:
    """A run's name, tags, properties or records changed."""

    run_id: str


@dataclass(frozen=True, slots=True)
class RunDeleted:
    """A run was removed."""

    run_id: str


@dataclass(frozen=True, slots=True)
class PreparationProgressed:
    """The preparation of a run got further. `fraction` is from 0 to 1 or None."""

    run_id: str
    stage: str
    message: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class MetricsLogged:
    """New points of one run, after they became durable: pairs of metric name and points in logging order."""

    run_id: str
    curves: tuple[tuple[str, Sequence[Point]], ...]


@dataclass(frozen=True, slots=True)
class EnvironmentRegistered:
    """A version of an environment was saved."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class EnvironmentOrganised:
    """An environment is called otherwise, or versions of it came or went."""

    name: str
    new_name: str = ""
    """Empty when it is called as before."""
    left: int = 0
    """Versions that have this name now and are not in the trash."""


@dataclass(frozen=True, slots=True)
class BuildProgressed:
    """The build of an environment got further or ended.

    Parameters
    ----------
    asked : bool
        It was built for its own sake; otherwise a run or an endpoint needed it, and says itself what became of it.
    """

    name: str
    version: int
    state: BuildState
    stage: str = ""
    message: str = ""
    fraction: float | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class ModelRegistered:
    """A version of a model was registered."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class ModelDeleted:
    """A version of a model was removed."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class DatasetChanged:
    """A version of a dataset was registered or described anew, or all versions were unregistered (`version` 0)."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class EndpointChanged:
    """An endpoint changed its state, or was removed (`state` None)."""

    name: str
    state: EndpointState | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class EngineChanged:
    """The engine started, stopped, or met a fault that a person should know."""

    state: str
    """``"ready"``, ``"stopped"``, ``"untrusted"`` (nothing may run here) or ``"fault"``."""
    message: str = ""
    hint: str = ""
    details: str = ""


Event = (
    RunSubmitted
    | RunMoved
    | RunUpdated
    | RunDeleted
    | PreparationProgressed
    | MetricsLogged
    | EnvironmentRegistered
    | EnvironmentOrganised
    | BuildProgressed
    | ModelRegistered
    | ModelDeleted
    | DatasetChanged
    | EndpointChanged
    | EngineChanged
)

CHANGES: Final = tuple(kind for kind in get_args(Event) if kind not in {MetricsLogged, PreparationProgressed})
"""What may change a list of things or what can be done with them; that a run goes on changes neither."""
