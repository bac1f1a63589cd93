"""What is kept of a run as two texts: the names, which runs of one script have in common, and the values."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

from desktop_aml.domain.summaries.metrics import MetricSummaries, MetricSummary, SummaryField
from desktop_aml.store.facts.derived import RunFacts

_MANY: Final = 50
"""From so many runs on it pays to load what reads them four times as quickly."""

_WIDTH: Final = len(MetricSummary._fields)
_INT64: Final = 1 << 63
_BYTES: Final = 8

Packed = tuple[str, str]
_Values = tuple[list[str], list[SummaryField] | str, dict[str, str], dict[str, float]]
_Names = tuple[tuple[str, ...], Mapping[str, int], frozenset[str], str]


def packed(facts: RunFacts) -> Packed:
    """Return names and values of a run as texts, from which all comes back as it was.

    Metrics whose fields are plain numbers, as nearly all are, are kept bit by bit, so that of the many that a list has
    those alone are read that it shows. How they lie goes with the names, which runs of one script have in common.
    """
    fields = facts.metrics.all_fields
    layout = _layout(fields)
    kept = struct.pack(f"<{layout}", *fields).hex() if layout else list(fields)
    names = [list(facts.parameters), list(facts.metrics), sorted(facts.numbers), layout]
    return _text(names), _text([list(facts.parameters.values()), kept, facts.tags, facts.use])


def _layout(fields: Sequence[SummaryField]) -> str:
    """Return how numbers lie one after the other, for `struct`; empty where not all are plain ones."""
    letters = {float: "d", int: "q"}
    found = [letters.get(type(one), "") if type(one) is not int or -_INT64 <= one < _INT64 else "" for one in fields]
    return "".join(found) if all(found) else ""


class _Numbers(Sequence[SummaryField]):
    """Numbers that lie bit by bit, read when they are asked for.

    Parameters
    ----------
    layout : str
        A letter of `struct` for each; all take eight bytes.
    """

    __slots__ = ("_layout", "_raw")

    def __init__(self, layout: str, raw: bytes) -> None:
        if len(raw) != len(layout) * _BYTES:
            raise ValueError("as many numbers as in the layout")
        self._layout = layout
        self._raw = raw

    @overload
    def __getitem__(self, place: int) -> SummaryField: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[SummaryField, ...]: ...

    def __getitem__(self, place: int | slice) -> SummaryField | tuple[SummaryField, ...]:
        if isinstance(place, slice) and place.step is None and place.start is not None and place.start >= 0:
            part = f"<{self._layout[place]}"
            return struct.unpack_from(part, self._raw, place.start * _BYTES) if len(part) > 1 else ()
        return tuple(self)[place]

    def __iter__(self) -> Iterator[SummaryField]:
        return iter(struct.unpack(f"<{self._layout}", self._raw))

    def __len__(self) -> int:
        return len(self._layout)


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
        parameters, places, numbers, layout = self._names.get(names) or self._read_names(names)
        texts, kept, tags, use = self._values(values)
        if isinstance(kept, str) != bool(layout):
            raise ValueError("numbers, or a list")
        metrics = _Numbers(layout, bytes.fromhex(kept)) if isinstance(kept, str) else kept
        if len(metrics) != len(places) * _WIDTH:
            raise ValueError("as many names as values")
        return RunFacts(dict(zip(parameters, texts, strict=True)), tags, use, MetricSummaries(places, metrics), numbers)

    def _read_names(self, text: str) -> _Names:
        parameters, metrics, numbers, *more = json.loads(text)
        places = {name: place * _WIDTH for place, name in enumerate(metrics)}
        layout = "".join(more)
        if layout.strip("dq"):
            raise ValueError("a layout is of letters of struct")
        known = self._names[text] = tuple(parameters), places, frozenset(numbers), layout
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
