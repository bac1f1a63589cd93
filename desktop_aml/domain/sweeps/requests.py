"""What can be wanted of a sweep that goes on; see `desktop_aml.domain.requests`."""

from __future__ import annotations

from desktop_aml.domain.sweeps.space import Values, Variation
from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSweep:
    """Change a sweep; what is not given stays as it is. `CancelRun` ends it.

    A sweep that has ended is opened again where this leaves it something to try. The same request again changes
    nothing.

    Parameters
    ----------
    wanted : str
        ``"paused"`` lets no further trial begin, ``"running"`` lets them begin again; empty changes nothing.
    trials, concurrent : int or None
        How many trials there are in all, and at once.
    space : tuple of Variation
        What further trials are drawn from; empty changes nothing.
    planned : tuple of Values
        Trials that are made before any is drawn, on top of `trials`. What the sweep has, or has
        planned, is left out.
    """

    run_id: str
    wanted: str = ""
    trials: int | None = None
    concurrent: int | None = None
    space: tuple[Variation, ...] = ()
    planned: tuple[Values, ...] = ()
    time_limit_s: float | None = None
