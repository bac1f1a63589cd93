"""How an endpoint is used."""

from __future__ import annotations

from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointUse:
    """What an endpoint was asked since it began to serve, and how long its answers took.

    Parameters
    ----------
    since, at : float
        When the endpoint began to serve, and when this was written; Unix seconds.
    answered, refused, failed : int
        Answers with a status below 400, from 400 and from 500.
    last_minute : int
        All of these in the 60 s before `at`.
    median_ms, most_ms : float or None
        Within how many milliseconds half, and 95 % of the last 1,000 answers left, from the first byte of the request
        on; None before the first.
    """

    since: float
    at: float
    answered: int = 0
    refused: int = 0
    failed: int = 0
    last_minute: int = 0
    median_ms: float | None = None
    most_ms: float | None = None

    @property
    def total(self) -> int:
        """How many requests were answered, in whatever way."""
        return self.answered + self.refused + self.failed
