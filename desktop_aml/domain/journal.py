"""The journal's wire format: how records that a script wrote are read back.

One line a record: eight hex digits of the CRC-32 of the JSON bytes, a space, the JSON, a line feed. A line without
its line feed is still being written, or was torn by a kill: it is left alone until it is whole.
"""

from __future__ import annotations

import contextlib
import json
import math
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, Final

from desktop_aml.domain.metrics import LoggedPoints, MetricSource, Scalar
from desktop_aml.domain.names import storable

RECORD_KINDS = frozenset(
    {"list", "row", "table", "image", "confusion_matrix", "accuracy_table", "residuals", "predictions"}
)
OUTSIDE: Final = "outside.jsonl"
"""The journal of what others change while a run goes on, for its script to read; the database has it already."""

MAX_RECORD_BYTES: Final = 64 << 20
"""The longest line that is a record; the writer in `desktop_aml_run.journal` refuses longer ones."""
LATEST: Final = 253_402_300_800.0
"""Times from here on, in Unix seconds, are none of this era."""
_MISSING: Final = object()
_Parts = tuple[Any, Any, Any, Any, Any]
_PARTS: Final = [*map(attrgetter, ("k", "name", "t", "v", "s"))]
_ITEMS: Final = itemgetter("k", "name", "t", "v", "s")
_UNREADABLE: Final = (ValueError, KeyError, TypeError, ArithmeticError, RecursionError)
"""What reading and taking a record can raise, whatever a script wrote."""


@dataclass(slots=True)
class Captured:
    """What was seen of a script, or read from its log, as opposed to what it logged itself; in writing order.

    Parameters
    ----------
    points : list of tuple
        ``(source, (name, step, at, value))`` of each scalar.
    records : list of tuple
        ``(source, (name, kind, at, data))`` of each list, table or chart.
    parameters : dict of str to str
        What estimators were set to, as text by name.
    """

    points: list[tuple[MetricSource, tuple[str, int | None, float, Scalar]]] = field(default_factory=list)
    records: list[tuple[MetricSource, tuple[str, str, float, object]]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.points or self.records or self.parameters)


@dataclass(slots=True)
class JournalBatch:
    """What one stretch of a journal file held, in writing order.

    Parameters
    ----------
    points : LoggedPoints
        The scalars.
    records : list of tuple
        ``(name, kind, at, data)`` of each list, row, table, image or chart.
    parameters : dict of str to str
        What the code logged as parameters, as text by name.
    documents : dict of (str, str) to object
        JSON values by kind and key that a front end reads again, see `desktop_aml.store.documents`.
    captured : Captured
        What the script did not log itself.
    experiment : str or None
        The experiment that the code chose for its run.
    consumed : int
        Bytes from the start of the stretch to the end of its last whole line.
    damaged : int
        Whole lines that are no record, or failed their checksum, and were passed over.
    """

    points: LoggedPoints = field(default_factory=LoggedPoints)
    records: list[tuple[str, str, float, object]] = field(default_factory=list)
    tags: dict[str, str | None] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    documents: dict[tuple[str, str], object] = field(default_factory=dict)
    captured: Captured = field(default_factory=Captured)
    experiment: str | None = None
    display_name: str | None = None
    failure: str | None = None
    consumed: int = 0
    damaged: int = 0

    def is_empty(self) -> bool:
        """Whether nothing was read."""
        return self.consumed == 0

    def tells_of_the_run(self) -> bool:
        """Whether there is more than points and damage in it."""
        words = self.display_name is not None or self.experiment is not None
        words = words or bool(self.captured)
        return bool(words or self.records or self.tags or self.properties or self.parameters or self.documents)


def encode(entry: Mapping[str, object]) -> bytes:
    """Return a record as a line of a journal."""
    body = json.dumps(entry).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def encode_point(number: int, at: float, name: str, value: float, step: int) -> bytes:
    """Return one scalar as a line of a journal: as `encode` would, and a plain number in a fifth of its time."""
    if not (name.isascii() and math.isfinite(value)):
        return encode({"n": number, "t": at, "k": "m", "name": name, "v": value, "s": step})
    make, write = _writer()
    body = write(make(number, at, "m", name, value, step))
    return b"%08x %s\n" % (zlib.crc32(body), body)


@cache
def _writer() -> tuple[Callable[..., object], Callable[[object], bytes]]:
    # Imported here: few write journals in this process.
    import msgspec

    record = msgspec.defstruct("Written", [(name, Any) for name in ("n", "t", "k", "name", "v", "s")], gc=False)
    return record, msgspec.json.Encoder().encode


def decode(data: bytes) -> JournalBatch:
    """Read the whole lines at the beginning of `data`."""
    batch = JournalBatch()
    end = data.rfind(b"\n") + 1
    batch.consumed = end
    lines = data[:end].splitlines()
    bodies = _whole(lines)
    batch.damaged = len(lines) - len(bodies)
    others = _take_points(batch, bodies)
    for entry in _entries(others):
        try:
            _take(batch, entry)
        except _UNREADABLE:
            batch.damaged += 1
    return batch


def _whole(lines: list[bytes]) -> list[bytes]:
    """Return the JSON of the lines whose checksum fits."""
    bodies = [line[9:] for line in lines]
    with contextlib.suppress(ValueError):
        # All at once, as nearly always none is damaged.
        sums = bytes.fromhex(b"".join([line[:8] for line in lines]).decode("ascii"))
        if len(sums) == 4 * len(lines) and struct.unpack(f">{len(lines)}I", sums) == tuple(map(zlib.crc32, bodies)):
            return bodies
    found = list[bytes]()
    for line, body in zip(lines, bodies, strict=True):
        with contextlib.suppress(ValueError):
            if int(line[:8], 16) == zlib.crc32(body):
                found.append(body)
    return found


def _take_points(batch: JournalBatch, bodies: list[bytes]) -> list[bytes]:
    """Take the scalars, which nearly all records are, and return those that are something else."""
    columns = _columns(bodies)
    if _are_plain_points(*columns):
        _, names, times, values, steps = columns
        in_words = {name: storable(name) for name in set(names)}
        batch.points.extend(map(in_words.__getitem__, names), steps, times, values)
        return []
    others, known_names = list[bytes](), dict[str, str]()
    for body, kind, name, at, value, step in zip(bodies, *columns, strict=True):
        if kind != "m":
            others.append(body)
            continue
        # Without the calls that those of other kinds have: they are very many.
        known = known_names.get(name) if type(name) is str else None
        if known is None or type(at) is not float or not 0.0 <= at < LATEST or value is _MISSING:
            try:
                known, at, value = _text(_there(name)), _time({"t": _there(at)}), _there(value)
            except _UNREADABLE:
                batch.damaged += 1
                continue
            if type(name) is str:
                known_names[name] = known
        batch.points.append((known, step if isinstance(step, int) else None, at, value))
    return others


def _are_plain_points(
    kinds: Sequence[Any], names: Sequence[Any], times: Sequence[Any], values: Sequence[Any], steps: Sequence[Any]
) -> bool:
    """Whether all records are scalars that need no closer look: the columns are looked at, not each record."""
    if kinds.count("m") != len(kinds) or set(map(type, names)) != {str} or set(map(type, times)) != {float}:
        return False
    if math.isnan(sum(times)) or not 0.0 <= min(times) <= max(times) < LATEST:
        return False
    return _MISSING not in values and set(map(type, steps)) <= {int, bool, type(None)}


def _there(value: Any) -> Any:
    if value is _MISSING:
        raise KeyError("a record lacks what its kind has")
    return value


def _columns(bodies: list[bytes]) -> Sequence[Sequence[Any]]:
    """Return kinds, names, times, values and steps of records, all read at once.

    In a fifth of the time of the standard library's reader, and to the same values; what that one takes beyond JSON,
    such as NaN, is left to it.
    """
    with contextlib.suppress(*_UNREADABLE):
        entries = _reader()(b"[%s]" % b",".join(bodies))
        if len(entries) == len(bodies):
            return [list(map(part, entries)) for part in _PARTS]
    return list(zip(*map(_parts_of, _entries(bodies)), strict=True)) or [()] * len(_PARTS)


def _parts_of(entry: Any) -> _Parts:
    try:
        parts: _Parts = _ITEMS(entry)
    except (KeyError, TypeError):
        get = (entry if isinstance(entry, dict) else dict[str, Any]()).get
        return (get("k"), get("name", _MISSING), get("t", _MISSING), get("v", _MISSING), get("s"))
    return parts


@cache
def _reader() -> Callable[[bytes], list[Any]]:
    # Imported here: only an engine reads journals.
    import msgspec

    fields = [(name, Any, _MISSING) for name in ("k", "name", "t", "v")]
    record = msgspec.defstruct("Record", [*fields, ("s", Any, None)], gc=False)
    return msgspec.json.Decoder(list[record]).decode  # type: ignore[valid-type]


def _entries(bodies: list[bytes]) -> Iterable[Any]:
    """Return what each of these says; None for one that is no JSON.

    All are read at once, in half the time; one by one where that fails, so that a damaged one costs no other.
    """
    with contextlib.suppress(*_UNREADABLE):
        entries = json.loads(b"[%s]" % b",".join(bodies))
        if len(entries) == len(bodies):
            return list(entries)
    return map(_entry, bodies)


def _entry(body: bytes) -> Any:
    with contextlib.suppress(*_UNREADABLE):
        return json.loads(body)
    return None


def _take(batch: JournalBatch, entry: dict[str, Any]) -> None:
    kind = entry["k"]
    if kind in RECORD_KINDS:
        batch.records.append((_name(entry), kind, _time(entry), entry["v"]))
    elif kind == "tag":
        batch.tags[_text(entry["key"])] = "" if entry["v"] is None else _text(entry["v"])
    elif kind == "untag":
        batch.tags[_text(entry["key"])] = None
    elif kind == "prop":
        batch.properties[_text(entry["key"])] = _text(entry["v"])
    elif kind == "param":
        batch.parameters[_text(entry["key"])] = _text(entry["v"])
    elif kind == "doc":
        batch.documents[_text(entry["kind"]), _text(entry["key"])] = entry["v"]
    elif kind == "cm":
        step = entry.get("s")
        point = (_name(entry), step if isinstance(step, int) else None, _time(entry), _number(entry["v"]))
        batch.captured.points.append((MetricSource(entry["by"]), point))
    elif kind == "crec" and entry["kind"] in RECORD_KINDS:
        record = (_name(entry), str(entry["kind"]), _time(entry), entry["v"])
        batch.captured.records.append((MetricSource(entry["by"]), record))
    elif kind == "cparam":
        batch.captured.parameters[_text(entry["key"])] = _text(entry["v"])
    elif kind == "experiment":
        batch.experiment = _text(entry["v"])
    elif kind == "name":
        batch.display_name = _text(entry["v"])
    elif kind == "fail":
        batch.failure = _text(entry.get("message") or "")


def _name(entry: dict[str, Any]) -> str:
    return _text(entry["name"])


def _number(value: object) -> Scalar:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError("what is captured of metrics are numbers")
    return value


def _time(entry: dict[str, Any]) -> float:
    at = float(entry["t"])
    # Any process of the run can write a journal; what is no moment must not reach those who tell or sort times.
    if not 0.0 <= at < LATEST:
        raise _no_time(at)
    return at


def _no_time(at: float) -> ValueError:
    return ValueError(f"{at} is no time of this era")


def _text(value: object) -> str:
    return storable(str(value))


def is_plottable(value: Scalar) -> bool:
    """Whether a value can be a point of a plot: a number that is not a truth value; NaN counts as a gap."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_finite(value: Scalar) -> bool:
    """Whether a value is a number with a place on an axis."""
    try:
        return is_plottable(value) and math.isfinite(float(value or 0))
    except OverflowError:
        return False
