"""How the slots of a mapped file of numbers are read back; `inside_run` writes them in `desktop_aml_run.scalars`.

All slots are of one size, so columns are taken out of them whole; only names and scalars that are no numbers are looked
at one by one.
"""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections.abc import Sequence
from typing import Final, cast

from desktop_aml.domain.journal import LATEST, JournalBatch, decode
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.names import storable
from desktop_aml.inside_run.site.desktop_aml_run.slots import (
    FLOAT,
    FLOAT_AT,
    HEAD,
    MAGIC,
    MASK,
    MORE,
    MOST_TEXT_BYTES,
    NAME,
    PART_BYTES,
    TEXT,
    WHOLE,
    WHOLE_AT,
    WHOLE_SLOT,
)

SLOT_BYTES: Final = 32
_NUMBERS: Final = re.compile(b"[%c%c%c%c]+" % (FLOAT, FLOAT_AT, WHOLE, WHOLE_AT))
_WITH_STEP: Final = (FLOAT_AT, WHOLE_AT)
_UNREADABLE: Final = (ValueError, TypeError, KeyError, RecursionError)


def salt_of(head: bytes) -> int | None:
    """Return what the marks of a file begin from, of its first slot; None where it is no file of numbers."""
    if len(head) < SLOT_BYTES or head[: len(MAGIC)] != MAGIC or head[27] != HEAD:
        return None
    return int(struct.unpack_from("<I", head, 28)[0])


def count_written(data: bytes) -> int:
    """Return how many slots at the beginning of `data` have a mark."""
    marks = _marks(data)
    return marks.index(0) if 0 in marks else len(marks)


def written(data: bytes, start: int, salt: int) -> list[bool]:
    """Return of each slot whether it bears the mark of its place; `start` is the place of the first, in bytes."""
    return [mark == wanted for mark, wanted in zip(_marks(data), _expected(data, start, salt), strict=True)]


def read_slots(data: bytes, start: int, salt: int, names: dict[int, str]) -> JournalBatch:
    """Read the slots at the beginning of `data` up to the first that was never written, or that goes on later.

    Parameters
    ----------
    start : int
        The place of the first of them in the file, in bytes.
    names : dict of int to str
        The names met so far; those met here are added.
    """
    batch, marks = JournalBatch(), _marks(data)
    expected = _expected(data, start, salt)
    count = len(marks)
    kinds = data[27 : len(marks) * SLOT_BYTES : SLOT_BYTES]
    if marks != expected:
        if 0 in marks:
            count = marks.index(0)
        if marks[:count] != expected[:count]:
            # What bears another mark is damaged; it is passed over as a slot of no kind.
            pairs = zip(kinds, marks[:count], expected[:count], strict=False)
            kinds = bytes(kind if mark == wanted else 0 for kind, mark, wanted in pairs)
    _take(batch, memoryview(data)[: count * SLOT_BYTES], kinds[:count], names)
    return batch


def _take(batch: JournalBatch, data: memoryview, kinds: bytes, names: dict[int, str]) -> None:
    at, lines = 0, list[bytes]()
    while at < len(kinds):
        found = _NUMBERS.match(kinds, at)
        if found is not None:
            _take_lines(batch, lines)
            _take_numbers(batch, data, kinds, at, found.end(), names)
            at = found.end()
        elif kinds[at] in (NAME, TEXT):
            _, size, total, number = WHOLE_SLOT.unpack_from(data, at * SLOT_BYTES)[:4]
            parts = -(-size // PART_BYTES)
            if not 0 < size <= MOST_TEXT_BYTES:
                batch.damaged += 1
                at += 1
                continue
            there = len(kinds[at + 1 : at + 1 + parts]) - len(kinds[at + 1 : at + 1 + parts].lstrip(b"%c" % MORE))
            if there < parts and at + 1 + there == len(kinds):
                break  # it goes on in what is not written yet, or is read next
            text = b"".join(
                bytes(data[place * SLOT_BYTES : place * SLOT_BYTES + PART_BYTES])
                for place in range(at + 1, at + 1 + there)
            )[:size]
            if there < parts or zlib.crc32(text) != total:
                batch.damaged += 1
            elif kinds[at] == TEXT:
                lines.append(text)
            else:
                _take_name(batch, number, text, names)
            at += 1 + there
        else:
            batch.damaged += kinds[at] != HEAD
            at += 1
    _take_lines(batch, lines)
    batch.consumed = at * SLOT_BYTES


def _take_name(batch: JournalBatch, number: int, text: bytes, names: dict[int, str]) -> None:
    try:
        names[number] = storable(str(json.loads(text)))
    except _UNREADABLE:
        batch.damaged += 1


def _take_lines(batch: JournalBatch, texts: list[bytes]) -> None:
    if texts:
        found = decode(b"".join(b"%08x %s\n" % (zlib.crc32(text), text) for text in texts))
        batch.points.extend(found.points.names, found.points.steps, found.points.times, found.points.values)
        batch.damaged += found.damaged
        texts.clear()


def _take_numbers(
    batch: JournalBatch, data: memoryview, kinds: bytes, first: int, end: int, names: dict[int, str]
) -> None:
    here, kinds = data[first * SLOT_BYTES : end * SLOT_BYTES], kinds[first:end]
    times: Sequence[float] = here.cast("d")[0::4].tolist()
    values: Sequence[Scalar] = here.cast("d")[1::4].tolist()
    numbers: Sequence[int] = here.cast("H")[12::16].tolist()
    steps: Sequence[int | None] = [None] * len(kinds)
    if FLOAT_AT in kinds or WHOLE_AT in kinds:
        steps = here.cast("q")[2::4].tolist()
        if FLOAT in kinds or WHOLE in kinds:
            steps = [step if kind in _WITH_STEP else None for step, kind in zip(steps, kinds, strict=True)]
    if WHOLE in kinds or WHOLE_AT in kinds:
        pairs = zip(values, here.cast("q")[1::4].tolist(), kinds, strict=True)
        values = [whole if kind in (WHOLE, WHOLE_AT) else value for value, whole, kind in pairs]
    known = [*map(names.get, numbers)]
    if math.isnan(sum(times)) or not 0.0 <= min(times) <= max(times) < LATEST or None in known:
        good = [name is not None and 0.0 <= at < LATEST for name, at in zip(known, times, strict=True)]
        batch.damaged += good.count(False)
        rows = [row for row, fits in zip(zip(known, steps, times, values, strict=True), good, strict=True) if fits]
        for name, step, at, value in rows:
            batch.points.append((str(name), step, at, value))
        return
    batch.points.extend(cast("list[str]", known), steps, times, values)


def _marks(data: bytes) -> list[int]:
    whole = len(data) - len(data) % SLOT_BYTES
    return memoryview(data)[:whole].cast("I")[7::8].tolist()


def _expected(data: bytes, start: int, salt: int) -> list[int]:
    """Return the mark that each slot has where it is whole."""
    first = start + salt & MASK
    places = range(first, first + len(data) - len(data) % SLOT_BYTES, SLOT_BYTES)
    return [*places] if not places or places[-1] <= MASK else [place & MASK for place in places]
