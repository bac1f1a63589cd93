"""What can be wanted of a sweep that goes on; see `desktop_aml.domain.requests`."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_aml.domain.sweeps.space import Variation


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSweep:
    """Change a sweep that goes on; what is not given stays as it is. `CancelRun` ends it.

    Parameters
    ----------
    wanted : str
        ``"paused"`` lets no further trial begin, ``"running"`` lets them begin again; empty changes nothing.
    trials, concurrent : int or None
        How many trials there are in all, and at once.
    space : tuple of Variation
        What further trials are drawn from; empty changes nothing.
    """

    run_id: str
    wanted: str = ""
    trials: int | None = None
    concurrent: int | None = None
    space: tuple[Variation, ...] = ()
    time_limit_s: float | None = None
