"""How an endpoint is used."""

from __future__ import annotations

from typing import Final

from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """One request, without anything that it held.

    Parameters
    ----------
    at : float
        When its answer left, Unix seconds.
    status : int
        Of HTTP.
    took_ms : float
        From its first byte to its answer, milliseconds.
    rows : int or None
        How many rows it asked about; None where only a scoring script knows, or where it was refused before.
    """

    at: float
    status: int
    took_ms: float
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class UseSpan:
    """The answers of `SPAN_S` seconds.

    Parameters
    ----------
    begun : float
        Unix seconds.
    count, refused, failed : int
        All answers, and of these those with a status from 400, and from 500.
    mean_ms, most_ms : float
        How long answers took on average, and the slowest.
    """

    begun: float
    count: int
    refused: int
    failed: int
    mean_ms: float
    most_ms: float


SPAN_S: Final = 5
SPANS: Final = 60
REQUESTS: Final = 100
"""How many of the last requests are told, each by itself."""


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
    spans : tuple of UseSpan
        Those of the last `SPANS` times `SPAN_S` seconds in which something was answered, oldest first.
    requests : tuple of AnsweredRequest
        The last `REQUESTS` ones, oldest first.
    """

    since: float
    at: float
    answered: int = 0
    refused: int = 0
    failed: int = 0
    last_minute: int = 0
    median_ms: float | None = None
    most_ms: float | None = None
    spans: tuple[UseSpan, ...] = ()
    requests: tuple[AnsweredRequest, ...] = ()

    @property
    def total(self) -> int:
        """How many requests were answered, in whatever way."""
        return self.answered + self.refused + self.failed
