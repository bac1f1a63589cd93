"""What a table says of one metric of a run. It imports nothing: lists of runs begin with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class MetricSummary(NamedTuple):
    """What a table says of one metric of a run. A list of runs makes very many: a tuple is made in a fifth of the time.

    Parameters
    ----------
    first, last : float, int, str, bool or None
        As they were logged, texts cut to 100 letters; *last* is the last one written.
    least, greatest : float, int, bool or None
        Of all that are numbers; NaN where there is nothing but NaN, None where there is no number.
    count : int
        How many values were logged.
    """

    first: float | int | str | bool | None = None
    last: float | int | str | bool | None = None
    least: float | int | str | bool | None = None
    greatest: float | int | str | bool | None = None
    count: int = 0  # type: ignore[assignment]  # the method of tuples by this name is nobody's wish here


SummaryField = float | int | str | bool | None
"""What a field of a `MetricSummary` is."""


class MetricSummaries(Mapping[str, MetricSummary]):
    """The summaries of the metrics of one run, each made when it is asked for: a list has many more than it shows.

    Parameters
    ----------
    places : mapping of str to int
        Where in `all_fields` those of each metric begin, in the order in which the metrics were first logged.
    all_fields : sequence
        The fields of the summaries, those of one metric after those of the one before.
    """

    __slots__ = ("_places", "all_fields")

    def __init__(self, places: Mapping[str, int], all_fields: Sequence[SummaryField]) -> None:
        self._places = places
        self.all_fields = all_fields

    @classmethod
    def of(cls, summaries: Mapping[str, MetricSummary]) -> MetricSummaries:
        """Return these summaries in this form."""
        places = {name: len(MetricSummary._fields) * place for place, name in enumerate(summaries)}
        return cls(places, [field for one in summaries.values() for field in one])

    def __getitem__(self, name: str) -> MetricSummary:
        place = self._places[name]
        return MetricSummary._make(self.all_fields[place : place + len(MetricSummary._fields)])

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return repr(dict(self))
