"""Calls about sweeps: what HyperDrive's configuration means, and what the trials came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import Value, from_azure
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import Search, new_seed, space_of
from desktop_aml.domain.sweeps.stopping import StoppingRule
from desktop_aml.sdk.body import CallBody

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Given:
    """What a `HyperDriveConfig` says."""

    metric: str
    goal: Goal
    trials: int
    concurrent: int
    search: Search = Search.RANDOM
    space: tuple[tuple[str, str, tuple[Value, ...]], ...] = field(default=())
    seed: int | None = None
    time_limit_s: float | None = None
    rule: StoppingRule | None = None


def spec_of(body: CallBody) -> SweepSpec:
    """Return the sweep that a call describes; bounds of logarithms are exponents there, and plain from here on.

    Raises
    ------
    InvalidInput
        When it makes no sense.
    """
    try:
        given = msgspec.convert(body.values["sweep"], _Given)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"The sweep cannot be read: {error}") from error
    return SweepSpec(
        space=space_of({name: from_azure(kind, args) for name, kind, args in given.space}),
        metric=given.metric,
        goal=given.goal,
        trials=given.trials,
        concurrent=given.concurrent,
        search=given.search,
        seed=new_seed() if given.seed is None else given.seed,
        rule=given.rule,
        time_limit_s=given.time_limit_s,
    )


def get(workspace: Workspace, body: CallBody) -> object:
    """Return what a sweep came to so far, its trials best first."""
    sweep = workspace.sweeps.get(body.text("run_id"))
    return {
        "metric": sweep.spec.metric,
        "goal": str(sweep.spec.goal),
        "explanation": sweep.explanation(),
        "trials": [
            {
                "number": trial.number,
                "run_id": trial.run_id,
                "values": dict(trial.values),
                "best": trial.best,
                "status": str(trial.state) if trial.state else "Deleted",
            }
            for trial in sweep.ranked()
        ],
    }


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]]({"sweeps.get": get})
