"""What is kept of a run as two texts: the names, which runs of one script have in common, and the values."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from desktop_aml.domain.summaries.metrics import MetricSummaries, MetricSummary, SummaryField
from desktop_aml.store.facts.derived import RunFacts

_MANY: Final = 50
"""From so many runs on it pays to load what reads them four times as quickly."""

_WIDTH: Final = len(MetricSummary._fields)

Packed = tuple[str, str]
_Values = tuple[list[str], list[SummaryField], dict[str, str], dict[str, float]]
_Names = tuple[tuple[str, ...], Mapping[str, int], frozenset[str]]


def packed(facts: RunFacts) -> Packed:
    """Return names and values of a run as texts, from which all comes back as it was."""
    names = [list(facts.parameters), list(facts.metrics), sorted(facts.numbers)]
    return _text(names), _text([list(facts.parameters.values()), facts.metrics.all_fields, facts.tags, facts.use])


class Unpacking:
    """Reads what is kept of the runs of one list.

    Parameters
    ----------
    count : int
        About how many runs there are.
    """

    def __init__(self, count: int) -> None:
        self._names: dict[str, _Names] = {}
        self._values = _quickly() if count >= _MANY or "msgspec" in sys.modules else json.loads

    def unpacked(self, names: str, values: str) -> RunFacts:
        """Return what two texts of `packed` say.

        Raises
        ------
        ValueError, TypeError
            When another program wrote them.
        """
        parameters, places, numbers = self._names.get(names) or self._read_names(names)
        texts, metrics, tags, use = self._values(values)
        if len(metrics) != len(places) * _WIDTH:
            raise ValueError("as many names as values")
        return RunFacts(dict(zip(parameters, texts, strict=True)), tags, use, MetricSummaries(places, metrics), numbers)

    def _read_names(self, text: str) -> _Names:
        parameters, metrics, numbers = json.loads(text)
        places = {name: place * _WIDTH for place, name in enumerate(metrics)}
        known = self._names[text] = tuple(parameters), places, frozenset(numbers)
        return known


def _quickly() -> Callable[[str], _Values]:
    # Imported here: most lists are short, and begin sooner without it.
    import msgspec

    decode = msgspec.json.Decoder(_Values).decode

    def read(text: str) -> _Values:
        try:
            found: _Values = decode(text)
        except msgspec.DecodeError:
            # NaN and infinities are no JSON elsewhere.
            found = json.loads(text)
        return found

    return read


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
